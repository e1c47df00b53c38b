"""The samples that the classifiers of a trial misread, out of fold."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing

from skdigits.reports._predictions import images_or_none

_MAX_STORED = 1000  # samples of a trial, some 10 kB in its storage
_MAX_SHOWN_CELLS, _MAX_SHOWN_PER_CELL = 5, 8  # of the confusion matrix


class Misread(NamedTuple):
    """A sample that was misread by a classifier which was not fitted on it.

    Attributes
    ----------
    sample_index : int
        Its index in the data of the search.
    true, predicted : label
        Its label and the predicted label.
    """

    sample_index: int
    true: Any
    predicted: Any


def find_misread(
    indices: np.ndarray, y_true: Any, y_pred: Any, classes: np.ndarray
) -> np.ndarray:
    """Return the index of each misread sample, and its cell of the confusion matrix.

    Examples
    --------
    >>> find_misread(np.array([5, 8]), ["a", "b"], ["a", "a"], np.array(["a", "b"]))
    array([[8, 2]])
    """
    true, predicted = (
        np.searchsorted(classes, np.asarray(labels)) for labels in (y_true, y_pred)
    )
    wrong = true != predicted
    return np.column_stack([indices, true * len(classes) + predicted])[wrong]


def pool_misread(of_folds: Sequence[np.ndarray]) -> list[list[int]]:
    """Return the misread samples of all folds and their cells, as JSON stores them.

    Samples that are misread in most folds come first. If there are too many to store,
    an evenly spaced selection is kept.

    Examples
    --------
    >>> pool_misread([np.array([[5, 1]]), np.array([[4, 2], [5, 1]])])
    [[5, 4], [1, 2]]
    """
    pairs, times = np.unique(np.concatenate(of_folds), axis=0, return_counts=True)
    pairs = pairs[np.argsort(-times, kind="stable")]
    if len(pairs) > _MAX_STORED:
        pairs = pairs[np.linspace(0, len(pairs) - 1, _MAX_STORED).astype(int)]
    return pairs.T.tolist()


def load_misread(
    stored: Sequence[Sequence[int]] | None, classes: np.ndarray, matrix: np.ndarray
) -> list[Misread]:
    """Return the misread samples stored with a trial, most frequent confusions first.

    ``matrix`` is the confusion matrix of the trial.
    """
    if not stored:
        return []
    indices, cells = np.asarray(stored, int)
    order = np.lexsort([np.arange(len(cells)), cells, -matrix.ravel()[cells]])
    labels = classes.tolist()
    return [
        Misread(index, labels[cell // len(labels)], labels[cell % len(labels)])
        for index, cell in zip(
            indices[order].tolist(), cells[order].tolist(), strict=True
        )
    ]


def shown_misread(misread: Iterable[Misread]) -> dict[tuple[Any, Any], list[int]]:
    """Return the samples that a report shows, by true and predicted label."""
    cells: dict[tuple[Any, Any], list[int]] = {}
    for index, *labels in misread:
        cells.setdefault(tuple(labels), []).append(index)
    return {
        labels: indices[:_MAX_SHOWN_PER_CELL]
        for labels, indices in [*cells.items()][:_MAX_SHOWN_CELLS]
    }


def misread_images(X: Any, misread: Iterable[Misread]) -> dict[int, np.ndarray]:
    """Return the images of the samples that a report shows, by their index.

    The dict is empty if the samples are not images.
    """
    indices = [i for of_cell in shown_misread(misread).values() for i in of_cell]
    images = images_or_none(_safe_indexing(X, indices)) if indices else None
    return {} if images is None else dict(zip(indices, images, strict=True))
