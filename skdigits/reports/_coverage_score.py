"""How many digits can be accepted at an error rate."""

from typing import Any

import numpy as np

from skdigits.reports._checks import check_fraction
from skdigits.reports._metrics import coverage_curve
from skdigits.reports._predictions import check_predictions


def coverage_at_error_score(
    y_true: Any,
    y_proba: Any,
    *,
    max_error: float = 0.001,
    labels: Any = None,
    sample_weight: Any = None,
) -> float:
    """Return the largest share of digits that can be accepted at an error rate.

    The least confident digits are rejected until the error rate among the others is at
    most `max_error`.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
        True labels, which may be one-hot encoded.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Predicted probabilities of the classes. With one column, those of the second of
        two classes.
    max_error : float, default=0.001
        The highest error rate among the accepted digits, in (0, 1).
    labels : array-like of shape (n_classes,), default=None
        Class labels in the order of the columns of `y_proba`. By default, the sorted
        labels of `y_true`.
    sample_weight : array-like of shape (n_samples,), default=None
        Sample weights.

    Returns
    -------
    coverage : float
        The share of the digits, in [0, 1].

    Raises
    ------
    ValueError
        If `max_error` is out of bounds, or if the other arguments do not match.

    See Also
    --------
    CoverageDisplay : Plot of the error rate by the share of the rejected.
    skdigits.model_selection.RejectingClassifierCV : Rejects digits.

    Notes
    -----
    For a search, make a scorer of it:
    ``make_scorer(coverage_at_error_score, response_method="predict_proba")``, with
    ``labels`` if some of them may be missing in a fold.

    Examples
    --------
    >>> from skdigits.reports import coverage_at_error_score
    >>> proba = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]
    >>> coverage_at_error_score(["no", "yes", "yes", "yes"], proba, max_error=0.1)
    0.75
    """
    check_fraction("max_error", max_error)
    proba = np.asarray(y_proba)
    if proba.ndim == 1 or proba.shape[1:] == (1,):
        second = proba.reshape(-1)
        y_proba = np.stack([1 - second, second], axis=1)
    predictions = check_predictions(
        y_true, y_proba, labels=labels, sample_weight=sample_weight
    )
    assert predictions.confidence is not None
    curve = coverage_curve(
        predictions.confidence, predictions.is_correct, predictions.weights
    )
    return float(curve.coverage[curve.error <= max_error].max(initial=0.0))
