"""Confidence thresholds that guarantee an error rate."""

from itertools import pairwise
from math import ceil, log, log1p
from typing import NamedTuple

import numpy as np
from scipy.stats import beta, binom


class Guarantee(NamedTuple):
    """A confidence threshold that guarantees an error rate.

    Attributes
    ----------
    max_error : float
        Maximum error rate among the accepted digits.
    confidence : float
        Confidence level of the guarantee.
    threshold : float or None
        Digits with at least this confidence are accepted. None if these digits are too
        few, or too often misread, for the guarantee.
    accepted : float or None
        Share of these digits that are accepted.
    fewest_digits : int
        Number of digits required for the guarantee if there are no errors.
    """

    max_error: float
    confidence: float
    threshold: float | None
    accepted: float | None
    fewest_digits: int


def fewest_digits(max_error: float, risk: float) -> int:
    """Return how many digits without an error bound the error rate.

    Examples
    --------
    >>> fewest_digits(0.001, risk=0.05)
    2995
    """
    return ceil(log(risk) / log1p(-max_error))


def upper_bound(n_errors: int, n: int, level: float) -> float:
    """Return the upper bound of Clopper and Pearson of an error rate.

    Examples
    --------
    >>> round(upper_bound(0, 299, 0.95), 4)
    0.01
    """
    return 1.0 if n_errors >= n else float(beta.ppf(level, n_errors + 1, n - n_errors))


def find_guarantee(
    confidence: np.ndarray, is_correct: np.ndarray, max_error: float, level: float
) -> Guarantee:
    """Return the lowest threshold that guarantees an error rate at a confidence level.

    For a single threshold, the one-sided binomial test of Clopper and Pearson [1]_
    tells whether the error rate is at most `max_error`. To keep the confidence level
    while selecting from many thresholds, they are tested in a fixed sequence, as in
    Learn then Test [2]_: from the highest threshold that could pass at all, down to the
    first one that fails. If there are enough digits, several sequences share the risk,
    each of which starts at twice as many digits as the one before. A sequence that
    reaches the start of the next one hands over its risk [3]_. Thus a single wrong
    label among the most confident digits does not fail every threshold.

    References
    ----------
    .. [1] C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
       illustrated in the case of the binomial", Biometrika 26, 1934.
    .. [2] A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei, "Learn
       then Test: Calibrating Predictive Algorithms to Achieve Risk Control",
       arXiv:2110.01052, 2021.
    .. [3] B. L. Wiens, "A fixed sequence Bonferroni procedure for testing multiple
       endpoints", Pharmaceutical Statistics 2, 2003.

    Examples
    --------
    >>> confidence = np.linspace(0.5, 1, 1000)
    >>> found = find_guarantee(confidence, confidence > 0.6, 0.01, 0.95)
    >>> round(found.threshold, 2), round(found.accepted, 2)
    (0.6, 0.8)
    """
    risk = 1 - level
    order = np.argsort(-confidence, kind="stable")
    confidence, is_correct = confidence[order], is_correct[order]
    # Digits with the same confidence are accepted together.
    accepted = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) + 1
    n_errors = np.cumsum(~is_correct)[accepted - 1]
    p_values = binom.cdf(n_errors, accepted, max_error)
    firsts, share = _sequences(len(confidence), max_error, risk)
    starts = np.searchsorted(accepted, firsts)
    lowest, available_risk = None, 0.0
    for start, stop in pairwise([*starts, len(accepted)]):
        available_risk += share
        failed = np.flatnonzero(p_values[start:stop] > available_risk)
        end = start + failed[0] if len(failed) else stop
        if end > start:
            lowest = end - 1
        if len(failed):
            available_risk = 0.0
    needed = fewest_digits(max_error, risk)
    if lowest is None:
        return Guarantee(max_error, level, None, None, needed)
    n = int(accepted[lowest])
    # The threshold is just above the highest confidence that is rejected: the test
    # covers every threshold in between.
    threshold = 0.0
    if n < len(confidence):
        threshold = float(np.nextafter(confidence[n], confidence.dtype.type(2)))
    return Guarantee(max_error, level, threshold, n / len(confidence), needed)


def _sequences(n_digits: int, max_error: float, risk: float) -> tuple[list[int], float]:
    """Return the number of digits at which each sequence starts, and its risk.

    Both depend only on the number of digits, not on which predictions are correct.
    """
    found: tuple[list[int], float] = ([], risk)
    for n_sequences in range(1, n_digits.bit_length() + 1):
        share = risk / n_sequences
        fewest = fewest_digits(max_error, share)
        firsts = [fewest * 2**i for i in range(n_sequences)]
        if firsts[-1] > n_digits:
            break
        found = firsts, share
    return found
