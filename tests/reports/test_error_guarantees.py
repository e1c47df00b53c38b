"""Thresholds that promise an error, and what it takes."""

import json

import numpy as np
import pytest
from scipy.stats import binomtest

from skdigits.reports import DigitReport


def report_of(sure, is_right, **given):
    """Return a report on rows of two classes, read with these confidences."""
    y = np.where(is_right, "a", "b")
    proba = np.c_[sure, 1 - sure]
    return DigitReport.from_predictions(y, proba, labels=["a", "b"], **given)


def draw(rng, n, worst=0.3):
    """Return confidences, what is right, and the true error above a threshold."""
    sure = rng.uniform(0.5, 1, n)
    is_right = rng.random(n) >= worst * (2 - 2 * sure) ** 3
    return sure, is_right, lambda t: worst * (2 - 2 * max(t, 0.5)) ** 3 / 4


@pytest.mark.parametrize("confidence", [0.7, 0.9])
@pytest.mark.parametrize("n", [500, 2500])
def test_promise_is_kept_as_often_as_it_says(n, confidence):
    rng = np.random.default_rng(0)
    n_trials, broken, accepted = 400, 0, []
    for _ in range(n_trials):
        sure, is_right, error_above = draw(rng, n)
        try:
            threshold = report_of(sure, is_right).threshold_for(
                0.02, confidence=confidence
            )
        except ValueError:
            continue
        broken += error_above(threshold) > 0.02
        accepted.append(np.mean(sure >= threshold))
    result = binomtest(broken, n_trials, 1 - confidence, alternative="greater")
    assert result.pvalue > 0.01
    # It is no use to refuse whatever can be refused: 0.64 could be accepted.
    assert len(accepted) > n_trials / 2
    assert np.median(accepted) > 0.35


@pytest.mark.parametrize(
    ("max_error", "confidence", "n"),
    [(0.001, 0.95, 2995), (0.005, 0.95, 598), (0.01, 0.99, 459), (0.1, 0.5, 7)],
)
def test_digits_that_it_takes(max_error, confidence, n):
    sure = np.linspace(0.6, 1, n)
    report = report_of(sure, np.ones(n, bool))
    assert report.threshold_for(max_error, confidence=confidence) == 0
    report = report_of(sure[1:], np.ones(n - 1, bool))
    with pytest.raises(ValueError, match=rf"takes at least {n:,} digits"):
        report.threshold_for(max_error, confidence=confidence)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threshold_is_the_lowest_that_keeps_the_surest(dtype):
    sure = np.linspace(0.5, 1, 1001).astype(dtype)
    report = report_of(sure, sure > 0.7)
    threshold = report.threshold_for(max_error=0.02, confidence=0.95)
    accepted = report.predictions.confidence >= threshold
    # All the digits that are read correctly, and some of the others.
    assert accepted[sure > 0.7].all()
    assert report.predictions.is_right[accepted].mean() > 0.98
    assert threshold > sure[~accepted].max()
    assert threshold == pytest.approx(sure[~accepted].max())


def test_digits_equally_sure_are_accepted_together():
    sure = np.repeat([0.9, 0.6], [700, 300])
    is_right = np.ones(1000, bool)
    assert report_of(sure, is_right).threshold_for(0.01) == 0
    is_right[700:800] = False
    report = report_of(sure, is_right)
    assert 0.6 < report.threshold_for(0.01) <= 0.9
    is_right[0:50] = False
    with pytest.raises(ValueError, match="cannot promise at most 1 % errors with 95 %"):
        report_of(sure, is_right).threshold_for(0.01)


def test_one_wrong_label_among_the_surest_does_not_spoil_it():
    sure = np.linspace(0.5, 1, 10_000)
    is_right = sure > 0.6
    is_right[-1] = False
    report = report_of(sure, is_right)
    assert report.threshold_for(0.001) == pytest.approx(0.6, abs=0.01)


def test_report_has_rows_of_it(tmp_path):
    sure = np.linspace(0.5, 1, 1000)
    report = report_of(sure, sure > 0.6)
    thousandth, two_hundredth = report.promises_
    assert thousandth.threshold is None
    assert thousandth.fewest_digits == 2995
    assert two_hundredth.threshold == report.threshold_for(0.005)
    assert two_hundredth.accepted == np.mean(sure >= two_hundredth.threshold)
    report.save(tmp_path / "report.json")
    report.save(tmp_path / "report.html")
    figures = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert figures["promises"] == [p._asdict() for p in report.promises_]
    lines = str(report).splitlines()
    assert any(line.split() == ["0.1", "%", "-", "-", "2,995"] for line in lines)
    for text in str(report), (tmp_path / "report.html").read_text("utf-8"):
        assert "2,995" in text
        assert f"{100 * two_hundredth.threshold:.2f} %" in text


def test_rows_without_weight_are_left_out():
    sure = np.linspace(0.5, 1, 1000)
    weights = np.where(sure > 0.6, 2, 0)
    report = report_of(sure, sure > 0.6, sample_weight=weights)
    assert report.threshold_for(0.01) == 0


def test_confidence_is_that_of_the_label_predicted():
    proba = np.c_[np.full(1000, 0.8), np.full(1000, 0.2)]
    is_one = np.arange(1000) < 400  # predicted by a threshold of 0.1
    report = DigitReport.from_predictions(
        np.zeros(1000, int), proba, y_pred=is_one.astype(int), labels=[0, 1]
    )
    threshold = report.threshold_for(0.01)
    sure = proba[np.arange(1000), is_one.astype(int)]
    assert not is_one[sure >= threshold].any()


@pytest.mark.parametrize("given", [{"max_error": "0.1"}, {"max_error": None}])
def test_values_that_are_no_numbers(given, report):
    with pytest.raises(TypeError, match="max_error must be a number; got"):
        report.threshold_for(**given)


def test_what_cannot_be_promised(digits):
    sure = np.linspace(0.5, 1, 1000)
    report = report_of(sure, sure > 0.6, sample_weight=sure)
    assert report.promises_ is None
    with pytest.raises(ValueError, match="without sample_weight"):
        report.threshold_for(0.01)
    report = DigitReport.from_predictions([0, 1], y_pred=[0, 1])
    assert report.promises_ is None
    with pytest.raises(ValueError, match="needs probabilities"):
        report.threshold_for(0.01)


@pytest.mark.parametrize(
    "given",
    [
        {"max_error": 0},
        {"max_error": 1},
        {"max_error": np.nan},
        {"max_error": 0.1, "confidence": 1},
        {"max_error": 0.1, "confidence": 95},
    ],
)
def test_values_out_of_bounds(given, report):
    with pytest.raises(ValueError, match=rf"{list(given)[-1]} must be between 0 and 1"):
        report.threshold_for(**given)
