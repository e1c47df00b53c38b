"""Reports from estimators, predictions, cross-validation, and confusion matrices."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdigits.reports import (
    DigitReport,
)


class TestClassMethods:
    def test_estimator_without_probabilities(self, digits):
        X, X_test, y, y_test = digits
        model = RidgeClassifier().fit(X, y)
        report = DigitReport.from_estimator(model, X_test, y_test)
        assert report.accuracy_ == model.score(X_test, y_test)
        for name in (
            "log_loss_",
            "expected_calibration_error_",
            "roc_auc_",
            "roc_auc_macro_",
            "coverage_curve_",
            "rejections_",
            "reliability_",
        ):
            assert getattr(report, name) is None, name
        assert "Log loss" not in str(report)
        assert "rejected" not in report._repr_html_()
        assert report.to_dict()["top_losses"] is None

    def test_estimator_that_does_not_predict_the_most_probable_label(self, digits):
        class Stubborn(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = np.unique(y)
                return self

            def predict(self, X):
                return np.full(len(X), self.classes_[3])

            def predict_proba(self, X):
                return np.eye(10)[np.zeros(len(X), int)]

        X, _, y, _ = digits
        report = DigitReport.from_estimator(Stubborn().fit(X, y), X, y)
        assert report.accuracy_ == (y == 3).mean()

    def test_pipeline_is_named_after_its_last_step(self, digits):
        X, _, y, _ = digits
        pipe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=20))
        report = DigitReport.from_estimator(pipe.fit(X, y), X, y)
        assert report.name == "LogisticRegression"
        assert str(report).startswith("LogisticRegression on 900 digits")

    def test_cross_validation_predicts_out_of_fold(self, digits):
        X, _, y, _ = digits
        folds = StratifiedKFold(4, shuffle=True, random_state=0)
        model = LogisticRegression(max_iter=100)
        report = DigitReport.from_cross_validation(model, X, y, cv=folds)
        proba = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
        assert report.log_loss_ == metrics.log_loss(y, proba)
        assert report.n_digits_ == 900
        assert not hasattr(model, "classes_")

    def test_cross_validation_without_probabilities(self, digits):
        X, _, y, _ = digits
        report = DigitReport.from_cross_validation(RidgeClassifier(), X, y, cv=3)
        assert report.log_loss_ is None
        assert report.accuracy_ > 0.8

    def test_confusion_matrix_gives_the_same_counts(self, report):
        counted = DigitReport.from_confusion_matrix(
            report.confusion_matrix_, labels=report.classes_
        )
        for name in ("accuracy_", "accuracy_interval_", "n_digits_"):
            assert getattr(counted, name) == pytest.approx(getattr(report, name))
        for name in ("confusion_matrix_", "precision_", "recall_", "f1_", "support_"):
            assert_array_equal(getattr(counted, name), getattr(report, name))
        assert counted.most_confused() == report.most_confused()
        assert counted.log_loss_ is None

    @pytest.mark.parametrize("n_classes", [1, 2, 26])
    def test_any_number_of_classes(self, random_predictions, n_classes):
        y, proba = random_predictions(500, n_classes)
        report = DigitReport.from_predictions(y, proba)
        assert report.confusion_matrix_.shape == (n_classes, n_classes)
        assert (report.log_loss_ is None) == (n_classes == 1)
        assert str(report)
        assert report._repr_html_()

    def test_labels_in_another_order(self, random_predictions):
        y, proba = random_predictions(200, 3)
        names = np.array(["zwei", "eins", "drei"])
        report = DigitReport.from_predictions(names[y], proba, labels=names)
        plain = DigitReport.from_predictions(y, proba)
        assert_array_equal(report.confusion_matrix_, plain.confusion_matrix_)
        assert report.log_loss_ == plain.log_loss_

    def test_nullable_dtypes_of_pandas(self, random_predictions):
        pd = pytest.importorskip("pandas")
        y, proba = random_predictions(30, 3)
        found, wanted = (
            DigitReport.from_predictions(labels, probabilities)
            for labels, probabilities in [
                (pd.Series(y, dtype="Int64"), pd.DataFrame(proba, dtype="Float64")),
                (y, proba),
            ]
        )
        assert found.to_dict() == wanted.to_dict()

    def test_pandas_objects(self, digits, model):
        pd = pytest.importorskip("pandas")
        _, X, _, y = digits
        report = DigitReport.from_predictions(
            pd.Series(y), pd.DataFrame(model.predict_proba(X))
        )
        assert report.accuracy_ == model.score(X, y)

    @pytest.mark.parametrize("names", [list("cabd"), [3, 1, 2, 4], [3.0, 1.0, 2.0, 4]])
    def test_columns_named_after_classes(self, random_predictions, names):
        pd = pytest.importorskip("pandas")
        y, proba = random_predictions(100, 4)
        y[y == 3] = 0  # the last class has no digits
        y_true, table = np.array(names)[y], pd.DataFrame(proba, columns=names)
        report = DigitReport.from_predictions(y_true, table)
        assert report.classes_.tolist() == names
        assert report.accuracy_ == np.mean(proba.argmax(axis=1) == y)

    def test_columns_with_other_names(self, random_predictions):
        pd = pytest.importorskip("pandas")
        y, proba = random_predictions(100, 3)
        table = pd.DataFrame(proba, columns=["p0", "p1", "p2"])
        for y_true in (y, y + 1, y + 0.5, y.astype(str)):
            for columns in (table, pd.DataFrame(proba)):
                report = DigitReport.from_predictions(y_true, columns)
                assert report.accuracy_ == np.mean(proba.argmax(axis=1) == y)


def test_display_labels_replace_labels(report, model, digits):
    _, X, _, y = digits
    names = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
    ]
    proba, ridge = model.predict_proba(X), RidgeClassifier()
    for named in (
        DigitReport.from_estimator(model, X, y, display_labels=names),
        DigitReport.from_predictions(y, proba, images=X > 0.5, display_labels=names),
        DigitReport.from_cross_validation(ridge, X, y, cv=2, display_labels=names),
    ):
        assert named.classes_.tolist() == names
        assert named.most_confused(1)[0].a in names
        assert all(name in str(named) for name in names)
        assert "eight read as" in named._repr_html_()
    with pytest.raises(ValueError, match="display_labels must hold 10 names"):
        DigitReport.from_estimator(model, X, y, display_labels=names[1:])
