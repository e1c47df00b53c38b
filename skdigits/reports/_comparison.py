"""Which of two classifiers is better on the same rows."""

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from skdigits.reports._render._formatting import percent
from skdigits.reports._scores import Scores

_MOST_ROWS = 10


@dataclass(frozen=True)
class Comparison:
    """Two classifiers on the same rows. Printed, it says which is better.

    Attributes
    ----------
    names : tuple of (str, str)
        Names of the reports.
    accuracies : tuple of (float, float)
        Their accuracies, every row counted once.
    only_first, only_second : ndarray of shape (n,)
        Positions, in the data, of the rows that the first read rightly and the second
        did not, and the other way round.
    p_value : float
        That of McNemar's exact test [1]_ [2]_: how probable so uneven a split, or a
        more uneven one, would be if both were equally good.
    differing : list of (int, label, label, label)
        All rows that they read differently: position, true label, what the first read
        and what the second read.

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
    >>> right = DigitReport.from_predictions(y, y_pred=y, name="right")
    >>> wrong = DigitReport.from_predictions(y, y_pred=["a"] * 12, name="wrong")
    >>> comparison = right.compare(wrong)
    >>> comparison.p_value
    0.03125
    >>> print(comparison)
    right 100.00 %, wrong 50.00 % of 12 digits
    Only right is right on 6, only wrong on 0: p = 0.031 (McNemar's exact test)
    ...
    """

    names: tuple[str, str]
    accuracies: tuple[float, float]
    only_first: np.ndarray
    only_second: np.ndarray
    p_value: float
    differing: list[tuple[int, Any, Any, Any]]
    n_rows: int

    @classmethod
    def of(cls, first: Scores, second: Scores) -> "Comparison":
        """Compare two reports on the same rows.

        Raises
        ------
        TypeError
            If the second is no report.
        ValueError
            If they are not on the same rows.
        """
        if not isinstance(second, Scores):
            raise TypeError(f"other must be a DigitReport; got {second!r}.")
        a, b = first.predictions, second.predictions
        if not (a.has_rows and b.has_rows):
            raise ValueError("A confusion matrix alone does not tell of rows.")
        if len(a.true) != len(b.true):
            raise ValueError(
                "The reports must be of the same rows: the one is of "
                f"{len(a.true)}, the other of {len(b.true)}."
            )
        if not np.array_equal(a.rows_judged, b.rows_judged):
            raise ValueError("The reports must be of the same rows of the data.")
        is_other = a.classes[a.true] != b.classes[b.true]
        if np.any(is_other):
            raise ValueError(
                "The reports must be of the same rows: their true labels differ in "
                f"{np.sum(is_other)} rows, first in {np.argmax(is_other)}."
            )
        only_first = np.flatnonzero(a.is_right & ~b.is_right)
        only_second = np.flatnonzero(b.is_right & ~a.is_right)
        n_decisive = len(only_first) + len(only_second)
        read_a, read_b = a.classes[a.predicted], b.classes[b.predicted]
        rows = np.flatnonzero(read_a != read_b)
        return cls(
            names=(first.name, second.name),
            accuracies=(float(a.is_right.mean()), float(b.is_right.mean())),
            only_first=a.rows_judged[only_first],
            only_second=a.rows_judged[only_second],
            p_value=float(binomtest(len(only_first), n_decisive).pvalue)
            if n_decisive
            else 1.0,
            differing=[
                (a.row_of(row), *labels)
                for row, *labels in zip(
                    rows.tolist(),
                    a.classes[a.true[rows]].tolist(),
                    read_a[rows].tolist(),
                    read_b[rows].tolist(),
                    strict=True,
                )
            ],
            n_rows=len(a.true),
        )

    def __str__(self) -> str:
        a, b = self.names
        lines = [
            f"{a} {percent(self.accuracies[0])}, {b} {percent(self.accuracies[1])} of "
            f"{self.n_rows:,} digits",
            f"Only {a} is right on {len(self.only_first)}, only {b} on "
            f"{len(self.only_second)}: p = {self.p_value:.2g} (McNemar's exact test)",
            self._verdict(),
        ]
        if self.differing:
            lines += ["", f"They differ on {len(self.differing):,} digits"]
        for row, true, first, second in self.differing[:_MOST_ROWS]:
            lines.append(f"  row {row}: {true}, read as {first} and {second}")
        if len(self.differing) > _MOST_ROWS:
            lines.append(f"  and {len(self.differing) - _MOST_ROWS:,} more")
        return "\n".join(lines)

    def _verdict(self) -> str:
        if self.p_value >= 0.05:
            return "These digits do not tell which of them is better."
        better = self.names[int(self.accuracies[1] > self.accuracies[0])]
        return f"{better} is better: chance alone would hardly make such a difference."

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
