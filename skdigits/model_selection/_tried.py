"""Which parameters were tried, and which trials may take the outcome of others."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import joblib
import numpy as np
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._records import twin_of, was_skipped
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._study import study_in_memory
from skdigits.model_selection._suggestions import Suggestions


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

        Those of trials that this process has not begun are suggested once more.
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


def key_of(value: Any) -> str:
    """Return a text that is the same for parameters that are fitted the same.

    Estimators are compared by their parameters. What is equal and not of one type, as 1
    and 1.0, differs. What can be neither compared nor pickled is the same as itself.

    Examples
    --------
    >>> key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    True
    >>> key_of(1) == key_of(1.0)
    False
    """
    if isinstance(value, np.generic):
        value = value.item()
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return f"{kind} {value!r}"
    if isinstance(value, Mapping):
        items = sorted(f"{key_of(name)}: {key_of(v)}" for name, v in value.items())
        return f"{kind} {items}"
    if isinstance(value, list | tuple):
        return f"{kind} {[key_of(part) for part in value]}"
    if isinstance(value, set | frozenset):
        return f"{kind} {sorted(map(key_of, value))}"
    if hasattr(value, "get_params") and not isinstance(value, type):
        return f"{kind} {key_of(value.get_params(deep=False))}"
    try:
        return f"{kind} {joblib.hash(value)}"
    except Exception:
        return f"{kind} {id(value)}"
