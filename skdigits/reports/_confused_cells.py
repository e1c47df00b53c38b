"""The most frequent mistakes, with some of the digits behind each."""

from typing import Any, NamedTuple

import numpy as np

from skdigits.reports._predictions import Predictions


class ConfusedCell(NamedTuple):
    """An off-diagonal cell of the confusion matrix.

    Attributes
    ----------
    true, predicted : label
        True and predicted label of the digits.
    n_digits : int
        Number of digits.
    indices : ndarray of shape (n_samples,)
        Indices of some of them, in descending order of confidence.
    """

    true: Any
    predicted: Any
    n_digits: int
    indices: np.ndarray


def confused_cells(
    predictions: Predictions, n_cells: int, n_samples: int
) -> list[ConfusedCell]:
    """Return the most frequent mistakes, with the most confident digits of each.

    Examples
    --------
    >>> from skdigits.reports._predictions import check_predictions
    >>> predictions = check_predictions([4, 9, 4, 4], y_pred=[4, 4, 9, 9])
    >>> for cell in confused_cells(predictions, 2, 6):
    ...     print(cell.true, cell.predicted, cell.n_digits, cell.indices)
    4 9 2 [2 3]
    9 4 1 [1]
    """
    wrong = np.flatnonzero(~predictions.is_correct & predictions.has_weight)
    if predictions.confidence is not None:
        wrong = wrong[np.argsort(-predictions.confidence[wrong], kind="stable")]
    n_classes, labels = len(predictions.classes), predictions.classes.tolist()
    kinds = predictions.true[wrong] * n_classes + predictions.predicted[wrong]
    found, counts = np.unique(kinds, return_counts=True)
    cells = []
    for k in np.argsort(-counts, kind="stable")[:n_cells]:
        true, predicted = divmod(int(found[k]), n_classes)
        indices = wrong[kinds == found[k]][:n_samples]
        cells.append(
            ConfusedCell(labels[true], labels[predicted], int(counts[k]), indices)
        )
    return cells
