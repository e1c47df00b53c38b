"""What the trials of a search have: suggestions, or parameters given beforehand."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any

import numpy as np
from optuna.distributions import check_distribution_compatibility
from optuna.samplers import BruteForceSampler
from optuna.study import Study
from optuna.trial import (
    BaseTrial,
    FixedTrial,
    FrozenTrial,
    TrialState,
    create_trial,
)

from skdigits.model_selection._check_params import check_params, with_params
from skdigits.model_selection._choice_names import PastTrial, name_among
from skdigits.model_selection._fingerprint import digest, key_of, without_addresses
from skdigits.model_selection._spaces import Params, Space
from skdigits.model_selection._trial_attrs import params_kept

_INITIAL = "initial_params"


class Suggestions:
    """The parameters of each trial of a search.

    Parameters that are given beforehand wait in the study for a trial, which is known
    by a digest of them. Optuna is told what it would have had to suggest, if it could
    have suggested them.
    """

    def __init__(
        self, space: Space, estimator: Any, initial_params: Sequence[Params] | None
    ) -> None:
        self._space = space
        self._initial: dict[str, Params] = {}
        self._equivalent: dict[str, Params] = {}
        for i, params in enumerate(initial_params or ()):
            of = f"initial_params[{i}]"
            if not isinstance(params, Mapping):
                raise TypeError(f"{of} must be a dict of parameters; got {params!r}.")
            check_params(params, estimator, of=of)
            key = digest(key_of(params, unknown=without_addresses))
            self._initial[key] = dict(params)
            self._equivalent[key] = equivalent_of(params, space, estimator)

    def enqueue(self, study: Study) -> None:
        """Let the next trials have what is given beforehand, unless they had it."""
        is_strict = isinstance(study.sampler, BruteForceSampler)
        for params, equivalent in zip(
            self._initial.values(), self._equivalent.values(), strict=True
        ):
            if is_strict and not equivalent:
                raise ValueError(
                    "initial_params must be in the space where the sampler is a "
                    f"BruteForceSampler; got {params!r}."
                )
        begun = {
            initial_of(trial) for trial in study.get_trials() if not is_lost(trial)
        }
        for key in self._initial:
            if key not in begun:
                study.add_trial(
                    create_trial(
                        state=TrialState.WAITING,
                        user_attrs={_INITIAL: key},
                        system_attrs={"fixed_params": self._equivalent[key]},
                    )
                )

    def suggest(self, trial: BaseTrial) -> Params:
        """Return the parameters of a new trial."""
        key = initial_of(trial)
        if key in self._initial:
            params = self._initial[key]
            if self._equivalent[key]:
                self._space.suggest(trial)
            return params
        return self._space.suggest(trial)

    def params_of(
        self, trial: FrozenTrial, study_then: Callable[[], Study] | None = None
    ) -> Params:
        """Return the parameters that a finished trial had.

        They are kept with it, or suggested once more: estimators cannot be kept.
        ``study_then`` gives the study as it was when the trial began.

        Raises
        ------
        ValueError
            If the search cannot have had this trial.
        """
        if (key := initial_of(trial)) in self._initial:
            return self._initial[key]
        kept = params_kept(trial)
        if key and not trial.params:  # they are not in the space
            if kept is None:
                raise ValueError(
                    f"initial_params must have those of trial {trial.number} again, "
                    "which are not in the space. Give all that the study was begun "
                    "with, or another study_name."
                )
            return kept
        past = PastTrial(trial.params, trial.number, study_then)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the bounds may have been others
                params = self._space.suggest(past)
            if others := sorted(trial.params.keys() - past.distributions.keys()):
                raise ValueError(f"It does not suggest {others}.")
            for name, ours in past.distributions.items():
                check_distribution_compatibility(trial.distributions[name], ours)
        except Exception as error:
            raise ValueError(
                "space must be what the study was begun with: trial "
                f"{trial.number} cannot have had its parameters from it ({error}). "
                "Give another study_name, or what it was begun with."
            ) from error
        return params if kept is None else kept


def initial_of(trial: BaseTrial) -> str | None:
    """Return the digest of the parameters that were given for a trial, if any were."""
    return trial.user_attrs.get(_INITIAL)


def is_lost(trial: FrozenTrial) -> bool:
    """Return whether a trial was given up before it had an outcome."""
    return trial.state is TrialState.FAIL and "error" not in trial.user_attrs


def is_begun_elsewhere(trial: BaseTrial, trials: Iterable[FrozenTrial]) -> bool:
    """Return whether another worker has put the same into the queue before."""
    key = initial_of(trial)
    return key is not None and any(
        initial_of(other) == key and other.number < trial.number and not is_lost(other)
        for other in trials
    )


def equivalent_of(params: Params, space: Space, estimator: Any) -> Params:
    """Return what Optuna has to suggest to make the same estimator, or an empty dict.

    It is empty where the space does not have these parameters.
    """
    wanted = with_params(estimator, params).get_params(deep=True)
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("error")  # values out of bounds
        for answer in space.answers(wanted | params):
            with suppress(Exception):
                asked = Answers(answer)
                made = with_params(estimator, space.suggest(asked))
                if _are_same(made.get_params(deep=True), wanted):
                    return asked.given
    return {}


class Answers(FixedTrial):
    """A trial that suggests what it is told to, as Optuna keeps it."""

    def __init__(self, answers: Params) -> None:
        self.answers = answers
        self.given: Params = {}
        super().__init__(self.given)

    def suggest_float(self, name: str, low: float, high: float, **kwargs: Any) -> float:
        self.given[name] = float(self.answers[name])
        return super().suggest_float(name, low, high, **kwargs)

    def suggest_int(self, name: str, low: int, high: int, **kwargs: Any) -> int:
        self.given[name] = int(self.answers[name])
        return super().suggest_int(name, low, high, **kwargs)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        self.given[name] = name_among(self.answers[name], choices)
        return super().suggest_categorical(name, choices)


def _are_same(one: Params, other: Params) -> bool:
    return one.keys() == other.keys() and all(
        _is_same(one[name], other[name]) for name in one
    )


def _is_same(one: Any, other: Any) -> bool:
    if hasattr(one, "get_params"):  # its parameters are compared by themselves
        return type(one) is type(other)
    if isinstance(one, list | tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(_is_same, one, other))
    are_numbers = all(
        isinstance(value, Real) and not isinstance(value, bool | np.bool_)
        for value in (one, other)
    )
    return (are_numbers and one == other) or (
        without_addresses(one) == without_addresses(other)
    )
