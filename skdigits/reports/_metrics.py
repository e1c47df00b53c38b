"""What can be counted of predictions, beyond what scikit-learn counts."""

from typing import Any, NamedTuple

import numpy as np

_Z = 1.959963984540054  # 97.5 % of a normal distribution lie below


class Coverage(NamedTuple):
    """The error left when the least sure predictions are refused.

    Attributes
    ----------
    coverage : ndarray of shape (n_points,)
        Share of the rows that is accepted, growing to 1.
    error : ndarray of shape (n_points,)
        Share of errors among the accepted.
    threshold : ndarray of shape (n_points,)
        The least confidence among the accepted.
    """

    coverage: np.ndarray
    error: np.ndarray
    threshold: np.ndarray

    def without(self, refused: float) -> "Refusal":
        """Return what is left when a share of the rows, the least sure, is refused.

        Of rows that are equally sure, any are as likely to be refused.
        """
        accepted = 1 - refused
        errors = np.append(0.0, self.coverage * self.error)
        wrong = np.interp(accepted, np.append(0.0, self.coverage), errors)
        # Rounding must not take the next one.
        i = np.searchsorted(self.coverage, accepted - 1e-12)
        return Refusal(refused, float(self.threshold[i]), float(wrong / accepted))

    def refused_by(self, threshold: float) -> float:
        """Return the share of the rows that are less sure than a threshold."""
        accepted = self.coverage[self.threshold >= threshold]
        return float(1 - accepted.max(initial=0.0))


class Refusal(NamedTuple):
    """What is left when the least sure predictions are refused.

    Attributes
    ----------
    refused : float
        Share of the rows that is refused.
    threshold : float
        The least confidence of those accepted. Others that are as sure may be refused.
    error : float
        Share of errors among those accepted.
    """

    refused: float
    threshold: float
    error: float


class ConfusedPair(NamedTuple):
    """Two classes that are taken for one another.

    Attributes
    ----------
    a, b : label
        The classes.
    a_as_b, b_as_a : int or float
        How often the one was read as the other (the sum of the rows' weights).
    """

    a: Any
    b: Any
    a_as_b: float
    b_as_a: float

    @property
    def total(self) -> float:
        """How often either was read as the other."""
        return self.a_as_b + self.b_as_a


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share that was seen in n trials.

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
    centre = (share + _Z**2 / (2 * n)) / shrinkage
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / shrinkage
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def reliability(
    confidence: np.ndarray,
    is_right: np.ndarray,
    weights: np.ndarray | None,
    n_bins: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return accuracy, mean confidence and share of the rows, by bins of confidence.

    The bins are equally wide, and those without rows are left out, as in
    `sklearn.calibration.calibration_curve`.
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    edges = np.linspace(0, 1, n_bins + 1)
    bins = np.searchsorted(edges[1:-1], confidence)
    total = np.bincount(bins, weights, n_bins)
    right = np.bincount(bins, weights * is_right, n_bins)
    sure = np.bincount(bins, weights * confidence, n_bins)
    used = total > 0
    share = total[used] / total.sum()
    return right[used] / total[used], sure[used] / total[used], share


def coverage_curve(
    confidence: np.ndarray, is_right: np.ndarray, weights: np.ndarray | None
) -> Coverage:
    """Return the error left among the surest rows, for each number of them.

    Rows that are equally sure are accepted together.

    References
    ----------
    .. [1] R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective
       classification", Journal of Machine Learning Research 11, 2010.

    Examples
    --------
    >>> sure, is_right = np.array([0.9, 0.6, 0.8]), np.array([True, False, True])
    >>> curve = coverage_curve(sure, is_right, None)
    >>> curve.coverage.round(2).tolist(), curve.error.round(2).tolist()
    ([0.33, 0.67, 1.0], [0.0, 0.0, 0.33])
    """
    weights = np.ones(len(confidence)) if weights is None else weights
    order = np.argsort(-confidence, kind="stable")
    order = order[weights[order] > 0]
    confidence = confidence[order]
    last_of_ties = np.append(confidence[1:] != confidence[:-1], True)
    accepted = np.cumsum(weights[order])[last_of_ties]
    wrong = np.cumsum(weights[order] * ~is_right[order])[last_of_ties]
    return Coverage(accepted / accepted[-1], wrong / accepted, confidence[last_of_ties])


def confused_pairs(matrix: np.ndarray, classes: np.ndarray) -> list[ConfusedPair]:
    """Return the pairs of classes taken for one another, the most frequent first.

    Examples
    --------
    >>> confused_pairs(np.array([[9, 1], [3, 7]]), np.array(["a", "b"]))
    [ConfusedPair(a='a', b='b', a_as_b=1, b_as_a=3)]
    """
    names = classes.tolist()
    both_ways = np.triu(matrix + matrix.T, 1)
    pairs = [
        ConfusedPair(names[i], names[j], matrix[i, j].item(), matrix[j, i].item())
        for i, j in zip(*np.nonzero(both_ways), strict=True)
    ]
    return sorted(pairs, key=lambda pair: -pair.total)
