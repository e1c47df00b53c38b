"""Labels as positions among those that are known."""

from collections.abc import Iterable
from numbers import Number
from typing import Any

import numpy as np

from skdigits._labels import check_no_object_missing, not_one_label_each


def labels_from(name: str, values: Any, n_rows: int | None = None) -> np.ndarray:
    """Return labels as an array of shape (n,), or say why they are none.

    Labels of several types in a list stay what they are.

    Examples
    --------
    >>> labels_from("y_true", [1, "one"])
    array([1, 'one'], dtype=object)
    """
    labels = np.asarray(values)
    if labels.dtype.kind in "US" and not hasattr(values, "dtype"):
        objects = np.asarray(values, dtype=object)
        if not all(isinstance(label, str | bytes) for label in objects.flat):
            labels = objects
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise not_one_label_each(name, labels, given=values)
    check_no_object_missing(name, labels)
    return one_column(name, labels, n_rows)


def one_column(name: str, values: Any, n_rows: int | None = None) -> np.ndarray:
    """Return finite values as an array of shape (n,)."""
    values = np.asarray(values)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"{name} must be of shape (n,) with n of at least 1, got {values.shape}."
        )
    if n_rows is not None and len(values) != n_rows:
        raise ValueError(f"{name} holds {len(values)} values for {n_rows} rows.")
    if values.dtype.kind in "fM" and not np.isfinite(values).all():
        raise ValueError(f"{name} must not hold NaN or infinity.")
    return values


def classes_of(y_true: np.ndarray, y_pred: np.ndarray | None = None) -> np.ndarray:
    """Return the labels that there are, sorted."""
    try:
        return np.unique(y_true if y_pred is None else np.concatenate([y_true, y_pred]))
    except TypeError:
        raise ValueError(
            "The labels are of types that cannot be put in order: give labels."
        ) from None


def in_order_of_columns(y_proba: Any, classes: np.ndarray) -> np.ndarray:
    """Return the column names of a DataFrame, if all classes are among them."""
    names, known = column_names(y_proba), classes.tolist()
    is_named = set(known) <= set(names) and len(set(names)) == len(names)
    return np.asarray(names) if is_named and names != known else classes


def column_names(y_proba: Any) -> list[Any]:
    """Return the names of a DataFrame's columns, none if they are only numbered."""
    columns = getattr(y_proba, "columns", ())
    return [] if hasattr(columns, "step") else list(columns)  # pandas.RangeIndex


def _find(values: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each value stands in classes, and whether it is not among them.

    Raises
    ------
    TypeError
        If they are of kinds that cannot be compared, such as text and numbers.
    """
    kinds = {array.dtype.kind for array in (values, classes)}
    if len(kinds - {"O"}) > 1 and not kinds <= set("biuf"):
        raise TypeError(f"{classes.dtype} and {values.dtype}")
    try:
        order = np.argsort(classes, kind="stable")
        found = np.searchsorted(classes[order], values)
    except TypeError:  # labels of several types have no order
        return _look_up(values.tolist(), classes.tolist())
    positions = order[np.minimum(found, len(classes) - 1)]
    return positions, classes[positions] != values


def _look_up(values: list[Any], classes: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Do as `_find`, for labels of several types."""
    known = {label: i for i, label in enumerate(classes)}
    positions = np.array([known.get(label, -1) for label in values])
    is_unknown = positions < 0
    types = [
        {Number if isinstance(label, Number) else type(label) for label in labels}
        for labels in (values, classes)
    ]
    if is_unknown.all() and types[0].isdisjoint(types[1]):
        raise TypeError(f"{types[1]} and {types[0]}")
    return positions, is_unknown


def with_labels_of(values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return classes with those values behind them that are not among them."""
    try:
        is_unknown = _find(values, classes)[1]
    except TypeError:  # which is not another label, but another kind of labels
        return classes
    if not is_unknown.any():
        return classes
    new = values[is_unknown]
    try:
        new = np.unique(new)
    except TypeError:  # several types, which have no order
        new = np.array([*dict.fromkeys(new.tolist())], dtype=object)
    return np.concatenate([classes, new])


def positions_of(name: str, values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return where each value stands in classes."""
    try:
        positions, is_unknown = _find(values, classes)
    except TypeError:
        is_unknown = np.ones(len(values), bool)
    if is_unknown.any():
        unknown = dict.fromkeys(map(repr, values[is_unknown][:1000].tolist()))
        raise ValueError(
            f"{name} holds labels that are not known: {few(unknown)}. "
            f"Known are {few(map(repr, classes.tolist()))}."
        )
    return positions


def counts_of(classes: np.ndarray, positions: np.ndarray) -> str:
    """Return how often each class is among positions, in words.

    Examples
    --------
    >>> counts_of(np.array([7, 8, 9]), np.array([2, 0, 2]))
    '7 (1), 9 (2)'
    """
    found, counts = np.unique(positions, return_counts=True)
    names = classes[found].tolist()
    return few(f"{name!r} ({n:,})" for name, n in zip(names, counts, strict=True))


def few(texts: Iterable[str]) -> str:
    """Return the first ten texts, and how many more there are."""
    texts = list(texts)
    shown = ", ".join(texts[:10])
    return shown + (f" and {len(texts) - 10} more" if len(texts) > 10 else "")
