"""Exponential moving averages of the weights, which Keras' optimizers keep."""

from typing import Any

import keras
import tensorflow as tf

from skdigits.estimators._spec import OptimizerSpec


class AveragedWeights(keras.callbacks.Callback):
    """Give the network its averaged weights whenever it is not being trained.

    The averages and the weights change places. In between, the optimizer holds the
    weights, with which a training can be resumed. Keras' `SwapEMAWeights` swaps them by
    sums, which rounds them.

    Parameters
    ----------
    network : keras.Model
        The network.
    has_averages : bool
        Whether the network has its averages at the start.
    """

    def __init__(self, network: keras.Model, has_averages: bool) -> None:
        super().__init__()
        self._network = network
        self._has_averages = has_averages

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Bring the weights back."""
        self._swap(to_averages=False)

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the averages in place."""
        self._swap(to_averages=True)

    def on_epoch_end(self, epoch: int | None = None, logs: Any = None) -> None:
        """Put the averages in place, also after an interrupt within an epoch."""
        self._swap(to_averages=True)

    def _swap(self, *, to_averages: bool) -> None:
        if to_averages == self._has_averages:
            return
        self._has_averages = to_averages
        weights = self._network.trainable_variables
        averages = self._network.optimizer._model_variables_moving_average
        for weight, average in zip(weights, averages, strict=True):
            value = weight.value.numpy()
            weight.assign(average.value)
            average.assign(value)


def with_averages(spec: OptimizerSpec, momentum: float | None) -> OptimizerSpec:
    """Return an optimizer that averages the weights.

    Raises
    ------
    ValueError
        If it is an optimizer whose updates another one makes.
    """
    if momentum is None:
        return spec
    if spec.kind is keras.optimizers.LossScaleOptimizer:
        raise ValueError(
            "weight_averaging must be None with a LossScaleOptimizer; got "
            f"{momentum!r}. Set use_ema in its inner optimizer."
        )
    averages = {"use_ema": True, "ema_momentum": float(momentum)}
    return spec._replace(settings={**spec.settings, **averages})


def early_momentum(momentum: float, n_updates: tf.Tensor) -> tf.Tensor:
    """Return the momentum of an average after some updates.

    It is at most (1 + n) / (10 + n) after n updates, as in TensorFlow's
    `ExponentialMovingAverage`. The average thus forgets the first weights early.
    """
    return tf.minimum((1 + n_updates) / (10 + n_updates), momentum)
