"""Digits with what they are and what they were read as, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import _safe_indexing

from skdigits.reports._checks import check_count
from skdigits.reports._occlusion import occlusion_maps
from skdigits.reports._plot._axes import BLUE, VERMILION, check_matplotlib
from skdigits.reports._plot._tiles import (
    DIGIT_PIXELS,
    Tile,
    as_grey,
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

_N_COLUMNS = 8
_LONGEST_ON_ONE_LINE = 4
_ORDERS = ("mistakes first", "given")


class DigitGalleryDisplay:
    """Digits with what they are and what they were read as.

    Mistakes are marked by a cross and by a color that color-blind readers tell from
    the other.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        Grey values in any range, in which 0 or the lowest is paper.
    y_true, y_pred : array-like of shape (n_images,)
        What each is, and what it was read as.
    confidence : array-like of shape (n_images,), default=None
        The probability of what it was read as.
    maps : ndarray of shape (n_images, height, width), default=None
        How much each pixel speaks for what it was read as.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes. In a figure of their own, the pixels of the images are squares of
        whole pixels of the screen.
    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    ConfusedPairsDisplay : The digits behind the most frequent mistakes.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skdigits.reports import DigitGalleryDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = KNeighborsClassifier().fit(X[:100], y[:100])
    >>> display = DigitGalleryDisplay.from_estimator(model, X[100:], y[100:])
    >>> display.images.shape
    (32, 8, 8)
    """

    def __init__(
        self,
        images: np.ndarray,
        y_true: Any,
        y_pred: Any,
        *,
        confidence: Any = None,
        maps: np.ndarray | None = None,
    ) -> None:
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred
        self.confidence = confidence
        self.maps = maps

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        n_images: int = 32,
        order: str = "mistakes first",
        images: Any = None,
        display_labels: Any = None,
        explain: bool = False,
        ax: Axes | None = None,
    ) -> DigitGalleryDisplay:
        """Draw digits that a fitted classifier read.

        Parameters
        ----------
        estimator : classifier
            The fitted classifier.
        X : array-like of shape (n_rows, ...)
            What it predicts from.
        y : array-like of shape (n_rows,)
            The true labels.
        n_images : int, default=32
            The most digits to draw.
        order : {"mistakes first", "given"}, default="mistakes first"
            Whether the digits that were misread come before the others, or all are
            drawn in the order of the rows.
        images : array-like of shape (n_rows, height, width), default=None
            The images; ``X``, if None.
        display_labels : array-like of shape (n_classes,), default=None
            Names to show in place of the labels, in the order of the classes.
        explain : bool, default=False
            Whether to draw beside each digit where the classifier looked: the pixels
            that, hidden, make it doubt what it read. That predicts some 170 more
            images of 28x28 pixels for each digit drawn.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : DigitGalleryDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If there are no images, if `n_images`, `order` or `display_labels` is
            invalid, or if `explain` is asked of a classifier without
            probabilities or of other images than ``X``.
        """
        check_matplotlib(cls.__name__)
        check_count("n_images", n_images)
        _check_order(order)
        known = predictions_from_estimator(estimator, X, y, images=images)
        rows = _chosen(known, n_images, order)
        maps = None
        if explain:
            if known.proba is None:
                raise ValueError("explain=True needs a classifier with predict_proba.")
            if images is not None:
                raise ValueError("explain=True needs X to be the images.")
            maps = occlusion_maps(
                estimator,
                _safe_indexing(X, rows),
                images_of(known).shape[1:],
                known.predicted[rows],
            )
        return cls._of(known.named(display_labels), rows, maps).plot(ax)

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
        n_images: int = 32,
        order: str = "mistakes first",
        ax: Axes | None = None,
    ) -> DigitGalleryDisplay:
        """Draw digits and what they were read as.

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
        n_images : int, default=32
            The most digits to draw.
        order : {"mistakes first", "given"}, default="mistakes first"
            Whether the digits that were misread come before the others, or all are
            drawn in the order of the rows.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : DigitGalleryDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions, the images, `n_images`, `order` or `display_labels` are
            invalid.
        """
        check_matplotlib(cls.__name__)
        check_count("n_images", n_images)
        _check_order(order)
        known = check_predictions(
            y_true, y_proba, y_pred=y_pred, labels=labels, images=images
        )
        rows = _chosen(known, n_images, order)
        return cls._of(known.named(display_labels), rows).plot(ax)

    @classmethod
    def _of(
        cls, known: Predictions, rows: np.ndarray, maps: np.ndarray | None = None
    ) -> DigitGalleryDisplay:
        sure = known.confidence
        return cls(
            images_of(known)[rows],
            known.classes[known.true[rows]],
            known.classes[known.predicted[rows]],
            confidence=None if sure is None else sure[rows],
            maps=maps,
        )

    def plot(self, ax: Axes | None = None) -> DigitGalleryDisplay:
        """Draw the digits.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : DigitGalleryDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        check_matplotlib(type(self).__name__)
        pictures, n_columns, n_pixels = as_ink(self.images), _N_COLUMNS, DIGIT_PIXELS
        if self.maps is not None:
            line = np.ones((*pictures.shape[:2], 1, 3))
            pictures = np.concatenate([pictures, line, _heat(pictures, self.maps)], 2)
            n_columns, n_pixels = n_columns // 2, 2 * n_pixels
        is_right = np.asarray(self.y_true) == np.asarray(self.y_pred)
        colors = np.where(is_right, BLUE, VERMILION)
        tiles = list(map(Tile, pictures, self._captions(is_right), colors))
        rows = [tiles[i : i + n_columns] for i in range(0, len(tiles), n_columns)]
        self.ax_ = draw_tiles(ax, rows, n_pixels=n_pixels)
        self.figure_ = self.ax_.figure
        return self

    def _captions(self, is_right: np.ndarray) -> list[str]:
        labels = list(dict.fromkeys([*self.y_true, *self.y_pred]))
        names = dict(zip(labels, short_labels(labels), strict=True))
        longest = max(map(len, names.values()))
        space = " " if longest <= _LONGEST_ON_ONE_LINE else "\n"
        captions = [
            f"✓ {names[true]}"
            if right
            else f"✗ {names[true]}{space}read as {names[predicted]}"
            for true, predicted, right in zip(
                self.y_true, self.y_pred, is_right, strict=True
            )
        ]
        if self.confidence is None:
            return captions
        return [
            f"{text}\n{100 * share:.1f} % sure"
            for text, share in zip(captions, self.confidence, strict=True)
        ]


def images_of(known: Predictions) -> np.ndarray:
    """Return the images of predictions.

    Raises
    ------
    ValueError
        If there are none.
    """
    if known.images is None:
        raise ValueError(
            "There are no images to draw: X must hold images of at least 64 pixels, "
            "or pass them as images."
        )
    return known.images


def _check_order(order: str) -> None:
    if order not in _ORDERS:
        raise ValueError(f"order must be one of {_ORDERS}; got {order!r}.")


def _chosen(known: Predictions, n_images: int, order: str) -> np.ndarray:
    """Return the rows to draw."""
    if order == "given":
        return np.arange(len(known.true))[:n_images]
    return np.argsort(known.is_right, kind="stable")[:n_images]


def _heat(ink: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Return faint digits under the evidence for what they were read as."""
    strength = as_grey(np.maximum(maps, 0))
    peaks = strength.max(axis=(1, 2), keepdims=True)
    strength = (strength / np.where(peaks > 0, peaks, 1))[..., None]
    vermilion = np.array([213, 94, 0]) / 255
    return (1 - strength) * (0.6 + 0.4 * ink) + strength * vermilion
