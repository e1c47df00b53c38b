"""A trained network as plain data, which predicts and can be pickled and copied."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.estimators._by_numpy import numpy_is_quicker, numpy_probabilities
from skdigits.estimators._plain import Architecture, OptimizerRecipe, State
from skdigits.estimators._quiet import quiet_tensorflow

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
        The numbers that were learned, and where training may go on those of the
        optimizer.
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
        with quiet_tensorflow():
            from skdigits.estimators._network import make_plain_network
        return make_plain_network(self.architecture, self.recipe, self._state)

    @property
    def state(self) -> State:
        """The numbers, as they are now."""
        if "model" not in vars(self):
            return self._state
        from skdigits.estimators._network import read_state

        now = read_state(self.model)
        return now if self._state.optimizer else now._replace(optimizer=None)

    def predict_proba(self, parts: Iterable[np.ndarray], n_rows: int) -> np.ndarray:
        """Return the class probabilities of rows that come in parts."""
        compute = self._function(n_rows)
        computed = [compute(part) for part in parts]
        return computed[0] if len(computed) == 1 else np.concatenate(computed)

    def _function(self, n_rows: int) -> Callable[[np.ndarray], np.ndarray]:
        if numpy_is_quicker(self.architecture, n_rows):
            return partial(numpy_probabilities, self.architecture, self.state)
        with quiet_tensorflow():
            from skdigits.estimators._forward import forward
        trained, untrained = self._weight_tensors()
        return partial(forward(self.architecture), trained, untrained)

    def _weight_tensors(self) -> Any:
        from skdigits.estimators._forward import weight_tensors

        if "model" in vars(self):
            return weight_tensors(self.state)
        if "_constants" not in vars(self):
            self._constants = weight_tensors(self._state)
        return self._constants

    def __getstate__(self) -> dict[str, Any]:
        return {
            "architecture": self.architecture,
            "recipe": self.recipe,
            "_state": self.state,
        }
