"""What a report refuses, and what it says."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression

from skdigits.reports import CoverageDisplay, DigitGalleryDisplay, DigitReport

PROBA = [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]
Y = ["no", "yes", "yes"]

BAD = {
    "another number of rows": (
        {"y_proba": PROBA[:2]},
        "y_proba holds 2 rows for 3 of y_true",
    ),
    "another number of predictions": (
        {"y_proba": None, "y_pred": ["no"]},
        "y_pred holds 1 values for 3 rows",
    ),
    "another number of weights": (
        {"sample_weight": [1, 2]},
        "sample_weight holds 2 values for 3 rows",
    ),
    "negative weights": ({"sample_weight": [1, -2, 1]}, "none is negative"),
    "weights of nothing": ({"sample_weight": [0, 0, 0]}, "some are positive"),
    "too low": ({"y_proba": [[1.1, -0.1], *PROBA[1:]]}, "from 0 to 1, got -0.1 to 1.1"),
    "not a number": ({"y_proba": [[np.nan, 1], *PROBA[1:]]}, "from 0 to 1, got nan"),
    "adding up to more": (
        {"y_proba": [*PROBA[:2], [0.9, 0.8]]},
        "must add up to 1; those of row 2 add up to 1.7",
    ),
    "no table": ({"y_proba": [0.1, 0.9, 0.2]}, r"\(n_rows, n_classes\), got \(3,\)"),
    "no numbers": ({"y_proba": [["a", "b"]] * 3}, "must hold numbers"),
    "a column too many": (
        {"y_proba": [[0.5, 0.3, 0.2]] * 3},
        "3 columns for 2 labels: 'no', 'yes'. Give labels",
    ),
    "an unknown label of another type": ({"labels": [0, 1]}, "not known: 'no', 'yes'"),
    "an unknown prediction": (
        {"y_pred": ["no", "no", "perhaps"]},
        "y_pred holds labels that are not known: 'perhaps'",
    ),
    "labels twice": ({"labels": ["no", "no"]}, "labels must differ"),
    "no rows": ({"y_true": [], "y_proba": np.empty((0, 2))}, "y_true must be of shape"),
    "labels of two columns": ({"y_true": [[1, 0]] * 3}, r"y_true .* \(3, 2\).*argmax"),
    "a label that is no number": (
        {"y_true": [0, 1, np.nan]},
        "y_true must not hold NaN or infinity",
    ),
    "a missing label in a list": (
        {"y_true": ["no", np.nan, "yes"]},
        "y_true must not hold missing labels; got .* at index 1",
    ),
    "a missing label in a column": (
        {"y_true": pd.Series(["no", "yes", None])},
        "y_true must not hold missing labels; got .* at index 2",
    ),
    "a missing prediction": (
        {"y_pred": pd.Series(["no", pd.NA, "yes"], dtype="string")},
        "y_pred must not hold missing labels; got .* at index 1",
    ),
    "a date that is none": (
        {"y_true": np.array(["2020", "NaT", "2021"], "M8[D]")},
        "y_true must not hold NaN",
    ),
    "a missing probability": (
        {"y_proba": pd.DataFrame(PROBA, dtype="Float64").mask(lambda p: p > 0.8)},
        "y_proba must hold numbers",
    ),
    "columns in another order than labels": (
        {"y_proba": pd.DataFrame(PROBA, columns=["yes", "no"]), "labels": Y[:2]},
        "columns in the order of the labels; got 'yes', 'no' for 'no', 'yes'",
    ),
    "columns that are only numbered": (
        {"y_true": [1, 2, 1], "y_proba": pd.DataFrame([[0.5, 0.3, 0.2]] * 3)},
        "3 columns for 2 labels: 1, 2. Give labels",
    ),
    "nothing predicted": ({"y_proba": None}, "y_proba or y_pred must be given"),
    "images of another number": (
        {"images": np.zeros((4, 8, 8))},
        "images holds 4 images for 3 rows",
    ),
    "images in color": (
        {"images": np.zeros((3, 8, 8, 3))},
        r"images must hold gray images .* got shape \(3, 8, 8, 3\)",
    ),
    "images that are not finite": (
        {"images": np.full((3, 8, 8), np.nan)},
        "images must not hold NaN or infinity",
    ),
    "images that are text": (
        {"images": np.full((3, 2, 2), "a")},
        "images must hold gray values; got dtype",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_predictions_that_are_none(case):
    given, message = BAD[case]
    arguments = {"y_true": Y, "y_proba": PROBA, **given}
    with pytest.raises(ValueError, match=message):
        DigitReport.from_predictions(**arguments)


@pytest.mark.parametrize(
    ("matrix", "labels", "message"),
    [
        ([[1, 2, 3]], None, "must be square; got the shape"),
        ([[0.5, 1], [1, 1]], None, "must hold counts"),
        ([[1, -1], [1, 1]], None, "must hold counts"),
        ([[0, 0], [0, 0]], None, "some are positive"),
        ([[1, 0], [0, 1]], ["a"], r"labels must hold 2 labels.*; got \['a'\]"),
    ],
)
def test_matrices_that_are_none(matrix, labels, message):
    with pytest.raises(ValueError, match=message):
        DigitReport.from_confusion_matrix(matrix, labels=labels)


def test_estimator_that_is_not_fitted(digits):
    _, X, _, y = digits
    for make in (DigitReport, DigitGalleryDisplay, CoverageDisplay):
        with pytest.raises(NotFittedError):
            make.from_estimator(LogisticRegression(), X, y)


def test_estimator_that_is_no_classifier(digits):
    _, X, _, y = digits
    with pytest.raises(TypeError, match="must be a classifier, got LinearRegression"):
        DigitReport.from_estimator(LinearRegression().fit(X, y), X, y)
    with pytest.raises(TypeError, match="must be a classifier, got LinearRegression"):
        DigitReport.from_cross_validation(LinearRegression(), X, y)


def test_cross_validation_refuses_before_it_fits(digits):
    class Untouched(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            raise AssertionError("was fitted")

    _, X, _, y = digits
    with pytest.raises(ValueError, match="sample_weight holds 1 values"):
        DigitReport.from_cross_validation(Untouched(), X, y, sample_weight=[1])
    with pytest.raises(ValueError, match="images holds 2 images"):
        DigitReport.from_cross_validation(Untouched(), X, y, images=X[:2])


@pytest.mark.parametrize("value", [-1, 1.5, "all"])
def test_numbers_of_things_that_are_none(report, value):
    for method in (report.most_confused, report.top_losses):
        with pytest.raises(
            (ValueError, TypeError), match=f"n must be an int.*{value!r}"
        ):
            method(value)
        assert method(0) == []


def test_comparison_with_something_else(report, model):
    with pytest.raises(TypeError, match="other must be a DigitReport; got Logistic"):
        report.compare(model)


class TestSave:
    def test_to_a_folder_that_is_not_there(self, report, tmp_path):
        with pytest.raises(
            FileNotFoundError, match="There is no folder '.*nowhere' to"
        ):
            report.save(tmp_path / "nowhere" / "report.html")
        assert list(tmp_path.iterdir()) == []

    def test_to_an_unknown_kind_of_file(self, report, tmp_path):
        with pytest.raises(ValueError, match="'.html' or '.json', got '.*report.pdf'"):
            report.save(tmp_path / "report.pdf")

    @pytest.mark.parametrize("name", ["report.html", "report.json"])
    def test_that_fails_leaves_the_old_file_alone(
        self, report, tmp_path, monkeypatch, name
    ):
        (tmp_path / name).write_text("old")

        def fail(*args):
            raise OSError("disk full")

        monkeypatch.setattr("pathlib.Path.write_text", fail)
        with pytest.raises(OSError, match="disk full"):
            report.save(tmp_path / name)
        assert (tmp_path / name).read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == [name]
