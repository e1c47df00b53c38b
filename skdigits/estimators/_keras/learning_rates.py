"""The learning rate: which schedule, how high, and the rate of each update."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from skdigits.estimators._keras.optimizers import make_optimizer
from skdigits.estimators._keras.variables import variables_of_one_name
from skdigits.estimators._spec import LearningRates, OptimizerSpec

_WARM_UP = 0.3  # share of the updates
_FIRST_RATE = 0.04  # share of the peak

# How much higher the peak of a cycle can be than the best constant rate.
_PEAK_OVER_CONSTANT_RATE = 4.0

_SETS_RATE = keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau


def one_cycle(n_updates: int) -> np.ndarray:
    """Return the learning rate of each update, as a share of the largest.

    The rate rises from 1/25 during the first 30 % of the updates, and then falls to 0
    along a cosine. Large rates find good weights early, and the small ones at the end
    let the weights settle, in fewer epochs than a constant rate needs (Smith and Topin,
    2019).

    Examples
    --------
    >>> one_cycle(10).round(2)
    array([0.2 , 0.52, 0.84, 0.99, 0.89, 0.72, 0.5 , 0.28, 0.11, 0.01])
    """
    progress = (np.arange(n_updates) + 0.5) / n_updates
    rise = _FIRST_RATE + (1 - _FIRST_RATE) * progress / _WARM_UP
    fall = (1 + np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))) / 2
    return np.where(progress < _WARM_UP, rise, fall)


def cosine(n_updates: int) -> np.ndarray:
    """Return the learning rate of each update, as a share of the largest, the first.

    It falls to 0 along half a cosine (Loshchilov and Hutter, 2017).

    Examples
    --------
    >>> cosine(5).round(2)
    array([0.98, 0.79, 0.5 , 0.21, 0.02])
    """
    progress = (np.arange(n_updates) + 0.5) / n_updates
    return (1 + np.cos(np.pi * progress)) / 2


_SCHEDULES = {"one_cycle": one_cycle, "cosine": cosine}


def scheduled_rates(
    n_epochs: int, n_batches: int, layout: tuple[int, int], rates: LearningRates
) -> np.ndarray:
    """Return the learning rates of a schedule, of shape (n_epochs, *layout).

    ``layout`` is the number of stacks in an epoch and of batches in a stack. The places
    of batches that are missing in the last stack have the rate 0.
    """
    shares = _SCHEDULES[rates.schedule](n_epochs * n_batches)
    by_epoch = (rates.peak * shares).reshape(n_epochs, n_batches)
    n_missing = layout[0] * layout[1] - n_batches
    padded = np.pad(by_epoch, ((0, 0), (0, n_missing))).astype("float32")
    return padded.reshape(n_epochs, *layout)


def choose_schedule(
    schedule: str,
    optimizer: OptimizerSpec,
    callbacks: Sequence[keras.callbacks.Callback],
    early_stopping: bool,
) -> str | None:
    """Return the schedule of the learning rate, None if it is not one of ours.

    Raises
    ------
    ValueError
        If a schedule was asked for, and something else sets the learning rate.
    """
    setters = [
        f"a {type(c).__name__} in callbacks"
        for c in callbacks
        if isinstance(c, _SETS_RATE)
    ]
    if optimizer.has_schedule:
        setters.append("an optimizer with a schedule")
    if schedule == "auto":
        has_cycle = optimizer.is_named and not setters and not early_stopping
        return "one_cycle" if has_cycle else None
    if schedule == "constant":
        return None
    if setters:
        raise ValueError(
            "learning_rate_schedule must be 'auto' or 'constant' with "
            f"{setters[0]}, whose learning rates another schedule would overwrite; got "
            f"{schedule!r}."
        )
    return schedule


def peak_rate(optimizer: OptimizerSpec) -> float:
    """Return the largest learning rate of a schedule.

    Examples
    --------
    >>> peak_rate(OptimizerSpec("sgd", {}, 0.1))
    0.1
    >>> round(peak_rate(OptimizerSpec("sgd", {}, None)), 6)
    0.04
    """
    if optimizer.learning_rate is not None:
        return optimizer.learning_rate
    with variables_of_one_name():
        default = float(make_optimizer(optimizer).learning_rate)
    return default * _PEAK_OVER_CONSTANT_RATE if optimizer.is_named else default


def followed_rates(
    optimizer: keras.Optimizer, spec: OptimizerSpec, schedule: str | None
) -> LearningRates:
    """Return the learning rates that a training follows, unless callbacks change them.

    Without a ``schedule`` of ours, they are those of the optimizer.
    """
    if schedule is None and spec.has_schedule:
        return LearningRates("optimizer", None)
    rate: Any = spec.learning_rate
    if rate is None:
        rate = peak_rate(spec) if schedule else float(optimizer.learning_rate)
    if rate == np.float32(rate):
        rate = float(str(np.float32(rate)))  # 0.001, and not 0.0010000000474974513
    return LearningRates(schedule or "constant", rate)
