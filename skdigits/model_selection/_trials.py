"""Trials under way: which fold is next, and what becomes of its outcome."""

import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from threading import RLock
from typing import Any

import numpy as np
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState
from sklearn.exceptions import FitFailedWarning

from skdigits.model_selection._folds import Outcome
from skdigits.model_selection._heartbeat import (
    ALREADY_FINISHED,
    Heartbeat,
    LostTrials,
    others_are_at_work,
    running_trials,
    sign,
)
from skdigits.model_selection._spaces import Params, SpaceFunction
from skdigits.model_selection._study import StoppableStudy, errors_of, quiet_optuna

Callback = Callable[[Study, FrozenTrial], None]

# Before a training is called hopeless, this many others must have come to their end.
_FEWEST_TO_COMPARE = 5
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
        suggest: SpaceFunction,
        *,
        n_trials: int,
        n_splits: int,
        n_jobs: int,
        deadline: float,
        objectives: Sequence[str],
        pruned_by: str | None,
        constraints: Mapping[str, float],
        callbacks: Sequence[Callback],
    ) -> None:
        self.study = study
        self.storage = storage
        self.suggest = suggest
        self.n_trials = n_trials
        self.n_splits = n_splits
        self.n_jobs = n_jobs
        self.deadline = deadline
        self.objectives = objectives
        self.pruned_by = pruned_by
        self.constraints = constraints
        self.callbacks = callbacks
        self.finished = finished_trials(study.get_trials(deepcopy=False))
        self.ceiling = ceiling_of(self.finished, of_better_half=bool(pruned_by))
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
        self._lock = RLock()

    def candidates(self) -> Iterator[Candidate | None]:
        """Yield those whose next fold can be run now, new ones if need be.

        joblib asks for the next one just before it gives the outcome of the last. None
        is yielded until that is recorded: then its trial goes on where it was, in a
        process that has compiled its network.
        """
        while True:
            if self._awaits_an_outcome():
                yield None
            elif (candidate := self._next()) is not None:
                yield candidate
            else:
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
        if outcome.error:
            warnings.warn(
                f"Trial {number}, fold {len(candidate.outcomes)}: the fit or its "
                f"scoring failed: {outcome.error!r}",
                FitFailedWarning,
                stacklevel=2,
            )
        with self._lock:
            state = self._with_patience(lambda: self._state_after(candidate))
            if state is TrialState.RUNNING:
                self._waiting.append(candidate)
            elif state is not None:
                self._finish(candidate, state)

    def give_up(self) -> None:
        """Leave what is under way to another time."""
        with self._lock, quiet_optuna():
            for candidate in self._running.values():
                if not self.lost_storage:
                    self._fail(candidate.trial)
            self._running.clear()
            self._waiting.clear()

    def _begins_no_more(self) -> bool:
        is_stopped = self.stopped or self.study.is_stopped
        return is_stopped or time.monotonic() > self.deadline

    def _fail(self, trial: Trial) -> None:
        """End a trial as failed, unless another worker has given it up."""
        with suppress(*ALREADY_FINISHED):
            self.study.tell(trial, state=TrialState.FAIL)

    def _trials_under_way(self) -> list[Trial]:
        return [candidate.trial for candidate in list(self._running.values())]

    def _awaits_an_outcome(self) -> bool:
        with self._lock:
            is_busy = len(self._running) >= self.n_jobs and not self._waiting
            return is_busy and not self.stopped

    def _next(self) -> Candidate | None:
        with self._lock:
            if self._waiting and not self.stopped:
                return self._waiting.popleft()
            if self._begins_no_more():
                return None
            try:
                return self._begin()
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
        trials = self.study.get_trials(deepcopy=False)
        self.finished, running = finished_trials(trials), running_trials(trials)
        if len(self.finished) >= self.n_trials:
            return "end"
        if len(self.finished) + len(running) < self.n_trials:
            return "go on"
        return "wait" if others_are_at_work(running, self.storage) else "end"

    def _begin(self) -> Candidate | None:
        """Return a new trial, or None if there are enough."""
        trial = self._with_patience(self._ask)
        if trial is None:
            return None
        try:
            params = self._with_patience(lambda: self.suggest(trial))
        except Exception:
            with suppress(Exception):  # the first error is the one to tell
                self._fail(trial)
            raise
        if params is None:
            return None
        self._running[trial.number] = Candidate(trial, params)
        return self._running[trial.number]

    def _ask(self) -> Trial | None:
        self._lost.retry()
        if self._asked and self._is_finished(self._asked):
            self._asked = None  # it took so long that another worker gave it up
        if self._asked is None and len(self._counted()) >= self.n_trials:
            return None
        trial = self._asked = self._asked or self.study.ask()
        try:
            self.heartbeat.beat(trial)
            sign(trial)
        except UpdateFinishedTrialError:
            return self._ask()
        # Others may have asked at the same moment: the first ones stay.
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
        return [t.number for t in finished_trials(trials) + running_trials(trials)]

    def _state_after(self, candidate: Candidate) -> TrialState:
        """Return what a trial is after its last outcome: "running" if it goes on."""
        outcome = candidate.outcomes[-1]
        if outcome.ended_early:
            return TrialState.PRUNED
        if not outcome.test_scores:
            return TrialState.FAIL
        if len(candidate.outcomes) == self.n_splits:
            return TrialState.COMPLETE
        try:
            should_be_pruned = self._should_be_pruned(candidate)
        except UpdateFinishedTrialError:  # another worker took it for lost
            return TrialState.FAIL
        return TrialState.PRUNED if should_be_pruned else TrialState.RUNNING

    def _should_be_pruned(self, candidate: Candidate) -> bool:
        if self.pruned_by is None:
            return False
        check_measured([self.pruned_by], candidate.outcomes[-1].test_scores)
        scores = [outcome.test_scores[self.pruned_by] for outcome in candidate.outcomes]
        candidate.trial.report(float(np.mean(scores)), len(scores))
        return candidate.trial.should_prune()

    def _finish(self, candidate: Candidate, state: TrialState) -> None:
        trial, values = candidate.trial, None
        kept = kept_of(candidate.outcomes)
        means = {name: float(np.mean(v)) for name, v in kept["test_scores"].items()}
        measures = kept | means
        needed = [*self.objectives, *self.constraints]
        if "error" in kept and not measures.keys() >= set(needed):
            state = TrialState.FAIL
        if state is TrialState.COMPLETE:
            check_measured(needed, measures)
            values = [float(measures[name]) for name in self.objectives]
            if not np.isfinite(values).all():
                state, values = TrialState.FAIL, None
                kept["error"] = f"The scores are not finite: {means}"
        constraints = self.constraints if state is TrialState.COMPLETE else {}

        def keep() -> list[FrozenTrial]:
            if not self._is_finished(trial):
                with suppress(*ALREADY_FINISHED):
                    for name, bound in constraints.items():
                        trial.set_constraint(name, measures[name] - bound)
                    for name, value in kept.items():
                        trial.set_user_attr(name, value)
                    self.study.tell(trial, values, state)
            return self.study.get_trials(deepcopy=False)

        trials = self._with_patience(keep)
        if trials is None:
            return
        self.finished = finished_trials(trials)
        self.ceiling = ceiling_of(self.finished, of_better_half=bool(self.pruned_by))
        self._running.pop(trial.number, None)
        for callback in self.callbacks:
            callback(self.study, trials[trial.number])


