"""A plot of the digits behind the most frequent mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.reports._checks import check_count
from skdigits.reports._confused_cells import ConfusedCell, confused_cells
from skdigits.reports._plot._axes import VERMILION, check_matplotlib, draw_message
from skdigits.reports._plot._tiles import (
    Tile,
    as_dark_on_white,
    draw_tiles,
)
from skdigits.reports._predictions import (
    Predictions,
    check_predictions,
    predictions_from_estimator,
)
from skdigits.reports._short_labels import short_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class ConfusedPairsDisplay:
    """Plot of the digits behind the most frequent mistakes, one kind in each row.

    Parameters
    ----------
    cells : list of ConfusedCell
        Kinds of mistakes: named tuples of the labels ``true`` and ``predicted``, the
        number of digits ``n_digits``, and ``indices``, those of the digits to draw.
    images : list of ndarray of shape (n_images, height, width)
        Images of the digits to draw, for each kind.
    confidence : list of ndarray of shape (n_images,), default=None
        Probabilities of their predicted labels, for each kind.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure containing the axes.

    See Also
    --------
    DigitReport.most_confused : The number of confusions of each pair.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skdigits.reports import ConfusedPairsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = KNeighborsClassifier().fit(X[:100], y[:100])
    >>> display = ConfusedPairsDisplay.from_estimator(model, X[100:], y[100:])
    >>> len(display.cells)
    5
    """

    def __init__(
        self,
        cells: list[ConfusedCell],
        images: list[np.ndarray],
        *,
        confidence: list[np.ndarray] | None = None,
    ) -> None:
        self.cells = cells
        self.images = images
        self.confidence = confidence

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        n_pairs: int = 5,
        n_images: int = 6,
        images: Any = None,
        display_labels: Any = None,
        ax: Axes | None = None,
    ) -> ConfusedPairsDisplay:
        """Draw the most frequent mistakes of a fitted classifier.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier.
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        n_pairs : int, default=5
            Maximum number of kinds of mistakes.
        n_images : int, default=6
            Maximum number of digits of each kind.
        images : array-like of shape (n_samples, height, width), default=None
            Images to draw. By default, `X`.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, in the order of the classes. By default, the labels.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : ConfusedPairsDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If there are no images, or if `n_pairs`, `n_images`, or `display_labels` is
            invalid.
        """
        check_matplotlib(cls.__name__)
        check_count("n_pairs", n_pairs)
        check_count("n_images", n_images)
        predictions = predictions_from_estimator(estimator, X, y, images=images)
        predictions = predictions.with_class_names(display_labels)
        return cls._from_checked(predictions, n_pairs, n_images).plot(ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_proba: Any = None,
        *,
        images: Any,
        y_pred: Any = None,
        labels: Any = None,
        display_labels: Any = None,
        n_pairs: int = 5,
        n_images: int = 6,
        ax: Axes | None = None,
    ) -> ConfusedPairsDisplay:
        """Draw the most frequent mistakes among predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        y_proba : array-like of shape (n_samples, n_classes), default=None
            Predicted probabilities of the classes.
        images : array-like of shape (n_samples, height, width)
            Images to draw, in a format that `DigitReport.from_predictions` accepts.
        y_pred : array-like of shape (n_samples,), default=None
            Predicted labels. By default, the most probable ones.
        labels : array-like of shape (n_classes,), default=None
            Class labels in the order of the columns of `y_proba`. By default, those
            that `DigitReport.from_predictions` uses.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, in the order of the classes. By default, the labels.
        n_pairs : int, default=5
            Maximum number of kinds of mistakes.
        n_images : int, default=6
            Maximum number of digits of each kind.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : ConfusedPairsDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions, `images`, `n_pairs`, `n_images`, or `display_labels` are
            invalid.
        """
        check_matplotlib(cls.__name__)
        check_count("n_pairs", n_pairs)
        check_count("n_images", n_images)
        predictions = check_predictions(
            y_true, y_proba, y_pred=y_pred, labels=labels, images=images
        )
        predictions = predictions.with_class_names(display_labels)
        return cls._from_checked(predictions, n_pairs, n_images).plot(ax)

    @classmethod
    def _from_checked(
        cls, predictions: Predictions, n_pairs: int, n_images: int
    ) -> ConfusedPairsDisplay:
        images, confidence = predictions.require_images(), predictions.confidence
        cells = confused_cells(predictions, n_pairs, n_images)
        return cls(
            cells,
            [images[cell.indices] for cell in cells],
            confidence=None
            if confidence is None
            else [confidence[cell.indices] for cell in cells],
        )

    def plot(self, ax: Axes | None = None) -> ConfusedPairsDisplay:
        """Draw the digits.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : ConfusedPairsDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        check_matplotlib(type(self).__name__)
        if self.cells:
            labels = list(dict.fromkeys(v for cell in self.cells for v in cell[:2]))
            names = dict(zip(labels, short_labels(labels), strict=True))
            titles = [
                f"{names[cell.true]} read as {names[cell.predicted]}\n{_n_digits(cell)}"
                for cell in self.cells
            ]
            self.ax_ = draw_tiles(ax, self._tiles(), titles=titles)
        else:
            self.ax_ = draw_message(ax, "No digit was misread.")
        self.figure_ = self.ax_.figure
        return self

    def _tiles(self) -> list[list[Tile]]:
        images = iter(as_dark_on_white(np.concatenate(self.images)))
        confidence = self.confidence or [
            np.full(len(of_cell), np.nan) for of_cell in self.images
        ]
        return [
            [
                Tile(
                    next(images),
                    " " if np.isnan(value) else f"{100 * value:.1f} % sure",
                    VERMILION,
                )
                for value in of_cell
            ]
            for of_cell in confidence
        ]


def _n_digits(cell: ConfusedCell) -> str:
    return f"{cell.n_digits:,} digit" + ("s" if cell.n_digits > 1 else "")
