"""A report as text, as data and as a table."""

import json
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import RidgeClassifier

from skdigits.reports import DigitReport


def test_text_tells_what_matters(report):
    text = str(report)
    low, high = report.accuracy_interval_
    assert f"{100 * report.accuracy_:.2f} %" in text
    assert f"(95 % interval {100 * low:.2f} to {100 * high:.2f})" in text
    pair = report.most_confused()[0]
    assert f"{pair.a} and {pair.b}: {pair.total}" in text
    assert f"{report.recall_[3]:.4f}" in text
    assert (
        f"row {report.top_losses(1)[0].row}" in text.replace("  ", " ")
        or str(report.top_losses(1)[0].row) in text
    )
    assert max(map(len, text.splitlines())) <= 88


def test_text_of_many_classes_leaves_the_matrix_out(random_predictions):
    y, proba = random_predictions(1000, 40)
    text = str(DigitReport.from_predictions(y, proba))
    assert "Confusion matrix" not in text
    assert max(map(len, text.splitlines())) <= 88


@pytest.mark.parametrize(
    ("sure", "told"),
    [
        ([0.6] * 50 + [0.9] * 50, "of 60.0 % refuses 0.00 % of the digits, not 5 %"),
        ([0.51] + [1.0] * 99, "of 100.0 % refuses 1.00 % of the digits, not 5 %"),
        ([0.6] + [1 - 1e-6] * 99, "of 99.9999 % refuses 1.00 % of the digits"),
    ],
)
def test_tells_what_a_threshold_refuses_of_equally_sure_digits(sure, told):
    proba = np.column_stack([sure, np.subtract(1, sure)])
    report = DigitReport.from_predictions(np.arange(100) % 2, proba)
    for shown in (str(report), report._repr_html_()):
        assert f"Many digits are equally sure: a threshold {told}" in " ".join(
            shown.split()
        )


def test_says_nothing_of_digits_that_are_equally_sure_where_there_are_few(report):
    assert "equally sure" not in str(report)
    assert "equally sure" not in report._repr_html_()


def test_text_tells_what_a_promise_needs(report):
    words = " ".join(str(report).split())
    assert "0.5 % - - 598" in words
    assert "no threshold if there are fewer, or if too many of the surest" in words


@pytest.mark.parametrize(("n", "title"), [(1, "on 1 digit"), (2, "on 2 digits")])
def test_title_counts_the_digits(n, title):
    report = DigitReport.from_predictions(["a"] * n, y_pred=["b"] * n)
    assert str(report).splitlines()[0] == f"Predictions {title}"


def test_names_stand_in_place_of_labels(report, model, digits):
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


def test_text_of_no_mistakes():
    text = str(DigitReport.from_predictions([0, 1], y_pred=[0, 1]))
    assert "Most confused" not in text
    assert "100.00 %" in text


def test_json_is_exact(report, tmp_path):
    report.save(tmp_path / "report.json")
    figures = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert figures == report.to_dict()
    assert figures["accuracy"] == report.accuracy_
    assert figures["accuracy_interval"] == list(report.accuracy_interval_)
    assert figures["confusion_matrix"] == report.confusion_matrix_.tolist()
    assert figures["log_loss"] == report.log_loss_
    assert figures["roc_auc_macro"] == report.roc_auc_macro_
    assert figures["expected_calibration_error"] == report.expected_calibration_error_
    assert [c["roc_auc"] for c in figures["by_class"]] == report.roc_auc_.tolist()
    assert [c["f1"] for c in figures["by_class"]] == report.f1_.tolist()
    assert figures["refusals"][2]["error"] == report.refusals_[2].error
    assert figures["top_losses"][0]["row"] == report.top_losses()[0].row


def test_json_keeps_its_keys(report):
    # What is written today is read by programs of tomorrow.
    figures = report.to_dict()
    assert list(figures) == [
        "name",
        "n_digits",
        "classes",
        "accuracy",
        "accuracy_interval",
        "confusion_matrix",
        "log_loss",
        "expected_calibration_error",
        "roc_auc_macro",
        "by_class",
        "most_confused",
        "refusals",
        "top_losses",
        "promises",
        "notes",
    ]
    assert list(figures["by_class"][0]) == [
        "label",
        "precision",
        "recall",
        "f1",
        "support",
        "roc_auc",
    ]
    assert list(figures["most_confused"][0]) == ["a", "b", "a_as_b", "b_as_a"]
    assert list(figures["refusals"][0]) == ["refused", "threshold", "error"]
    assert list(figures["top_losses"][0]) == [
        "row",
        "true",
        "predicted",
        "confidence",
        "loss",
    ]


def test_json_has_no_nan(tmp_path):
    report = DigitReport.from_predictions(
        ["b", "b"], [[0, 0.5, 0.5], [0, 1, 0]], labels=["a", "b", "c"]
    )
    report.save(tmp_path / "report.JSON")
    text = (tmp_path / "report.JSON").read_text("utf-8")
    assert "NaN" not in text
    assert json.loads(text)["by_class"][0]["recall"] is None


def test_json_of_labels_that_it_does_not_have():
    days = np.array(["2026-01-01", "2026-01-02"], "datetime64[D]")
    report = DigitReport.from_predictions(days, y_pred=days)
    assert json.loads(json.dumps(report.to_dict()))["classes"] == [
        "2026-01-01",
        "2026-01-02",
    ]


def test_frame_has_a_row_for_each_class(report):
    pytest.importorskip("pandas")
    frame = report.to_frame()
    assert list(frame.columns) == ["precision", "recall", "f1", "support", "roc_auc"]
    assert frame.index.tolist() == report.classes_.tolist()
    assert_array_equal(frame["f1"], report.f1_)
    without = DigitReport.from_confusion_matrix([[1, 0], [1, 1]]).to_frame()
    assert "roc_auc" not in without


def test_without_pandas_and_matplotlib(report, monkeypatch, tmp_path):
    for name in ("pandas", "matplotlib"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="pip install pandas"):
        report.to_frame()
    assert "By class" in str(report)
    report.save(tmp_path / "report.json")
    report.save(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "pip install matplotlib" in page
    assert "<table>" in page
    assert "svg" not in page
