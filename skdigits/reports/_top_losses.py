"""The samples with the highest losses."""

from typing import Any, NamedTuple

import numpy as np

from skdigits.reports._predictions import Predictions


class TopLoss(NamedTuple):
    """A sample whose label has a low probability.

    Attributes
    ----------
    sample_index : int
        Index of the sample.
    true, predicted : label
        True and predicted label.
    confidence : float
        Probability of the predicted label.
    loss : float
        Negative logarithm of the probability of the true label.
    """

    sample_index: int
    true: Any
    predicted: Any
    confidence: float
    loss: float


def top_losses(predictions: Predictions, n: int) -> list[TopLoss]:
    """Return the samples with the highest losses, in descending order.

    Examples
    --------
    >>> from skdigits.reports._predictions import check_predictions
    >>> predictions = check_predictions([0, 1], [[0.9, 0.1], [0.8, 0.2]])
    >>> top_losses(predictions, 1)[0]._replace(loss=None)
    TopLoss(sample_index=1, true=1, predicted=0, confidence=0.8, loss=None)
    """
    proba, confidence = predictions.proba, predictions.confidence
    if proba is None or confidence is None:
        raise ValueError("The report must have probabilities; got none.")
    true_proba = proba[np.arange(len(proba)), predictions.true]
    order = np.argsort(true_proba, kind="stable")
    order = order[predictions.has_weight[order]][:n]
    losses = -np.log(np.maximum(true_proba[order], np.finfo(proba.dtype).eps))
    labels = predictions.classes.tolist()
    return [
        TopLoss(
            int(predictions.sample_indices[i]),
            labels[predictions.true[i]],
            labels[predictions.predicted[i]],
            float(confidence[i]),
            float(loss) + 0.0,  # not -0.0
        )
        for i, loss in zip(order, losses, strict=True)
    ]
