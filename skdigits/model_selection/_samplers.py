"""The sampler of a search: a copy of the user's, or a TPE that can be resumed."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, GridSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._grid_sampler import ResumableGridSampler
from skdigits.model_selection._optuna_private import grouped_tpe


def make_sampler(sampler: BaseSampler | None, seed: int) -> BaseSampler:
    """Return the sampler described by the parameter ``sampler`` of a search."""
    return SeededTPE(seed) if sampler is None else copy_sampler(sampler)


def copy_sampler(sampler: BaseSampler) -> BaseSampler:
    """Return a copy of a sampler for one fit, which changes its state."""
    copied = deepcopy(sampler)
    return ResumableGridSampler(copied) if isinstance(copied, GridSampler) else copied


class SeededTPE(BaseSampler):
    """Optuna's TPE with random numbers that depend only on the seed and the trial.

    A resumed search thus continues with new suggestions, and workers with the same seed
    do not repeat each other.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._tpe: BaseSampler = TPESampler(seed=seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        seed = np.random.SeedSequence([self.seed, trial.number]).generate_state(1)[0]
        self._tpe = grouped_tpe(int(seed))
        return self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        suggested = self._tpe.sample_relative(study, trial, search_space)
        # Optuna samples a group within the first bounds that it has seen. Suggestions
        # with new bounds are left to sample_independent.
        changed = names_with_several_distributions(study)
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


def names_with_several_distributions(study: Study) -> set[str]:
    """Return the names that were suggested from more than one distribution."""
    first: dict[str, BaseDistribution] = {}
    return {
        name
        for trial in study.get_trials(deepcopy=False)
        for name, distribution in trial.distributions.items()
        if first.setdefault(name, distribution) != distribution
    }
