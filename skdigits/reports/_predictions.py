"""True labels beside predicted ones, checked once for everything that shows them."""

from dataclasses import dataclass, replace
from functools import cached_property
from reprlib import repr as in_short
from typing import Any

import numpy as np

from skdigits._images import as_images
from skdigits.reports._classifiers import check_fitted_classifier, classifier_outputs
from skdigits.reports._label_encoding import (
    classes_of,
    column_names,
    counts_of,
    few,
    in_order_of_columns,
    labels_from,
    one_column,
    positions_of,
    with_labels_of,
)

# Probabilities that were rounded for a file do not add up to 1 exactly.
_ROUNDING = 0.01
# Rows of fewer numbers are features, whatever their root.
_FEWEST_PIXELS = 64


@dataclass(frozen=True)
class Predictions:
    """What was predicted of rows, as positions in `classes`.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        The labels.
    true, predicted : ndarray of shape (n_rows,)
        Positions of the labels.
    proba : ndarray of shape (n_rows, n_classes) or None
        Probabilities.
    weights : ndarray of shape (n_rows,) or None
        Weights of the rows.
    images : ndarray of shape (n_rows, height, width) or None
        The images.
    has_rows : bool
        Whether a row is one digit, and not the cell of a confusion matrix whose weight
        is how many digits fell into it.
    rows : ndarray of shape (n_rows,) or None
        Where the rows stand in the data that they are from, if not all are judged.
    notes : tuple of str
        What to know about the predictions.
    """

    classes: np.ndarray
    true: np.ndarray
    predicted: np.ndarray
    proba: np.ndarray | None = None
    weights: np.ndarray | None = None
    images: np.ndarray | None = None
    has_rows: bool = True
    rows: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def is_right(self) -> np.ndarray:
        """Whether each row was read as what it is."""
        return self.true == self.predicted

    @cached_property
    def confidence(self) -> np.ndarray | None:
        """The probability of the label predicted, of each row."""
        if self.proba is None:
            return None
        return self.proba[np.arange(len(self.proba)), self.predicted]

    @cached_property
    def has_weight(self) -> np.ndarray:
        """Whether each row counts at all."""
        if self.weights is None:
            return np.ones(len(self.true), bool)
        return self.weights > 0

    @property
    def n_digits(self) -> int:
        """The number of digits."""
        if self.has_rows or self.weights is None:
            return int(self.has_weight.sum())
        return round(float(self.weights.sum()))

    @property
    def effective_n(self) -> float:
        """The number of rows of one weight that tell as much (Kish's formula)."""
        if self.weights is None or not self.has_rows:
            return self.n_digits
        weights = self.weights.astype(np.float64)
        return float(weights.sum() ** 2 / (weights**2).sum())

    @property
    def is_evenly_weighted(self) -> bool:
        """Whether all rows count alike, but for those of weight 0."""
        if self.weights is None:
            return True
        return len(np.unique(self.weights[self.has_weight])) == 1

    @cached_property
    def rows_judged(self) -> np.ndarray:
        """Where the rows stand in the data that they are from."""
        return np.arange(len(self.true)) if self.rows is None else self.rows

    def row_of(self, position: int) -> int:
        """Return where a row stands in the data that it is from."""
        return int(self.rows_judged[position])

    def named(self, display_labels: Any) -> "Predictions":
        """Return the same with names in place of the labels, unless they are None."""
        if display_labels is None:
            return self
        names = np.asarray(display_labels)
        got = in_short(names.tolist())
        if names.shape != self.classes.shape:
            raise ValueError(
                f"display_labels must hold {len(self.classes)} names, one for each of "
                f"the classes {in_short(self.classes.tolist())}; got {got}."
            )
        if len(set(names.tolist())) < len(names):
            raise ValueError(f"display_labels must differ from one another; got {got}.")
        return replace(self, classes=names)


def predictions_from_estimator(
    estimator: Any, X: Any, y: Any, *, images: Any = None, sample_weight: Any = None
) -> Predictions:
    """Return what a fitted classifier predicts of rows.

    Without `images` the rows themselves are taken, if they can be images.
    """
    check_fitted_classifier(estimator)
    return check_predictions(
        y,
        **classifier_outputs(estimator, X),
        images=images_or_none(X) if images is None else images,
        sample_weight=sample_weight,
    )


