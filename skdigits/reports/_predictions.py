"""True labels beside predicted ones, checked once for everything that shows them."""

from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

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
    """

    classes: np.ndarray
    true: np.ndarray
    predicted: np.ndarray
    proba: np.ndarray | None = None
    weights: np.ndarray | None = None
    images: np.ndarray | None = None
    has_rows: bool = True

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

    @property
    def n_digits(self) -> int:
        """The number of digits."""
        if self.has_rows or self.weights is None:
            return len(self.true)
        return int(self.weights.sum())

    @property
    def effective_n(self) -> float:
        """The number of rows of one weight that tell as much (Kish's formula)."""
        if self.weights is None or not self.has_rows:
            return self.n_digits
        weights = self.weights.astype(np.float64)
        return float(weights.sum() ** 2 / (weights**2).sum())


def predictions_of(
    estimator: Any, X: Any, y: Any, *, images: Any = None, sample_weight: Any = None
) -> Predictions:
    """Return what a fitted classifier predicts of rows.

    Without `images` the rows themselves are taken, if they can be images.
    """
    check_classifier(estimator)
    check_is_fitted(estimator)
    y_pred = estimator.predict(X)
    has_proba = hasattr(estimator, "predict_proba")
    return checked(
        y,
        estimator.predict_proba(X) if has_proba else None,
        y_pred=y_pred,
        labels=getattr(estimator, "classes_", None),
        images=images_among(X) if images is None else images,
        sample_weight=sample_weight,
    )


def check_classifier(estimator: Any) -> None:
    """Raise a TypeError for what is no classifier."""
    if not is_classifier(estimator):
        raise TypeError(f"estimator must be a classifier, got {estimator!r}.")


def checked(
    y_true: Any,
    y_proba: Any = None,
    *,
    y_pred: Any = None,
    labels: Any = None,
    images: Any = None,
    sample_weight: Any = None,
) -> Predictions:
    """Return predictions after looking for whatever can be wrong with them."""
    y_true = _one_column("y_true", y_true)
    n_rows = len(y_true)
    if y_pred is not None:
        y_pred = _one_column("y_pred", y_pred, n_rows)
    if labels is not None:
        classes = _one_column("labels", labels)
        if len(np.unique(classes)) < len(classes):
            raise ValueError(f"labels must differ from one another, got {labels!r}.")
    else:
        classes = _classes_of(y_true, y_pred if y_proba is None else None)
    proba = None if y_proba is None else _probabilities(y_proba, n_rows, classes)
    if y_pred is not None:
        predicted = _positions("y_pred", y_pred, classes)
    elif proba is not None:
        predicted = proba.argmax(axis=1)
    else:
        raise ValueError("y_proba or y_pred must be given.")
    return Predictions(
        classes,
        _positions("y_true", y_true, classes),
        predicted,
        proba,
        None if sample_weight is None else _weights(sample_weight, n_rows),
        None if images is None else checked_images(images, n_rows),
    )


def checked_images(images: Any, n_rows: int) -> np.ndarray:
    """Return images of shape (n_rows, height, width), or say why they are none."""
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim == 2 and isqrt(images.shape[1]) ** 2 == images.shape[1]:
        side = isqrt(images.shape[1])
        images = images.reshape(-1, side, side)
    if images.ndim != 3 or not np.issubdtype(images.dtype, np.number):
        raise ValueError(
            "images must be grey values of shape (n_rows, height, width), with or "
            "without a last axis of length 1, or rows of square images; got "
            f"{images.dtype} of shape {images.shape}."
        )
    if len(images) != n_rows:
        raise ValueError(f"images holds {len(images)} images for {n_rows} rows.")
    return images


def images_among(X: Any) -> np.ndarray | None:
    """Return the rows of X as images of shape (n_rows, height, width), if they can be.

    Rows of fewer than 64 numbers are none.
    """
    X = np.asarray(X)
    if X.ndim < 2 or np.prod(X.shape[1:]) < _FEWEST_PIXELS:
        return None
    try:
        return checked_images(X, len(X))
    except ValueError:
        return None


def _one_column(name: str, values: Any, n_rows: int | None = None) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"{name} must be of shape (n,) with n of at least 1, got {values.shape}."
        )
    if n_rows is not None and len(values) != n_rows:
        raise ValueError(f"{name} holds {len(values)} values for {n_rows} rows.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{name} must not hold NaN or infinity.")
    return values


def _classes_of(y_true: np.ndarray, y_pred: np.ndarray | None) -> np.ndarray:
    try:
        return np.unique(y_true if y_pred is None else np.concatenate([y_true, y_pred]))
    except TypeError:
        raise ValueError(
            "The labels are of types that cannot be put in order: give labels."
        ) from None


def _positions(name: str, values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return where each value stands in classes."""
    try:
        order = np.argsort(classes, kind="stable")
        found = np.searchsorted(classes[order], values)
        positions = order[np.minimum(found, len(classes) - 1)]
        is_unknown = classes[positions] != values
    except TypeError:  # text among numbers
        is_unknown = np.ones(len(values), bool)
    if is_unknown.any():
        unknown = list(dict.fromkeys(values[is_unknown][:1000].tolist()))
        raise ValueError(
            f"{name} holds labels that are not known: {_few(unknown)}. "
            f"Known are {_few(classes.tolist())}."
        )
    return positions


def _probabilities(proba: Any, n_rows: int, classes: np.ndarray) -> np.ndarray:
    proba = np.asarray(proba)
    if proba.ndim != 2:
        raise ValueError(
            f"y_proba must be of shape (n_rows, n_classes), got {proba.shape}."
        )
    if len(proba) != n_rows:
        raise ValueError(f"y_proba holds {len(proba)} rows for {n_rows} of y_true.")
    if proba.shape[1] != len(classes):
        raise ValueError(
            f"y_proba has {proba.shape[1]} columns for {len(classes)} labels: "
            f"{_few(classes.tolist())}. Give labels, one for each column."
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
    weights = _one_column("sample_weight", sample_weight, n_rows)
    if weights.dtype.kind not in "fiub" or weights.min() < 0 or not weights.any():
        raise ValueError(
            "sample_weight must hold numbers of which none is negative and some are "
            "positive."
        )
    return weights


def _few(values: list) -> str:
    shown = ", ".join(map(repr, values[:10]))
    return shown + (f" and {len(values) - 10} more" if len(values) > 10 else "")
