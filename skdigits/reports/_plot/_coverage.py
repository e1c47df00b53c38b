"""The error left when the least sure digits are refused, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.reports._metrics import coverage_curve
from skdigits.reports._plot._axes import axes_of_size, check_matplotlib
from skdigits.reports._predictions import (
    Predictions,
    check_predictions,
    predictions_from_estimator,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# More points than any picture shows.
_MOST_POINTS = 2000


class CoverageDisplay:
    """The error left among the digits accepted, as the least sure are refused.

    It tells what a threshold of the confidence buys: a bank would rather have a clerk
    look at a few amounts than book a wrong one.

    Parameters
    ----------
    coverage : ndarray of shape (n_points,)
        Share of the digits that is accepted.
    error : ndarray of shape (n_points,)
        Share of errors among them.
    name : str, default=None
        What the curve is called in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.
    line_ : matplotlib Line2D
        The curve.

    See Also
    --------
    DigitReport : Has the curve as ``coverage_curve_``.

    Examples
    --------
    >>> from skdigits.reports import CoverageDisplay
    >>> proba = [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]
    >>> display = CoverageDisplay.from_predictions(["no", "yes", "yes"], proba)
    >>> display.error.round(2).tolist()
    [0.0, 0.5, 0.33]
    """

    def __init__(
        self, coverage: np.ndarray, error: np.ndarray, *, name: str | None = None
    ) -> None:
        self.coverage = coverage
        self.error = error
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        name: str | None = None,
        ax: Axes | None = None,
    ) -> CoverageDisplay:
        """Draw the curve of a fitted classifier.

        Parameters
        ----------
        estimator : classifier
            The fitted classifier, with ``predict_proba``.
        X : array-like of shape (n_rows, ...)
            What it predicts from.
        y : array-like of shape (n_rows,)
            The true labels.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.
        name : str, default=None
            What the curve is called in the legend.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : CoverageDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the classifier has no probabilities.
        """
        check_matplotlib(cls.__name__)
        predictions = predictions_from_estimator(
            estimator, X, y, sample_weight=sample_weight
        )
        return cls._of(predictions, name, ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_proba: Any,
        *,
        labels: Any = None,
        sample_weight: Any = None,
        name: str | None = None,
        ax: Axes | None = None,
    ) -> CoverageDisplay:
        """Draw the curve of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_rows,)
            The true labels.
        y_proba : array-like of shape (n_rows, n_classes)
            Probabilities of the classes.
        labels : array-like of shape (n_classes,), default=None
            The classes, in the order of the columns; those of ``y_true``, if None.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.
        name : str, default=None
            What the curve is called in the legend.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : CoverageDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions are invalid.
        """
        check_matplotlib(cls.__name__)
        predictions = check_predictions(
            y_true, y_proba, labels=labels, sample_weight=sample_weight
        )
        return cls._of(predictions, name, ax)

    @classmethod
    def _of(
        cls, known: Predictions, name: str | None, ax: Axes | None
    ) -> CoverageDisplay:
        if known.confidence is None:
            raise ValueError("The curve needs a classifier with predict_proba.")
        curve = coverage_curve(known.confidence, known.is_right, known.weights)
        return cls(curve.coverage, curve.error, name=name).plot(ax)

    def plot(
        self, ax: Axes | None = None, *, name: str | None = None
    ) -> CoverageDisplay:
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.
        name : str, default=None
            What the curve is called in the legend, if not as before.

        Returns
        -------
        display : CoverageDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        check_matplotlib(type(self).__name__)
        ax = axes_of_size(ax, 5.5, 4)
        name = self.name if name is None else name
        n = len(self.coverage)
        shown = np.unique(np.linspace(0, n - 1, min(n, _MOST_POINTS)).astype(int))
        (self.line_,) = ax.plot(
            100 * (1 - self.coverage[shown]),
            100 * self.error[shown],
            label=name,
            marker="o" if len(shown) == 1 else None,
        )
        ax.set(
            xlabel="Least sure digits refused (%)",
            ylabel="Errors among the others (%)",
        )
        highest = max(np.max(line.get_ydata(), initial=0) for line in ax.lines)
        ax.set(xlim=(0, 100), ylim=(0, 1.05 * highest or 1))
        ax.grid(alpha=0.3)
        if name is not None:
            ax.legend()
        self.ax_, self.figure_ = ax, ax.figure
        return self
