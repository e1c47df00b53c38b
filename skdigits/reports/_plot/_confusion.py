"""A plot of a confusion matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn.metrics import ConfusionMatrixDisplay

from skdigits.reports._confusion_matrix import (
    classes_to_draw,
    count_predictions,
    normalized,
    predictions_from_matrix,
)
from skdigits.reports._plot._axes import check_matplotlib, get_axes
from skdigits.reports._predictions import (
    Predictions,
    check_predictions,
    predictions_from_estimator,
)
from skdigits.reports._short_labels import short_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NORMALIZATIONS = (None, "true", "pred", "all")


class ConfusionDisplay:
    """Plot of a confusion matrix that shows single errors among thousands of digits.

    The color scale is nonlinear: colors follow the values to the power of 0.3.

    If there are more than 30 classes, only the 20 most confused ones are drawn. The
    matrix is still normalized over all classes.

    Parameters
    ----------
    confusion_matrix : array-like or sparse matrix of shape (n_classes, n_classes)
        Confusion matrix, as counts or shares: true classes by row, predicted classes by
        column.
    display_labels : array-like of shape (n_classes,), default=None
        Class names. By default, 0, 1, ...
    drawn : array-like of shape (n_drawn,), default=None
        Positions of the classes to draw. By default, all of them if there are at most
        30, otherwise the 20 most confused ones.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot.
    figure_ : matplotlib Figure
        Figure containing the axes.
    im_ : matplotlib AxesImage
        Image of the cells.
    text_ : ndarray of shape (n_drawn, n_drawn)
        Texts of the cells.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : The same with a linear color scale.
    ConfusedPairsDisplay : The digits behind the most frequent mistakes.

    Examples
    --------
    >>> from skdigits.reports import ConfusionDisplay
    >>> display = ConfusionDisplay.from_predictions(
    ...     [0, 1, 1, 1], y_pred=[0, 1, 1, 0], normalize="true",
    ...     display_labels=["zero", "one"],
    ... )
    >>> display.confusion_matrix.round(2)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """

    def __init__(
        self, confusion_matrix: Any, *, display_labels: Any = None, drawn: Any = None
    ) -> None:
        self.confusion_matrix = confusion_matrix
        self.display_labels = display_labels
        self.drawn = drawn

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        normalize: str | None = None,
        display_labels: Any = None,
        cmap: Any = "Blues",
        ax: Axes | None = None,
    ) -> ConfusionDisplay:
        """Draw the confusion matrix of a fitted classifier.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier.
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.
        normalize : {"true", "pred", "all"}, default=None
            Whether to divide the counts by the sums of the rows, the columns, or the
            whole matrix, as in `sklearn.metrics.confusion_matrix`.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, in the order of the classes. By default, the labels.
        cmap : str or matplotlib Colormap, default="Blues"
            Colormap.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : ConfusionDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If `normalize` or `display_labels` is invalid.
        """
        check_matplotlib(cls.__name__)
        _check_normalize(normalize)
        predictions = predictions_from_estimator(
            estimator, X, y, sample_weight=sample_weight
        ).with_class_names(display_labels)
        return cls._from_checked(predictions, normalize).plot(ax, cmap=cmap)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_proba: Any = None,
        *,
        y_pred: Any = None,
        labels: Any = None,
        sample_weight: Any = None,
        normalize: str | None = None,
        display_labels: Any = None,
        cmap: Any = "Blues",
        ax: Axes | None = None,
    ) -> ConfusionDisplay:
        """Draw the confusion matrix of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        y_proba : array-like of shape (n_samples, n_classes), default=None
            Predicted probabilities of the classes.
        y_pred : array-like of shape (n_samples,), default=None
            Predicted labels. By default, the most probable ones.
        labels : array-like of shape (n_classes,), default=None
            Class labels in the order of the columns of `y_proba`. By default, those
            that `DigitReport.from_predictions` uses.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.
        normalize : {"true", "pred", "all"}, default=None
            As in `from_estimator`.
        display_labels : array-like of shape (n_classes,), default=None
            As in `from_estimator`.
        cmap : str or matplotlib Colormap, default="Blues"
            Colormap.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : ConfusionDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions, `normalize`, or `display_labels` are invalid.
        """
        check_matplotlib(cls.__name__)
        _check_normalize(normalize)
        predictions = check_predictions(
            y_true, y_proba, y_pred=y_pred, labels=labels, sample_weight=sample_weight
        ).with_class_names(display_labels)
        return cls._from_checked(predictions, normalize).plot(ax, cmap=cmap)

    @classmethod
    def from_confusion_matrix(
        cls,
        matrix: Any,
        *,
        normalize: str | None = None,
        display_labels: Any = None,
        cmap: Any = "Blues",
        ax: Axes | None = None,
    ) -> ConfusionDisplay:
        """Draw a confusion matrix of counts, such as `DigitReport.confusion_matrix_`.

        Parameters
        ----------
        matrix : array-like, sparse matrix or DataFrame of shape (n_classes, n_classes)
            Number of digits of each class (row) predicted as each class (column).
        normalize : {"true", "pred", "all"}, default=None
            As in `from_estimator`.
        display_labels : array-like of shape (n_classes,), default=None
            Class names. By default, the names in a DataFrame, otherwise 0, 1, ...
        cmap : str or matplotlib Colormap, default="Blues"
            Colormap.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : ConfusionDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If `matrix`, `normalize`, or `display_labels` is invalid.
        """
        check_matplotlib(cls.__name__)
        _check_normalize(normalize)
        predictions = predictions_from_matrix(
            matrix, display_labels, name="display_labels"
        )
        return cls._from_checked(predictions, normalize).plot(ax, cmap=cmap)

    @classmethod
    def _from_checked(
        cls, predictions: Predictions, normalize: str | None
    ) -> ConfusionDisplay:
        counts = count_predictions(predictions)
        return cls(
            normalized(counts, normalize),
            display_labels=predictions.classes,
            drawn=classes_to_draw(counts),
        )

    def plot(self, ax: Axes | None = None, *, cmap: Any = "Blues") -> ConfusionDisplay:
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.
        cmap : str or matplotlib Colormap, default="Blues"
            Colormap.

        Returns
        -------
        display : ConfusionDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If `display_labels` does not hold one name per class.
        """
        check_matplotlib(type(self).__name__)
        from matplotlib.colors import PowerNorm

        matrix = self.confusion_matrix
        matrix = matrix.toarray() if issparse(matrix) else np.asarray(matrix)
        labels = self.display_labels
        labels = np.arange(len(matrix)) if labels is None else np.asarray(labels)
        if labels.shape != (len(matrix),):
            raise ValueError(
                f"display_labels must hold {len(matrix)} names, one for each class; "
                f"got {self.display_labels!r}."
            )
        drawn = (
            classes_to_draw(matrix) if self.drawn is None else np.asarray(self.drawn)
        )
        names = short_labels(labels[drawn].tolist())
        n_drawn = len(names)
        ax = get_axes(ax, *(max(4.6, 1.4 + 0.3 * n_drawn),) * 2)
        cells = ConfusionMatrixDisplay(
            matrix[np.ix_(drawn, drawn)], display_labels=names
        ).plot(
            ax=ax,
            cmap=cmap,
            colorbar=False,
            values_format=_format_of(matrix),
            xticks_rotation="horizontal" if max(map(len, names)) < 3 else "vertical",
            # A linear scale would hide a few errors among thousands of digits.
            im_kw={"norm": PowerNorm(0.3, vmin=0)},
        )
        for text in (*ax.get_xticklabels(), *ax.get_yticklabels()):
            text.set_parse_math(False)
        self.im_, self.text_ = cells.im_, cells.text_
        _adjust_texts(self.im_, self.text_, ax)
        if n_drawn < len(matrix):
            ax.set_title(
                f"The {n_drawn} most confused of {len(matrix):,} classes",
                size="medium",
            )
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _check_normalize(normalize: str | None) -> None:
    if normalize not in _NORMALIZATIONS:
        raise ValueError(
            f"normalize must be 'true', 'pred', 'all' or None; got {normalize!r}."
        )


def _format_of(matrix: np.ndarray) -> str:
    if matrix.dtype.kind in "iu":
        return "d"
    return ".2f" if matrix.max(initial=0) <= 1 else ".3g"


def _adjust_texts(image: Any, texts: np.ndarray, ax: Axes) -> None:
    """Fit the font size to the cells, and use white on dark ones."""
    values = image.get_array()
    box = ax.get_window_extent()
    cell = min(box.width, box.height) / len(values) * 72 / ax.figure.dpi
    longest = max(len(text.get_text()) for text in texts.ravel())
    size = np.clip(0.85 * cell / (0.64 * longest), 3.5, 10)
    red, green, blue, _ = np.moveaxis(image.cmap(image.norm(values)), -1, 0)
    is_dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5
    for text, value, dark in zip(texts.flat, values.flat, is_dark.flat, strict=True):
        text.set(color="white" if dark else "black", size=size)
        if value == 0:
            text.set_text("0")
