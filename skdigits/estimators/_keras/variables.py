"""The numbers of a network: read, written and drawn."""

import math

import keras
import numpy as np

from skdigits.estimators._spec import State

# A layer may be frozen, which is no reason to list its weights elsewhere.
_NEVER_TRAINED = "moving_mean", "moving_variance", "seed_generator_state"


def read_state(network: keras.Sequential, *, with_optimizer: bool = True) -> State:
    """Return copies of the numbers, the optimizer's too if they are wanted."""
    trained, untrained = weights_of(network)

    def copies(variables: list[keras.Variable]) -> list[np.ndarray]:
        return [v.value.numpy() for v in variables]

    return State(
        copies(trained),
        copies(untrained),
        copies(network.optimizer.variables) if with_optimizer else None,
    )


def fresh_state(network: keras.Sequential) -> State:
    """Return the numbers of a new network; arrays of one number take no memory."""

    def compact(array: np.ndarray) -> np.ndarray:
        repeated = np.broadcast_to(array.flat[0], array.shape)
        return repeated if np.array_equal(array, repeated) else array

    return State(
        *([compact(v.value.numpy()) for v in group] for group in groups_of(network))
    )


def write_state(network: keras.Sequential, state: State) -> None:
    """Put numbers into a network; without any the optimizer keeps its own."""
    for group, values in zip(groups_of(network), state, strict=True):
        if values is not None:
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)


def groups_of(network: keras.Sequential) -> tuple[list[keras.Variable], ...]:
    """Return the variables in the groups of a `State`."""
    return *weights_of(network), network.optimizer.variables


def weights_of(
    network: keras.Sequential,
) -> tuple[list[keras.Variable], list[keras.Variable]]:
    """Return the variables that are trained and the others, be they frozen or not."""
    groups: tuple[list[keras.Variable], list[keras.Variable]] = [], []
    for variable in network.variables:
        groups[variable.name in _NEVER_TRAINED].append(variable)
    return groups


def first_state(
    network: keras.Sequential, fresh: State, rng: np.random.RandomState
) -> State:
    """Return a ``fresh`` state with kernels and seeds drawn from ``rng``.

    The kernels are drawn evenly, within bounds that keep the variance of what goes
    through a layer and of the gradients (Glorot and Bengio, 2010).
    """

    def value(variable: keras.Variable, fresh_value: np.ndarray) -> np.ndarray:
        if variable.name == "kernel":
            shape = fresh_value.shape
            bound = math.sqrt(6 / (math.prod(shape[:-2]) * sum(shape[-2:])))
            return rng.uniform(-bound, bound, shape).astype(fresh_value.dtype)
        if variable.name == "seed_generator_state":
            return np.array([draw_seed(rng), 0], fresh_value.dtype)
        return fresh_value

    trained, untrained = weights_of(network)
    return State(
        list(map(value, trained, fresh.trained)),
        list(map(value, untrained, fresh.untrained)),
        fresh.optimizer,
    )


def draw_seed(rng: np.random.RandomState) -> int:
    """Return a seed that TensorFlow accepts anywhere."""
    return int(rng.randint(np.iinfo(np.int32).max))
