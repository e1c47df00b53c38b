"""Thresholds of confidence whose error is bounded with a given probability."""

from math import ceil, log, log1p
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import betaincinv

from skdigits.reports._metrics import kish_sample_size

# The candidates are fixed before the errors are seen. Most accept nearly all samples.
_REJECTED = np.append(0.0, np.geomspace(0.0005, 0.95, 49))
_MAX_LOG_TEMPERATURE = 5.0


class Threshold(NamedTuple):
    """A threshold of confidence.

    ``value`` is 0 if all samples may be accepted. It is infinite, and ``coverage`` 0,
    if no threshold keeps the promise.
    """

    value: float
    coverage: float
    risk_bound: float


def upper_bound(n_errors: float, n: float, confidence: float) -> float:
    """Return the upper bound of Clopper and Pearson of an error rate.

    Examples
    --------
    >>> round(upper_bound(0, 299, 0.95), 4)
    0.01
    """
    return (
        1.0
        if n_errors >= n
        else float(betaincinv(n_errors + 1, n - n_errors, confidence))
    )


def choose_threshold(
    score: np.ndarray,
    is_correct: np.ndarray,
    weights: np.ndarray | None,
    *,
    max_error: float,
    confidence: float,
) -> Threshold:
    """Return the threshold that accepts most, with a bounded error among the accepted.

    The error of a new accepted sample exceeds `max_error` with a probability of at most
    1 - `confidence`.

    References
    ----------
    .. [1] Y. Geifman and R. El-Yaniv, "Selective classification for deep neural
       networks", NeurIPS 2017.

    Examples
    --------
    >>> score = np.linspace(0, 1, 1000)
    >>> choice = choose_threshold(
    ...     score, score > 0.5, None, max_error=0.05, confidence=0.95
    ... )
    >>> 0.48 < choice.value < 0.55, choice.risk_bound <= 0.05
    (True, True)
    """
    weights = np.ones(len(score)) if weights is None else np.asarray(weights, float)
    used = weights > 0
    score, weights = score[used], weights[used]
    wrong = weights * ~is_correct[used]
    order = np.argsort(-score, kind="stable")
    total = np.cumsum(weights[order])
    each = 1 - (1 - confidence) / len(_REJECTED)
    for rejected in _REJECTED:
        place = np.searchsorted(total, (1 - rejected) * total[-1] * (1 - 1e-12))
        value = score[order[min(place, len(order) - 1)]] if rejected else 0.0
        accepted = score >= value
        share = wrong[accepted].sum() / weights[accepted].sum()
        n = kish_sample_size(weights[accepted])
        bound = upper_bound(share * n, n, each)
        if bound <= max_error:
            coverage = weights[accepted].sum() / total[-1]
            return Threshold(float(value), float(coverage), bound)
    return Threshold(np.inf, 0.0, 0.0)


def least_samples(max_error: float, confidence: float) -> int:
    """Return how many samples, all read correctly, it takes to promise an error.

    Examples
    --------
    >>> least_samples(0.01, 0.95)
    688
    """
    each = (1 - confidence) / len(_REJECTED)
    return ceil(log(each) / log1p(-max_error))


def fit_temperature(
    proba: np.ndarray, codes: np.ndarray, weights: np.ndarray | None
) -> float:
    """Return the temperature with the least log-loss.

    Samples with the code -1, whose label is not among the classes, are left out.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern
       neural networks", ICML 2017.
    """
    known = np.flatnonzero(codes >= 0)
    if not len(known):
        return 1.0
    logits, codes, rows = to_logits(proba)[known], codes[known], np.arange(len(known))
    weights = None if weights is None else weights[known]

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        losses = np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, codes]
        return float(np.average(losses, weights=weights))

    limits = -_MAX_LOG_TEMPERATURE, _MAX_LOG_TEMPERATURE
    return float(np.exp(minimize_scalar(loss, bounds=limits, method="bounded").x))


def with_temperature(proba: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities whose logits are divided by a temperature.

    Examples
    --------
    >>> with_temperature(np.array([[0.9, 0.1]]), 2.0).round(2)
    array([[0.75, 0.25]])
    """
    scaled = to_logits(proba) / temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return scaled / scaled.sum(axis=1, keepdims=True)


def to_logits(proba: np.ndarray) -> np.ndarray:
    """Return the logarithms of probabilities, all of which are finite."""
    proba = np.asarray(proba, np.float64)
    return np.log(np.maximum(proba, np.finfo(np.float64).tiny))
