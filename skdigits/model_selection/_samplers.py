"""What suggests parameters in a search."""

import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, GridSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._choice_names import names_of

_POINT = "grid_point"


class SeededTPE(BaseSampler):
    """Optuna's TPE whose random numbers depend on the seed and the trial alone.

    So a search that is started again goes on to new trials, and workers with the same
    seed do not try the same.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._tpe: BaseSampler = TPESampler(seed=seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        seed = np.random.SeedSequence([self.seed, trial.number]).generate_state(1)[0]
        self._tpe = TPESampler(seed=int(seed), multivariate=True, group=True)
        return self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        suggested = self._tpe.sample_relative(study, trial, search_space)
        # The group that Optuna samples from keeps the bounds that it has met first.
        changed = names_of_other_bounds(study)
        return {name: v for name, v in suggested.items() if name not in changed}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._tpe.sample_independent(
            study, trial, param_name, param_distribution
        )

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._tpe.after_trial(study, trial, state, values)


def names_of_other_bounds(study: Study) -> set[str]:
    """Return the names of what was suggested from several distributions."""
    first: dict[str, BaseDistribution] = {}
    return {
        name
        for trial in study.get_trials(deepcopy=False)
        for name, distribution in trial.distributions.items()
        if first.setdefault(name, distribution) != distribution
    }


class Grid(BaseSampler):
    """What a `GridSampler` suggests, of values of any kind, each combination once.

    A combination whose trial was given up is suggested again.
    """

    def __init__(self, sampler: GridSampler) -> None:
        values = sampler._search_space
        names = {name: names_of(of_name) for name, of_name in values.items()}

        def named(point: Sequence[Any]) -> dict[str, Any]:
            return {
                name: names[name][next(i for i, v in enumerate(of_name) if v is value)]
                for (name, of_name), value in zip(values.items(), point, strict=True)
            }

        # As text, since NaN does not equal itself.
        self._points = [json.dumps(named(point)) for point in sampler._all_grids]

    def is_exhausted(self, study: Study) -> bool:
        """Return whether there is nothing left to suggest, nor to be tried anyway."""
        waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        return not waiting and not self._left(study)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        if {"fixed_params", _POINT} & trial.system_attrs.keys():
            return
        left = self._left(study) or self._points
        # Workers that ask at the same moment have trials of different numbers.
        point = left[trial.number % len(left)]
        if trial.number < len(self._points) and self._points[trial.number] in left:
            point = self._points[trial.number]
        study._storage.set_trial_system_attr(trial._trial_id, _POINT, point)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        point = json.loads(trial.system_attrs.get(_POINT, "{}"))
        if param_name not in point:
            raise ValueError(
                f"sampler must have all the parameters that space suggests; its grid "
                f"has no {param_name!r}."
            )
        return point[param_name]

    def _left(self, study: Study) -> list[str]:
        taken = {
            trial.system_attrs.get(_POINT)
            for trial in study.get_trials(deepcopy=False)
            if trial.state is not TrialState.FAIL or "error" in trial.user_attrs
        }
        return [point for point in self._points if point not in taken]


def own_copy(sampler: BaseSampler) -> BaseSampler:
    """Return a copy of a sampler for one search, which uses it up."""
    copied = deepcopy(sampler)
    return Grid(copied) if isinstance(copied, GridSampler) else copied


def is_exhausted(study: Study) -> bool:
    """Return whether the sampler of a study has nothing left to suggest."""
    return isinstance(study.sampler, Grid) and study.sampler.is_exhausted(study)
