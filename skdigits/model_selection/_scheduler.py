"""Trials under way: which fold is next, and what becomes of its outcome."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import RLock
from typing import Any

from optuna.exceptions import TrialPruned, UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from skdigits.model_selection._fingerprint import key_of
from skdigits.model_selection._fit_and_score import Outcome
from skdigits.model_selection._heartbeat import (
    ALREADY_FINISHED,
    Heartbeat,
    LostTrials,
    others_are_at_work,
    running_trials,
    sign,
)
from skdigits.model_selection._samplers import is_exhausted
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._study import StoppableStudy, errors_of, quiet_optuna
from skdigits.model_selection._suggestions import Suggestions, is_begun_elsewhere
from skdigits.model_selection._trial_attrs import (
    ceiling_of,
    finished_trials,
    kept_of_all,
    kept_of_twin,
    warn_of_errors,
)
from skdigits.model_selection._trial_outcome import Rules, Verdict
from skdigits.model_selection._trial_params import Tried

Callback = Callable[[Study, FrozenTrial], None]

_PAUSES = 1, 2, 4, 8  # seconds before a storage that is away is tried again


class Candidate:
    """A trial and the outcomes of its folds so far."""

    def __init__(self, trial: Trial, params: Params) -> None:
        self.trial = trial
        self.params = params
        self.outcomes: list[Outcome] = []


class Trials:
    """The trials that this process works on, as a part of those of a study.

    `candidates` may be consumed in any thread, and waits for nothing but a storage that
    is away.

    Attributes
    ----------
    finished : list of optuna.trial.FrozenTrial
        All that are finished, also by other processes, as far as is known here.
    ceiling : list of float or None
        The highest training loss of completed trials, epoch by epoch: of the better
        half of them, where one score is optimized.
    first_error : Exception or None
        The first one of a fit here.
    lost_storage : Exception or None
        Why the storage cannot be written to any more.
    """

    def __init__(
        self,
        study: StoppableStudy,
        storage: BaseStorage,
        suggestions: Suggestions,
        *,
        search: str,
        n_trials: int | None,
        n_jobs: int,
        deadline: float,
        rules: Rules,
        callbacks: Sequence[Callback],
    ) -> None:
        self.study = study
        self.storage = storage
        self.suggestions = suggestions
        self.search = search
        self.n_trials = n_trials
        self.n_jobs = n_jobs
        self.deadline = deadline
        self.rules = rules
        self.callbacks = callbacks
        self.tried = Tried(suggestions, study)
        self._refresh(study.get_trials(deepcopy=False))
        self.lost_storage: Exception | None = None
        self.first_error: Exception | None = None
        self.stopped = False
        self.heartbeat = Heartbeat(storage, self._trials_under_way)
        self._storage_errors = errors_of(storage)
        self._error: Exception | None = None
        self._asked: Trial | None = None  # until it is known who works on it
        self._lost = LostTrials(study)
        self._running: dict[int, Candidate] = {}
        self._waiting: deque[Candidate] = deque()
        # Those that are as another trial that is under way, by its number.
        self._twins: dict[int, list[Candidate]] = {}
        self._untold: deque[FrozenTrial] = deque()  # to the callbacks
        self._lock = RLock()

    def candidates(self) -> Iterator[Candidate | None]:
        """Yield those whose next fold can be run now, new ones if need be.

        joblib asks for the next one just before it gives the outcome of the last. None
        is yielded until that is recorded: then its trial goes on where it was, in a
        process that has compiled its network. So it is until the callbacks have heard
        of trials that needed no fit.
        """
        while True:
            if self._has_to_wait():
                yield None
            elif (candidate := self._next()) is not None:
                yield candidate
            elif not self._has_to_wait():
                return

    def go_on(self) -> bool:
        """Return whether there is more to run, after waiting for others if need be."""
        if self._error:
            raise self._error
        while not (self._running or self._begins_no_more()):
            outlook = self._with_patience(self._outlook)
            if outlook != "wait":
                return outlook == "go on"
            time.sleep(1)
        return bool(self._running) and not self.stopped

    def record(self, number: int, outcome: Outcome) -> None:
        """Take note of the outcome of a fold, and decide how its trial goes on."""
        candidate = self._running[number]
        candidate.outcomes.append(outcome)
        self.first_error = self.first_error or outcome.error
        where = f"Trial {number}, fold {len(candidate.outcomes)}"
        warn_of_errors(outcome, where, self.rules.error_score)
        with self._lock:
            state = self._with_patience(lambda: self._state_after(candidate))
            if state is TrialState.RUNNING:
                self._waiting.append(candidate)
            elif state is not None:
                self._finish(candidate, state)
        self.tell_callbacks()

    def tell_callbacks(self) -> None:
        """Call the callbacks with the trials that were finished since."""
        while self._untold:
            trial = self._untold.popleft()
            for callback in self.callbacks:
                callback(self.study, trial)

    def give_up(self) -> None:
        """Leave what is under way to another time."""
        with self._lock, quiet_optuna():
            for candidate in self._running.values():
                if not self.lost_storage:
                    self._fail(candidate.trial)
            self._running.clear()
            self._waiting.clear()
            self._twins.clear()

    def _begins_no_more(self) -> bool:
        is_stopped = self.stopped or self.study.is_stopped
        return is_stopped or time.monotonic() > self.deadline

    def _fail(self, trial: Trial) -> None:
        """End a trial as failed, unless another worker has given it up."""
        with suppress(*ALREADY_FINISHED):
            self.study.tell(trial, state=TrialState.FAIL)

    def _trials_under_way(self) -> list[Trial]:
        return [candidate.trial for candidate in list(self._running.values())]

    def _has_to_wait(self) -> bool:
        """Return whether outcomes are on their way, or the callbacks are behind."""
        with self._lock:
            if self._untold:
                return True
            n_twins = sum(map(len, self._twins.values()))
            n_at_work = len(self._running) - n_twins
            is_busy = max(n_at_work, n_twins) >= self.n_jobs and not self._waiting
            return is_busy and not self.stopped

    def _next(self) -> Candidate | None:
        with self._lock:
            try:
                while not self.stopped:
                    if self._waiting:
                        return self._waiting.popleft()
                    if self._has_to_wait() or self._begins_no_more():
                        break
                    if not self._begin():
                        break
            except Exception as error:  # the thread it is raised in would swallow it
                self._error = error
                self.stopped = True
            return None

    def _with_patience(self, act: Callable[[], Any]) -> Any:
        """Act, again and again while the storage is away, and stop if it stays so."""
        for pause in (*_PAUSES, None):
            try:
                with quiet_optuna():
                    return act()
            except self._storage_errors as error:
                if pause is None:
                    self.lost_storage = error
                    self.stopped = True
                    return None
                time.sleep(pause)

    def _outlook(self) -> str:
        """Return whether to begin trials, to wait for those of others or to end."""
        self._lost.retry()
        are_all_begun = is_exhausted(self.study)
        trials = self.study.get_trials(deepcopy=False)
        self._refresh(trials)
        running = running_trials(trials)
        if self._are_enough(self.finished):
            return "end"
        if not (are_all_begun or self._are_enough([*self.finished, *running])):
            return "go on"
        return "wait" if others_are_at_work(running, self.storage) else "end"

    def _are_enough(self, trials: Sequence[Any]) -> bool:
        return self.n_trials is not None and len(trials) >= self.n_trials

    def _refresh(self, trials: Sequence[FrozenTrial]) -> None:
        """Take note of what is finished, also by other processes."""
        self.finished = finished_trials(trials, self.search)
        self.ceiling = ceiling_of(self.finished, of_better_half=self.rules.prunes)

    def _begin(self) -> bool:
        """Begin a trial, unless there are enough. If need be it waits to be fitted."""
        trial = self._with_patience(self._ask)
        if trial is None:
            return False
        try:
            params = self._with_patience(lambda: self.suggestions.suggest(trial))
        except TrialPruned:
            self._finish(Candidate(trial, {}), TrialState.PRUNED)
            return True
        except Exception:
            with suppress(Exception):  # the first error is the one to tell
                self._fail(trial)
            raise
        if params is None:
            return False
        candidate = Candidate(trial, params)
        same = self._same_under_way(candidate)
        self._running[trial.number] = candidate
        self.tried.keep(trial.number, params)
        if twin := self.tried.twin(params, self.finished):
            self._finish_as(candidate, twin)
        elif same:
            self._twins.setdefault(same.trial.number, []).append(candidate)
        else:
            self._waiting.append(candidate)
        return True

    def _same_under_way(self, candidate: Candidate) -> Candidate | None:
        """Return what is fitted with the same parameters, if anything is."""
        key = key_of(candidate.params)
        for other in self._running.values():
            if key_of(other.params) == key:
                return other
        return None

    def _ask(self) -> Trial | None:
        self._lost.retry()
        if self._asked and self._is_finished(self._asked):
            self._asked = None  # it took so long that another worker gave it up
        are_all_begun = is_exhausted(self.study) or self._are_enough(self._counted())
        if are_all_begun and self._asked is None:
            return None
        trial = self._asked = self._asked or self.study.ask()
        try:
            self.heartbeat.beat(trial)
            sign(trial)
        except UpdateFinishedTrialError:
            return self._ask()
        # Others may have asked at the same moment: the first ones stay.
        if is_begun_elsewhere(trial, self.study.get_trials(deepcopy=False)):
            self._fail(trial)
            self._asked = None
            return self._ask()
        first = sorted(self._counted())[: self.n_trials]
        is_one_too_many = trial.number not in first
        if is_one_too_many:
            self._fail(trial)
        self._asked = None
        return None if is_one_too_many else trial

    def _is_finished(self, trial: Trial) -> bool:
        return self.storage.get_trial(trial._trial_id).state.is_finished()

    def _counted(self) -> list[int]:
        """Return the numbers of the trials that are finished or under way."""
        trials = self.study.get_trials(deepcopy=False)
        self._refresh(trials)
        return [trial.number for trial in self.finished + running_trials(trials)]

    def _state_after(self, candidate: Candidate) -> TrialState:
        """Return what a trial is after its last outcome: "running" if it goes on."""
        state = self.rules.state_after(candidate.outcomes)
        score = self.rules.score_to_prune_by(candidate.outcomes)
        if state is not TrialState.RUNNING or score is None:
            return state
        try:
            candidate.trial.report(score, len(candidate.outcomes))
            should_be_pruned = candidate.trial.should_prune()
        except UpdateFinishedTrialError:  # another worker took it for lost
            return TrialState.FAIL
        return TrialState.PRUNED if should_be_pruned else TrialState.RUNNING

    def _finish(self, candidate: Candidate, state: TrialState) -> None:
        self._tell(candidate, self.rules.verdict(candidate.outcomes, state))

    def _finish_as(self, candidate: Candidate, twin: FrozenTrial) -> None:
        """Give a trial the outcome of one that was completed with its parameters."""
        known = candidate.trial.user_attrs
        kept = {k: v for k, v in kept_of_twin(twin).items() if k not in known}
        state, excess = TrialState.COMPLETE, twin.constraints
        self._tell(candidate, Verdict(state, twin.values, kept, excess))

    def _tell(self, candidate: Candidate, verdict: Verdict) -> None:
        trial = candidate.trial
        number = trial.number
        kept = verdict.kept | kept_of_all(number, candidate.params, self.search)

        def keep() -> list[FrozenTrial]:
            try:
                if not self._is_finished(trial):
                    for name, excess in verdict.excess.items():
                        trial.set_constraint(name, excess)
                    for name, value in kept.items():
                        trial.set_user_attr(name, value)
                    self.study.tell(trial, verdict.values, verdict.state)
            except ALREADY_FINISHED:  # unless it is another ValueError
                if not self._is_finished(trial):
                    raise
            return self.study.get_trials(deepcopy=False)

        trials = self._with_patience(keep)
        if trials is None:
            return
        self._refresh(trials)
        self._running.pop(number, None)
        self._untold.append(trials[number])
        self._release_twins(trials[number])

    def _release_twins(self, trial: FrozenTrial) -> None:
        """Let those that waited for this trial take its outcome, or be fitted."""
        twins = self._twins.pop(trial.number, [])
        if trial.state is TrialState.COMPLETE:
            for twin in twins:
                self._finish_as(twin, trial)
        elif twins:
            first, *others = twins
            self._waiting.append(first)
            if others:
                self._twins[first.trial.number] = others
