"""Which parameters were tried, and which trials may take the outcome of others."""

from functools import partial

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._fingerprint import key_of
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._study import study_in_memory
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_attrs import twin_of, was_skipped


class Tried:
    """The parameters of the trials of a study."""

    def __init__(self, suggestions: Suggestions, study: Study) -> None:
        self._suggestions = suggestions
        self._study = study
        self._params: dict[int, Params] = {}
        self._completed: dict[str, FrozenTrial] = {}
        self._noted: set[int] = set()

    def keep(self, number: int, params: Params) -> None:
        """Remember what was suggested."""
        self._params[number] = params

    def params_of(self, trial: FrozenTrial) -> Params:
        """Return the parameters of a finished trial, none if it was skipped.

        Those of trials that this process has not begun are looked up.
        """
        if was_skipped(trial):
            return {}
        if trial.number not in self._params:
            study_then = partial(study_before, self._study, trial)
            self._params[trial.number] = self._suggestions.params_of(trial, study_then)
        return self._params[trial.number]

    def twin(self, params: Params, finished: list[FrozenTrial]) -> FrozenTrial | None:
        """Return the trial that was completed with the same parameters, if any."""
        for trial in finished:
            if trial.number not in self._noted:
                self._noted.add(trial.number)
                if trial.state is TrialState.COMPLETE and twin_of(trial) is None:
                    self._completed.setdefault(key_of(self.params_of(trial)), trial)
        return self._completed.get(key_of(params))


def study_before(study: Study, trial: FrozenTrial) -> Study:
    """Return a copy of a study as it was when a trial of it began."""
    before = [
        other
        for other in study.get_trials(deepcopy=False)
        if other.datetime_complete is not None
        and trial.datetime_start is not None
        and other.datetime_complete <= trial.datetime_start
    ]
    return study_in_memory(before, study.directions)
