"""Thresholds of the confidence below which an error rate can be promised."""

from itertools import pairwise
from math import ceil, log, log1p
from typing import NamedTuple

import numpy as np
from scipy.stats import binom


class Promise(NamedTuple):
    """The threshold that keeps an error rate, and what it costs.

    Attributes
    ----------
    max_error : float
        Largest share of errors among the digits accepted.
    confidence : float
        Confidence in that, over all the samples of digits that might have been drawn.
    threshold : float or None
        Digits of at least this confidence are accepted; None if these digits are too
        few, or too often misread, to promise anything.
    accepted : float or None
        Share of these digits that is accepted.
    fewest_digits : int
        Number of digits that it takes to promise as much, if all of them are read
        correctly.
    """

    max_error: float
    confidence: float
    threshold: float | None
    accepted: float | None
    fewest_digits: int


def fewest_digits(max_error: float, risk: float) -> int:
    """Return the number of digits without an error that rules out more than max_error.

    Examples
    --------
    >>> fewest_digits(0.001, risk=0.05)
    2995
    """
    return ceil(log(risk) / log1p(-max_error))


def promise(
    sure: np.ndarray, is_right: np.ndarray, max_error: float, confidence: float
) -> Promise:
    """Return the lowest threshold whose error rate is bounded with a confidence.

    Whether the error above one threshold is at most `max_error` is a one-sided
    binomial test, that of Clopper and Pearson [1]_. To choose among many thresholds
    and keep the confidence, they are tested in a fixed sequence, as in Learn then Test
    [2]_: from the first that could be promised at all downwards, to the first that
    fails. With digits enough there are several sequences, each beginning at twice as
    many digits, that share the risk, and hand theirs on to the next where they meet
    it [3]_: so one wrong label among the surest digits does not spoil them all.

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
    >>> sure = np.linspace(0.5, 1, 1000)
    >>> found = promise(sure, sure > 0.6, 0.01, 0.95)
    >>> round(found.threshold, 2), round(found.accepted, 2)
    (0.6, 0.8)
    """
    risk = 1 - confidence
    order = np.argsort(-sure, kind="stable")
    sure, is_right = sure[order], is_right[order]
    # Digits that are equally sure are accepted together.
    accepted = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) + 1
    errors = np.cumsum(~is_right)[accepted - 1]
    p_values = binom.cdf(errors, accepted, max_error)
    firsts, share = _sequences(len(sure), max_error, risk)
    starts = np.searchsorted(accepted, firsts)
    lowest, level = None, 0.0
    for start, stop in pairwise([*starts, len(accepted)]):
        level += share
        failed = np.flatnonzero(p_values[start:stop] > level)
        end = start + failed[0] if len(failed) else stop
        if end > start:
            lowest = end - 1
        if len(failed):
            level = 0.0
    needed = fewest_digits(max_error, risk)
    if lowest is None:
        return Promise(max_error, confidence, None, None, needed)
    n = int(accepted[lowest])
    # Just above the surest of the others: what lies between was tested with the rest.
    threshold = (
        0.0 if n == len(sure) else float(np.nextafter(sure[n], sure.dtype.type(2)))
    )
    return Promise(max_error, confidence, threshold, n / len(sure), needed)


def _sequences(n_digits: int, max_error: float, risk: float) -> tuple[list[int], float]:
    """Return after how many digits each sequence begins, and its share of the risk.

    They depend on the number of digits alone, and not on what is right.
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
