"""The variables of a network: their values are read, written and drawn."""

import math
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._spec import Architecture, NetworkState

# The names that Keras gives to variables.
_KERNEL, _SEED = "kernel", "seed_generator_state"


def variables_of_one_name() -> AbstractContextManager[None]:
    """Give all of TensorFlow's variables one name; those of Keras keep their names.

    TensorFlow keeps 36 kB for each pair of a name and a shape that a variable had.
    """

    def renamed(make: Callable[..., tf.Variable], **kwargs: Any) -> tf.Variable:
        with tf.name_scope("all/"):
            return make(**{**kwargs, "name": "variable"})

    return tf.variable_creator_scope(renamed)


@contextmanager
def unchanged_random_state() -> Iterator[None]:
    """Restore Python's random state, from which Keras draws the seeds of layers."""
    before = random.getstate()
    try:
        yield
    finally:
        random.setstate(before)


@contextmanager
def recorded_variables() -> Iterator[list[tuple[tf.Variable, np.ndarray]]]:
    """Record the variables of TensorFlow that are made, with their first values."""
    made: list[tuple[tf.Variable, np.ndarray]] = []

    def recorded(make: Callable[..., tf.Variable], **kwargs: Any) -> tf.Variable:
        variable = make(**kwargs)
        with tf.init_scope():
            made.append((variable, variable.numpy()))
        return variable

    with tf.variable_creator_scope(recorded):
        yield made


def check_names(network: keras.Sequential, architecture: Architecture) -> None:
    """Raise RuntimeError if Keras names the variables otherwise than we know.

    The weights would silently stay 0, or the seeds the same.
    """
    expected = {
        _KERNEL: architecture.count("Dense", "Conv2D"),
        _SEED: architecture.count("Dropout"),
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
    network: keras.Model, is_trained: tuple[bool, ...], *, with_optimizer: bool = True
) -> NetworkState:
    """Return copies of the values, including the optimizer's if they are wanted.

    A layer may be frozen now, so that ``is_trained`` is from when it was made.
    """

    def copies(variables: list[keras.Variable]) -> list[np.ndarray]:
        return [v.value.numpy() for v in variables]

    return NetworkState(
        copies(network.variables),
        is_trained,
        copies(network.optimizer.variables) if with_optimizer else None,
    )


def initial_state(network: keras.Model) -> NetworkState:
    """Return the values of a new network; arrays of one number take no memory."""

    def compact(variable: keras.Variable) -> np.ndarray:
        array = variable.value.numpy()
        repeated = np.broadcast_to(array.flat[0], array.shape)
        return repeated if np.array_equal(array, repeated) else array

    return NetworkState(
        list(map(compact, network.variables)),
        tuple(variable.trainable for variable in network.variables),
        list(map(compact, network.optimizer.variables)),
    )


def write_state(network: keras.Model, state: NetworkState) -> None:
    """Write values to a network; an optimizer without any keeps its own."""
    values = [*state.variables, *(state.optimizer or [])]
    variables = all_variables(network) if state.optimizer else network.variables
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def all_variables(network: keras.Model) -> list[keras.Variable]:
    """Return the variables of a network and of its optimizer."""
    return [*network.variables, *network.optimizer.variables]


def drawn_values(
    network: keras.Model, values: list[np.ndarray], rng: np.random.RandomState
) -> list[np.ndarray]:
    """Return the values of a network with kernels and seeds drawn from ``rng``.

    The kernels are drawn from a uniform distribution whose bounds preserve the variance
    of the outputs of a layer and of the gradients (Glorot and Bengio, 2010).
    """

    def kernel(value: np.ndarray) -> np.ndarray:
        bound = math.sqrt(6 / (math.prod(value.shape[:-2]) * sum(value.shape[-2:])))
        return rng.uniform(-bound, bound, value.shape).astype(value.dtype)

    def seed(value: np.ndarray) -> np.ndarray:
        return np.array([draw_seed(rng), 0], value.dtype)

    for name, draw in ((_KERNEL, kernel), (_SEED, seed)):
        values = [
            draw(value) if variable.name == name else value
            for variable, value in zip(network.variables, values, strict=True)
        ]
    return values


def draw_seed(rng: np.random.RandomState) -> int:
    """Return a seed that all of TensorFlow accepts."""
    return int(rng.randint(np.iinfo(np.int32).max))
