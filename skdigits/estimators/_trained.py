"""A trained network as plain data, which predicts and can be pickled and copied."""

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import tensorflow as tf

from skdigits.estimators._layers import Architecture
from skdigits.estimators._network import (
    DigitNetwork,
    State,
    compile_network,
    make_network,
)
from skdigits.estimators._optimizers import OptimizerRecipe

_ROWS_PER_PREDICTION = 4096
_VECTOR = 16

_Tensors = list[tf.Tensor]


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
    def model(self) -> DigitNetwork:
        """A Keras network, whose weights are from now on those that count."""
        model = make_network(self.architecture)
        compile_network(model, self.recipe.make(), jit_compile=False)
        self.recipe.set_rate(model.optimizer)
        model.set_state(self._state)
        return model

    @property
    def state(self) -> State:
        """The numbers, as they are now."""
        if "model" not in vars(self):
            return self._state
        now = self.model.get_state()
        return now if self._state.optimizer else now._replace(optimizer=None)

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return the class probabilities, some thousand rows at a time.

        The rows are filled up to a multiple of what the processor's vector
        instructions take, because the last few rows would be computed by other
        instructions, rounded in another way: so an image has the same probabilities,
        to the last bit, whatever images come with it.
        """
        forward = _forward(self.architecture)
        trained, untrained = self._tensors()
        parts = []
        for start in range(0, len(rows), _ROWS_PER_PREDICTION):
            part = rows[start : start + _ROWS_PER_PREDICTION]
            n_filled = -(-len(part) // _VECTOR) * _VECTOR
            filled = np.zeros((n_filled, *part.shape[1:]), part.dtype)
            filled[: len(part)] = part
            probabilities = forward(trained, untrained, tf.constant(filled))
            parts.append(probabilities.numpy()[: len(part)])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _tensors(self) -> tuple[_Tensors, _Tensors]:
        if "model" not in vars(self):
            return self._constants
        trained, untrained = (
            [tf.convert_to_tensor(variable.value) for variable in group]
            for group in (
                self.model.trainable_variables,
                self.model.non_trainable_variables,
            )
        )
        return trained, untrained

    @cached_property
    def _constants(self) -> tuple[_Tensors, _Tensors]:
        trained, untrained = (
            [tf.constant(value) for value in group]
            for group in (self._state.trained, self._state.untrained)
        )
        return trained, untrained

    def __getstate__(self) -> dict[str, Any]:
        return {
            "architecture": self.architecture,
            "recipe": self.recipe,
            "_state": self.state,
        }


@lru_cache(maxsize=16)
def _forward(
    architecture: Architecture,
) -> Callable[[_Tensors, _Tensors, tf.Tensor], tf.Tensor]:
    """Return the network as a function of its weights, for whoever has such weights."""
    network = make_network(architecture)

    def forward(trained: _Tensors, untrained: _Tensors, rows: tf.Tensor) -> tf.Tensor:
        probabilities, _ = network.stateless_call(
            trained, untrained, rows, training=False
        )
        return probabilities

    return tf.function(forward, autograph=False).get_concrete_function(
        [tf.TensorSpec(v.shape, v.dtype) for v in network.trainable_variables],
        [tf.TensorSpec(v.shape, v.dtype) for v in network.non_trainable_variables],
        tf.TensorSpec((None, *architecture.input_shape), architecture.dtype),
    )
