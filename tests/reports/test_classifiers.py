"""What is accepted as a fitted classifier."""

import keras
import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from scikeras.wrappers import KerasClassifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from skdigits.reports import (
    CoverageDisplay,
    DigitGalleryDisplay,
    DigitReport,
)


class Bare:
    """A classifier of another library, without base class, tags, or predict."""

    def __init__(self, model):
        self.model = model
        self.classes_ = model.classes_.tolist()

    def predict_proba(self, X):
        return self.model.predict_proba(X)


class Untagged(Bare):
    """A classifier without tags that can be cloned and fitted."""

    def __init__(self, C=1.0):
        self.C = C

    def get_params(self, deep=True):
        return {"C": self.C}

    def fit(self, X, y):
        self.model = LogisticRegression(C=self.C).fit(X, y)
        self.classes_ = self.model.classes_
        return self


class TestAcceptedClassifiers:
    def test_with_only_predict_proba_and_classes(self, model, digits):
        _, X, _, y = digits
        found = DigitReport.from_estimator(Bare(model), X, y).to_dict()
        wanted = DigitReport.from_estimator(model, X, y).to_dict()
        assert found == wanted | {"name": "Bare"}

    def test_without_tags_are_cross_validated(self, digits):
        _, X, _, y = digits
        report = DigitReport.from_cross_validation(Untagged(), X, y, cv=3)
        proba = cross_val_predict(
            LogisticRegression(), X, y, cv=3, method="predict_proba"
        )
        assert_array_equal(report.predictions.proba, proba)

    @pytest.mark.skipif(
        parse_version(sklearn.__version__) < parse_version("1.7.2"),
        reason="pipelines of SciKeras' classifiers cannot predict",
    )
    def test_of_scikeras_in_pipelines_and_searches(self, digits):
        def network():
            layers = keras.Input((64,)), keras.layers.Dense(10, "softmax")
            return keras.Sequential(layers)

        X, X_test, y, y_test = digits
        pipe = make_pipeline(
            StandardScaler(),
            KerasClassifier(
                network, loss="sparse_categorical_crossentropy", epochs=2, verbose=0
            ),
        )
        one_fold = [(np.arange(200), np.arange(200, 300))]
        search = GridSearchCV(pipe, {"kerasclassifier__batch_size": [64]}, cv=one_fold)
        best = search.fit(X, y).best_estimator_
        calibrated = CalibratedClassifierCV(FrozenEstimator(best)).fit(X, y)
        for estimator, name in [
            (search, "KerasClassifier"),
            (best, "KerasClassifier"),
            (best[-1], "KerasClassifier"),
            (calibrated, "CalibratedClassifierCV"),
        ]:
            report = DigitReport.from_estimator(estimator, X_test, y_test)
            assert report.name == name
            assert report.accuracy_ == np.mean(estimator.predict(X_test) == y_test)
            assert report.log_loss_ is not None
        with pytest.raises(TypeError, match="must be a classifier.* from_predictions"):
            DigitReport.from_estimator(best[-1].model_, X_test, y_test)

    @pytest.mark.parametrize(
        "estimator",
        [LinearRegression(), GaussianMixture(2), StandardScaler(), object(), "tree"],
        ids=lambda estimator: type(estimator).__name__,
    )
    def test_anything_else_raises(self, estimator, digits):
        X, _, y, _ = digits
        if hasattr(estimator, "fit"):
            estimator.fit(X, y)
        with pytest.raises(TypeError, match="needs predict_proba or predict, and clas"):
            DigitReport.from_estimator(estimator, X, y)
        with pytest.raises(TypeError, match="needs predict_proba or predict, and clas"):
            DigitReport.from_cross_validation(estimator, X, y, cv=2)


def test_unfitted_estimator_raises(digits):
    _, X, _, y = digits
    for make in (DigitReport, DigitGalleryDisplay, CoverageDisplay):
        with pytest.raises(NotFittedError):
            make.from_estimator(LogisticRegression(), X, y)


def test_regressor_raises(digits):
    _, X, _, y = digits
    with pytest.raises(TypeError, match="must be a classifier; got LinearRegression"):
        DigitReport.from_estimator(LinearRegression().fit(X, y), X, y)
    with pytest.raises(TypeError, match="must be a classifier; got LinearRegression"):
        DigitReport.from_cross_validation(LinearRegression(), X, y)
