"""Confusion matrices: what they come in, and what is drawn of them."""

import warnings
from reprlib import repr as in_short
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.metrics import confusion_matrix

from skdigits.reports._metrics import confused_pairs
from skdigits.reports._predictions import Predictions, predictions_from_counts

_MOST_CLASSES = 30  # of which all are drawn
_N_CONFUSED = 20  # of which are drawn otherwise
_SUMMED_AXES: dict[str, int | tuple[int, int]] = {"true": 1, "pred": 0, "all": (0, 1)}


def predictions_from_matrix(
    matrix: Any, labels: Any = None, *, name: str = "labels"
) -> Predictions:
    """Return what a confusion matrix tells, once it is checked.

    Parameters
    ----------
    matrix : array-like, sparse matrix or DataFrame of shape (n_classes, n_classes)
        How often each class (row) was read as each class (column).
    labels : array-like of shape (n_classes,), default=None
        The classes. By default, the names of a DataFrame, otherwise 0, 1 and so on.
    name : str, default="labels"
        The parameter that the labels are given as.

    Raises
    ------
    ValueError
        If the matrix is not square or does not hold counts, or if the labels do not
        fit it.

    Examples
    --------
    >>> known = predictions_from_matrix([[9, 0], [3, 7]], labels=["no", "yes"])
    >>> known.true, known.predicted, known.weights
    (array([0, 1, 1]), array([0, 0, 1]), array([9, 3, 7]))
    """
    names = _names_of(matrix, labels, name)
    counts = _counts(matrix)
    if hasattr(matrix, "columns") and _has_margins(counts, matrix.index.tolist()):
        raise ValueError(
            "matrix must not hold sums; its last row and column are the sums of the "
            "others, as pandas.crosstab(margins=True) adds them. Pass "
            "matrix.iloc[:-1, :-1]."
        )
    classes = np.arange(len(counts)) if names is None else np.asarray(names)
    if classes.shape != (len(counts),):
        raise ValueError(
            f"{name} must hold {len(counts)} labels, one for each row of matrix; got "
            f"{in_short(names)}."
        )
    if len(set(classes.tolist())) < len(classes):
        raise ValueError(
            f"{name} must differ from one another; got {in_short(classes.tolist())}."
        )
    return predictions_from_counts(counts, classes)


def count_predictions(predictions: Predictions) -> np.ndarray:
    """Return how often each class (row) was read as each class (column)."""
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
    """Return shares of the rows, the columns or the whole; 0 of what holds nothing.

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
    """Return the positions of all classes, or of those confused most often if many.

    Examples
    --------
    >>> counts = np.diag(np.arange(40))
    >>> counts[3, 30] = 9
    >>> classes_to_draw(counts).tolist()[:3]
    [3, 21, 22]
    """
    n_classes = len(matrix)
    if n_classes <= _MOST_CLASSES:
        return np.arange(n_classes)
    pairs = confused_pairs(matrix, np.arange(n_classes))
    confused = [position for pair in pairs for position in (pair.a, pair.b)]
    most_frequent = np.argsort(-matrix.sum(axis=1), kind="stable").tolist()
    return np.sort(list(dict.fromkeys(confused + most_frequent))[:_N_CONFUSED])


def _names_of(matrix: Any, labels: Any, name: str) -> Any:
    """Return the labels given, otherwise the names of a DataFrame, otherwise None."""
    if not (hasattr(matrix, "columns") and hasattr(matrix, "index")):
        return labels
    rows, columns = matrix.index.tolist(), matrix.columns.tolist()
    got = f"got {in_short(rows)} and {in_short(columns)}"
    if rows != columns and set(rows) == set(columns):
        raise ValueError(
            f"matrix must have its columns in the order of its index; {got}. Give "
            "matrix[matrix.index]."
        )
    if labels is not None:
        return labels
    if rows != columns:
        raise ValueError(
            f"matrix must have the same names in its index and its columns; {got}. "
            f"Give {name}, or a matrix that has a row and a column for every class, as "
            "matrix.reindex(index=names, columns=names, fill_value=0) makes it."
        )
    return rows


def _counts(matrix: Any) -> np.ndarray:
    """Return a square array of whole numbers."""
    counts = matrix.toarray() if issparse(matrix) else np.asarray(matrix)
    if counts.dtype == object:  # as of pandas' Int64
        counts = np.array(counts.tolist())
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"matrix must be square; got the shape {counts.shape}.")
    # Sparse matrices often hold counts as floats. A normalized one has none above 1.
    if counts.dtype.kind == "f" and counts.max(initial=0) > 1:
        whole = np.nan_to_num(counts).astype(np.int64)
        counts = whole if np.array_equal(whole, counts) else counts
    if counts.dtype.kind not in "iu" or not counts.any() or counts.min() < 0:
        raise ValueError(
            "matrix must hold counts, whole numbers of which none is negative and some "
            f"are positive; got {in_short(counts.tolist())}."
        )
    return counts


def _has_margins(counts: np.ndarray, names: list[Any]) -> bool:
    """Return whether a table ends in sums, as `pandas.crosstab` adds them.

    A few counts may be the sums of the others by chance: the name must tell as well.
    """
    is_name_of_sums = names[-1] == "All" or (
        isinstance(names[-1], str) and not isinstance(names[0], str)
    )
    inner = counts[:-1, :-1]
    return (
        is_name_of_sums
        and np.array_equal(counts[-1, :-1], inner.sum(axis=0))
        and np.array_equal(counts[:-1, -1], inner.sum(axis=1))
    )
