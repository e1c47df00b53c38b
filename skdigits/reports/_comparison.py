"""Comparison of two classifiers on the same samples."""

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from skdigits.reports._predictions import Predictions
from skdigits.reports._render._formatting import percent
from skdigits.reports._scores import Scores

_MAX_SAMPLES_SHOWN = 10
_SIGNIFICANCE_LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """Comparison of two classifiers on the same samples.

    It is made by `DigitReport.compare`. ``print(comparison)`` shows the accuracies and
    whether their difference is significant.

    Attributes
    ----------
    names : tuple of (str, str)
        Names of the reports.
    accuracies : tuple of (float, float)
        Their accuracies, without sample weights.
    only_first, only_second : ndarray of shape (n_indices,)
        Indices of the samples that only the first, or only the second, classifier
        predicts correctly.
    p_value : float
        p-value of McNemar's exact test [1]_ [2]_: the probability that `only_first` and
        `only_second` differ at least this much in size if both classifiers are equally
        good.
    differing : list of (int, label, label, label)
        Index, true label, and both predicted labels of every sample that the
        classifiers predict differently.
    n_samples : int
        Number of samples.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated
       proportions or percentages", Psychometrika 12, 1947.
    .. [2] T. G. Dietterich, "Approximate Statistical Tests for Comparing Supervised
       Classification Learning Algorithms", Neural Computation 10, 1998.

    Examples
    --------
    >>> from skdigits.reports import DigitReport
    >>> y = ["a", "b"] * 6
    >>> good = DigitReport.from_predictions(y, y_pred=y, name="good")
    >>> poor = DigitReport.from_predictions(y, y_pred=["a"] * 12, name="poor")
    >>> comparison = good.compare(poor)
    >>> comparison.p_value
    0.03125
    >>> print(comparison)
    Accuracy on 12 digits: good 100.00 %, poor 50.00 %
    Correct only by good: 6, only by poor: 0 (McNemar's exact test: p = 0.031)
    good is significantly better at the 5 % level.
    ...
    """

    names: tuple[str, str]
    accuracies: tuple[float, float]
    only_first: np.ndarray
    only_second: np.ndarray
    p_value: float
    differing: list[tuple[int, Any, Any, Any]]
    n_samples: int

    @classmethod
    def of(cls, first: Scores, second: Scores) -> "Comparison":
        """Compare two classifiers by their scores on the same samples.

        Raises
        ------
        TypeError
            If `second` are not scores.
        ValueError
            If the scores are not about the same samples.
        """
        if not isinstance(second, Scores):
            raise TypeError(f"other must be a DigitReport; got {second!r}.")
        a, b = first.predictions, second.predictions
        _check_same_samples(a, b)
        only_first = np.flatnonzero(a.is_correct & ~b.is_correct)
        only_second = np.flatnonzero(b.is_correct & ~a.is_correct)
        n_discordant = len(only_first) + len(only_second)
        y_pred_a, y_pred_b = a.classes[a.predicted], b.classes[b.predicted]
        differing = np.flatnonzero(y_pred_a != y_pred_b)
        return cls(
            names=(first.name, second.name),
            accuracies=(float(a.is_correct.mean()), float(b.is_correct.mean())),
            only_first=a.sample_indices[only_first],
            only_second=a.sample_indices[only_second],
            p_value=float(binomtest(len(only_first), n_discordant).pvalue)
            if n_discordant
            else 1.0,
            differing=list(
                zip(
                    a.sample_indices[differing].tolist(),
                    a.classes[a.true[differing]].tolist(),
                    y_pred_a[differing].tolist(),
                    y_pred_b[differing].tolist(),
                    strict=True,
                )
            ),
            n_samples=len(a.true),
        )

    def __str__(self) -> str:
        a, b = self.names
        of_a, of_b = map(percent, self.accuracies)
        lines = [
            f"Accuracy on {self.n_samples:,} digits: {a} {of_a}, {b} {of_b}",
            f"Correct only by {a}: {len(self.only_first):,}, only by {b}: "
            f"{len(self.only_second):,} (McNemar's exact test: p = {self.p_value:.2g})",
            self._verdict(),
        ]
        if self.differing:
            lines += ["", f"Digits predicted differently: {len(self.differing):,}"]
        for index, true, first, second in self.differing[:_MAX_SAMPLES_SHOWN]:
            lines.append(f"  sample {index}: {true}, read as {first} and {second}")
        if len(self.differing) > _MAX_SAMPLES_SHOWN:
            lines.append(f"  and {len(self.differing) - _MAX_SAMPLES_SHOWN:,} more")
        return "\n".join(lines)

    def _verdict(self) -> str:
        level = f"at the {100 * _SIGNIFICANCE_LEVEL:g} % level"
        if self.p_value >= _SIGNIFICANCE_LEVEL:
            return f"The difference is not significant {level}."
        better = self.names[int(self.accuracies[1] > self.accuracies[0])]
        return f"{better} is significantly better {level}."

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _check_same_samples(a: Predictions, b: Predictions) -> None:
    if not (a.is_per_sample and b.is_per_sample):
        raise ValueError(
            "Both reports must be about individual samples; got one made from a "
            "confusion matrix."
        )
    if len(a.true) != len(b.true):
        raise ValueError(
            "Both reports must be about the same samples; got "
            f"{len(a.true):,} and {len(b.true):,} samples."
        )
    if not np.array_equal(a.sample_indices, b.sample_indices):
        raise ValueError(
            "Both reports must be about the same samples; got samples with different "
            "indices."
        )
    differs = a.classes[a.true] != b.classes[b.true]
    if np.any(differs):
        raise ValueError(
            "Both reports must be about the same samples; got different true labels "
            f"for {np.sum(differs):,} samples, first for sample {np.argmax(differs)}."
        )
