"""Checks of predictions, and labels that a classifier does not know."""

import json

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from skdigits.reports import (
    ConfusedPairsDisplay,
    DigitReport,
)

PROBA = [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]


Y = ["no", "yes", "yes"]


BAD = {
    "too few rows of probabilities": (
        {"y_proba": PROBA[:2]},
        "y_proba must have one row per sample, 3 in total; got 2",
    ),
    "too few predicted labels": (
        {"y_proba": None, "y_pred": ["no"]},
        "y_pred must hold one value per sample, 3 in total; got 1",
    ),
    "too few weights": (
        {"sample_weight": [1, 2]},
        "sample_weight must hold one value per sample, 3 in total; got 2",
    ),
    "negative weights": (
        {"sample_weight": [1, -2, 1]},
        r"sample_weight must hold nonnegative numbers.*; got \[1, -2, 1\]",
    ),
    "zero weights": (
        {"sample_weight": [0, 0, 0]},
        r"at least one of them positive; got \[0, 0, 0\]",
    ),
    "negative probabilities": (
        {"y_proba": [[1.1, -0.1], *PROBA[1:]]},
        "from 0 to 1; got -0.1 to 1.1",
    ),
    "NaN probabilities": (
        {"y_proba": [[np.nan, 1], *PROBA[1:]]},
        "from 0 to 1; got nan",
    ),
    "probabilities with another sum": (
        {"y_proba": [*PROBA[:2], [0.9, 0.8]]},
        "rows of y_proba must sum to 1; got 1.7 for row 2",
    ),
    "1d probabilities": (
        {"y_proba": [0.1, 0.9, 0.2]},
        r"\(n_samples, n_classes\); got \(3,\)",
    ),
    "probabilities of strings": ({"y_proba": [["a", "b"]] * 3}, "must hold numbers"),
    "too many columns": (
        {"y_proba": [[0.5, 0.3, 0.2]] * 3},
        "one column per label, 'no', 'yes'; got 3 columns. Pass labels",
    ),
    "unknown labels of another type": (
        {"labels": [0, 1]},
        "y_true must hold only known labels, 0, 1; got 'no', 'yes'",
    ),
    "an unknown predicted label": (
        {"y_pred": ["no", "no", "perhaps"]},
        "y_pred must hold only known labels, 'no', 'yes'; got 'perhaps'",
    ),
    "duplicate labels": ({"labels": ["no", "no"]}, "labels must be unique"),
    "labels that cannot be sorted": (
        {"y_true": ["no", 1, "yes"], "y_proba": None, "y_pred": ["no", 1, 1]},
        "labels that can be sorted; got the types int, str. Pass labels",
    ),
    "no samples": (
        {"y_true": [], "y_proba": np.empty((0, 2))},
        r"y_true must be a non-empty 1d array; got shape \(0,\)",
    ),
    "2d labels": (
        {"y_true": [[1, 1]] * 3},
        r"y_true must be a 1d array of labels, .* \(3, 2\)\. Row 0 has 2 ones",
    ),
    "probabilities in place of labels": (
        {"y_true": PROBA},
        r"y_true must be .* probabilities: pass np.asarray\(y_true\)\.argmax",
    ),
    "one-hot labels of other classes": (
        {"y_true": np.eye(3), "labels": ["no", "yes"]},
        r"y_true must have 2 columns .* of the classes \['no', 'yes'\]; got 3 columns",
    ),
    "NaN labels": ({"y_true": [0, 1, np.nan]}, "y_true must be finite; got NaN"),
    "a missing label in a list": (
        {"y_true": ["no", np.nan, "yes"]},
        "y_true must not hold missing labels; got .* at index 1",
    ),
    "a missing label in a Series": (
        {"y_true": pd.Series(["no", "yes", None])},
        "y_true must not hold missing labels; got .* at index 2",
    ),
    "a missing predicted label": (
        {"y_pred": pd.Series(["no", pd.NA, "yes"], dtype="string")},
        "y_pred must not hold missing labels; got .* at index 1",
    ),
    "NaT labels": (
        {"y_true": np.array(["2020", "NaT", "2021"], "M8[D]")},
        "y_true must be finite; got NaN, NaT",
    ),
    "a missing probability": (
        {"y_proba": pd.DataFrame(PROBA, dtype="Float64").mask(lambda p: p > 0.8)},
        "y_proba must hold numbers",
    ),
    "columns in another order than the labels": (
        {"y_proba": pd.DataFrame(PROBA, columns=["yes", "no"]), "labels": Y[:2]},
        "columns in the order of the labels, 'no', 'yes'; got 'yes', 'no'",
    ),
    "numbered columns": (
        {"y_true": [1, 2, 1], "y_proba": pd.DataFrame([[0.5, 0.3, 0.2]] * 3)},
        "one column per label, 1, 2; got 3 columns. Pass labels",
    ),
    "neither probabilities nor predicted labels": (
        {"y_proba": None},
        "y_proba or y_pred must be given",
    ),
    "too many images": (
        {"images": np.zeros((4, 8, 8))},
        "images must hold one image per sample, 3 in total; got 4",
    ),
    "color images": (
        {"images": np.zeros((3, 8, 8, 3))},
        r"images must hold gray images .* got shape \(3, 8, 8, 3\)",
    ),
    "NaN images": (
        {"images": np.full((3, 8, 8), np.nan)},
        "images must be finite; got NaN or infinity",
    ),
    "images of strings": (
        {"images": np.full((3, 2, 2), "a")},
        "images must hold gray values; got dtype",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_invalid_predictions_raise(case):
    given, message = BAD[case]
    arguments = {"y_true": Y, "y_proba": PROBA, **given}
    with pytest.raises(ValueError, match=message):
        DigitReport.from_predictions(**arguments)


class TestOneHotLabels:
    """A report on one-hot labels is the report on the labels."""

    def test_as_true_and_predicted_labels(self):
        true, predicted = np.array([0, 2, 1, 2]), np.array([0, 1, 1, 2])
        expected = DigitReport.from_predictions(true, y_pred=predicted)
        eye = np.eye(3)
        for y_pred in (predicted, eye[predicted]):
            report = DigitReport.from_predictions(eye[true], y_pred=y_pred)
            assert str(report) == str(expected)

    def test_beside_probabilities_of_a_class_without_samples(self):
        proba = [[0.5, 0.3, 0.2], [0.2, 0.7, 0.1]]
        report = DigitReport.from_predictions(np.eye(3)[[0, 1]], proba)
        assert_array_equal(report.classes_, [0, 1, 2])
        assert report.accuracy_ == 1

    def test_with_the_labels_of_the_columns(self):
        rows = np.array([[1, 0], [0, 1], [0, 1]])
        expected = DigitReport.from_predictions(Y, PROBA)
        for given in (
            {"y_true": rows, "labels": ["no", "yes"]},
            {"y_true": pd.DataFrame(rows, columns=["no", "yes"])},
            {"y_true": pd.DataFrame(rows[:, ::-1], columns=["yes", "no"])},
        ):
            report = DigitReport.from_predictions(y_proba=PROBA, **given)
            assert str(report) == str(expected)

    def test_of_a_classifier(self, digits):
        X, X_test, y, y_test = digits
        model = LogisticRegression().fit(X, y)
        expected = DigitReport.from_estimator(model, X_test, y_test)
        report = DigitReport.from_estimator(model, X_test, np.eye(10)[y_test])
        assert str(report) == str(expected)

    def test_in_cross_validation(self, digits):
        X, _, y, _ = digits
        expected = DigitReport.from_cross_validation(LogisticRegression(), X, y, cv=2)
        report = DigitReport.from_cross_validation(
            LogisticRegression(), X, np.eye(10)[y], cv=2
        )
        assert str(report) == str(expected)


def test_cross_validation_raises_before_fitting(digits):
    class NeverFitted(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            raise AssertionError("fit was called")

    _, X, _, y = digits
    with pytest.raises(
        ValueError, match="sample_weight must hold one value per sample"
    ):
        DigitReport.from_cross_validation(NeverFitted(), X, y, sample_weight=[1])
    with pytest.raises(ValueError, match="images must hold one image per sample"):
        DigitReport.from_cross_validation(NeverFitted(), X, y, images=X[:2])


NOTE = "{} of {} digits belong to classes unknown to the classifier. They count as"


class TestUnknownLabels:
    """Labels unknown to the classifier are errors, and the report says so."""

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
        data = json.loads((tmp_path / "report.json").read_text("utf-8"))
        assert data["notes"] == [note]

    def test_have_zero_probability(self):
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
    def test_follow_the_known_labels(self, labels, y_true, classes):
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
    def test_of_another_type_raise(self, y_true):
        with pytest.raises(ValueError, match="y_true must hold only known labels"):
            DigitReport.from_predictions(y_true, np.eye(2), labels=[0, 1])

    def test_dates_equal_objects_of_dates(self):
        days = np.array(["2020-01-01", "2021-01-01"], "M8[D]")
        report = DigitReport.from_predictions(
            np.array([*days], object), np.eye(2), labels=days
        )
        assert report.accuracy_ == 1

    def test_are_weighted(self, random_predictions):
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