def check_measured(names: Iterable[str], measures: Mapping[str, Any]) -> None:
    """Raise ValueError if there is no such measure or score."""
    for name in names:
        if name not in measures:
            known = [other for other in measures if np.isscalar(measures[other])]
            raise ValueError(
                f"objectives, constraints or refit need {name!r}, which the fits and "
                f"scores of this estimator do not have; they have {sorted(known)}."
            )


def finished_trials(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that came to their end, even if by an error in the fit."""
    return [
        trial
        for trial in trials
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)
        or (trial.state is TrialState.FAIL and "error" in trial.user_attrs)
    ]


def ceiling_of(
    trials: Sequence[FrozenTrial], *, of_better_half: bool
) -> list[float] | None:
    """Return the highest training loss of completed trials, epoch by epoch.

    The better half of them is that of the highest scores. It is None where there are
    few trials, or they were trained for other numbers of epochs.
    """
    trained = [trial for trial in trials if "learning_curves" in trial.user_attrs]
    completed = [trial for trial in trained if trial.state is TrialState.COMPLETE]
    if of_better_half:
        completed.sort(key=lambda trial: trial.values[0], reverse=True)
        completed = completed[: (len(completed) + 1) // 2]
    curves = [
        history["loss"]
        for trial in completed
        for history in trial.user_attrs["learning_curves"]
    ]
    if len(trained) < _FEWEST_TO_COMPARE or len({len(curve) for curve in curves}) != 1:
        return None
    return np.max(curves, axis=0).tolist()


def kept_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what is kept with a trial, as JSON has it."""
    scored = [outcome for outcome in outcomes if outcome.test_scores]
    kept: dict[str, Any] = {
        "test_scores": _by_metric([outcome.test_scores for outcome in scored]),
        "train_scores": _by_metric([outcome.train_scores for outcome in scored]),
        "fit_times": [outcome.fit_time for outcome in outcomes],
        "score_times": [outcome.score_time for outcome in outcomes],
        "fit_time": float(np.mean([outcome.fit_time for outcome in outcomes])),
    }
    times = [o.predict_time for o in scored if o.predict_time is not None]
    if times:
        kept["predict_time"] = float(np.median(times))
    matrices = [o.confusion for o in scored if o.confusion is not None]
    if matrices:
        kept["confusion_matrix"] = np.sum(matrices, axis=0).tolist()
    sizes = [o.n_weights for o in scored if o.n_weights is not None]
    if sizes:
        kept["n_weights"] = max(sizes)
    curves = [o.history for o in scored if o.history is not None]
    if curves:
        kept["learning_curves"] = curves
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if errors:
        kept["error"] = repr(errors[0])
    return kept


def _by_metric(scores: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    names = dict.fromkeys(name for of_fold in scores for name in of_fold)
    return {name: [of_fold.get(name, np.nan) for of_fold in scores] for name in names}
