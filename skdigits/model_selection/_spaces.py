"""Spaces of parameters: ready ones by name, dicts of distributions, and functions."""

import hashlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
    distribution_to_json,
)
from optuna.study import Study
from optuna.trial import BaseTrial, FixedTrial, FrozenTrial

Params = dict[str, Any]
SpaceFunction = Callable[[BaseTrial], Params]


class Space(NamedTuple):
    """A function of a trial that returns parameters, and what identifies it."""

    suggest: SpaceFunction
    identity: str

    def params_of(
        self, trial: FrozenTrial, study_then: Callable[[], Study] | None = None
    ) -> Params:
        """Return the parameters that a finished trial had.

        ``study_then`` gives the study as it was when the trial began.
        """
        return self.suggest(PastTrial(trial.params, trial.number, study_then))


class PastTrial(FixedTrial):
    """A finished trial, of which the parameters are made once more."""

    def __init__(
        self,
        params: Params,
        number: int,
        study_then: Callable[[], Study] | None = None,
    ) -> None:
        super().__init__(params, number)
        self._study_then = study_then

    @property
    def study(self) -> Study:
        """The study as it was when the trial began."""
        if self._study_then is None:
            raise AttributeError("this trial has no study")
        return self._study_then()


class TrialOfAnyChoice:
    """An Optuna trial that takes choices of any kind.

    A storage keeps choices as JSON, which has no tuples and no objects: it is given
    their names instead. The trial has what a finished one has, too, of which the
    parameters are made once more.
    """

    def __init__(self, trial: BaseTrial) -> None:
        self._trial = trial

    def __getattr__(self, name: str) -> Any:
        if not hasattr(PastTrial, name):
            raise AttributeError(f"the trial of a space function has no {name!r}")
        return getattr(self._trial, name)

    def suggest_categorical(self, name: str, choices: Iterable[Any]) -> Any:
        """Return one of the choices."""
        choices = tuple(choices)
        names = names_of(choices)
        suggested = self._trial.suggest_categorical(name, names)
        return choices[int(CategoricalDistribution(names).to_internal_repr(suggested))]


def names_of(choices: Iterable[Any]) -> list[Any]:
    """Return choices that JSON has as they are, and names of the others.

    Examples
    --------
    >>> names_of([None, "relu", (32, 16)])
    [None, 'relu', '(32, 16)']
    >>> names_of([object(), object()])
    ['0: <object object>', '1: <object object>']
    """
    plain = [c.item() if isinstance(c, np.generic) else c for c in choices]
    names = [
        c if isinstance(c, str | int | float | None) else without_addresses(c)
        for c in plain
    ]
    if len(set(map(repr, names))) == len(names):
        return names
    return [f"{i}: {name}" for i, name in enumerate(names)]


def without_addresses(thing: Any) -> str:
    """Return what a thing is printed as, in any process.

    Examples
    --------
    >>> without_addresses(print), without_addresses(object())
    ('<built-in function print>', '<object object>')
    """
    return re.sub(r" at 0x\w+", "", repr(thing))


def dense_layers(trial: BaseTrial, *, most_layers: int, most_units: int) -> Params:
    """Return the widths and the dropout of some dense layers."""
    numbers = range(1, 1 + trial.suggest_int("n_dense", 1, most_layers))
    return {
        "hidden_layer_sizes": tuple(
            trial.suggest_int(f"units_{i}", 16, most_units, log=True) for i in numbers
        ),
        "dropout": [
            round(trial.suggest_float(f"dropout_{i}", 0, 0.5, step=0.1), 1)
            for i in numbers
        ],
    }


