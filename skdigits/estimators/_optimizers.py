"""Which optimizer to train with, from the name or the instance that the user gave."""

import keras

from skdigits.estimators._checks import unknown_name
from skdigits.estimators._plain import OptimizerRecipe


def optimizer_recipe(
    optimizer: str | keras.Optimizer, learning_rate: float | None
) -> OptimizerRecipe:
    """Return how to make an optimizer: one of Keras' names, or like an instance.

    Examples
    --------
    >>> optimizer_recipe("SGD", 0.1)
    OptimizerRecipe(kind='sgd', settings={}, learning_rate=0.1)
    """
    if isinstance(optimizer, str):
        kinds = _kinds()
        if optimizer.lower() not in kinds:
            raise unknown_name("optimizer", optimizer, kinds)
        return OptimizerRecipe(optimizer.lower(), {}, learning_rate)
    if not isinstance(optimizer, keras.Optimizer):
        raise ValueError(
            "optimizer must be a name or a keras.Optimizer instance; got "
            f"{optimizer!r}."
        )
    if learning_rate is not None:
        raise ValueError(
            f"learning_rate={learning_rate} and an optimizer instance were both "
            "given: set the learning rate in the instance, or name the optimizer "
            f"({type(optimizer).__name__.lower()!r})."
        )
    return _recipe_of(optimizer)


def make_optimizer(recipe: OptimizerRecipe) -> keras.Optimizer:
    """Return a new optimizer, of the default learning rate if it is constant.

    Its name is not one that Keras counts up: TensorFlow keeps some 40 kB for each name
    and shape that a variable ever had.
    """
    kind = _kinds()[recipe.kind] if isinstance(recipe.kind, str) else recipe.kind
    return kind.from_config({"name": kind.__name__.lower(), **recipe.settings})


def set_learning_rate(optimizer: keras.Optimizer, recipe: OptimizerRecipe) -> None:
    """Set the constant learning rate, if there is one."""
    if recipe.learning_rate is not None:
        optimizer.learning_rate = recipe.learning_rate


def _kinds() -> dict[str, type[keras.Optimizer]]:
    return {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type)
        and issubclass(kind, keras.Optimizer)
        and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    }


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
