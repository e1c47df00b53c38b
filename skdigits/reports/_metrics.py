"""Metrics that scikit-learn lacks: intervals, sample size, coverage, confused pairs."""

from typing import Any, NamedTuple

import numpy as np

_Z = 1.959963984540054  # the 97.5 % quantile of the standard normal distribution


class Coverage(NamedTuple):
    """The error rate among accepted digits, as the least confident are rejected.

    Attributes
    ----------
    coverage : ndarray of shape (n_points,)
        Share of the digits that are accepted, in increasing order up to 1.
    error : ndarray of shape (n_points,)
        Error rate among the accepted digits.
    threshold : ndarray of shape (n_points,)
        Lowest confidence among the accepted digits.
    """

    coverage: np.ndarray
    error: np.ndarray
    threshold: np.ndarray

    def without(self, rejected: float) -> "Rejection":
        """Return the error rate after rejecting a share of the digits.

        Ties in confidence are broken at random.
        """
        accepted = 1 - rejected
        n_errors = np.append(0.0, self.coverage * self.error)
        wrong = np.interp(accepted, np.append(0.0, self.coverage), n_errors)
        # The tolerance keeps rounding errors from selecting the next point.
        i = np.searchsorted(self.coverage, accepted - 1e-12)
        return Rejection(rejected, float(self.threshold[i]), float(wrong / accepted))

    def rejected_by(self, threshold: float) -> float:
        """Return the share of the digits whose confidence is below a threshold."""
        accepted = self.coverage[self.threshold >= threshold]
        return float(1 - accepted.max(initial=0.0))


class Rejection(NamedTuple):
    """The error rate after rejecting the least confident digits.

    Attributes
    ----------
    rejected : float
        Share of the digits that are rejected.
    threshold : float
        Lowest confidence of an accepted digit. Digits with the same confidence may be
        among the rejected ones.
    error : float
        Error rate among the accepted digits.
    """

    rejected: float
    threshold: float
    error: float


class ConfusedPair(NamedTuple):
    """Two classes that are confused with each other.

    Attributes
    ----------
    a, b : label
        Labels of the classes.
    a_as_b, b_as_a : int or float
        Number of digits of the one class that are predicted as the other, or the sum of
        their sample weights.
    """

    a: Any
    b: Any
    a_as_b: float
    b_as_a: float

    @property
    def total(self) -> float:
        """The number of confusions in both directions."""
        return self.a_as_b + self.b_as_a


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % confidence interval of a share observed in n trials.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", Journal of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> low, high = wilson_interval(0.9, 100)
    >>> round(low, 4), round(high, 4)
    (0.8256, 0.9448)
    """
    shrinkage = 1 + _Z**2 / n
    center = (share + _Z**2 / (2 * n)) / shrinkage
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / shrinkage
    return max(0.0, float(center - half)), min(1.0, float(center + half))


def kish_sample_size(weights: np.ndarray) -> float:
    """Return Kish's effective sample size of weighted samples.

    References
    ----------
    .. [1] L. Kish, "Survey Sampling", Wiley, 1965.

    Examples
    --------
    >>> kish_sample_size(np.array([7, 7, 7, 0]))
    3.0
    """
    weights = weights.astype(np.float64)
    return float(weights.sum() ** 2 / (weights**2).sum())


def reliability(
    confidence: np.ndarray,
    is_correct: np.ndarray,
    weights: np.ndarray | None,
    n_bins: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return accuracy, mean confidence, and share of the samples of each bin.

    The bins of confidence have equal width. Empty bins are left out, as in
    `sklearn.calibration.calibration_curve`.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.searchsorted(edges[1:-1], confidence)
    total = np.bincount(bins, weights, n_bins)
    correct = np.bincount(bins, weights * is_correct, n_bins)
    confident = np.bincount(bins, weights * confidence, n_bins)
    used = total > 0
    share = total[used] / total.sum()
    return correct[used] / total[used], confident[used] / total[used], share


def coverage_curve(
    confidence: np.ndarray, is_correct: np.ndarray, weights: np.ndarray | None
) -> Coverage:
    """Return the error rate among accepted samples for every possible threshold.

    Samples with the same confidence are accepted together.

    References
    ----------
    .. [1] R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective
       classification", Journal of Machine Learning Research 11, 2010.

    Examples
    --------
    >>> confidence = np.array([0.9, 0.6, 0.8])
    >>> curve = coverage_curve(confidence, np.array([True, False, True]), None)
    >>> curve.coverage.round(2).tolist(), curve.error.round(2).tolist()
    ([0.33, 0.67, 1.0], [0.0, 0.0, 0.33])
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    order = np.argsort(-confidence, kind="stable")
    order = order[weights[order] > 0]
    confidence = confidence[order]
    is_last_of_tie = np.append(confidence[1:] != confidence[:-1], True)
    accepted = np.cumsum(weights[order])[is_last_of_tie]
    wrong = np.cumsum(weights[order] * ~is_correct[order])[is_last_of_tie]
    return Coverage(
        accepted / accepted[-1], wrong / accepted, confidence[is_last_of_tie]
    )


def confused_pairs(matrix: np.ndarray, classes: np.ndarray) -> list[ConfusedPair]:
    """Return all pairs of classes that are confused, the most frequent first.

    Examples
    --------
    >>> confused_pairs(np.array([[9, 1], [3, 7]]), np.array(["a", "b"]))
    [ConfusedPair(a='a', b='b', a_as_b=1, b_as_a=3)]
    """
    labels = classes.tolist()
    both_ways = np.triu(matrix + matrix.T, 1)
    pairs = [
        ConfusedPair(labels[i], labels[j], matrix[i, j].item(), matrix[j, i].item())
        for i, j in zip(*np.nonzero(both_ways), strict=True)
    ]
    return sorted(pairs, key=lambda pair: -pair.total)
