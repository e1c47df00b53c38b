"""Which rows the classifiers of a trial misread, out of fold."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing

from skdigits.reports._predictions import images_or_none

# A trial keeps no more of them in its storage: some 10 kB.
_MOST_KEPT = 1000
_MOST_KINDS, _MOST_OF_A_KIND = 5, 8


class Misread(NamedTuple):
    """A row that was misread by a classifier which was not fitted on it.

    Attributes
    ----------
    row : int
        Its position in the data of the search.
    true, predicted : label
        What it is, and what it was read as.
    """

    row: int
    true: Any
    predicted: Any


def misread_among(
    rows: np.ndarray, y_true: Any, y_pred: Any, classes: np.ndarray
) -> np.ndarray:
    """Return the rows misread, each beside the cell of the confusion matrix it is in.

    Examples
    --------
    >>> misread_among(np.array([5, 8]), ["a", "b"], ["a", "a"], np.array(["a", "b"]))
    array([[8, 2]])
    """
    true, predicted = (
        np.searchsorted(classes, np.asarray(labels)) for labels in (y_true, y_pred)
    )
    wrong = true != predicted
    return np.column_stack([rows, true * len(classes) + predicted])[wrong]


def kept_misread(of_folds: Sequence[np.ndarray]) -> list[list[int]]:
    """Return the rows misread in any fold, and their cells, as JSON has them.

    Those misread in most folds come first. Of more than a storage should hold, some
    are kept, evenly spread.

    Examples
    --------
    >>> kept_misread([np.array([[5, 1]]), np.array([[4, 2], [5, 1]])])
    [[5, 4], [1, 2]]
    """
    found, times = np.unique(np.concatenate(of_folds), axis=0, return_counts=True)
    found = found[np.argsort(-times, kind="stable")]
    if len(found) > _MOST_KEPT:
        found = found[np.linspace(0, len(found) - 1, _MOST_KEPT).astype(int)]
    return found.T.tolist()


def misread_rows(
    kept: Sequence[Sequence[int]] | None, classes: np.ndarray, matrix: np.ndarray
) -> list[Misread]:
    """Return what a trial has kept, the most frequent mistakes of the matrix first."""
    if not kept:
        return []
    rows, cells = np.asarray(kept, int)
    order = np.lexsort([np.arange(len(cells)), cells, -matrix.ravel()[cells]])
    names = classes.tolist()
    return [
        Misread(row, names[cell // len(names)], names[cell % len(names)])
        for row, cell in zip(rows[order].tolist(), cells[order].tolist(), strict=True)
    ]


def shown_misread(misread: Iterable[Misread]) -> dict[tuple[Any, Any], list[int]]:
    """Return some rows of the most frequent mistakes, by label and reading."""
    kinds: dict[tuple[Any, Any], list[int]] = {}
    for row, *kind in misread:
        kinds.setdefault(tuple(kind), []).append(row)
    return {kind: kinds[kind][:_MOST_OF_A_KIND] for kind in [*kinds][:_MOST_KINDS]}


def images_of_misread(X: Any, misread: Iterable[Misread]) -> dict[int, np.ndarray]:
    """Return the images of the rows that are shown, by row; none if X has no images."""
    rows = [row for of_kind in shown_misread(misread).values() for row in of_kind]
    images = images_or_none(_safe_indexing(X, rows)) if rows else None
    return {} if images is None else dict(zip(rows, images, strict=True))
