"""Spaces of parameters: ready ones by name, dicts of distributions, and functions."""

import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, NamedTuple

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
    distribution_to_json,
)
from optuna.trial import BaseTrial, FixedTrial

Params = dict[str, Any]
SpaceFunction = Callable[[BaseTrial], Params]


class Space(NamedTuple):
    """A function of a trial that returns parameters, and what identifies it."""

    suggest: SpaceFunction
    identity: str

    def params_of(self, suggested: Params) -> Params:
        """Return the parameters that a trial with these suggestions had."""
        return self.suggest(FixedTrial(suggested))


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


_READY: dict[str, tuple[SpaceFunction, set[str]]] = {
    "ann": (ann_space, {"hidden_layer_sizes", "dropout"}),
    "cnn": (cnn_space, {"hidden_layer_sizes", "dropout", "filters", "kernel_size"}),
}


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
        return Space(partial(_checked, space, estimator), _identity_of_function(space))
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
        near = get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"space has {name!r}, which is no parameter of "
            f"{type(estimator).__name__}.{hint}"
        )


def _ready_space(name: str, estimator: Any) -> Space:
    if name not in _READY:
        raise ValueError(f"space must be one of {sorted(_READY)}; got {name!r}.")
    suggest, needed = _READY[name]
    known = estimator.get_params(deep=True)
    prefixes = [
        param.removesuffix("hidden_layer_sizes")
        for param in known
        if param.split("__")[-1] == "hidden_layer_sizes"
    ]
    fitting = [p for p in prefixes if all(f"{p}{other}" in known for other in needed)]
    if len(fitting) != 1:
        raise ValueError(
            f"space={name!r} needs an estimator with one classifier in it that has the "
            f"parameters {sorted(needed)}; {type(estimator).__name__} has "
            f"{len(fitting)}."
        )
    return Space(partial(_prefixed, suggest, fitting[0]), name)


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
    distributions = dict(space)
    as_json = {name: distribution_to_json(d) for name, d in distributions.items()}
    return Space(partial(_suggest_all, distributions), json.dumps(as_json))


def _suggest_all(
    distributions: dict[str, BaseDistribution], trial: BaseTrial
) -> Params:
    return {name: _suggest(trial, name, d) for name, d in distributions.items()}


def _suggest(trial: BaseTrial, name: str, distribution: Any) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    low, high, step = distribution.low, distribution.high, distribution.step
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(name, low, high, step=step, log=distribution.log)
    return trial.suggest_float(name, low, high, step=step, log=distribution.log)


def _checked(space: SpaceFunction, estimator: Any, trial: BaseTrial) -> Params:
    params = space(trial)
    if not isinstance(params, dict):
        raise TypeError(
            "space must be a function that returns a dict of parameters; "
            f"{space!r} returned {params!r}."
        )
    check_names(params, estimator)
    return params


def _identity_of_function(space: SpaceFunction) -> str:
    """Return a digest of the source, or of the bytecode where there is no source."""
    try:
        code = textwrap.dedent(inspect.getsource(space))
    except (OSError, TypeError):
        compiled = getattr(space, "__code__", None)
        if compiled is None:
            return type(space).__qualname__
        code = repr((compiled.co_code, compiled.co_names, compiled.co_varnames))
    return hashlib.sha256(code.encode()).hexdigest()
