"""A trained network as plain data, which predicts and can be pickled and copied."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.estimators._numpy_forward import (
    best_number_of_samples,
    numpy_is_best,
    numpy_probabilities,
)
from skdigits.estimators._spec import (
    Architecture,
    Network,
    NetworkState,
    OptimizerSpec,
)
from skdigits.estimators._tensorflow import check_tensorflow

if TYPE_CHECKING:
    import keras


class TrainedNetwork:
    """A network with the values that a training gave to its variables.

    Parameters
    ----------
    architecture : Network
        The layers.
    optimizer : OptimizerSpec
        The optimizer.
    state : NetworkState
        The values of the variables. They include those of the optimizer if the
        training can be resumed.
    """

    def __init__(
        self, architecture: Network, optimizer: OptimizerSpec, state: NetworkState
    ) -> None:
        self.architecture = architecture
        self.optimizer = optimizer
        self._state = state

    @cached_property
    def model(self) -> "keras.Model":
        """The Keras network. Once it is made, predictions use its weights."""
        check_tensorflow()
        from skdigits.estimators._keras.building import make_plain_network

        return make_plain_network(self.architecture, self.optimizer, self._state)

    @property
    def state(self) -> NetworkState:
        """The current values. Weights that were set in `model` are trained further."""
        stored = self._state
        state = self._present(with_optimizer=stored.optimizer is not None)
        is_new = not all(map(np.array_equal, state.weights, stored.weights))
        return state._replace(raw=None if is_new else stored.raw)

    def state_for(self, optimizer: OptimizerSpec) -> NetworkState:
        """Return the values from which training with an optimizer resumes.

        The values of another kind of optimizer are left out.
        """
        state = self.state
        if self.optimizer.key == optimizer.key:
            return state
        return state._replace(optimizer=None)

    def _present(self, *, with_optimizer: bool) -> NetworkState:
        if "model" not in vars(self):
            return self._state
        from skdigits.estimators._keras.variables import read_state

        return read_state(
            self.model, self._state.is_trained, with_optimizer=with_optimizer
        )

    def predict_proba(
        self, X: np.ndarray, to_input: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Return the class probabilities of samples.

        NumPy computes dense networks and few images, and TensorFlow all others, in
        parts. ``to_input`` converts a part to the input of the network.
        """
        compute: Callable[[np.ndarray], np.ndarray]
        layers = self.architecture
        if isinstance(layers, Architecture) and numpy_is_best(layers, len(X)):
            n_samples, n_threads = best_number_of_samples(layers), 1
            state = self._present(with_optimizer=False)
            compute = partial(numpy_probabilities, layers, state)
        else:
            check_tensorflow()
            from skdigits.estimators._keras.forward import forward

            function, n_samples, n_threads = forward(layers)
            compute = partial(function, *self._weight_tensors())

        def compute_part(start: int) -> np.ndarray:
            part = to_input(X[start : start + n_samples])
            return compute(part.reshape(-1, *layers.input_shape))

        starts = range(0, len(X), n_samples)
        if len(starts) == 1:
            return compute_part(0)
        with ThreadPoolExecutor(n_threads) as pool:
            return np.concatenate(list(pool.map(compute_part, starts)))

    def _weight_tensors(self) -> Any:
        from skdigits.estimators._keras.forward import weight_tensors

        if "model" in vars(self):
            return weight_tensors(self._present(with_optimizer=False))
        if "_constants" not in vars(self):
            self._constants = weight_tensors(self._state)
        return self._constants

    def __getstate__(self) -> dict[str, Any]:
        return {
            "architecture": self.architecture,
            "optimizer": self.optimizer,
            "_state": self.state,
        }
