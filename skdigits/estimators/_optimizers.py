"""Which optimizer to train with, from the name or the instance that the user gave."""

from typing import Any, NamedTuple

import keras

from skdigits.estimators._checks import unknown_name


class OptimizerRecipe(NamedTuple):
    """How to make an optimizer, whose constant learning rate is set afterwards."""

    kind: type[keras.Optimizer]
    settings: dict[str, Any]
    learning_rate: float | None

    def make(self) -> keras.Optimizer:
        """Return a new optimizer, of the default learning rate if it is constant."""
        return self.kind.from_config(self.settings)

    def set_rate(self, optimizer: keras.Optimizer) -> None:
        """Set the constant learning rate, if there is one."""
        if self.learning_rate is not None:
            optimizer.learning_rate = self.learning_rate

    @property
    def key(self) -> tuple[type[keras.Optimizer], str]:
        """What two optimizers share that differ in the learning rate alone."""
        return self.kind, repr(self.settings)


def optimizer_recipe(
    optimizer: str | keras.Optimizer, learning_rate: float | None
) -> OptimizerRecipe:
    """Return how to make an optimizer: one of Keras' names, or like an instance.

    Examples
    --------
    >>> recipe = optimizer_recipe("sgd", 0.1)
    >>> recipe.kind.__name__, recipe.settings, recipe.learning_rate
    ('SGD', {}, 0.1)
    """
    if isinstance(optimizer, keras.Optimizer):
        if learning_rate is not None:
            raise ValueError(
                f"learning_rate={learning_rate} and an optimizer instance were both "
                "given: set the learning rate in the instance, or name the optimizer "
                f"({type(optimizer).__name__.lower()!r})."
            )
        return _recipe_of(optimizer)
    kinds = {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type)
        and issubclass(kind, keras.Optimizer)
        and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    }
    if optimizer.lower() not in kinds:
        raise unknown_name("optimizer", optimizer, kinds)
    return OptimizerRecipe(kinds[optimizer.lower()], {}, learning_rate)


def _recipe_of(optimizer: keras.Optimizer) -> OptimizerRecipe:
    try:
        settings = optimizer.get_config()
        optimizer.from_config(settings)
    except NotImplementedError as error:
        raise ValueError(
            f"optimizer={optimizer!r} can't be copied: its learning rate schedule "
            "has to have get_config()."
        ) from error
    rate = settings.get("learning_rate")
    if isinstance(rate, float):
        del settings["learning_rate"]
        return OptimizerRecipe(type(optimizer), settings, rate)
    return OptimizerRecipe(type(optimizer), settings, None)
