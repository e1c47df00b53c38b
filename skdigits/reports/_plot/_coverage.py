"""A plot of the error rate by the share of rejected digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.reports._classifiers import rejects
from skdigits.reports._metrics import coverage_curve
from skdigits.reports._plot._axes import check_matplotlib, get_axes
from skdigits.reports._predictions import (
    Predictions,
    check_predictions,
    predictions_from_estimator,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# No plot shows more points.
_MAX_POINTS = 2000


class CoverageDisplay:
    """Plot of the error rate as the least confident digits are rejected.

    It shows how many digits must be rejected to reach an error rate: for example, how
    many amounts on checks must be read by a clerk.

    Parameters
    ----------
    coverage : ndarray of shape (n_points,)
        Share of the digits that are accepted.
    error : ndarray of shape (n_points,)
        Error rate among the accepted digits.
    name : str, default=None
        Name of the curve in the legend.
    accepted : float, default=None
        Share of the digits that the classifier accepts, which is marked on the curve.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure containing the axes.
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
        self,
        coverage: np.ndarray,
        error: np.ndarray,
        *,
        name: str | None = None,
        accepted: float | None = None,
    ) -> None:
        self.coverage = coverage
        self.error = error
        self.name = name
        self.accepted = accepted

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
            Fitted classifier with ``predict_proba``. The share that a
            `skdigits.model_selection.RejectingClassifierCV` accepts is marked.
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.
        name : str, default=None
            Name of the curve in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : CoverageDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the classifier has no ``predict_proba``.
        """
        check_matplotlib(cls.__name__)
        predictions = predictions_from_estimator(
            estimator, X, y, sample_weight=sample_weight
        )
        if not rejects(estimator):
            return cls._from_checked(predictions, name, ax)
        confidence = estimator.predict_confidence(X)
        curve = coverage_curve(confidence, predictions.is_correct, predictions.weights)
        accepted = 1 - curve.rejected_by(estimator.threshold_)
        display = cls(curve.coverage, curve.error, name=name, accepted=accepted)
        return display.plot(ax)

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
        y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        y_proba : array-like of shape (n_samples, n_classes)
            Predicted probabilities of the classes.
        labels : array-like of shape (n_classes,), default=None
            Class labels in the order of the columns of `y_proba`. By default, those
            that `DigitReport.from_predictions` uses.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.
        name : str, default=None
            Name of the curve in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : CoverageDisplay
            The display, after drawing.

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
        return cls._from_checked(predictions, name, ax)

    @classmethod
    def _from_checked(
        cls, predictions: Predictions, name: str | None, ax: Axes | None
    ) -> CoverageDisplay:
        if predictions.confidence is None:
            raise ValueError("estimator must have predict_proba; got one without it.")
        curve = coverage_curve(
            predictions.confidence, predictions.is_correct, predictions.weights
        )
        return cls(curve.coverage, curve.error, name=name).plot(ax)

    def plot(
        self, ax: Axes | None = None, *, name: str | None = None
    ) -> CoverageDisplay:
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.
        name : str, default=None
            Name of the curve in the legend. By default, the `name` of the display.

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
        ax = get_axes(ax, 5.5, 4)
        name = self.name if name is None else name
        n = len(self.coverage)
        shown = np.unique(np.linspace(0, n - 1, min(n, _MAX_POINTS)).astype(int))
        (self.line_,) = ax.plot(
            100 * (1 - self.coverage[shown]),
            100 * self.error[shown],
            label=name,
            marker="o" if len(shown) == 1 else None,
        )
        if self.accepted is not None:
            place = int(np.searchsorted(self.coverage, self.accepted))
            error = self.error[min(place, n - 1)] if self.accepted else 0.0
            point = 100 * (1 - self.accepted), 100 * error
            ax.plot(*point, "o", color=self.line_.get_color(), label="chosen threshold")
        ax.set(
            xlabel="Rejected digits, least confident first (%)",
            ylabel="Error rate of accepted digits (%)",
        )
        highest = max(np.max(line.get_ydata(), initial=0) for line in ax.lines)
        ax.set(xlim=(0, 100), ylim=(0, 1.05 * highest or 1))
        ax.grid(alpha=0.3)
        if name is not None or self.accepted is not None:
            ax.legend()
        self.ax_, self.figure_ = ax, ax.figure
        return self
