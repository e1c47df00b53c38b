"""The digits behind the most frequent mistakes, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skdigits.reports._checks import check_count
from skdigits.reports._plot._axes import VERMILION, check_matplotlib, draw_note
from skdigits.reports._plot._digit_gallery import images_of
from skdigits.reports._plot._tiles import (
    Tile,
    as_ink,
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


class ConfusedCell(NamedTuple):
    """A cell of the confusion matrix off its diagonal.

    Attributes
    ----------
    true, predicted : label
        What the digits are, and what they were read as.
    n_digits : int
        How many there are.
    rows : ndarray of shape (n,)
        Some of them, those read with the highest confidence first.
    """

    true: Any
    predicted: Any
    n_digits: int
    rows: np.ndarray


class ConfusedPairsDisplay:
    """The digits behind the most frequent mistakes, a row for each kind of them.

    Parameters
    ----------
    cells : list of ConfusedCell
        The mistakes: what the digits are, what they were read as, how many there are,
        and which to show.
    images : list of ndarray of shape (n, height, width)
        The digits to show for each.
    confidence : list of ndarray of shape (n,), default=None
        The probabilities of what they were read as.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    DigitReport.most_confused : The same in numbers.

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
        """Draw what a fitted classifier confuses.

        Parameters
        ----------
        estimator : classifier
            The fitted classifier.
        X : array-like of shape (n_rows, ...)
            What it predicts from.
        y : array-like of shape (n_rows,)
            The true labels.
        n_pairs : int, default=5
            The most kinds of mistakes to draw.
        n_images : int, default=6
            The most digits to draw of each.
        images : array-like of shape (n_rows, height, width), default=None
            The images; ``X``, if None.
        display_labels : array-like of shape (n_classes,), default=None
            Names to show in place of the labels, in the order of the classes.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : ConfusedPairsDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If there are no images, or `n_pairs`, `n_images` or `display_labels` is
            invalid.
        """
        check_matplotlib(cls.__name__)
        check_count("n_pairs", n_pairs)
        check_count("n_images", n_images)
        known = predictions_from_estimator(estimator, X, y, images=images)
        return cls._of(known.named(display_labels), n_pairs, n_images).plot(ax)

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
        """Draw what was confused.

        Parameters
        ----------
        y_true : array-like of shape (n_rows,)
            The true labels.
        y_proba : array-like of shape (n_rows, n_classes), default=None
            Probabilities of the classes.
        images : array-like of shape (n_rows, height, width)
            The images, as `DigitReport.from_predictions` takes them.
        y_pred : array-like of shape (n_rows,), default=None
            The predicted labels; without, those that are the most probable.
        labels : array-like of shape (n_classes,), default=None
            The classes, in the order of the columns; those of ``y_true``, if None.
        display_labels : array-like of shape (n_classes,), default=None
            Names to show in place of the labels, in the order of the classes.
        n_pairs : int, default=5
            The most kinds of mistakes to draw.
        n_images : int, default=6
            The most digits to draw of each.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : ConfusedPairsDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions, the images, `n_pairs`, `n_images` or `display_labels`
            are invalid.
        """
        check_matplotlib(cls.__name__)
        check_count("n_pairs", n_pairs)
        check_count("n_images", n_images)
        known = check_predictions(
            y_true, y_proba, y_pred=y_pred, labels=labels, images=images
        )
        return cls._of(known.named(display_labels), n_pairs, n_images).plot(ax)

    @classmethod
    def _of(
        cls, known: Predictions, n_pairs: int, n_images: int
    ) -> ConfusedPairsDisplay:
        images, sure = images_of(known), known.confidence
        cells = confused_cells(known, n_pairs, n_images)
        return cls(
            cells,
            [images[cell.rows] for cell in cells],
            confidence=None if sure is None else [sure[cell.rows] for cell in cells],
        )

    def plot(self, ax: Axes | None = None) -> ConfusedPairsDisplay:
        """Draw the digits.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

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
            both = [label for cell in self.cells for label in cell[:2]]
            labels = list(dict.fromkeys(both))
            names = dict(zip(labels, short_labels(labels), strict=True))
            titles = [
                f"{names[cell.true]} read as {names[cell.predicted]}\n{_digits(cell)}"
                for cell in self.cells
            ]
            self.ax_ = draw_tiles(ax, self._tiles(), titles=titles)
        else:
            self.ax_ = draw_note(ax, "No digit was read as another.")
        self.figure_ = self.ax_.figure
        return self

    def _tiles(self) -> list[list[Tile]]:
        pictures = iter(as_ink(np.concatenate(self.images)))
        shares = self.confidence or [np.full(len(part), np.nan) for part in self.images]
        return [
            [
                Tile(
                    next(pictures),
                    " " if np.isnan(share) else f"{100 * share:.1f} % sure",
                    VERMILION,
                )
                for share in of_cell
            ]
            for of_cell in shares
        ]


def _digits(cell: ConfusedCell) -> str:
    return f"{cell.n_digits:,} digit" + ("s" if cell.n_digits > 1 else "")


def confused_cells(known: Predictions, n_cells: int, n_rows: int) -> list[ConfusedCell]:
    """Return the most frequent mistakes, with the rows of the surest of them.

    Examples
    --------
    >>> known = check_predictions([4, 9, 4, 4], y_pred=[4, 4, 9, 9])
    >>> for cell in confused_cells(known, 2, 6):
    ...     print(cell.true, cell.predicted, cell.n_digits, cell.rows)
    4 9 2 [2 3]
    9 4 1 [1]
    """
    wrong = np.flatnonzero(~known.is_right & known.has_weight)
    if known.confidence is not None:
        wrong = wrong[np.argsort(-known.confidence[wrong], kind="stable")]
    kinds = known.true[wrong] * len(known.classes) + known.predicted[wrong]
    found, counts = np.unique(kinds, return_counts=True)
    names = known.classes.tolist()
    cells = []
    for k in np.argsort(-counts, kind="stable")[:n_cells]:
        true, predicted = divmod(int(found[k]), len(names))
        rows = wrong[kinds == found[k]][:n_rows]
        cells.append(ConfusedCell(names[true], names[predicted], int(counts[k]), rows))
    return cells
