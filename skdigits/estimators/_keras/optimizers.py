"""Which optimizer to train with, from the name or the instance that the user gave."""

from copy import deepcopy
from typing import Any

import keras
import tensorflow as tf

from skdigits.estimators._checks import unknown_name
from skdigits.estimators._spec import OptimizerRecipe


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


class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, in one operation of TensorFlow for each variable.

    Keras writes it out in some forty, a third of what there is to trace in a training
    step, and they take longer to run without XLA. What is saved has Keras' Adam.
    """

    # Keras writes the class that it finds here into what is saved.
    __class__ = property(lambda self: keras.optimizers.Adam)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update a variable and its two moments."""
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        i = self._get_variable_index(variable)
        beta_1, beta_2, epsilon = (
            tf.constant(number, variable.dtype)
            for number in (self.beta_1, self.beta_2, self.epsilon)
        )
        n_updates = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[i].handle,
            v=self._velocities[i].handle,
            beta1_power=tf.pow(beta_1, n_updates),
            beta2_power=tf.pow(beta_2, n_updates),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )


def make_optimizer(recipe: OptimizerRecipe, *, fused: bool = False) -> keras.Optimizer:
    """Return a new optimizer: a named one has its default learning rate.

    In place of Keras' Adam it can be the fused one.
    """
    settings = deepcopy(recipe.settings)  # which from_config changes
    if isinstance(recipe.kind, str):
        kind = _kinds()[recipe.kind]
    else:
        kind = recipe.kind
        if recipe.learning_rate is not None:
            settings["learning_rate"] = recipe.learning_rate
    if fused and kind is keras.optimizers.Adam:
        kind = FusedAdam
    return kind.from_config(settings)


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
        optimizer.from_config(deepcopy(settings))
    except NotImplementedError as error:
        raise ValueError(
            f"optimizer={optimizer!r} can't be copied: its learning rate schedule "
            "has to have get_config()."
        ) from error
    # Keras counts its optimizers in their names.
    settings.pop("name", None)
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        del settings["inner_optimizer"]["config"]["name"]
    rate = settings.get("learning_rate")
    if isinstance(rate, float):
        del settings["learning_rate"]
        return OptimizerRecipe(type(optimizer), settings, rate)
    return OptimizerRecipe(type(optimizer), settings, None)
