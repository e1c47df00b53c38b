"""The average of the weights over the updates of a training."""

from collections.abc import Sequence

import keras
import tensorflow as tf


class WeightAverage:
    """An exponential moving average of weights.

    Outside of a training step, the network has the averages, so that whatever reads its
    weights gets them: validation, callbacks, early stopping. `raw` then has the weights
    that are trained. Within a step it is the other way round.

    Keras' optimizers can average, too, but from the first weights on, which then
    dominate the average for hundreds of updates. They also lose the raw weights at the
    end of a training, which could not be resumed.

    Parameters
    ----------
    weights : sequence of keras.Variable
        The weights of the network; none to average nothing.
    momentum : float
        The share of the average that an update leaves.
    """

    def __init__(
        self, weights: Sequence[keras.Variable] = (), momentum: float = 0.0
    ) -> None:
        self._weights = weights
        self._momentum = momentum
        self.raw = [
            keras.Variable(weight.numpy(), dtype=weight.dtype, trainable=False)
            for weight in weights
        ]

    def swap(self) -> None:
        """Exchange the averages and the weights that are trained."""
        for weight, raw in zip(self._weights, self.raw, strict=True):
            value = tf.identity(weight.value)
            weight.assign(raw.value)
            raw.assign(value)

    def update(self, n_updates: tf.Tensor) -> None:
        """Add the weights to the averages, within a step and after an update.

        The momentum after n earlier updates is at most (1 + n) / (10 + n), as in
        TensorFlow's `ExponentialMovingAverage`. The average thus forgets the first
        weights early.
        """
        for weight, average in zip(self._weights, self.raw, strict=True):
            n = tf.cast(n_updates, average.dtype)
            momentum = tf.minimum(n / (n + 9), self._momentum)
            average.assign(momentum * average.value + (1 - momentum) * weight.value)

    def restart(self) -> None:
        """Train from the weights that the network has been given."""
        for weight, raw in zip(self._weights, self.raw, strict=True):
            raw.assign(weight.value)
