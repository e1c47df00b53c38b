"""Thresholds that guarantee an error rate."""

import json

import numpy as np
import pytest
from scipy.stats import binomtest

from skdigits.reports import DigitReport


def report_of(confidence, is_correct, **given):
    """Return a report on two classes with given confidences and correct predictions."""
    y = np.where(is_correct, "a", "b")
    proba = np.c_[confidence, 1 - confidence]
    return DigitReport.from_predictions(y, proba, labels=["a", "b"], **given)


def draw(rng, n, worst=0.3):
    """Return confidences, whether predictions are correct, and the true error rate."""
    confidence = rng.uniform(0.5, 1, n)
    is_correct = rng.random(n) >= worst * (2 - 2 * confidence) ** 3
    return confidence, is_correct, lambda t: worst * (2 - 2 * max(t, 0.5)) ** 3 / 4


@pytest.mark.parametrize("level", [0.7, 0.9])
@pytest.mark.parametrize("n", [500, 2500])
def test_guarantee_holds_at_its_confidence_level(n, level):
    rng = np.random.default_rng(0)
    n_trials, violated, accepted = 400, 0, []
    for _ in range(n_trials):
        confidence, is_correct, error_above = draw(rng, n)
        try:
            threshold = report_of(confidence, is_correct).threshold_for(
                0.02, confidence=level
            )
        except ValueError:
            continue
        violated += error_above(threshold) > 0.02
        accepted.append(np.mean(confidence >= threshold))
    result = binomtest(violated, n_trials, 1 - level, alternative="greater")
    assert result.pvalue > 0.01
    # Rejecting too much would also keep the guarantee: 0.64 could be accepted.
    assert len(accepted) > n_trials / 2
    assert np.median(accepted) > 0.35


@pytest.mark.parametrize(
    ("max_error", "level", "n"),
    [(0.001, 0.95, 2995), (0.005, 0.95, 598), (0.01, 0.99, 459), (0.1, 0.5, 7)],
)
def test_number_of_digits_required(max_error, level, n):
    confidence = np.linspace(0.6, 1, n)
    report = report_of(confidence, np.ones(n, bool))
    assert report.threshold_for(max_error, confidence=level) == 0
    report = report_of(confidence[1:], np.ones(n - 1, bool))
    with pytest.raises(ValueError, match=rf"At least {n:,} digits are required"):
        report.threshold_for(max_error, confidence=level)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threshold_is_the_lowest_possible(dtype):
    confidence = np.linspace(0.5, 1, 1001).astype(dtype)
    report = report_of(confidence, confidence > 0.7)
    threshold = report.threshold_for(max_error=0.02, confidence=0.95)
    accepted = report.predictions.confidence >= threshold
    # All correct digits are accepted, and some of the others.
    assert accepted[confidence > 0.7].all()
    assert report.predictions.is_correct[accepted].mean() > 0.98
    assert threshold > confidence[~accepted].max()
    assert threshold == pytest.approx(confidence[~accepted].max())


def test_ties_are_accepted_together():
    confidence = np.repeat([0.9, 0.6], [700, 300])
    is_correct = np.ones(1000, bool)
    assert report_of(confidence, is_correct).threshold_for(0.01) == 0
    is_correct[700:800] = False
    report = report_of(confidence, is_correct)
    assert 0.6 < report.threshold_for(0.01) <= 0.9
    is_correct[0:50] = False
    with pytest.raises(
        ValueError,
        match="at most 1 % errors with 95 % confidence; got no such threshold",
    ):
        report_of(confidence, is_correct).threshold_for(0.01)


def test_one_confident_error_does_not_raise_the_threshold_much():
    confidence = np.linspace(0.5, 1, 10_000)
    is_correct = confidence > 0.6
    is_correct[-1] = False
    report = report_of(confidence, is_correct)
    assert report.threshold_for(0.001) == pytest.approx(0.6, abs=0.01)


def test_report_shows_guarantees(tmp_path):
    confidence = np.linspace(0.5, 1, 1000)
    report = report_of(confidence, confidence > 0.6)
    thousandth, two_hundredth = report.guarantees_
    assert thousandth.threshold is None
    assert thousandth.fewest_digits == 2995
    assert two_hundredth.threshold == report.threshold_for(0.005)
    assert two_hundredth.accepted == np.mean(confidence >= two_hundredth.threshold)
    report.save(tmp_path / "report.json")
    report.save(tmp_path / "report.html")
    data = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert data["guarantees"] == [g._asdict() for g in report.guarantees_]
    lines = str(report).splitlines()
    assert any(line.split() == ["0.1", "%", "-", "-", "2,995"] for line in lines)
    for text in str(report), (tmp_path / "report.html").read_text("utf-8"):
        assert "2,995" in text
        assert f"{100 * two_hundredth.threshold:.2f} %" in text


def test_samples_of_zero_weight_are_ignored():
    confidence = np.linspace(0.5, 1, 1000)
    weights = np.where(confidence > 0.6, 2, 0)
    report = report_of(confidence, confidence > 0.6, sample_weight=weights)
    assert report.threshold_for(0.01) == 0


def test_confidence_is_that_of_the_predicted_label():
    proba = np.c_[np.full(1000, 0.8), np.full(1000, 0.2)]
    is_one = np.arange(1000) < 400  # as with a decision threshold of 0.1
    report = DigitReport.from_predictions(
        np.zeros(1000, int), proba, y_pred=is_one.astype(int), labels=[0, 1]
    )
    threshold = report.threshold_for(0.01)
    confidence = proba[np.arange(1000), is_one.astype(int)]
    assert not is_one[confidence >= threshold].any()


@pytest.mark.parametrize("given", [{"max_error": "0.1"}, {"max_error": None}])
def test_non_numbers_raise(given, report):
    with pytest.raises(TypeError, match="max_error must be a number; got"):
        report.threshold_for(**given)


def test_without_probabilities_or_equal_weights_raises():
    confidence = np.linspace(0.5, 1, 1000)
    report = report_of(confidence, confidence > 0.6, sample_weight=confidence)
    assert report.guarantees_ is None
    with pytest.raises(ValueError, match="without sample_weight"):
        report.threshold_for(0.01)
    report = DigitReport.from_predictions([0, 1], y_pred=[0, 1])
    assert report.guarantees_ is None
    with pytest.raises(ValueError, match="must have probabilities; got none"):
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
def test_numbers_out_of_bounds_raise(given, report):
    with pytest.raises(ValueError, match=rf"{list(given)[-1]} must be between 0 and 1"):
        report.threshold_for(**given)
