"""How a network is to be trained, besides what Keras is told."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from skdigits.estimators._spec import LearningRates
from skdigits.preprocessing._augmentation import Augmentation


class FitPlan(NamedTuple):
    """What `DigitNetwork.fit` is told besides the arguments of ``keras.Model.fit``.

    SciKeras passes it on unchanged. It would round ``sample_weight`` to float32 and
    keep ``callbacks`` forever, so the plan has both.

    Parameters
    ----------
    sample_weight : ndarray of shape (n_samples,) or None
        Weights of the samples.
    shuffle_seed : int or None
        The seed on which the order of the samples depends; None keeps their order.
    rates : LearningRates or None
        A schedule of the learning rate that ends with the last epoch.
    callbacks : sequence of keras.callbacks.Callback
        Callbacks, which are released when the training ends.
    stacked : bool
        Whether to put many batches into a stack: if not, each batch is one.
    is_observed : bool
        Whether callbacks may read or change the network within an epoch.
    label_smoothing : float
        The share of each target that is spread over all classes.
    augment : callable or None
        Returns changed copies of images, of the same shape, given a generator of
        random numbers.
    """

    sample_weight: np.ndarray | None = None
    shuffle_seed: int | None = 0
    rates: LearningRates | None = None
    callbacks: Sequence[keras.callbacks.Callback] = ()
    stacked: bool = True
    is_observed: bool = True
    label_smoothing: float = 0.0
    augment: Augmentation | None = None


def smoothed(y: np.ndarray, amount: float) -> np.ndarray:
    """Return one-hot targets with a share of each spread over all classes.

    Examples
    --------
    >>> smoothed(np.eye(4)[:1], 0.2).round(2)
    array([[0.85, 0.05, 0.05, 0.05]])
    """
    return (1 - amount) * y + amount / y.shape[1]


def scaled_weights(weight: np.ndarray | None, n_samples: int, dtype: Any) -> np.ndarray:
    """Return sample weights with a mean of 1 over the samples that have a weight."""
    if weight is None:
        return np.ones(n_samples, dtype)
    is_in = weight > 0
    mean = np.mean(weight, where=is_in, dtype="float64")
    scaled = (weight / mean).astype(dtype)
    # A weight that was rounded to 0 would count as absent.
    return np.maximum(scaled, np.finfo(dtype).tiny, out=scaled, where=is_in)
