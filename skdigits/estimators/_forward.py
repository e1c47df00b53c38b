"""Any network as a TensorFlow function of its weights."""

from collections.abc import Callable
from functools import lru_cache

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._network import make_layers
from skdigits.estimators._plain import Architecture, State

_Tensors = list[tf.Tensor]


def weight_tensors(state: State) -> tuple[_Tensors, _Tensors]:
    """Return the weights as tensors."""
    return (
        [tf.constant(value) for value in state.trained],
        [tf.constant(value) for value in state.untrained],
    )


@lru_cache(maxsize=16)
def forward(
    architecture: Architecture,
) -> Callable[[_Tensors, _Tensors, np.ndarray], tf.Tensor]:
    """Return the function of weights and rows that all such networks share."""
    network = keras.Sequential(make_layers(architecture))

    def probabilities(
        trained: _Tensors, untrained: _Tensors, rows: tf.Tensor
    ) -> tf.Tensor:
        return network.stateless_call(trained, untrained, rows, training=False)[0]

    function = tf.function(probabilities, autograph=False).get_concrete_function(
        [tf.TensorSpec(v.shape, v.dtype) for v in network.trainable_variables],
        [tf.TensorSpec(v.shape, v.dtype) for v in network.non_trainable_variables],
        tf.TensorSpec((None, *architecture.input_shape), architecture.dtype),
    )
    return lambda trained, untrained, rows: function(
        trained, untrained, tf.constant(rows)
    )
