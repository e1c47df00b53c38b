"""Labels as arrays, and their positions among the class labels."""

from collections.abc import Iterable
from numbers import Number
from typing import Any

import numpy as np

from skdigits._labels import (
    check_no_object_missing,
    column_names,
    decode_one_hot,
    not_one_label_each,
)

_MAX_SHOWN = 10


def as_labels(
    name: str,
    values: Any,
    n_samples: int | None = None,
    classes: np.ndarray | None = None,
) -> np.ndarray:
    """Return labels as an array of shape (n_samples,), or raise a ValueError.

    One-hot labels are decoded; the columns of an array stand for the classes, or for
    the numbers from 0. Labels of several types in a list keep their types.

    Examples
    --------
    >>> as_labels("y_true", [1, "one"])
    array([1, 'one'], dtype=object)
    """
    values = decode_one_hot(name, values, classes)
    labels = np.asarray(values)
    if labels.dtype.kind in "US" and not hasattr(values, "dtype"):
        objects = np.asarray(values, dtype=object)
        if not all(isinstance(label, str | bytes) for label in objects.flat):
            labels = objects
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise not_one_label_each(name, labels, given=values)
    check_no_object_missing(name, labels)
    return one_column(name, labels, n_samples)


def one_column(name: str, values: Any, n_samples: int | None = None) -> np.ndarray:
    """Return finite values as an array of shape (n_samples,), or raise a ValueError."""
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"{name} must be a non-empty 1d array; got shape {values.shape}."
        )
    if n_samples is not None and len(values) != n_samples:
        raise ValueError(
            f"{name} must hold one value per sample, {n_samples} in total; got "
            f"{len(values)}."
        )
    if values.dtype.kind in "fM" and not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite; got NaN, NaT, or infinity.")
    return values


def unique_labels(y_true: np.ndarray, y_pred: np.ndarray | None = None) -> np.ndarray:
    """Return all labels that occur, sorted."""
    labels = y_true if y_pred is None else np.concatenate([y_true, y_pred])
    try:
        return np.unique(labels)
    except TypeError:
        types = sorted({type(label).__name__ for label in labels.tolist()})
        raise ValueError(
            "y_true and y_pred must hold labels that can be sorted; got the types "
            f"{', '.join(types)}. Pass labels."
        ) from None


def named_columns(y_proba: Any, classes: np.ndarray) -> np.ndarray:
    """Return the column names of a DataFrame if they include all classes.

    Otherwise, return the classes.
    """
    names, labels = column_names(y_proba), classes.tolist()
    is_named = set(labels) <= set(names) and len(set(names)) == len(names)
    return np.asarray(names) if is_named and names != labels else classes


def append_unknown(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the classes, followed by the labels that are not among them."""
    try:
        is_unknown = _positions(labels, classes)[1]
    except TypeError:  # labels of another kind, not new classes
        return classes
    if not is_unknown.any():
        return classes
    new = labels[is_unknown]
    try:
        new = np.unique(new)
    except TypeError:  # labels of several types cannot be sorted
        new = np.array([*dict.fromkeys(new.tolist())], dtype=object)
    return np.concatenate([classes, new])


def encode(name: str, labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the position of each label in the classes, or raise a ValueError."""
    try:
        positions, is_unknown = _positions(labels, classes)
    except TypeError:
        is_unknown = np.ones(len(labels), bool)
    if is_unknown.any():
        unknown = dict.fromkeys(map(repr, labels[is_unknown][:1000].tolist()))
        raise ValueError(
            f"{name} must hold only known labels, "
            f"{join_some(map(repr, classes.tolist()))}; got {join_some(unknown)}."
        )
    return positions


def counts_as_text(classes: np.ndarray, positions: np.ndarray) -> str:
    """Return the classes that occur, each with its number of samples.

    Examples
    --------
    >>> counts_as_text(np.array([7, 8, 9]), np.array([2, 0, 2]))
    '7 (1), 9 (2)'
    """
    found, counts = np.unique(positions, return_counts=True)
    names = classes[found].tolist()
    return join_some(f"{name!r} ({n:,})" for name, n in zip(names, counts, strict=True))


def join_some(texts: Iterable[str]) -> str:
    """Join the first ten texts, and say how many more there are."""
    texts = list(texts)
    n_more = len(texts) - _MAX_SHOWN
    shown = ", ".join(texts[:_MAX_SHOWN])
    return f"{shown} and {n_more} more" if n_more > 0 else shown


def _positions(
    labels: np.ndarray, classes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each label in the classes, and whether it is unknown.

    Raises
    ------
    TypeError
        If labels and classes cannot be compared, such as strings and numbers.
    """
    kinds = {array.dtype.kind for array in (labels, classes)}
    if len(kinds - {"O"}) > 1 and not kinds <= set("biuf"):
        raise TypeError(f"{classes.dtype} and {labels.dtype}")
    try:
        order = np.argsort(classes, kind="stable")
        found = np.searchsorted(classes[order], labels)
    except TypeError:  # labels of several types cannot be sorted
        return _positions_by_lookup(labels.tolist(), classes.tolist())
    positions = order[np.minimum(found, len(classes) - 1)]
    return positions, classes[positions] != labels


def _positions_by_lookup(
    labels: list[Any], classes: list[Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `_positions` returns, for labels that cannot be sorted."""
    position_of = {label: i for i, label in enumerate(classes)}
    positions = np.array([position_of.get(label, -1) for label in labels])
    is_unknown = positions < 0
    types = [
        {Number if isinstance(label, Number) else type(label) for label in values}
        for values in (labels, classes)
    ]
    if is_unknown.all() and types[0].isdisjoint(types[1]):
        raise TypeError(f"{types[1]} and {types[0]}")
    return positions, is_unknown
