"""Networks as plain data, without Keras."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import keras

Setting = int | float | str | bool


class Layer(NamedTuple):
    """A Keras layer: the name of its class, and what to make it with."""

    kind: str
    settings: tuple[tuple[str, Setting], ...]


class Architecture(NamedTuple):
    """A network without its weights; two that are equal can share compiled code."""

    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    dtype: str


class State(NamedTuple):
    """All the numbers of a network, in the order in which Keras lists them.

    The weights that are not trained include the state of each dropout's random
    generator. The optimizer's numbers are None where they are not kept.
    """

    trained: list[np.ndarray]
    untrained: list[np.ndarray]
    optimizer: list[np.ndarray] | None


class LearningRates(NamedTuple):
    """The schedule that a training followed, and the largest rate if that is known."""

    schedule: str
    peak: float | None


class OptimizerRecipe(NamedTuple):
    """How to make an optimizer: by its name or its class, and the configuration.

    A constant learning rate is kept apart, because it can be set afterwards; None is
    the optimizer's own.
    """

    kind: "str | type[keras.Optimizer]"
    settings: dict[str, Any]
    learning_rate: float | None

    @property
    def has_schedule(self) -> bool:
        """Whether the learning rate is one of Keras' schedules."""
        return "learning_rate" in self.settings

    @property
    def key(self) -> tuple[Any, str]:
        """What two optimizers share that differ in the learning rate alone."""
        return self.kind, repr(self.settings)
