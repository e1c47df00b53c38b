"""Labels that a classifier has never seen, and what is accepted as a classifier."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scikeras.wrappers import KerasClassifier
from sklearn import metrics
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

from skdigits.reports import ConfusedPairsDisplay, DigitReport

NOTE = "does not know the classes of {} of {} digits, which count as errors"


class TestUnseenLabels:
    """A label that the classifier has never seen is an error, and said to be."""

    @pytest.mark.parametrize("model", [LogisticRegression(), RidgeClassifier()])
    def test_count_as_errors(self, model, digits, tmp_path):
        X, X_test, y, y_test = digits
        model.fit(X[y < 8], y[y < 8])
        report = DigitReport.from_estimator(model, X_test, y_test)
        assert report.accuracy_ == metrics.accuracy_score(y_test, model.predict(X_test))
        assert_array_equal(report.classes_, range(10))
        assert_array_equal(
            report.confusion_matrix_,
            metrics.confusion_matrix(y_test, model.predict(X_test)),
        )
        assert_array_equal(report.recall_[8:], [0, 0])
        (note,) = report.notes_
        n = np.sum(y_test >= 8)
        assert NOTE.format(n, len(y_test)) in note
        assert f"8 ({np.sum(y_test == 8)}), 9 ({np.sum(y_test == 9)})" in note
        report.save(tmp_path / "report.html")
        report.save(tmp_path / "report.json")
        assert note in " ".join(str(report).split())
        assert note in (tmp_path / "report.html").read_text("utf-8")
        figures = json.loads((tmp_path / "report.json").read_text("utf-8"))
        assert figures["notes"] == [note]

    def test_have_a_probability_of_nothing(self):
        proba = np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]])
        report = DigitReport.from_predictions([0, 7, 1], proba, labels=[0, 1])
        padded = np.c_[proba, np.zeros(3)]
        assert_allclose(report.log_loss_, metrics.log_loss([0, 2, 1], padded))
        assert report.roc_auc_.tolist() == [1, 1, 0.5]
        assert report.coverage_curve_.error[-1] == pytest.approx(1 / 3)
        assert report.top_losses(1)[0][:3] == (1, 7, 0)

    @pytest.mark.parametrize(
        ("labels", "y_true", "classes"),
        [
            (["b", "a"], ["a", "long", "b"], ["b", "a", "long"]),
            ([3, 1], [1, 2, 0], [3, 1, 0, 2]),
            ([1, 2], [3, 4, 5], [1, 2, 3, 4, 5]),
            (np.array(["a", "b"], object), ["c", "a", "b"], ["a", "b", "c"]),
            ([False, True], [0, 1, 2], [0, 1, 2]),
            ([0, 1], np.array([0, 1, "?"], object), [0, 1, "?"]),
            ([0, 1], [0, 1, "?"], [0, 1, "?"]),
            (["0", "1"], ["0", 10, "ten"], ["0", "1", 10, "ten"]),
            ([0, "a"], [0, "a", "b"], [0, "a", "b"]),
        ],
    )
    def test_stand_behind_the_others(self, labels, y_true, classes):
        report = DigitReport.from_predictions(
            y_true, [[0.9, 0.1]] * 3, labels=labels, images=np.ones((3, 8, 8))
        )
        assert report.classes_.tolist() == classes
        assert report.confusion_matrix_.sum() == 3
        assert "By class" in str(report)
        assert "<h1>" in report._repr_html_()

    @pytest.mark.parametrize(
        "y_true",
        [
            ["0", "1"],
            [b"0", b"1"],
            np.array(["0", "1"], object),
            pd.Series(["0", "1"], dtype="string"),
        ],
    )
    def test_of_another_type_are_another_kind_of_labels(self, y_true):
        with pytest.raises(ValueError, match="y_true holds labels that are not known"):
            DigitReport.from_predictions(y_true, np.eye(2), labels=[0, 1])

    def test_dates_are_the_same_as_objects(self):
        days = np.array(["2020-01-01", "2021-01-01"], "M8[D]")
        report = DigitReport.from_predictions(
            np.array([*days], object), np.eye(2), labels=days
        )
        assert report.accuracy_ == 1

    def test_are_counted_by_weight(self, random_predictions):
        y, proba = random_predictions(40, 3)
        weights = np.where(y == 2, 3.0, 1.0)
        report = DigitReport.from_predictions(
            y, proba[:, :2] / proba[:, :2].sum(1, keepdims=True), labels=[0, 1],
            sample_weight=weights,
        )  # fmt: skip
        assert report.support_[2] == weights[y == 2].sum()

    def test_can_be_compared_and_drawn(self, model, digits):
        _, X, _, y = digits
        y = np.where(y == 1, 11, y)
        report = DigitReport.from_estimator(model, X, y)
        assert report.compare(report).p_value == 1
        display = ConfusedPairsDisplay.from_estimator(model, X, y)
        assert display.cells[0].true == 11


class Bare:
    """What another library may have: no base class, no tags, no predict."""

    def __init__(self, model):
        self.model = model
        self.classes_ = model.classes_.tolist()

    def predict_proba(self, X):
        return self.model.predict_proba(X)


class Untagged(Bare):
    """One that is cloned and fitted, too."""

    def __init__(self, C=1.0):
        self.C = C

    def get_params(self, deep=True):
        return {"C": self.C}

    def fit(self, X, y):
        self.model = LogisticRegression(C=self.C).fit(X, y)
        self.classes_ = self.model.classes_
        return self


class TestWhatIsAClassifier:
    def test_with_probabilities_and_classes_alone(self, model, digits):
        _, X, _, y = digits
        found = DigitReport.from_estimator(Bare(model), X, y).to_dict()
        wanted = DigitReport.from_estimator(model, X, y).to_dict()
        assert found == wanted | {"name": "Bare"}

    def test_without_tags_is_cross_validated(self, digits):
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
    def test_of_scikeras_wherever_it_stands(self, digits):
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
    def test_anything_else_is_told_what_it_lacks(self, estimator, digits):
        X, _, y, _ = digits
        if hasattr(estimator, "fit"):
            estimator.fit(X, y)
        with pytest.raises(TypeError, match="needs predict_proba or predict, and clas"):
            DigitReport.from_estimator(estimator, X, y)
        with pytest.raises(TypeError, match="needs predict_proba or predict, and clas"):
            DigitReport.from_cross_validation(estimator, X, y, cv=2)
