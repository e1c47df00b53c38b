"""Begin trials in a study that several workers share, and store their outcomes."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, Trial, TrialState

from skdigits.model_selection._grid_sampler import is_exhausted
from skdigits.model_selection._lost_trials import (
    ALREADY_FINISHED,
    LostTrials,
    others_are_at_work,
    record_worker,
    running_trials,
)
from skdigits.model_selection._optuna_private import (
    is_finished,
    quiet_optuna,
    record_heartbeat,
)
from skdigits.model_selection._storage import unavailable_errors
from skdigits.model_selection._study import StoppableStudy
from skdigits.model_selection._suggestions import is_begun_elsewhere
from skdigits.model_selection._trial_attrs import finished_trials
from skdigits.model_selection._trial_outcome import TrialOutcome

_PAUSES = 1, 2, 4, 8  # seconds before an unavailable storage is tried again


class SharedStudy:
    """A study that other workers may use at the same time.

    Workers do not lock the study. Each of them looks at all trials after it has asked
    for one, and gives its own trial up if it is one too many.

    Attributes
    ----------
    finished : list of optuna.trial.FrozenTrial
        All finished trials of the search, including those of other workers, as of the
        last access to the study.
    storage_error : Exception or None
        Why the storage can no longer be used.
    """

    def __init__(
        self,
        study: StoppableStudy,
        storage: BaseStorage,
        *,
        search_id: str,
        n_trials: int | None,
    ) -> None:
        self.study = study
        self.storage = storage
        self.search_id = search_id
        self.n_trials = n_trials
        self.storage_error: Exception | None = None
        self._unavailable_errors = unavailable_errors(storage)
        self._lost = LostTrials(study)
        self._asked: Trial | None = None  # not yet known to be needed
        self._read()

    def with_retries(self, access: Callable[[], Any]) -> Any:
        """Access the study, and try again while the storage is unavailable.

        If it remains unavailable, the search is over, and None is returned.
        """
        for pause in (*_PAUSES, None):
            try:
                with quiet_optuna():
                    return access()
            except self._unavailable_errors as error:
                if pause is None:
                    self.storage_error = error
                    return None
                time.sleep(pause)

    def begin_trial(self) -> Trial | None:
        """Return a new trial of this worker, None if there are enough."""
        return self.with_retries(self._begin_trial)

    def store(
        self, trial: Trial, outcome: TrialOutcome, attrs: dict[str, Any]
    ) -> FrozenTrial | None:
        """Store the outcome of a trial, and return the finished trial.

        None is returned if the storage is unavailable.
        """

        def store() -> list[FrozenTrial]:
            try:
                # At a second attempt, the trial is finished if only the response of the
                # storage was lost.
                if not is_finished(self.storage, trial):
                    for name, excess in outcome.constraint_excess.items():
                        trial.set_constraint(name, excess)
                    for name, value in attrs.items():
                        trial.set_user_attr(name, value)
                    self.study.tell(trial, outcome.values, outcome.state)
            except ALREADY_FINISHED:
                if not is_finished(self.storage, trial):
                    raise  # the ValueError has another reason
            return self._read()

        trials = self.with_retries(store)
        return None if trials is None else trials[trial.number]

    def fail(self, trial: Trial) -> None:
        """Give a trial up, unless another worker has done so."""
        with suppress(*ALREADY_FINISHED):
            self.study.tell(trial, state=TrialState.FAIL)

    def next_step(self) -> Literal["begin", "wait", "end"] | None:
        """Return what to do when this worker has no active trial.

        "wait" means that the trials of other workers are enough if they are finished,
        but one of these workers may be killed. None is returned if the storage is
        unavailable.
        """
        return self.with_retries(self._next_step)

    def _next_step(self) -> Literal["begin", "wait", "end"]:
        self._lost.retry()
        nothing_to_suggest = is_exhausted(self.study)
        running = running_trials(self._read())
        if self._are_enough(self.finished):
            return "end"
        if not (nothing_to_suggest or self._are_enough([*self.finished, *running])):
            return "begin"
        return "wait" if others_are_at_work(running, self.storage) else "end"

    def _begin_trial(self) -> Trial | None:
        self._lost.retry()
        if self._asked and is_finished(self.storage, self._asked):
            self._asked = None  # another worker gave it up while the storage was away
        nothing_to_begin = is_exhausted(self.study) or self._are_enough(
            self._numbers_begun()
        )
        if nothing_to_begin and self._asked is None:
            return None
        # If the storage fails below, the next attempt uses the same trial.
        trial = self._asked = self._asked or self.study.ask()
        try:
            record_heartbeat(self.storage, trial)
            record_worker(trial)
        except UpdateFinishedTrialError:
            return self._begin_trial()
        if is_begun_elsewhere(trial, self.study.get_trials(deepcopy=False)):
            self.fail(trial)
            self._asked = None
            return self._begin_trial()
        # If several workers have asked at the same moment, the first trials stay.
        is_one_too_many = (
            trial.number not in sorted(self._numbers_begun())[: self.n_trials]
        )
        if is_one_too_many:
            self.fail(trial)
        self._asked = None
        return None if is_one_too_many else trial

    def _numbers_begun(self) -> list[int]:
        """Return the numbers of the trials that are finished or running."""
        running = running_trials(self._read())
        return [trial.number for trial in self.finished + running]

    def _are_enough(self, trials: Sequence[Any]) -> bool:
        return self.n_trials is not None and len(trials) >= self.n_trials

    def _read(self) -> list[FrozenTrial]:
        """Return all trials of the study, and update those that are finished."""
        trials = self.study.get_trials(deepcopy=False)
        self.finished = finished_trials(trials, self.search_id)
        return trials
