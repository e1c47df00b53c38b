"""Optimizers, from the name or the instance that the user gave."""

import inspect
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import keras
import tensorflow as tf

from skdigits._utils import did_you_mean
from skdigits.estimators._checks import unknown_name
from skdigits.estimators._keras.variables import variables_of_one_name
from skdigits.estimators._spec import OptimizerSpec

# The attributes of Keras' Adam that the fused one uses.
_OF_ADAM = "_momentums", "_velocities", "_get_variable_index", "amsgrad"
# These have a meaning of their own, or none for one network.
_NOT_PARAMS = {"self", "kwargs", "learning_rate", "name"}


def optimizer_spec(
    optimizer: str | keras.Optimizer,
    optimizer_params: Mapping[str, Any] | None,
    learning_rate: float | None,
) -> OptimizerSpec:
    """Return the optimizer as plain data, checked.

    Examples
    --------
    >>> optimizer_spec("SGD", {"momentum": 0.9}, 0.1)
    OptimizerSpec(kind='sgd', settings={'momentum': 0.9}, learning_rate=0.1)
    """
    if isinstance(optimizer, str):
        kinds = _kinds()
        name = optimizer.lower()
        if name not in kinds:
            raise unknown_name("optimizer", optimizer, kinds)
        params = dict(optimizer_params or {})
        if params:
            _check_params(kinds[name], params)
        return _without_averages(OptimizerSpec(name, params, learning_rate))
    if not isinstance(optimizer, keras.Optimizer):
        raise ValueError(
            "optimizer must be a name or a keras.Optimizer instance; got "
            f"{optimizer!r}."
        )
    name = type(optimizer).__name__.lower()
    for param, value in (
        ("learning_rate", learning_rate),
        ("optimizer_params", optimizer_params),
    ):
        if value is not None:
            raise ValueError(
                f"{param} must be None if optimizer is an instance; got {value!r}. Set "
                f"it in the instance, or give optimizer as a name ({name!r})."
            )
    return _without_averages(_spec_of(optimizer))


def _without_averages(spec: OptimizerSpec) -> OptimizerSpec:
    """Return the optimizer, or raise ValueError if it averages the weights itself."""
    inner = spec.settings.get("inner_optimizer", {"config": spec.settings})["config"]
    if inner.get("use_ema"):
        raise ValueError(
            "optimizer must not average the weights; got use_ema=True. Set the "
            "weight_averaging of the classifier instead: validation then uses the "
            "averages, too."
        )
    return spec


def _check_params(kind: type[keras.Optimizer], params: dict[str, Any]) -> None:
    """Raise ValueError unless an optimizer can be made with the parameters."""
    known = sorted(set(inspect.signature(kind).parameters) - _NOT_PARAMS)
    for name in params:
        if name == "learning_rate":
            raise ValueError(
                "optimizer_params must be without 'learning_rate', which is a "
                f"parameter of the classifier; got {params!r}."
            )
        if name not in known:
            raise ValueError(
                f"optimizer_params must be among the arguments of {kind.__name__}, "
                f"{', '.join(known)}; got {name!r}.{did_you_mean(str(name), known)}"
            )
    try:
        with variables_of_one_name():
            kind(**params)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"optimizer_params must be arguments that {kind.__name__} accepts; got "
            f"{params!r}: {error}"
        ) from error


class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, as one operation of TensorFlow for each variable.

    Keras' own update has about 40 operations, which make up a third of the time to
    trace a training step, and run slower without XLA. Saved files have Keras' Adam.
    """

    # Keras writes this class into saved files.
    __class__ = property(lambda self: keras.optimizers.Adam)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update a variable and its two moments."""
        has_all = all(hasattr(self, name) for name in _OF_ADAM)
        if not has_all or self.amsgrad:
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


def make_optimizer(spec: OptimizerSpec, *, fused: bool = False) -> keras.Optimizer:
    """Return a new optimizer; a named one has its default learning rate.

    With ``fused``, `FusedAdam` takes the place of Keras' Adam.
    """
    settings = deepcopy(spec.settings)  # from_config changes them
    if isinstance(spec.kind, str):
        kind = _kinds()[spec.kind]
    else:
        kind = spec.kind
        if spec.learning_rate is not None:
            settings["learning_rate"] = spec.learning_rate
    if fused and kind is keras.optimizers.Adam:
        kind = FusedAdam
    return kind.from_config(settings)


def set_learning_rate(optimizer: keras.Optimizer, spec: OptimizerSpec) -> None:
    """Set the constant learning rate, if there is one."""
    if spec.learning_rate is not None:
        optimizer.learning_rate = spec.learning_rate


def _kinds() -> dict[str, type[keras.Optimizer]]:
    return {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type)
        and issubclass(kind, keras.Optimizer)
        and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    }


def _spec_of(optimizer: keras.Optimizer) -> OptimizerSpec:
    try:
        settings = optimizer.get_config()
        optimizer.from_config(deepcopy(settings))
    except NotImplementedError as error:
        raise ValueError(
            "optimizer must be one that can be copied: its learning rate schedule "
            f"needs get_config(); got {optimizer!r}."
        ) from error
    # Keras numbers its optimizers in their names.
    settings.pop("name", None)
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        del settings["inner_optimizer"]["config"]["name"]
    rate = settings.get("learning_rate")
    if isinstance(rate, float):
        del settings["learning_rate"]
        return OptimizerSpec(type(optimizer), settings, rate)
    return OptimizerSpec(type(optimizer), settings, None)
