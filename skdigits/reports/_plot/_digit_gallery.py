"""A plot of digits with their true and predicted labels."""

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
    as_dark_on_white,
    as_gray,
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
_MAX_LENGTH_ON_ONE_LINE = 4
_ORDERS = ("mistakes first", "given")


class DigitGalleryDisplay:
    """Plot of digits with their true and predicted labels.

    Misread digits are marked by a cross and by their color. Readers with color
    blindness can distinguish the two colors.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        Gray images. The background is 0 or, if lower, the minimum.
    y_true, y_pred : array-like of shape (n_images,)
        True and predicted labels.
    confidence : array-like of shape (n_images,), default=None
        Probabilities of the predicted labels.
    maps : ndarray of shape (n_images, height, width), default=None
        Occlusion maps: how much each pixel contributes to the predicted label.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot. In a new figure, each pixel of an image is a square of an
        integer number of screen pixels.
    figure_ : matplotlib Figure
        Figure containing the axes.

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
        """Draw digits with the predictions of a fitted classifier.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier.
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        n_images : int, default=32
            Maximum number of digits.
        order : {"mistakes first", "given"}, default="mistakes first"
            Whether misread digits come first, or all digits keep their order.
        images : array-like of shape (n_samples, height, width), default=None
            Images to draw. By default, `X`.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, in the order of the classes. By default, the labels.
        explain : bool, default=False
            Whether to draw an occlusion map beside each digit: the pixels that the
            prediction depends on, found by hiding parts of the image. This requires
            about 170 predictions per digit of 28 x 28 pixels.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : DigitGalleryDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If there are no images, if `n_images`, `order`, or `display_labels` is
            invalid, or if `explain` is True for a classifier without ``predict_proba``
            or together with `images`.
        """
        check_matplotlib(cls.__name__)
        check_count("n_images", n_images)
        _check_order(order)
        predictions = predictions_from_estimator(estimator, X, y, images=images)
        drawn = _select(predictions, n_images, order)
        maps = None
        if explain:
            if predictions.proba is None:
                raise ValueError(
                    "estimator must have predict_proba if explain=True; got one "
                    "without it."
                )
            if images is not None:
                raise ValueError(
                    "images must be None if explain=True, because X must hold the "
                    f"images; got an array of length {len(images)}."
                )
            maps = occlusion_maps(
                estimator,
                _safe_indexing(X, drawn),
                predictions.require_images().shape[1:],
                predictions.predicted[drawn],
            )
        predictions = predictions.with_class_names(display_labels)
        return cls._from_checked(predictions, drawn, maps).plot(ax)

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
        """Draw digits with given predictions.

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
        n_images : int, default=32
            Maximum number of digits.
        order : {"mistakes first", "given"}, default="mistakes first"
            Whether misread digits come first, or all digits keep their order.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : DigitGalleryDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions, `images`, `n_images`, `order`, or `display_labels` are
            invalid.
        """
        check_matplotlib(cls.__name__)
        check_count("n_images", n_images)
        _check_order(order)
        predictions = check_predictions(
            y_true, y_proba, y_pred=y_pred, labels=labels, images=images
        )
        drawn = _select(predictions, n_images, order)
        predictions = predictions.with_class_names(display_labels)
        return cls._from_checked(predictions, drawn).plot(ax)

    @classmethod
    def _from_checked(
        cls, predictions: Predictions, drawn: np.ndarray, maps: np.ndarray | None = None
    ) -> DigitGalleryDisplay:
        images, confidence = predictions.require_images(), predictions.confidence
        return cls(
            images[drawn],
            predictions.classes[predictions.true[drawn]],
            predictions.classes[predictions.predicted[drawn]],
            confidence=None if confidence is None else confidence[drawn],
            maps=maps,
        )

    def plot(self, ax: Axes | None = None) -> DigitGalleryDisplay:
        """Draw the digits.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

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
        images, n_columns, n_pixels = (
            as_dark_on_white(self.images),
            _N_COLUMNS,
            DIGIT_PIXELS,
        )
        if self.maps is not None:
            line = np.ones((*images.shape[:2], 1, 3))
            images = np.concatenate([images, line, _overlay(images, self.maps)], 2)
            n_columns, n_pixels = n_columns // 2, 2 * n_pixels
        is_correct = np.asarray(self.y_true) == np.asarray(self.y_pred)
        colors = np.where(is_correct, BLUE, VERMILION)
        tiles = list(map(Tile, images, self._captions(is_correct), colors))
        rows = [tiles[i : i + n_columns] for i in range(0, len(tiles), n_columns)]
        self.ax_ = draw_tiles(ax, rows, n_pixels=n_pixels)
        self.figure_ = self.ax_.figure
        return self

    def _captions(self, is_correct: np.ndarray) -> list[str]:
        labels = list(dict.fromkeys([*self.y_true, *self.y_pred]))
        names = dict(zip(labels, short_labels(labels), strict=True))
        max_length = max(map(len, names.values()))
        space = " " if max_length <= _MAX_LENGTH_ON_ONE_LINE else "\n"
        captions = [
            f"✓ {names[true]}"
            if correct
            else f"✗ {names[true]}{space}read as {names[predicted]}"
            for true, predicted, correct in zip(
                self.y_true, self.y_pred, is_correct, strict=True
            )
        ]
        if self.confidence is None:
            return captions
        return [
            f"{text}\n{100 * value:.1f} % sure"
            for text, value in zip(captions, self.confidence, strict=True)
        ]


def _check_order(order: str) -> None:
    if order not in _ORDERS:
        raise ValueError(f"order must be one of {_ORDERS}; got {order!r}.")


def _select(predictions: Predictions, n_images: int, order: str) -> np.ndarray:
    """Return the positions of the digits to draw."""
    if order == "given":
        return np.arange(len(predictions.true))[:n_images]
    return np.argsort(predictions.is_correct, kind="stable")[:n_images]


def _overlay(images: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Return faint digits overlaid with the positive part of their occlusion maps."""
    strength = as_gray(np.maximum(maps, 0))
    peaks = strength.max(axis=(1, 2), keepdims=True)
    strength = (strength / np.where(peaks > 0, peaks, 1))[..., None]
    vermilion = np.array([213, 94, 0]) / 255
    return (1 - strength) * (0.6 + 0.4 * images) + strength * vermilion
