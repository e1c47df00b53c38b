"""A confusion matrix, drawn."""

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
from skdigits.reports._plot._axes import axes_of_size, check_matplotlib
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
    """A confusion matrix in which a few errors among thousands of digits can be seen.

    The scale of the colors is not linear: they follow the 0.3rd power of the values.

    Of more than 30 classes, the 20 are drawn that are confused most often. What is
    drawn of them is a part of the matrix: it is normalized over all the classes.

    Parameters
    ----------
    confusion_matrix : array-like or sparse matrix of shape (n_classes, n_classes)
        How often each class (row) was read as each class (column), as counts or shares.
    display_labels : array-like of shape (n_classes,), default=None
        Names of the classes; 0, 1 and so on, if None.
    drawn : array-like of shape (n_drawn,), default=None
        Positions of the classes to draw; all of them, or the 20 that are confused most
        often, if None.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure.
    im_ : matplotlib AxesImage
        The cells.
    text_ : ndarray of shape (n_drawn, n_drawn)
        The values of the cells, as matplotlib Text.

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : scikit-learn's own, on a linear scale.
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
            The fitted classifier.
        X : array-like of shape (n_rows, ...)
            What it predicts from.
        y : array-like of shape (n_rows,)
            The true labels.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.
        normalize : {"true", "pred", "all"}, default=None
            Whether the counts are divided by the sums of their rows, of their columns
            or by that of the matrix, as in `sklearn.metrics.confusion_matrix`.
        display_labels : array-like of shape (n_classes,), default=None
            Names to show in place of the labels, in the order of the classes.
        cmap : str or matplotlib Colormap, default="Blues"
            The colors.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : ConfusionDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If `normalize` or `display_labels` is invalid.
        """
        check_matplotlib(cls.__name__)
        _check_normalize(normalize)
        known = predictions_from_estimator(estimator, X, y, sample_weight=sample_weight)
        return cls._of(known, normalize, display_labels).plot(ax, cmap=cmap)

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
        y_true : array-like of shape (n_rows,)
            The true labels.
        y_proba : array-like of shape (n_rows, n_classes), default=None
            Probabilities of the classes.
        y_pred : array-like of shape (n_rows,), default=None
            The predicted labels; without, those that are the most probable.
        labels : array-like of shape (n_classes,), default=None
            The classes, in the order of the columns; those of ``y_true``, if None.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.
        normalize : {"true", "pred", "all"}, default=None
            As in `from_estimator`.
        display_labels : array-like of shape (n_classes,), default=None
            As in `from_estimator`.
        cmap : str or matplotlib Colormap, default="Blues"
            The colors.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : ConfusionDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the predictions, `normalize` or `display_labels` are invalid.
        """
        check_matplotlib(cls.__name__)
        _check_normalize(normalize)
        known = check_predictions(
            y_true, y_proba, y_pred=y_pred, labels=labels, sample_weight=sample_weight
        )
        return cls._of(known, normalize, display_labels).plot(ax, cmap=cmap)

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
        """Draw counts, such as those of `DigitReport.confusion_matrix_`.

        Parameters
        ----------
        matrix : array-like, sparse matrix or DataFrame of shape (n_classes, n_classes)
            How often each class (row) was read as each class (column): whole numbers.
        normalize : {"true", "pred", "all"}, default=None
            As in `from_estimator`.
        display_labels : array-like of shape (n_classes,), default=None
            Names of the classes. By default, those of a DataFrame, otherwise 0, 1 and
            so on.
        cmap : str or matplotlib Colormap, default="Blues"
            The colors.
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.

        Returns
        -------
        display : ConfusionDisplay
            The display, drawn.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If the matrix, `normalize` or `display_labels` is invalid.
        """
        check_matplotlib(cls.__name__)
        _check_normalize(normalize)
        known = predictions_from_matrix(matrix, display_labels, name="display_labels")
        return cls._of(known, normalize, None).plot(ax, cmap=cmap)

    @classmethod
    def _of(
        cls, known: Predictions, normalize: str | None, display_labels: Any
    ) -> ConfusionDisplay:
        named = known.named(display_labels)
        counts = count_predictions(named)
        return cls(
            normalized(counts, normalize),
            display_labels=named.classes,
            drawn=classes_to_draw(counts),
        )

    def plot(self, ax: Axes | None = None, *, cmap: Any = "Blues") -> ConfusionDisplay:
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; a new figure, if None.
        cmap : str or matplotlib Colormap, default="Blues"
            The colors.

        Returns
        -------
        display : ConfusionDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError
            If there are not as many names as classes.
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
        ax = axes_of_size(ax, *(max(4.6, 1.4 + 0.3 * n_drawn),) * 2)
        cells = ConfusionMatrixDisplay(
            matrix[np.ix_(drawn, drawn)], display_labels=names
        ).plot(
            ax=ax,
            cmap=cmap,
            colorbar=False,
            values_format=_format_of(matrix),
            xticks_rotation="horizontal" if max(map(len, names)) < 3 else "vertical",
            # A few errors among thousands of digits can be seen.
            im_kw={"norm": PowerNorm(0.3, vmin=0)},
        )
        for text in (*ax.get_xticklabels(), *ax.get_yticklabels()):
            text.set_parse_math(False)
        self.im_, self.text_ = cells.im_, cells.text_
        _write_legibly(self.im_, self.text_, ax)
        if n_drawn < len(matrix):
            ax.set_title(
                f"{n_drawn} of {len(matrix):,} classes: those confused most often",
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


def _write_legibly(image: Any, texts: np.ndarray, ax: Axes) -> None:
    """Write as large as the cells are, in white where they are dark."""
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
