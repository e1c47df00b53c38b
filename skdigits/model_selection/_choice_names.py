"""Optuna's trials, as the spaces of a search see them."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution
from optuna.study import Study
from optuna.trial import BaseTrial, FixedTrial

from skdigits.model_selection._fingerprint import without_addresses


class PastTrial(FixedTrial):
    """A finished trial, of which the parameters are made once more."""

    def __init__(
        self,
        params: dict[str, Any],
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


class TrialOfOneSpace:
    """An Optuna trial as one of several spaces sees it.

    What it suggests has other names in the study than what the other spaces suggest.
    """

    def __init__(self, trial: Any, label: str) -> None:
        self._trial = trial
        self._prefix = prefix_of(label)

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._trial, attribute)
        if attribute.startswith("suggest_"):
            return lambda name, *args, **kwargs: value(
                self._prefix + name, *args, **kwargs
            )
        if attribute in ("params", "distributions"):
            return {
                name.removeprefix(self._prefix): entry
                for name, entry in value.items()
                if name.startswith(self._prefix)
            }
        return value


def prefix_of(label: str) -> str:
    """Return what the names of a space among several begin with.

    Examples
    --------
    >>> prefix_of("ann") + "learning_rate"
    'ann: learning_rate'
    """
    return f"{label}: "


def names_of(choices: Iterable[Any]) -> list[Any]:
    """Return choices that JSON has as they are, and names of the others.

    Choices are numbered where Optuna could not tell them apart.

    Examples
    --------
    >>> names_of([None, "relu", (32, 16)])
    [None, 'relu', '(32, 16)']
    >>> names_of([1, 1.0, "sqrt"])
    ['0: 1', '1: 1.0', '2: sqrt']
    >>> names_of([object(), object()])
    ['0: <object object>', '1: <object object>']
    """
    plain = [c.item() if isinstance(c, np.generic) else c for c in choices]
    names = [
        c if isinstance(c, str | int | float | None) else without_addresses(c)
        for c in plain
    ]
    # Two NaN are printed alike, but not equal; 1 and True are equal.
    if len(set(names)) == len(set(map(repr, names))) == len(names):
        return names
    return [f"{i}: {name}" for i, name in enumerate(names)]


def name_among(choice: Any, names: Iterable[Any]) -> Any:
    """Return which of the names of some choices is that of this one.

    Raises
    ------
    ValueError
        If none is.

    Examples
    --------
    >>> name_among((32, 16), ["(16,)", "(32, 16)"])
    '(32, 16)'
    >>> name_among(1.0, ["0: 1", "1: 1.0"])
    '1: 1.0'
    """
    (own,) = names_of([choice])
    for number, name in enumerate(names):
        if repr(name) == repr(own) or name == f"{number}: {own}":
            return name
    raise ValueError(f"{choice!r} is none of the choices.")
