"""Validation of labels, with errors that say how to convert them."""

import sys
from numbers import Real
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import column_or_1d


def check_labels(name: str, y: Any) -> Any:
    """Return labels as an array of shape (n_samples,).

    Nullable dtypes of pandas are converted to NumPy dtypes, such as "Int64" to int64
    and "boolean" to bool. None is returned unchanged, for scikit-learn to reject.

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
                f"Unknown label type: {name} must hold strings or numbers in a numeric "
                f"dtype; got dtype object with {', '.join(sorted(kinds))}. Convert it "
                f"with {name}.astype(str) or {name}.astype(int)."
            )
    labels = column_or_1d(labels, warn=True)
    assert_all_finite(labels, input_name=name)
    return labels


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
        hint = f" It is one-hot encoded: pass {as_array}.argmax(axis=1)."
    return ValueError(
        f"{name} must be a 1d array of labels; got shape {labels.shape}.{hint}"
    )
