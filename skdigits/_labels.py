"""Labels as an array, or an error that tells how to make one of them."""

import sys
from numbers import Real
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import column_or_1d


def check_labels(name: str, y: Any) -> Any:
    """Return labels as an array of shape (n,).

    pandas' nullable dtypes become the NumPy dtypes of the same values: "Int64" becomes
    int64, "boolean" becomes bool. None is returned as it is, for scikit-learn to
    refuse.

    Examples
    --------
    >>> check_labels("y", ["b", "a"])
    array(['b', 'a'], dtype='<U1')
    """
    if y is None:
        return y
    labels = _in_numpy_dtype(name, y)
    if labels.ndim != 1 and labels.shape[1:] != (1,):
        raise not_one_label_each(name, labels, given=y)
    check_no_object_missing(name, labels)
    if labels.dtype == object:
        kinds = {type(label).__name__ for label in labels.flat}
        if not kinds <= {"str", "str_", "bytes"}:
            raise ValueError(
                f"Unknown label type: {name} must hold strings, or numbers in a dtype "
                f"of numbers; got the dtype object with {', '.join(sorted(kinds))}. "
                f"Convert it by {name}.astype(str) or {name}.astype(int)."
            )
    labels = column_or_1d(labels, warn=True)
    assert_all_finite(labels, input_name=name)
    return labels


def _in_numpy_dtype(name: str, y: Any) -> Any:
    """Return labels as a NumPy array, sparse ones as they are."""
    if issparse(y):
        return y
    if hasattr(y, "iloc") and y.ndim == 2 and y.shape[1] == 1:
        return _in_numpy_dtype(name, y.iloc[:, 0])[:, None]
    # pandas' dtypes for values that may be missing know their NumPy counterpart.
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
    """Raise a ValueError if a label of an array of objects is missing."""
    if labels.dtype == object:
        check_none_missing(name, np.array([is_missing(v) for v in labels.flat]))


def check_none_missing(name: str, is_missing: np.ndarray) -> None:
    """Raise a ValueError if a label is missing."""
    if is_missing.any():
        raise ValueError(
            f"{name} contains NaN, None or pandas.NA, first in row "
            f"{is_missing.argmax()}: leave out the rows without a label."
        )


def not_one_label_each(name: str, labels: Any, given: Any) -> ValueError:
    """Return the error of an array that has not one label in each row."""
    if issparse(labels):
        rows, as_array = labels.toarray(), f"{name}.toarray()"
    elif isinstance(given, np.ndarray):
        rows, as_array = labels, name
    else:
        rows, as_array = labels, f"np.asarray({name})"
    is_one_hot = (
        rows.ndim == 2
        and rows.dtype.kind in "biuf"
        and (rows >= 0).all()
        and np.allclose(rows.sum(axis=1), 1)
    )
    hint = ""
    if is_one_hot:
        hint = f" with one-hot rows: pass {as_array}.argmax(axis=1)"
    return ValueError(
        f"{name} should be a 1d array of labels, got an array of shape "
        f"{labels.shape}{hint or ' instead'}."
    )
