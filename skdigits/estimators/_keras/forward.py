"""Any network as a TensorFlow function of its weights."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._keras.building import make_layers, variables_of_one_name
from skdigits.estimators._spec import Architecture, State

_Tensors = list[tf.Tensor]
_VECTOR = 16  # rows, which any vector instructions divide
_MOST_BYTES = 2**24  # of the widest layer: memory is bounded, and used again


class Forward(NamedTuple):
    """A function of weights and rows, and how many rows it best takes at once."""

    probabilities: Callable[[_Tensors, _Tensors, np.ndarray], np.ndarray]
    rows_at_once: int


def weight_tensors(state: State) -> tuple[_Tensors, _Tensors]:
    """Return the weights as tensors."""
    return (
        [tf.constant(value) for value in state.trained],
        [tf.constant(value) for value in state.untrained],
    )


@lru_cache(maxsize=16)
def forward(architecture: Architecture) -> Forward:
    """Return the function of weights and rows that all such networks share."""
    with variables_of_one_name():
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

    def of_rows(trained: _Tensors, untrained: _Tensors, rows: np.ndarray) -> np.ndarray:
        filled = tf.constant(filled_up(rows))
        return function(trained, untrained, filled).numpy()[: len(rows)]

    shapes = [architecture.input_shape, *(x.output.shape[1:] for x in network.layers)]
    bytes_per_row = max(map(math.prod, shapes)) * np.dtype(architecture.dtype).itemsize
    n_vectors = max(1, _MOST_BYTES // (bytes_per_row * _VECTOR))
    return Forward(of_rows, n_vectors * _VECTOR)


def filled_up(rows: np.ndarray) -> np.ndarray:
    """Return rows filled up with 0 to what vector instructions take.

    The last few rows would be computed by other instructions and rounded in another
    way. Filled up, an image has the same probabilities wherever it stands.
    """
    missing = -len(rows) % _VECTOR
    if not missing:
        return rows
    return np.concatenate([rows, np.zeros((missing, *rows.shape[1:]), rows.dtype)])
