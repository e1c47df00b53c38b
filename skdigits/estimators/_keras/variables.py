"""The variables of a network: their values are read, written and drawn."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._spec import Architecture, NetworkState

# The names that Keras gives to variables.
_KERNEL, _SEED = "kernel", "seed_generator_state"
# A layer may be frozen, so whether a variable is trainable now does not tell.
_NEVER_TRAINED = "moving_mean", "moving_variance", _SEED


def variables_of_one_name() -> AbstractContextManager[None]:
    """Give all of TensorFlow's variables one name; those of Keras keep their names.

    TensorFlow keeps 36 kB for each pair of a name and a shape that a variable had.
    """

    def renamed(make: Callable[..., tf.Variable], **kwargs: Any) -> tf.Variable:
        with tf.name_scope("all/"):
            return make(**{**kwargs, "name": "variable"})

    return tf.variable_creator_scope(renamed)


def check_names(network: keras.Sequential, architecture: Architecture) -> None:
    """Raise RuntimeError if Keras names the variables otherwise than we know.

    The weights would silently stay 0, or the seeds the same.
    """
    n_seeds = architecture.count("Dropout")
    n_normalizations = architecture.count("BatchNormalization")
    expected = {
        _KERNEL: architecture.count("Dense", "Conv2D"),
        _SEED: n_seeds,
        "moving_mean": n_normalizations,
        "moving_variance": n_normalizations,
    }
    names = [variable.name for variable in network.variables]
    for name, n in expected.items():
        if names.count(name) != n:
            raise RuntimeError(
                f"A network must have {n} variables named {name!r}; Keras "
                f"{keras.__version__} made {names.count(name)}, among {names}. This "
                "version of Keras is not supported."
            )


def read_state(
    network: keras.Sequential, *, with_optimizer: bool = True
) -> NetworkState:
    """Return copies of the values, including the optimizer's if they are wanted."""
    trained, untrained = weights_of(network)

    def copies(variables: list[keras.Variable]) -> list[np.ndarray]:
        return [v.value.numpy() for v in variables]

    return NetworkState(
        copies(trained),
        copies(untrained),
        copies(network.optimizer.variables) if with_optimizer else None,
    )


def initial_state(network: keras.Sequential) -> NetworkState:
    """Return the values of a new network; arrays of one number take no memory."""

    def compact(array: np.ndarray) -> np.ndarray:
        repeated = np.broadcast_to(array.flat[0], array.shape)
        return repeated if np.array_equal(array, repeated) else array

    return NetworkState(
        *([compact(v.value.numpy()) for v in group] for group in groups_of(network))
    )


def write_state(network: keras.Sequential, state: NetworkState) -> None:
    """Write values to a network; an optimizer without any keeps its own."""
    for group, values in zip(groups_of(network), state, strict=True):
        if values is not None:
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)


def groups_of(network: keras.Sequential) -> tuple[list[keras.Variable], ...]:
    """Return the variables in the groups of a `NetworkState`."""
    return *weights_of(network), network.optimizer.variables


def weights_of(
    network: keras.Sequential,
) -> tuple[list[keras.Variable], list[keras.Variable]]:
    """Return the variables that are trained and the others, frozen or not."""
    groups: tuple[list[keras.Variable], list[keras.Variable]] = [], []
    for variable in network.variables:
        groups[variable.name in _NEVER_TRAINED].append(variable)
    return groups


def drawn_state(
    network: keras.Sequential, initial: NetworkState, rng: np.random.RandomState
) -> NetworkState:
    """Return an ``initial`` state with kernels and seeds drawn from ``rng``.

    The kernels are drawn from a uniform distribution whose bounds preserve the variance
    of the outputs of a layer and of the gradients (Glorot and Bengio, 2010).
    """

    def value(variable: keras.Variable, initial_value: np.ndarray) -> np.ndarray:
        if variable.name == _KERNEL:
            shape = initial_value.shape
            bound = math.sqrt(6 / (math.prod(shape[:-2]) * sum(shape[-2:])))
            return rng.uniform(-bound, bound, shape).astype(initial_value.dtype)
        if variable.name == _SEED:
            return np.array([draw_seed(rng), 0], initial_value.dtype)
        return initial_value

    trained, untrained = weights_of(network)
    return NetworkState(
        list(map(value, trained, initial.trained)),
        list(map(value, untrained, initial.untrained)),
        initial.optimizer,
    )


def draw_seed(rng: np.random.RandomState) -> int:
    """Return a seed that all of TensorFlow accepts."""
    return int(rng.randint(np.iinfo(np.int32).max))
