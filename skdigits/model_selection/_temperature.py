"""Calibration of probabilities by a temperature."""

import numpy as np
from scipy.optimize import minimize_scalar

_MAX_LOG_TEMPERATURE = 5.0


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
