"""Reports as text."""

import sys

import numpy as np
import pytest

from skdigits.reports import (
    DigitReport,
)


def test_text_has_the_main_scores(report):
    text = str(report)
    low, high = report.accuracy_interval_
    assert f"{100 * report.accuracy_:.2f} %" in text
    assert f"(95 % interval {100 * low:.2f} to {100 * high:.2f})" in text
    pair = report.most_confused()[0]
    assert f"{pair.a} and {pair.b}: {pair.total}" in text
    assert f"{report.recall_[3]:.4f}" in text
    losses = text.partition("Highest losses")[2].splitlines()
    assert losses[1].split()[0] == "sample"
    assert losses[2].split()[0] == str(report.top_losses(1)[0].sample_index)
    assert max(map(len, text.splitlines())) <= 88


def test_text_of_many_classes_omits_the_matrix(random_predictions):
    y, proba = random_predictions(1000, 40)
    text = str(DigitReport.from_predictions(y, proba))
    assert "Confusion matrix" not in text
    assert max(map(len, text.splitlines())) <= 88


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        ([0.6] * 50 + [0.9] * 50, "of 60.0 % rejects 0.00 % of the digits, not 5 %"),
        ([0.51] + [1.0] * 99, "of 100.0 % rejects 1.00 % of the digits, not 5 %"),
        ([0.6] + [1 - 1e-6] * 99, "of 99.9999 % rejects 1.00 % of the digits"),
    ],
)
def test_ties_in_confidence_are_explained(confidence, expected):
    proba = np.column_stack([confidence, np.subtract(1, confidence)])
    report = DigitReport.from_predictions(np.arange(100) % 2, proba)
    for shown in (str(report), report._repr_html_()):
        assert (
            f"Many digits have the same confidence: a threshold {expected}"
            in " ".join(shown.split())
        )


def test_few_ties_are_not_mentioned(report):
    assert "same confidence" not in str(report)
    assert "same confidence" not in report._repr_html_()


def test_text_has_the_digits_required_for_guarantees(report):
    words = " ".join(str(report).split())
    assert "0.5 % - - 598" in words
    assert "missing if this report has fewer digits, or if too many" in words


@pytest.mark.parametrize(("n", "title"), [(1, "on 1 digit"), (2, "on 2 digits")])
def test_title_counts_the_digits(n, title):
    report = DigitReport.from_predictions(["a"] * n, y_pred=["b"] * n)
    assert str(report).splitlines()[0] == f"Predictions {title}"


def test_text_without_errors():
    text = str(DigitReport.from_predictions([0, 1], y_pred=[0, 1]))
    assert "Most confused" not in text
    assert "100.00 %" in text


def test_works_without_pandas_and_matplotlib(report, monkeypatch, tmp_path):
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
