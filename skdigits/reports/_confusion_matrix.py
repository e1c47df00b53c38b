"""Check, count, normalize, and select the classes of confusion matrices."""

import warnings
from reprlib import repr as short_repr
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.metrics import confusion_matrix

from skdigits.reports._metrics import confused_pairs
from skdigits.reports._predictions import Predictions, predictions_from_counts

_MAX_CLASSES = 30  # up to which all classes are drawn
_N_MOST_CONFUSED = 20
_SUMMED_AXES: dict[str, int | tuple[int, int]] = {"true": 1, "pred": 0, "all": (0, 1)}


def predictions_from_matrix(
    matrix: Any, labels: Any = None, *, name: str = "labels"
) -> Predictions:
    """Return the predictions that a confusion matrix counts, after checking it.

    Parameters
    ----------
    matrix : array-like, sparse matrix or DataFrame of shape (n_classes, n_classes)
        Number of digits of each class (row) predicted as each class (column).
    labels : array-like of shape (n_classes,), default=None
        Class labels. By default, the names in a DataFrame, otherwise 0, 1, ...
    name : str, default="labels"
        Name of the parameter for `labels` in error messages.

    Raises
    ------
    ValueError
        If `matrix` is not square or does not hold counts, or if `labels` do not match
        it.

    Examples
    --------
    >>> predictions = predictions_from_matrix([[9, 0], [3, 7]], labels=["no", "yes"])
    >>> predictions.true, predictions.predicted, predictions.weights
    (array([0, 1, 1]), array([0, 0, 1]), array([9, 3, 7]))
    """
    names = _class_names(matrix, labels, name)
    counts = _check_counts(matrix)
    if hasattr(matrix, "columns") and _has_margins(counts, matrix.index.tolist()):
        raise ValueError(
            "matrix must not contain totals; got a last row and column that are the "
            "sums of the others, as pandas.crosstab(margins=True) adds them. Pass "
            "matrix.iloc[:-1, :-1]."
        )
    classes = np.arange(len(counts)) if names is None else np.asarray(names)
    if classes.shape != (len(counts),):
        raise ValueError(
            f"{name} must hold {len(counts)} labels, one for each row of matrix; got "
            f"{short_repr(names)}."
        )
    if len(set(classes.tolist())) < len(classes):
        raise ValueError(f"{name} must be unique; got {short_repr(classes.tolist())}.")
    return predictions_from_counts(counts, classes)


def count_predictions(predictions: Predictions) -> np.ndarray:
    """Return the confusion matrix of predictions."""
    with warnings.catch_warnings():
        # scikit-learn warns of a single label even if labels are given.
        warnings.filterwarnings("ignore", "A single label was found")
        return confusion_matrix(
            predictions.true,
            predictions.predicted,
            labels=np.arange(len(predictions.classes)),
            sample_weight=predictions.weights,
        )


def normalized(matrix: np.ndarray, normalize: str | None) -> np.ndarray:
    """Return a confusion matrix divided by the sums of its rows, columns, or all of it.

    Where a sum is 0, the result is 0.

    Examples
    --------
    >>> normalized(np.array([[3, 1], [0, 0]]), "true")
    array([[0.75, 0.25],
           [0.  , 0.  ]])
    """
    if normalize is None:
        return matrix
    sums = matrix.sum(axis=_SUMMED_AXES[normalize], keepdims=True)
    return matrix / np.where(sums > 0, sums, 1)


def classes_to_draw(matrix: np.ndarray) -> np.ndarray:
    """Return the positions of the classes to draw.

    These are the most confused classes if there are many, otherwise all of them.

    Examples
    --------
    >>> counts = np.diag(np.arange(40))
    >>> counts[3, 30] = 9
    >>> classes_to_draw(counts).tolist()[:3]
    [3, 21, 22]
    """
    n_classes = len(matrix)
    if n_classes <= _MAX_CLASSES:
        return np.arange(n_classes)
    pairs = confused_pairs(matrix, np.arange(n_classes))
    confused = [position for pair in pairs for position in (pair.a, pair.b)]
    most_frequent = np.argsort(-matrix.sum(axis=1), kind="stable").tolist()
    return np.sort(list(dict.fromkeys(confused + most_frequent))[:_N_MOST_CONFUSED])


def _class_names(matrix: Any, labels: Any, name: str) -> Any:
    """Return the labels if given, else the names in a DataFrame, else None."""
    if not (hasattr(matrix, "columns") and hasattr(matrix, "index")):
        return labels
    rows, columns = matrix.index.tolist(), matrix.columns.tolist()
    got = f"got {short_repr(rows)} and {short_repr(columns)}"
    if rows != columns and set(rows) == set(columns):
        raise ValueError(
            f"matrix must have its index and its columns in the same order; {got}. "
            "Pass matrix[matrix.index]."
        )
    if labels is not None:
        return labels
    if rows != columns:
        raise ValueError(
            f"matrix must have the same names in its index and its columns; {got}. "
            f"Pass {name}, or add the missing rows and columns with "
            "matrix.reindex(index=names, columns=names, fill_value=0)."
        )
    return rows


def _check_counts(matrix: Any) -> np.ndarray:
    """Return a confusion matrix as a square array of integers."""
    counts = matrix.toarray() if issparse(matrix) else np.asarray(matrix)
    if counts.dtype == object:  # pandas' Int64, for example
        counts = np.array(counts.tolist())
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"matrix must be square; got shape {counts.shape}.")
    # Sparse matrices often hold counts as floats. Normalized ones have no value above
    # 1, and must not pass as counts.
    if counts.dtype.kind == "f" and counts.max(initial=0) > 1:
        integers = np.nan_to_num(counts).astype(np.int64)
        counts = integers if np.array_equal(integers, counts) else counts
    if counts.dtype.kind not in "iu" or not counts.any() or counts.min() < 0:
        raise ValueError(
            "matrix must hold counts, nonnegative integers of which at least one is "
            f"positive; got {short_repr(counts.tolist())}."
        )
    return counts


def _has_margins(counts: np.ndarray, names: list[Any]) -> bool:
    """Return whether a table ends in totals, as `pandas.crosstab` adds them.

    Counts can equal the sums of the others by chance, so the last name must also look
    like that of a total.
    """
    is_name_of_total = names[-1] == "All" or (
        isinstance(names[-1], str) and not isinstance(names[0], str)
    )
    inner = counts[:-1, :-1]
    return (
        is_name_of_total
        and np.array_equal(counts[-1, :-1], inner.sum(axis=0))
        and np.array_equal(counts[:-1, -1], inner.sum(axis=1))
    )
