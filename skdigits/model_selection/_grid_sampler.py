"""A grid of parameters that several workers share, and that can be resumed."""

import json
from collections.abc import Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, GridSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._choice_names import choice_names
from skdigits.model_selection._optuna_private import (
    grid_of,
    has_fixed_suggestions,
    sampler_note,
    set_sampler_note,
)
from skdigits.model_selection._trial_attrs import is_lost

_POINT = "grid_point"


class ResumableGridSampler(BaseSampler):
    """Suggest each combination of a `GridSampler` once, with values of any type.

    A combination is suggested again if its trial was given up.
    """

    def __init__(self, sampler: GridSampler) -> None:
        values, points = grid_of(sampler)
        names = {name: choice_names(of_name) for name, of_name in values.items()}

        def named(point: Sequence[Any]) -> dict[str, Any]:
            return {
                name: names[name][next(i for i, v in enumerate(of_name) if v is value)]
                for (name, of_name), value in zip(values.items(), point, strict=True)
            }

        # Points are compared as texts, since NaN does not equal itself.
        self._points = [json.dumps(named(point)) for point in points]

    def is_exhausted(self, study: Study) -> bool:
        """Return whether every combination was suggested, and none is enqueued."""
        waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        return not waiting and not self._points_left(study)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        if has_fixed_suggestions(trial) or sampler_note(trial, _POINT) is not None:
            return
        left = self._points_left(study) or self._points
        # Workers that ask at the same moment have different numbers, so they get
        # different points.
        point = left[trial.number % len(left)]
        if trial.number < len(self._points) and self._points[trial.number] in left:
            point = self._points[trial.number]
        set_sampler_note(study, trial, _POINT, point)

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
        point = json.loads(sampler_note(trial, _POINT) or "{}")
        if param_name not in point:
            raise ValueError(
                "sampler must have a grid with all parameters that space suggests; got "
                f"a grid without {param_name!r}."
            )
        return point[param_name]

    def _points_left(self, study: Study) -> list[str]:
        taken = {
            sampler_note(trial, _POINT)
            for trial in study.get_trials(deepcopy=False)
            if not is_lost(trial)
        }
        return [point for point in self._points if point not in taken]


def is_exhausted(study: Study) -> bool:
    """Return whether the sampler of a study has nothing left to suggest."""
    sampler = study.sampler
    return isinstance(sampler, ResumableGridSampler) and sampler.is_exhausted(study)