def training(trial: BaseTrial) -> Params:
    """Return how fast to learn."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 2e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [16, 32, 64, 128]),
    }


def ann_space(trial: BaseTrial) -> Params:
    """Return parameters of an `ANNClassifier` of one to four hidden layers."""
    return dense_layers(trial, most_layers=4, most_units=512) | training(trial)


def cnn_space(trial: BaseTrial) -> Params:
    """Return parameters of a `CNNClassifier` of one to two convolutional layers."""
    numbers = range(1, 1 + trial.suggest_int("n_conv", 1, 2))
    dense = dense_layers(trial, most_layers=1, most_units=256)
    dropout = round(trial.suggest_float("dropout_conv", 0, 0.3, step=0.1), 1)
    return (
        dense
        | training(trial)
        | {
            "filters": tuple(
                trial.suggest_int(f"filters_{i}", 8, 64, log=True) for i in numbers
            ),
            "kernel_size": trial.suggest_categorical("kernel_size", [3, 5]),
            "dropout": [dropout for _ in numbers] + dense["dropout"],
        }
    )


_READY: dict[str, SpaceFunction] = {"ann": ann_space, "cnn": cnn_space}


def make_space(space: Any, estimator: Any) -> Space:
    """Return the space that the parameter ``space`` of a search stands for.

    Raises
    ------
    ValueError
        If it is an unknown name, if the estimator has no such classifier or no such
        parameter.
    TypeError
        If it is nothing of the kind.
    """
    if isinstance(space, str):
        return _ready_space(space, estimator)
    if isinstance(space, Mapping):
        return _space_of_distributions(space, estimator)
    if callable(space):
        return Space(partial(_checked, space, estimator), identity_of_function(space))
    raise TypeError(
        f"space must be one of {sorted(_READY)}, a dict of Optuna's distributions or a "
        f"function of a trial; got {space!r}."
    )


def check_names(names: Iterable[str], estimator: Any) -> None:
    """Raise ValueError unless the estimator has parameters of all these names."""
    known = estimator.get_params(deep=True)
    for name in names:
        if name in known:
            continue
        near = [other for other in known if other.endswith(f"__{name}")]
        near = near or get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"space has {name!r}, which is no parameter of "
            f"{type(estimator).__name__}.{hint}"
        )


def _ready_space(name: str, estimator: Any) -> Space:
    if name not in _READY:
        raise ValueError(f"space must be one of {sorted(_READY)}; got {name!r}.")
    known = estimator.get_params(deep=True)
    prefixes = [
        param.removesuffix("hidden_layer_sizes")
        for param in known
        if param.split("__")[-1] == "hidden_layer_sizes"
    ]
    fitting = [
        prefix
        for prefix in prefixes
        if f"{prefix}dropout" in known
        and (f"{prefix}filters" in known) == (name == "cnn")
    ]
    if len(fitting) != 1:
        raise ValueError(
            f"space={name!r} needs an estimator with one {name.upper()}Classifier in "
            f"it; {type(estimator).__name__} has {len(fitting)}."
        )
    return Space(partial(_prefixed, _READY[name], fitting[0]), name)


def _prefixed(suggest: SpaceFunction, prefix: str, trial: BaseTrial) -> Params:
    return {f"{prefix}{name}": value for name, value in suggest(trial).items()}


def _space_of_distributions(space: Mapping[str, Any], estimator: Any) -> Space:
    if not space:
        raise ValueError("space must have at least one parameter; got none.")
    check_names(space, estimator)
    for name, distribution in space.items():
        if not isinstance(distribution, BaseDistribution):
            raise TypeError(
                f"space[{name!r}] must be one of Optuna's distributions, such as "
                "optuna.distributions.FloatDistribution(0, 1); got "
                f"{distribution!r}."
            )
    kept = {name: distribution_to_json(_kept(d)) for name, d in space.items()}
    return Space(partial(_suggest_all, dict(space)), json.dumps(kept))


def _kept(distribution: BaseDistribution) -> BaseDistribution:
    """Return a distribution as a storage can keep it."""
    if isinstance(distribution, CategoricalDistribution):
        return CategoricalDistribution(names_of(distribution.choices))
    return distribution


def _suggest_all(
    distributions: dict[str, BaseDistribution], trial: BaseTrial
) -> Params:
    return {name: _suggest(trial, name, d) for name, d in distributions.items()}


def _suggest(trial: BaseTrial, name: str, distribution: Any) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        choices = distribution.choices
        return TrialOfAnyChoice(trial).suggest_categorical(name, choices)
    low, high, step = distribution.low, distribution.high, distribution.step
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(name, low, high, step=step, log=distribution.log)
    return trial.suggest_float(name, low, high, step=step, log=distribution.log)


def _checked(space: SpaceFunction, estimator: Any, trial: BaseTrial) -> Params:
    of_any_choice: Any = TrialOfAnyChoice(trial)
    params = space(of_any_choice)
    if not isinstance(params, dict):
        raise TypeError(
            "space must be a function that returns a dict of parameters; "
            f"{space!r} returned {params!r}."
        )
    check_names(params, estimator)
    return params


def identity_of_function(function: Any) -> str:
    """Return a digest of what a function does, and of the values it has brought along.

    It is that of the source, or of the bytecode where there is no source or, as of a
    lambda, only that of the line around it.
    """
    if isinstance(function, partial):
        bound = function.args, sorted(function.keywords.items())
        return f"{identity_of_function(function.func)} {without_addresses(bound)}"
    if not hasattr(function, "__code__"):
        return without_addresses((function, getattr(function, "__dict__", {})))
    captured = [cell.cell_contents for cell in function.__closure__ or ()]
    brought = function.__defaults__, function.__kwdefaults__, captured
    parts = _code_of(function), without_addresses(brought)
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def _code_of(function: Any) -> str:
    compiled = function.__code__
    if compiled.co_name != "<lambda>":
        with suppress(OSError, TypeError):
            return textwrap.dedent(inspect.getsource(function))
    return without_addresses((compiled.co_code, compiled.co_names, compiled.co_consts))
