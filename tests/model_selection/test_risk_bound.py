"""Thresholds whose error is bounded with a given probability."""

import numpy as np
import pytest
from scipy.stats import binom

from skdigits.model_selection._risk_bound import (
    choose_threshold,
    fit_temperature,
    least_samples,
    upper_bound,
    with_temperature,
)


def draw(rng, n):
    """Return scores and whether each is right, with a probability that is known."""
    score = rng.random(n)
    return score, rng.random(n) < probability_of_being_right(score)


def probability_of_being_right(score):
    return 1 - 0.3 * (1 - score) ** 3


def true_error_above(threshold):
    """Return the error rate of samples with scores above a threshold."""
    return 0.3 * (1 - threshold) ** 3 / 4


def test_the_promise_is_kept():
    """With a confidence of 80 %, more than 20 % of the draws break it by bad luck."""
    rng = np.random.default_rng(0)
    broken = 0
    for _ in range(200):
        choice = choose_threshold(
            *draw(rng, 2000), None, max_error=0.03, confidence=0.8
        )
        broken += true_error_above(choice.value) > 0.03
    assert broken <= binom.ppf(0.999, 200, 0.2)


def test_more_samples_accept_more():
    rng = np.random.default_rng(0)
    coverages = [
        choose_threshold(*draw(rng, n), None, max_error=0.02, confidence=0.95).coverage
        for n in (1000, 10_000, 100_000)
    ]
    assert coverages == sorted(coverages)
    best = 1 - next(t for t in np.linspace(0, 1, 1001) if true_error_above(t) <= 0.02)
    assert 0.85 * best < coverages[-1] <= 1.05 * best


def test_the_bound_is_that_of_clopper_and_pearson():
    bound = upper_bound(3, 100, 0.95)
    assert binom.cdf(3, 100, bound) == pytest.approx(0.05)
    assert upper_bound(5, 5, 0.95) == 1


def test_all_are_accepted_if_none_errs():
    score = np.linspace(0.5, 1, 500)
    choice = choose_threshold(
        score, np.ones(500, bool), None, max_error=0.05, confidence=0.95
    )
    assert choice.value == 0
    assert choice.coverage == 1
    assert choice.risk_bound <= 0.05


def test_the_least_number_of_samples():
    n = least_samples(0.05, 0.95)
    for size, is_enough in ((n, True), (n - 1, False)):
        score = np.linspace(0, 1, size)
        choice = choose_threshold(
            score, np.ones(size, bool), None, max_error=0.05, confidence=0.95
        )
        assert np.isfinite(choice.value) == is_enough


def test_ties_are_accepted_together():
    score = np.repeat([0.5, 0.9], 1000)
    is_correct = np.append(np.arange(1000) % 3 > 0, np.ones(1000, bool))
    choice = choose_threshold(score, is_correct, None, max_error=0.02, confidence=0.95)
    assert choice.value == 0.9
    assert choice.coverage == 0.5


def test_weights_of_zero_and_of_one():
    score, is_correct = draw(np.random.default_rng(0), 3000)
    weights = np.ones(3000)
    params = {"max_error": 0.03, "confidence": 0.95}
    plain = choose_threshold(score, is_correct, None, **params)
    assert choose_threshold(score, is_correct, weights, **params) == plain
    weights[::3] = 0
    kept = weights > 0
    assert choose_threshold(score, is_correct, weights, **params) == choose_threshold(
        score[kept], is_correct[kept], None, **params
    )


def test_unequal_weights_count_as_fewer_samples():
    score, is_correct = draw(np.random.default_rng(0), 3000)
    weights = np.where(np.arange(3000) % 10, 0.01, 1)
    params = {"max_error": 0.03, "confidence": 0.95}
    weighted = choose_threshold(score, is_correct, weights, **params)
    assert (
        weighted.coverage < choose_threshold(score, is_correct, None, **params).coverage
    )


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_the_temperature_is_found(temperature):
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(10) * 0.3, 20_000)
    codes = (proba.cumsum(axis=1) < rng.random((len(proba), 1))).sum(axis=1)
    changed = with_temperature(proba, temperature)
    assert fit_temperature(changed, codes, None) == pytest.approx(
        1 / temperature, rel=0.05
    )


def test_probabilities_of_zero_and_unknown_labels():
    proba = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    assert np.isfinite(fit_temperature(proba, np.array([0, 0, -1]), None))
    assert np.isfinite(with_temperature(proba, 0.01)).all()
    assert fit_temperature(proba, np.array([-1, -1, -1]), None) == 1