def check_predictions(
    y_true: Any,
    y_proba: Any = None,
    *,
    y_pred: Any = None,
    labels: Any = None,
    images: Any = None,
    sample_weight: Any = None,
) -> Predictions:
    """Return predictions after looking for whatever can be wrong with them."""
    y_true = labels_from("y_true", y_true)
    n_rows = len(y_true)
    if y_pred is not None:
        y_pred = labels_from("y_pred", y_pred, n_rows)
    if labels is not None:
        classes = labels_from("labels", labels)
        if len(set(classes.tolist())) < len(classes):
            raise ValueError(f"labels must differ from one another, got {labels!r}.")
    elif y_proba is None:
        classes = classes_of(y_true, y_pred)
    else:
        classes = in_order_of_columns(y_proba, classes_of(y_true))
    proba = None if y_proba is None else _probabilities(y_proba, n_rows, classes)
    if y_pred is not None:
        predicted = positions_of("y_pred", y_pred, classes)
    elif proba is not None:
        predicted = proba.argmax(axis=1)
    else:
        raise ValueError("y_proba or y_pred must be given.")
    n_known = len(classes)
    classes = with_labels_of(y_true, classes)
    true = positions_of("y_true", y_true, classes)
    notes: tuple[str, ...] = ()
    if len(classes) > n_known:
        is_new = true >= n_known
        notes = (
            f"The classifier does not know the classes of {is_new.sum():,} of "
            f"{n_rows:,} digits, which count as errors with a probability of 0: "
            f"{counts_of(classes, true[is_new])}.",
        )
        if proba is not None:
            proba = np.pad(proba, [(0, 0), (0, len(classes) - n_known)])
    return Predictions(
        classes,
        true,
        predicted,
        proba,
        None if sample_weight is None else _weights(sample_weight, n_rows),
        None if images is None else check_images(images, n_rows),
        notes=notes,
    )


def predictions_from_counts(
    matrix: np.ndarray, classes: np.ndarray, *notes: str
) -> Predictions:
    """Return what a confusion matrix tells of the rows that it counts."""
    true, predicted = np.nonzero(matrix)
    return Predictions(
        classes,
        true,
        predicted,
        weights=matrix[true, predicted],
        has_rows=False,
        notes=notes,
    )


def check_images(images: Any, n_rows: int) -> np.ndarray:
    """Return images of shape (n_rows, height, width), or say what is wrong."""
    images = np.asarray(images)
    if images.dtype.kind not in "biuf":
        raise ValueError(f"images must hold gray values; got dtype {images.dtype}.")
    images = as_images(images, "images")
    if not np.isfinite(images).all():
        raise ValueError("images must not hold NaN or infinity.")
    if len(images) != n_rows:
        raise ValueError(f"images holds {len(images)} images for {n_rows} rows.")
    return images


def images_or_none(X: Any) -> np.ndarray | None:
    """Return the rows of X as images of shape (n_rows, height, width), if they can be.

    Rows of fewer than 64 numbers cannot be images.
    """
    X = np.asarray(X)
    if X.ndim < 2 or np.prod(X.shape[1:]) < _FEWEST_PIXELS:
        return None
    try:
        return check_images(X, len(X))
    except ValueError:
        return None


def _probabilities(proba: Any, n_rows: int, classes: np.ndarray) -> np.ndarray:
    names, known = column_names(proba), classes.tolist()
    if names != known and set(names) == set(known):
        raise ValueError(
            "y_proba must have its columns in the order of the labels; got "
            f"{few(map(repr, names))} for {few(map(repr, known))}. Give "
            "y_proba[labels]."
        )
    proba = np.asarray(proba)
    if proba.dtype == object:  # as of pandas' Float64
        proba = np.array(proba.tolist())
    if proba.ndim != 2:
        raise ValueError(
            f"y_proba must be of shape (n_rows, n_classes), got {proba.shape}. Give "
            "predicted labels as y_pred."
        )
    if len(proba) != n_rows:
        raise ValueError(f"y_proba holds {len(proba)} rows for {n_rows} of y_true.")
    if proba.shape[1] != len(classes):
        raise ValueError(
            f"y_proba has {proba.shape[1]} columns for {len(classes)} labels: "
            f"{few(map(repr, classes.tolist()))}. Give labels, one for each column."
        )
    if proba.dtype.kind not in "fiub":
        raise ValueError(f"y_proba must hold numbers, got {proba.dtype}.")
    if proba.dtype.kind != "f":
        proba = proba.astype(np.float64)
    low, high = proba.min(), proba.max()
    if not (low >= 0 and high <= 1 + 1e-6):  # NaN, too, is not
        raise ValueError(
            f"y_proba must hold probabilities from 0 to 1, got {low:g} to {high:g}."
        )
    sums = proba.sum(axis=1, dtype=np.float64)
    worst = np.abs(sums - 1).argmax()
    if abs(sums[worst] - 1) > _ROUNDING:
        raise ValueError(
            "The probabilities of a row in y_proba must add up to 1; those of row "
            f"{worst} add up to {sums[worst]:.6g}."
        )
    return proba


def _weights(sample_weight: Any, n_rows: int) -> np.ndarray:
    weights = one_column("sample_weight", sample_weight, n_rows)
    if weights.dtype.kind not in "fiub" or weights.min() < 0 or not weights.any():
        raise ValueError(
            "sample_weight must hold numbers of which none is negative and some are "
            "positive."
        )
    return weights
