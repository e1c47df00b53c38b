"""The metrics of each epoch."""

import math

import numpy as np


def joined_history(
    earlier: dict[str, list[float]], later: dict[str, list[float]]
) -> dict[str, list[float]]:
    """Return one history of both, with NaN where an epoch lacks a metric.

    Examples
    --------
    >>> earlier = {"loss": [0.9], "accuracy": [0.3]}
    >>> later = {"loss": [0.5], "accuracy": [0.6], "val_loss": [0.6]}
    >>> joined_history(earlier, later)
    {'loss': [0.9, 0.5], 'accuracy': [0.3, 0.6], 'val_loss': [nan, 0.6]}
    """
    parts = [(part, len(part.get("loss", ()))) for part in (earlier, later)]
    return {
        name: [
            value
            for part, n_epochs in parts
            for value in part.get(name, [math.nan] * n_epochs)
        ]
        for name in {"loss": None, "accuracy": None} | earlier | later
    }


def best_epoch(history: dict[str, list[float]]) -> int:
    """Return the epoch of the lowest (validation) loss, counted from 1; 0 if none.

    Examples
    --------
    >>> best_epoch({"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.7]})
    2
    """
    losses = history.get("val_loss", history["loss"])
    return int(np.nan_to_num(losses, nan=np.inf).argmin()) + 1 if losses else 0
