"""The parameters of each trial: suggested by the space, or given in advance."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any

import numpy as np
from optuna.distributions import check_distribution_compatibility
from optuna.samplers import BruteForceSampler
from optuna.study import Study
from optuna.trial import BaseTrial, FixedTrial, FrozenTrial

from skdigits.model_selection._check_params import check_params, clone_with_params
from skdigits.model_selection._choice_names import find_choice_name
from skdigits.model_selection._fingerprint import (
    comparison_key,
    fingerprint,
    stable_repr,
)
from skdigits.model_selection._space_trials import ReplayedTrial
from skdigits.model_selection._spaces import Params, Space
from skdigits.model_selection._trial_attrs import is_lost, stored_params

_INITIAL_KEY = "initial_params"


class Suggestions:
    """Make the parameters of the trials of a search.

    Initial parameters wait in the study for a trial, which has their fingerprint. If
    the space could have suggested them, Optuna gets the suggestions that make them, so
    that the sampler learns from them.
    """

    def __init__(
        self, space: Space, estimator: Any, initial_params: Sequence[Params] | None
    ) -> None:
        self._space = space
        self._initial: dict[str, Params] = {}
        self._equivalent: dict[str, Params] = {}
        for i, params in enumerate(initial_params or ()):
            source = f"initial_params[{i}]"
            if not isinstance(params, Mapping):
                raise TypeError(
                    f"{source} must be a dict of parameters; got {params!r}."
                )
            check_params(params, estimator, source=source)
            key = fingerprint(comparison_key(params, fallback=stable_repr))
            self._initial[key] = dict(params)
            self._equivalent[key] = equivalent_suggestions(params, space, estimator)

    def enqueue(self, study: Study) -> None:
        """Enqueue the initial parameters that no trial of the study has had yet."""
        is_strict = isinstance(study.sampler, BruteForceSampler)
        for params, equivalent in zip(
            self._initial.values(), self._equivalent.values(), strict=True
        ):
            if is_strict and not equivalent:
                raise ValueError(
                    "initial_params must be in the space if the sampler is a "
                    f"BruteForceSampler; got {params!r}."
                )
        begun = {
            initial_key(trial) for trial in study.get_trials() if not is_lost(trial)
        }
        for key, equivalent in self._equivalent.items():
            if key not in begun:
                study.enqueue_trial(equivalent, user_attrs={_INITIAL_KEY: key})

    def suggest(self, trial: BaseTrial) -> Params:
        """Return the parameters of a new trial."""
        key = initial_key(trial)
        if key in self._initial:
            params = self._initial[key]
            if self._equivalent[key]:
                self._space.suggest(trial)
            return params
        return self._space.suggest(trial)

    def params_of(
        self, trial: FrozenTrial, earlier_study: Callable[[], Study] | None = None
    ) -> Params:
        """Return the parameters that a finished trial had.

        They are stored with the trial, or made again from its suggestions, since a
        storage cannot keep estimators. ``earlier_study`` returns the study as it was
        when the trial began.

        Raises
        ------
        ValueError
            If the search cannot have had this trial.
        """
        if (key := initial_key(trial)) in self._initial:
            return self._initial[key]
        stored = stored_params(trial)
        if key and not trial.params:  # the space could not have suggested them
            if stored is None:
                raise ValueError(
                    "initial_params must contain the parameters of trial "
                    f"{trial.number} again, because they are outside of the space; "
                    "got others. Pass all initial_params that the study was started "
                    "with, or use another study_name."
                )
            return stored
        replayed = ReplayedTrial(trial.params, trial.number, earlier_study)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the bounds may have changed
                params = self._space.suggest(replayed)
            if others := sorted(trial.params.keys() - replayed.distributions.keys()):
                raise ValueError(f"it does not suggest {others}")
            for name, ours in replayed.distributions.items():
                check_distribution_compatibility(trial.distributions[name], ours)
        except Exception as error:
            raise ValueError(
                "space must be the one that the study was started with; got one that "
                f"cannot have suggested the parameters of trial {trial.number} "
                f"({error}). Pass the original space, or use another study_name."
            ) from error
        return params if stored is None else stored


def initial_key(trial: BaseTrial) -> str | None:
    """Return the fingerprint of the initial parameters of a trial, if it has them."""
    return trial.user_attrs.get(_INITIAL_KEY)


def is_begun_elsewhere(trial: BaseTrial, trials: Iterable[FrozenTrial]) -> bool:
    """Return whether an earlier trial, of another worker, has the initial parameters.

    Two workers that start together both enqueue them.
    """
    key = initial_key(trial)
    return key is not None and any(
        initial_key(other) == key and other.number < trial.number and not is_lost(other)
        for other in trials
    )


def equivalent_suggestions(params: Params, space: Space, estimator: Any) -> Params:
    """Return the suggestions from which a space makes the same estimator.

    They are an empty dict if the space does not contain these parameters.
    """
    wanted = clone_with_params(estimator, params).get_params(deep=True)
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("error")  # of values out of bounds
        for suggestions in space.possible_suggestions(wanted | params):
            with suppress(Exception):
                trial = ScriptedTrial(suggestions)
                made = clone_with_params(estimator, space.suggest(trial))
                if _are_equal(made.get_params(deep=True), wanted):
                    return trial.used
    return {}


class ScriptedTrial(FixedTrial):
    """A trial with given suggestions, which notes those that are used.

    They are noted in the form in which Optuna stores them.
    """

    def __init__(self, suggestions: Params) -> None:
        self._suggestions = suggestions
        self.used: Params = {}
        super().__init__(self.used)

    def suggest_float(self, name: str, low: float, high: float, **kwargs: Any) -> float:
        self.used[name] = float(self._suggestions[name])
        return super().suggest_float(name, low, high, **kwargs)

    def suggest_int(self, name: str, low: int, high: int, **kwargs: Any) -> int:
        self.used[name] = int(self._suggestions[name])
        return super().suggest_int(name, low, high, **kwargs)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        self.used[name] = find_choice_name(self._suggestions[name], choices)
        return super().suggest_categorical(name, choices)


def _are_equal(one: Params, other: Params) -> bool:
    return one.keys() == other.keys() and all(
        _is_equal(one[name], other[name]) for name in one
    )


def _is_equal(one: Any, other: Any) -> bool:
    if hasattr(one, "get_params"):  # its parameters are entries of their own
        return type(one) is type(other)
    if isinstance(one, list | tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(_is_equal, one, other))
    are_numbers = all(
        isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        for value in (one, other)
    )
    return (are_numbers and one == other) or stable_repr(one) == stable_repr(other)
