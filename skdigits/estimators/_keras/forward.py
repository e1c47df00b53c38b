"""Prediction by TensorFlow: a network as a function of its weights."""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._keras.building import make_model
from skdigits.estimators._keras.network import layers_within
from skdigits.estimators._keras.variables import variables_of_one_name
from skdigits.estimators._spec import Network, NetworkState

_Tensors = list[tf.Tensor]
_VECTOR = 16  # samples: a multiple of the width of any vector instructions
_MAX_BYTES = 2**24  # of the widest layer, so that memory is bounded and reused
_MAX_THREADS = 3


class Forward(NamedTuple):
    """A function of weights and samples.

    It is fastest with ``n_samples`` at a time in each of ``n_threads``. While one waits
    for memory, the others compute.
    """

    probabilities: Callable[[_Tensors, _Tensors, np.ndarray], np.ndarray]
    n_samples: int
    n_threads: int


def weight_tensors(state: NetworkState) -> tuple[_Tensors, _Tensors]:
    """Return the trained values and the others as tensors."""
    trained: _Tensors = []
    untrained: _Tensors = []
    for value, is_trained in zip(state.variables, state.is_trained, strict=True):
        (trained if is_trained else untrained).append(tf.constant(value))
    return trained, untrained


@lru_cache(maxsize=16)
def forward(architecture: Network) -> Forward:
    """Return the function of weights and samples that all such networks share."""
    with variables_of_one_name():
        network = make_model(architecture)

    def probabilities(
        trained: _Tensors, untrained: _Tensors, x: tf.Tensor
    ) -> tf.Tensor:
        outputs, _ = network.stateless_call(trained, untrained, x, training=False)
        return tf.cast(outputs, architecture.dtype)

    function = tf.function(probabilities, autograph=False).get_concrete_function(
        [tf.TensorSpec(v.shape, v.dtype) for v in network.trainable_variables],
        [tf.TensorSpec(v.shape, v.dtype) for v in network.non_trainable_variables],
        tf.TensorSpec((None, *architecture.input_shape), architecture.dtype),
    )

    def of_arrays(trained: _Tensors, untrained: _Tensors, x: np.ndarray) -> np.ndarray:
        return function(trained, untrained, tf.constant(padded(x))).numpy()[: len(x)]

    n_values = max(map(math.prod, [architecture.input_shape, *output_shapes(network)]))
    bytes_per_sample = n_values * np.dtype(architecture.dtype).itemsize
    n_vectors = max(1, _MAX_BYTES // (bytes_per_sample * _VECTOR))
    # 0 stands for all cores.
    n_threads = tf.config.threading.get_intra_op_parallelism_threads() or _MAX_THREADS
    return Forward(of_arrays, n_vectors * _VECTOR, min(n_threads, _MAX_THREADS))


def output_shapes(network: keras.Model) -> Iterator[tuple[int, ...]]:
    """Yield the shape of the outputs of each layer."""
    for layer in layers_within(network):
        with suppress(AttributeError):  # a layer that is used more than once
            for tensor in keras.tree.flatten(layer.output):
                yield tensor.shape[1:]


def padded(x: np.ndarray) -> np.ndarray:
    """Return samples, padded with zeros to a multiple of what vector instructions take.

    Other instructions would compute the last few samples, and round differently. With
    padding, the probabilities of an image do not depend on its place.
    """
    n_missing = -len(x) % _VECTOR
    if not n_missing:
        return x
    return np.concatenate([x, np.zeros((n_missing, *x.shape[1:]), x.dtype)])
