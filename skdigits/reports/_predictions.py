"""True labels with their predictions, checked once for all reports and displays."""

from dataclasses import dataclass, replace
from functools import cached_property
from reprlib import repr as short_repr
from typing import Any

import numpy as np

from skdigits._images import as_images
from skdigits._labels import column_names, one_hot_classes
from skdigits.reports._classifiers import (
    check_fitted_classifier,
    classifier_outputs,
    rejects,
)
from skdigits.reports._label_encoding import (
    append_unknown,
    as_labels,
    counts_as_text,
    encode,
    join_some,
    named_columns,
    one_column,
    unique_labels,
)
from skdigits.reports._metrics import kish_sample_size

# Probabilities that were rounded for a file do not add up to exactly 1.
_ROUNDING = 0.01
# Samples with fewer features are not taken for images, even if their number is square.
_MIN_PIXELS = 64


@dataclass(frozen=True)
class Predictions:
    """True and predicted labels, encoded as positions in `classes`.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Class labels.
    true, predicted : ndarray of shape (n_samples,)
        Encoded labels.
    proba : ndarray of shape (n_samples, n_classes) or None
        Predicted probabilities.
    weights : ndarray of shape (n_samples,) or None
        Sample weights.
    images : ndarray of shape (n_samples, height, width) or None
        Grayscale images.
    is_per_sample : bool
        Whether each entry is one digit. If not, it is a cell of a confusion matrix, and
        its weight is the number of digits in that cell.
    indices : ndarray of shape (n_samples,) or None
        Indices of the samples in the data, None if these are all of the data.
    notes : tuple of str
        Notes on the predictions.
    """

    classes: np.ndarray
    true: np.ndarray
    predicted: np.ndarray
    proba: np.ndarray | None = None
    weights: np.ndarray | None = None
    images: np.ndarray | None = None
    is_per_sample: bool = True
    indices: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def is_correct(self) -> np.ndarray:
        """Whether each prediction is correct."""
        return self.true == self.predicted

    @cached_property
    def confidence(self) -> np.ndarray | None:
        """The probability of each predicted label."""
        if self.proba is None:
            return None
        return self.proba[np.arange(len(self.proba)), self.predicted]

    @cached_property
    def has_weight(self) -> np.ndarray:
        """Whether the weight of each sample is positive."""
        if self.weights is None:
            return np.ones(len(self.true), bool)
        return self.weights > 0

    @property
    def n_digits(self) -> int:
        """The number of digits, not counting those with a weight of 0."""
        if self.is_per_sample or self.weights is None:
            return int(self.has_weight.sum())
        return round(float(self.weights.sum()))

    @property
    def effective_sample_size(self) -> float:
        """The number of equally weighted digits with as much information."""
        if self.weights is None or not self.is_per_sample:
            return self.n_digits
        return kish_sample_size(self.weights)

    @property
    def is_equally_weighted(self) -> bool:
        """Whether all samples have the same weight, apart from those of weight 0."""
        if self.weights is None:
            return True
        return len(np.unique(self.weights[self.has_weight])) == 1

    @cached_property
    def sample_indices(self) -> np.ndarray:
        """The index of each sample in the data."""
        return np.arange(len(self.true)) if self.indices is None else self.indices

    def require_images(self) -> np.ndarray:
        """Return the images.

        Raises
        ------
        ValueError
            If there are none.
        """
        if self.images is None:
            raise ValueError(
                "images must be given unless the samples of X are images of at least "
                f"{_MIN_PIXELS} pixels; got None."
            )
        return self.images

    def with_class_names(self, display_labels: Any) -> "Predictions":
        """Return the predictions with other class labels, if any are given."""
        if display_labels is None:
            return self
        names = np.asarray(display_labels)
        got = short_repr(names.tolist())
        if names.shape != self.classes.shape:
            raise ValueError(
                f"display_labels must hold {len(self.classes)} names, one for each of "
                f"the classes {short_repr(self.classes.tolist())}; got {got}."
            )
        if len(set(names.tolist())) < len(names):
            raise ValueError(f"display_labels must be unique; got {got}.")
        return replace(self, classes=names)


def predictions_from_estimator(
    estimator: Any, X: Any, y: Any, *, images: Any = None, sample_weight: Any = None
) -> Predictions:
    """Return the predictions of a fitted classifier.

    If `images` is None, the samples are taken as images, provided that they can be.
    """
    check_fitted_classifier(estimator)
    return check_predictions(
        y,
        **classifier_outputs(estimator, X),
        images=images_or_none(X) if images is None else images,
        sample_weight=sample_weight,
    )


def with_rejection_note(
    predictions: Predictions, estimator: Any, X: Any
) -> Predictions:
    """Return predictions with a note on the samples that their classifier rejects."""
    if not rejects(estimator):
        return predictions
    accepted = estimator.predict_confidence(X) >= estimator.threshold_
    note = rejection_note(accepted, predictions)
    return replace(predictions, notes=(*predictions.notes, note))


