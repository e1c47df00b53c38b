"""A trained network as plain data, which predicts and can be pickled and copied."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.estimators._forked import check_tensorflow, tensorflow_would_hang
from skdigits.estimators._numpy_forward import MOST_ROWS, numpy_can, numpy_probabilities
from skdigits.estimators._spec import Architecture, OptimizerRecipe, State
from skdigits.estimators._tensorflow import quiet_tensorflow

if TYPE_CHECKING:
    import keras


class TrainedNetwork:
    """The outcome of a training.

    Parameters
    ----------
    architecture : Architecture
        The layers.
    recipe : OptimizerRecipe
        The optimizer.
    state : State
        The numbers that were learned. Those of the optimizer are there if training may
        go on.
    """

    def __init__(
        self, architecture: Architecture, recipe: OptimizerRecipe, state: State
    ) -> None:
        self.architecture = architecture
        self.recipe = recipe
        self._state = state

    @cached_property
    def model(self) -> "keras.Sequential":
        """A Keras network, whose weights are from now on those that count."""
        check_tensorflow()
        with quiet_tensorflow():
            from skdigits.estimators._keras.building import make_plain_network
        return make_plain_network(self.architecture, self.recipe, self._state)

    @property
    def state(self) -> State:
        """The numbers, as they are now."""
        return self._now(with_optimizer=self._state.optimizer is not None)

    def _now(self, *, with_optimizer: bool) -> State:
        if "model" not in vars(self):
            return self._state
        from skdigits.estimators._keras.variables import read_state

        return read_state(self.model, with_optimizer=with_optimizer)

    def predict_proba(
        self, X: np.ndarray, to_input: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Return the class probabilities of rows, made into input a part at a time."""
        few = len(X) <= MOST_ROWS or tensorflow_would_hang()
        compute: Callable[[np.ndarray], np.ndarray]
        if few and numpy_can(self.architecture):
            weights, n_rows = self._now(with_optimizer=False), MOST_ROWS
            compute = partial(numpy_probabilities, self.architecture, weights)
        else:
            check_tensorflow()
            with quiet_tensorflow():
                from skdigits.estimators._keras.forward import forward
            function, n_rows = forward(self.architecture)
            compute = partial(function, *self._weight_tensors())
        parts = [
            compute(to_input(X[start : start + n_rows]))
            for start in range(0, len(X), n_rows)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _weight_tensors(self) -> Any:
        from skdigits.estimators._keras.forward import weight_tensors

        if "model" in vars(self):
            return weight_tensors(self._now(with_optimizer=False))
        if "_constants" not in vars(self):
            self._constants = weight_tensors(self._state)
        return self._constants

    def __getstate__(self) -> dict[str, Any]:
        return {
            "architecture": self.architecture,
            "recipe": self.recipe,
            "_state": self.state,
        }
