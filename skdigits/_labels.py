"""Validation of labels, with errors that say how to convert them."""

import sys
from numbers import Real
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import column_or_1d


def check_labels(name: str, y: Any, classes: np.ndarray | None = None) -> Any:
    """Return labels as an array of shape (n_samples,).

    One-hot labels are decoded, see `decode_one_hot`. Nullable dtypes of pandas are
    converted to NumPy dtypes, such as "Int64" to int64 and "boolean" to bool. None is
    returned unchanged, for scikit-learn to reject.

    Examples
    --------
    >>> check_labels("y", ["b", "a"])
    array(['b', 'a'], dtype='<U1')
    """
    if y is None:
        return y
    labels = _in_numpy_dtype(name, decode_one_hot(name, y, classes))
    if labels.ndim != 1 and labels.shape[1:] != (1,):
        raise not_one_label_each(name, labels, given=y)
    check_no_object_missing(name, labels)
    if labels.dtype == object:
        kinds = {type(label).__name__ for label in labels.flat}
        if not kinds <= {"str", "str_", "bytes"}:
            raise ValueError(
                f"Unknown label type: {name} must hold strings or numbers in a numeric "
                f"dtype; got dtype object with {', '.join(sorted(kinds))}. Convert it "
                f"with {name}.astype(str) or {name}.astype(int)."
            )
    labels = column_or_1d(labels, warn=True)
    assert_all_finite(labels, input_name=name)
    return labels


def decode_one_hot(name: str, y: Any, classes: np.ndarray | None = None) -> Any:
    """Return the labels that one-hot rows stand for, and anything else unchanged.

    The columns of a data frame stand for their names. Those of an array stand for the
    classes in their order, by default for the numbers from 0.

    Examples
    --------
    >>> decode_one_hot("y", [[0, 1], [1, 0]])
    array([1, 0])
    >>> decode_one_hot("y", [[0, 1], [1, 0]], np.array(["even", "odd"]))
    array(['odd', 'even'], dtype='<U4')
    """
    rows = _as_matrix(y)
    if rows is None or not _is_one_hot(rows):
        return y
    of_column = _labels_of_columns(name, y)
    if of_column is None:
        of_column = np.arange(rows.shape[1]) if classes is None else classes
        if len(of_column) != rows.shape[1]:
            raise ValueError(
                f"{name} must have {len(of_column)} columns if it is one-hot encoded, "
                f"one for each of the classes {of_column.tolist()}; got "
                f"{rows.shape[1]} columns."
            )
    return of_column[rows.argmax(axis=1)]


def one_hot_classes(name: str, y: Any) -> np.ndarray | None:
    """Return the sorted classes of one-hot labels, None for other labels.

    A class without samples is one of them.

    Examples
    --------
    >>> one_hot_classes("y", [[0, 1, 0], [1, 0, 0]])
    array([0, 1, 2])
    """
    rows = _as_matrix(y)
    if rows is None or not _is_one_hot(rows):
        return None
    of_column = _labels_of_columns(name, y)
    return np.arange(rows.shape[1]) if of_column is None else np.unique(of_column)


def column_names(table: Any) -> list[Any]:
    """Return the column names of a data frame, an empty list if there are none."""
    columns = getattr(table, "columns", ())
    return [] if hasattr(columns, "step") else list(columns)  # pandas.RangeIndex


def _labels_of_columns(name: str, y: Any) -> np.ndarray | None:
    """Return the labels that name the columns of one-hot labels, None without names."""
    names = column_names(y)
    if not names:
        return None
    if len(set(names)) < len(names):
        raise ValueError(
            f"{name} must have distinct column names if it is one-hot encoded; got "
            f"{names}."
        )
    return check_labels(f"{name}.columns", y.columns)


def _as_matrix(y: Any) -> np.ndarray | None:
    """Return labels as an array if they have at least two columns, else None."""
    rows = y.toarray() if issparse(y) else np.asarray(y)
    if rows.ndim != 2 or rows.shape[1] < 2:
        return None
    if rows.dtype == object:  # a data frame in a nullable dtype of pandas
        rows = np.array(rows.tolist())
    return rows


def _is_one_hot(rows: np.ndarray) -> bool:
    return _is_zeros_and_ones(rows) and bool((rows.sum(axis=1) == 1).all())


def _is_zeros_and_ones(rows: np.ndarray) -> bool:
    is_numeric = rows.dtype.kind in "biuf"
    return is_numeric and bool(((rows == 0) | (rows == 1)).all())


def _in_numpy_dtype(name: str, y: Any) -> Any:
    """Return labels as a NumPy array, or sparse labels unchanged."""
    if issparse(y):
        return y
    if hasattr(y, "iloc") and y.ndim == 2 and y.shape[1] == 1:
        return _in_numpy_dtype(name, y.iloc[:, 0])[:, None]
    # The nullable dtypes of pandas have an attribute for the corresponding NumPy dtype.
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    if dtype is None:
        return np.asarray(y)
    check_none_missing(name, np.asarray(y.isna()))
    return np.asarray(y.to_numpy(dtype=dtype))


def is_missing(label: Any) -> bool:
    """Return whether a label is None, NaN or pandas.NA."""
    # Labels can hold pandas.NA only if pandas is imported.
    pandas_na = getattr(sys.modules.get("pandas"), "NA", None)
    is_nan = isinstance(label, Real) and label != label
    return label is None or label is pandas_na or is_nan


def check_no_object_missing(name: str, labels: Any) -> None:
    """Raise a ValueError if an array of objects has a missing label."""
    if labels.dtype == object:
        check_none_missing(name, np.array([is_missing(v) for v in labels.flat]))


def check_none_missing(name: str, is_missing: np.ndarray) -> None:
    """Raise a ValueError if a label is missing."""
    if is_missing.any():
        raise ValueError(
            f"{name} must not hold missing labels; got NaN, None or pandas.NA at index "
            f"{is_missing.argmax()}. Remove the samples without a label."
        )


def not_one_label_each(name: str, labels: Any, given: Any) -> ValueError:
    """Return the error of an array that does not hold one label for each sample."""
    rows = _as_matrix(given)
    hint = ""
    if rows is None or rows.dtype.kind not in "biuf":
        pass
    elif _is_zeros_and_ones(rows):
        n_ones = rows.sum(axis=1, dtype=int)
        i = (n_ones != 1).argmax()
        hint = f" Row {i} has {n_ones[i]} ones."
    elif (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1):
        as_array = f"{name}.toarray()" if issparse(given) else f"np.asarray({name})"
        hint = f" Its rows are probabilities: pass {as_array}.argmax(axis=1)."
    return ValueError(
        f"{name} must be a 1d array of labels, or one-hot encoded with a single 1 in "
        f"each row; got shape {labels.shape}.{hint}"
    )
