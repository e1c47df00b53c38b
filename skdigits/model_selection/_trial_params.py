"""The parameters of all trials of a study, and the trials that repeat others."""

from functools import partial

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._fingerprint import comparison_key
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._study import in_memory_study
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_attrs import original_of, was_skipped


class TrialParams:
    """The parameters of the trials of a study."""

    def __init__(self, suggestions: Suggestions, study: Study) -> None:
        self._suggestions = suggestions
        self._study = study
        self._params: dict[int, Params] = {}
        self._completed: dict[str, FrozenTrial] = {}  # by the key of their parameters
        self._seen: set[int] = set()

    def add(self, number: int, params: Params) -> None:
        """Remember the parameters of a new trial."""
        self._params[number] = params

    def of(self, trial: FrozenTrial) -> Params:
        """Return the parameters of a finished trial, none if the space skipped it.

        For a trial that this process did not begin, they are read from the study.
        """
        if was_skipped(trial):
            return {}
        if trial.number not in self._params:
            earlier_study = partial(study_before, self._study, trial)
            params = self._suggestions.params_of(trial, earlier_study)
            self._params[trial.number] = params
        return self._params[trial.number]

    def find_completed(
        self, params: Params, finished: list[FrozenTrial]
    ) -> FrozenTrial | None:
        """Return the trial that was completed with the same parameters, if any."""
        for trial in finished:
            if trial.number not in self._seen:
                self._seen.add(trial.number)
                if trial.state is TrialState.COMPLETE and original_of(trial) is None:
                    key = comparison_key(self.of(trial))
                    self._completed.setdefault(key, trial)
        return self._completed.get(comparison_key(params))


def study_before(study: Study, trial: FrozenTrial) -> Study:
    """Return a copy of a study as it was when one of its trials began."""
    earlier = [
        other
        for other in study.get_trials(deepcopy=False)
        if other.datetime_complete is not None
        and trial.datetime_start is not None
        and other.datetime_complete <= trial.datetime_start
    ]
    return in_memory_study(earlier, study.directions)