def rejection_note(accepted: np.ndarray, predictions: Predictions) -> str:
    """Return a sentence on how many digits are rejected, and what the others bring.

    Examples
    --------
    >>> predictions = check_predictions([0, 1, 1, 1], y_pred=[0, 1, 0, 0])
    >>> rejection_note(np.array([True, True, True, False]), predictions)
    'Rejected are 1 of 4 digits (25.00 %), which the scores include. Of the accepted \
ones, 1 (33.33 %) is misread.'
    """
    accepted = accepted & predictions.has_weight
    n, n_accepted = predictions.n_digits, int(accepted.sum())
    n_wrong = int((accepted & ~predictions.is_correct).sum())
    return (
        f"Rejected are {n - n_accepted:,} of {n:,} digits "
        f"({100 * (n - n_accepted) / n:.2f} %), which the scores include. Of the "
        f"accepted ones, {n_wrong:,} ({100 * n_wrong / max(n_accepted, 1):.2f} %) "
        f"{'is' if n_wrong == 1 else 'are'} misread."
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
    """Return predictions, or raise an error that says what is wrong with them."""
    if labels is None:
        columns = one_hot_classes("y_true", y_true)
    else:
        columns = as_labels("labels", labels)
        if len(set(columns.tolist())) < len(columns):
            raise ValueError(f"labels must be unique; got {labels!r}.")
    y_true = as_labels("y_true", y_true, classes=columns)
    n_samples = len(y_true)
    if y_pred is not None:
        y_pred = as_labels("y_pred", y_pred, n_samples, columns)
    known = y_true if columns is None else columns
    if labels is not None:
        classes = known
    elif y_proba is None:
        classes = unique_labels(known, y_pred)
    else:
        classes = named_columns(y_proba, unique_labels(known))
    proba = None if y_proba is None else _check_proba(y_proba, n_samples, classes)
    if y_pred is not None:
        predicted = encode("y_pred", y_pred, classes)
    elif proba is not None:
        predicted = proba.argmax(axis=1)
    else:
        raise ValueError("y_proba or y_pred must be given; got None for both.")
    n_known = len(classes)
    classes = append_unknown(y_true, classes)
    true = encode("y_true", y_true, classes)
    notes: tuple[str, ...] = ()
    if len(classes) > n_known:
        is_unknown = true >= n_known
        notes = (
            f"{is_unknown.sum():,} of {n_samples:,} digits belong to classes unknown "
            "to the classifier. They count as errors, with a probability of 0: "
            f"{counts_as_text(classes, true[is_unknown])}.",
        )
        if proba is not None:
            proba = np.pad(proba, [(0, 0), (0, len(classes) - n_known)])
    return Predictions(
        classes,
        true,
        predicted,
        proba,
        None if sample_weight is None else _check_weights(sample_weight, n_samples),
        None if images is None else check_images(images, n_samples),
        notes=notes,
    )


def predictions_from_counts(
    counts: np.ndarray, classes: np.ndarray, *notes: str
) -> Predictions:
    """Return the cells of a confusion matrix as weighted predictions."""
    true, predicted = np.nonzero(counts)
    return Predictions(
        classes,
        true,
        predicted,
        weights=counts[true, predicted],
        is_per_sample=False,
        notes=notes,
    )


def check_images(images: Any, n_samples: int) -> np.ndarray:
    """Return images of shape (n_samples, height, width), or raise a ValueError."""
    images = np.asarray(images)
    if images.dtype.kind not in "biuf":
        raise ValueError(f"images must hold gray values; got dtype {images.dtype}.")
    images = as_images(images, "images")
    if not np.isfinite(images).all():
        raise ValueError("images must be finite; got NaN or infinity.")
    if len(images) != n_samples:
        raise ValueError(
            f"images must hold one image per sample, {n_samples} in total; got "
            f"{len(images)}."
        )
    return images


def images_or_none(X: Any) -> np.ndarray | None:
    """Return samples as images of shape (n_samples, height, width), if they can be.

    Samples with fewer than 64 features are not taken for images.
    """
    X = np.asarray(X)
    if X.ndim < 2 or np.prod(X.shape[1:]) < _MIN_PIXELS:
        return None
    try:
        return check_images(X, len(X))
    except ValueError:
        return None


def _check_proba(y_proba: Any, n_samples: int, classes: np.ndarray) -> np.ndarray:
    columns, labels = column_names(y_proba), classes.tolist()
    if columns != labels and set(columns) == set(labels):
        raise ValueError(
            "y_proba must have its columns in the order of the labels, "
            f"{join_some(map(repr, labels))}; got {join_some(map(repr, columns))}. "
            "Pass y_proba[labels]."
        )
    proba = np.asarray(y_proba)
    if proba.dtype == object:  # pandas' Float64, for example
        proba = np.array(proba.tolist())
    if proba.ndim != 2:
        raise ValueError(
            f"y_proba must be of shape (n_samples, n_classes); got {proba.shape}. Pass "
            "predicted labels as y_pred."
        )
    if len(proba) != n_samples:
        raise ValueError(
            f"y_proba must have one row per sample, {n_samples} in total; got "
            f"{len(proba)}."
        )
    if proba.shape[1] != len(labels):
        raise ValueError(
            f"y_proba must have one column per label, {join_some(map(repr, labels))}; "
            f"got {proba.shape[1]} columns. Pass labels if others are possible."
        )
    if proba.dtype.kind not in "fiub":
        raise ValueError(f"y_proba must hold numbers; got {proba.dtype}.")
    if proba.dtype.kind != "f":
        proba = proba.astype(np.float64)
    low, high = proba.min(), proba.max()
    if not (low >= 0 and high <= 1 + 1e-6):  # also true for NaN
        raise ValueError(
            f"y_proba must hold probabilities from 0 to 1; got {low:g} to {high:g}."
        )
    sums = proba.sum(axis=1, dtype=np.float64)
    worst = np.abs(sums - 1).argmax()
    if abs(sums[worst] - 1) > _ROUNDING:
        raise ValueError(
            f"The rows of y_proba must sum to 1; got {sums[worst]:.6g} for row {worst}."
        )
    return proba


def _check_weights(sample_weight: Any, n_samples: int) -> np.ndarray:
    weights = one_column("sample_weight", sample_weight, n_samples)
    if weights.dtype.kind not in "fiub" or weights.min() < 0 or not weights.any():
        raise ValueError(
            "sample_weight must hold nonnegative numbers, at least one of them "
            f"positive; got {short_repr(weights.tolist())}."
        )
    return weights
