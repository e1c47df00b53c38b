"""Decide which fold of which trial is fitted next, and finish trials."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import RLock

from optuna.exceptions import TrialPruned, UpdateFinishedTrialError
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from skdigits.model_selection._fingerprint import comparison_key
from skdigits.model_selection._fold_result import FoldResult, warn_of_errors
from skdigits.model_selection._heartbeat import Heartbeat
from skdigits.model_selection._optuna_private import quiet_optuna
from skdigits.model_selection._pruning import loss_ceiling
from skdigits.model_selection._shared_study import SharedStudy
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_attrs import duplicate_attrs, search_attrs
from skdigits.model_selection._trial_outcome import OutcomeRules, TrialOutcome
from skdigits.model_selection._trial_params import TrialParams

Callback = Callable[[Study, FrozenTrial], None]


class ActiveTrial:
    """A trial that this process has begun, and the results of its folds so far."""

    def __init__(self, trial: Trial, params: Params) -> None:
        self.trial = trial
        self.params = params
        self.results: list[FoldResult] = []


class TrialScheduler:
    """Begin and finish the trials of this process.

    joblib may iterate over `next_folds` in any thread; everything else is called in the
    thread of the search. A lock keeps the two apart.

    Attributes
    ----------
    first_error : Exception or None
        The first error of a fit in this process.
    params : TrialParams
        The parameters of all trials of the study.
    heartbeat : Heartbeat
        A context in which the active trials are known to be alive.
    """

    def __init__(
        self,
        shared: SharedStudy,
        suggestions: Suggestions,
        rules: OutcomeRules,
        *,
        n_jobs: int,
        deadline: float,
        callbacks: Sequence[Callback],
    ) -> None:
        self.shared = shared
        self.suggestions = suggestions
        self.rules = rules
        self.n_jobs = n_jobs
        self.deadline = deadline
        self.callbacks = callbacks
        self.params = TrialParams(suggestions, shared.study)
        self.first_error: Exception | None = None
        self.heartbeat = Heartbeat(shared.storage, self._active_trials)
        self._is_stopped = False
        self._error: Exception | None = None  # raised in a thread of joblib
        self._active: dict[int, ActiveTrial] = {}
        self._ready: deque[ActiveTrial] = deque()  # for their next fold
        # Those with the parameters of another active trial, by the number of this one.
        self._duplicates: dict[int, list[ActiveTrial]] = {}
        self._unreported: deque[FrozenTrial] = deque()  # to the callbacks
        self._lock = RLock()

    @property
    def is_stopped(self) -> bool:
        """Whether no further fold is to be fitted."""
        return self._is_stopped or self.shared.storage_error is not None

    def stop(self) -> None:
        """End the search after the current folds."""
        self._is_stopped = True

    def check_finished(self) -> None:
        """Raise a ValueError if a finished trial belongs to another search."""
        for trial in self.shared.finished:
            self.params.of(trial)

    def loss_ceiling(self) -> list[float] | None:
        """Return the training loss above which a trial is pruned, epoch by epoch."""
        by_score = self.rules.prunes_by_score
        return loss_ceiling(self.shared.finished, better_half_only=by_score)

    def next_folds(self) -> Iterator[ActiveTrial | None]:
        """Yield each trial whose next fold is to be fitted, or None for a pause.

        It yields None while a result is on its way that decides what is next, and while
        the callbacks have not seen all finished trials; see ``_parallel.py``.
        """
        while True:
            if self._must_pause():
                yield None
            elif (active := self._next_trial()) is not None:
                yield active
            elif not self._must_pause():
                return

    def has_more(self) -> bool:
        """Return whether there is more to fit, after waiting for other workers."""
        if self._error:
            raise self._error
        while not (self._active or self._begins_no_more()):
            step = self.shared.next_step()
            if step != "wait":
                return step == "begin"
            time.sleep(1)
        return bool(self._active) and not self.is_stopped

    def record(self, number: int, result: FoldResult) -> None:
        """Record the result of a fold, and finish its trial or make it ready again."""
        active = self._active[number]
        active.results.append(result)
        self.first_error = self.first_error or result.error
        where = f"Trial {number}, fold {len(active.results)}"
        warn_of_errors(result, where, self.rules.error_score)
        with self._lock:
            state = self.shared.with_retries(lambda: self._state_after(active))
            if state is TrialState.RUNNING:
                self._ready.append(active)
            elif state is not None:
                self._finish(active, self.rules.outcome(active.results, state))
        self.call_callbacks()

    def call_callbacks(self) -> None:
        """Call the callbacks with the trials that were finished since the last call."""
        while self._unreported:
            trial = self._unreported.popleft()
            for callback in self.callbacks:
                callback(self.shared.study, trial)

    def give_up(self) -> None:
        """Fail the active trials, which the search leaves unfinished."""
        with self._lock, quiet_optuna():
            for active in self._active.values():
                if not self.shared.storage_error:
                    self.shared.fail(active.trial)
            self._active.clear()
            self._ready.clear()
            self._duplicates.clear()

    def _begins_no_more(self) -> bool:
        is_stopped = self.is_stopped or self.shared.study.is_stopped
        return is_stopped or time.monotonic() > self.deadline

    def _active_trials(self) -> list[Trial]:
        return [active.trial for active in list(self._active.values())]

    def _must_pause(self) -> bool:
        """Return whether results are on their way, or the callbacks are behind."""
        with self._lock:
            if self._unreported:
                return True
            n_duplicates = sum(map(len, self._duplicates.values()))
            n_originals = len(self._active) - n_duplicates
            # Duplicates wait without a fit, and no more of them than there are jobs: a
            # sampler that repeats itself would otherwise use up all trials at once.
            is_busy = max(n_originals, n_duplicates) >= self.n_jobs
            return is_busy and not self._ready and not self.is_stopped

    def _next_trial(self) -> ActiveTrial | None:
        with self._lock:
            try:
                while not self.is_stopped:
                    if self._ready:
                        return self._ready.popleft()
                    if self._must_pause() or self._begins_no_more():
                        break
                    if not self._begin_trial():
                        break
            except Exception as error:
                # joblib would swallow it in its thread; has_more raises it.
                self._error = error
                self.stop()
            return None

    def _begin_trial(self) -> bool:
        """Begin a trial, and return whether there was one to begin.

        It may have ended at once: skipped by the space, or as a duplicate.
        """
        trial = self.shared.begin_trial()
        if trial is None:
            return False
        try:
            params = self.shared.with_retries(lambda: self.suggestions.suggest(trial))
        except TrialPruned:
            skipped = ActiveTrial(trial, {})
            self._finish(skipped, self.rules.outcome([], TrialState.PRUNED))
            return True
        except Exception:
            with suppress(Exception):  # the first error is the one to raise
                self.shared.fail(trial)
            raise
        if params is None:
            return False
        active = ActiveTrial(trial, params)
        same = self._active_with_same_params(active)
        self._active[trial.number] = active
        self.params.add(trial.number, params)
        if original := self.params.find_completed(params, self.shared.finished):
            self._finish_duplicate(active, original)
        elif same:
            self._duplicates.setdefault(same.trial.number, []).append(active)
        else:
            self._ready.append(active)
        return True

    def _active_with_same_params(self, active: ActiveTrial) -> ActiveTrial | None:
        key = comparison_key(active.params)
        for other in self._active.values():
            if comparison_key(other.params) == key:
                return other
        return None

    def _state_after(self, active: ActiveTrial) -> TrialState:
        """Return the state of a trial after its last result; "running" to continue."""
        state = self.rules.state_after(active.results)
        score = self.rules.score_to_prune_by(active.results)
        if state is not TrialState.RUNNING or score is None:
            return state
        try:
            # The number of folds is the step of the trial. A pruner compares trials at
            # the same step, where they have been scored on the same folds.
            active.trial.report(score, len(active.results))
            should_prune = active.trial.should_prune()
        except UpdateFinishedTrialError:  # another worker took it for lost
            return TrialState.FAIL
        return TrialState.PRUNED if should_prune else TrialState.RUNNING

    def _finish_duplicate(self, active: ActiveTrial, original: FrozenTrial) -> None:
        """Finish a trial with the results of a completed one of the same parameters."""
        own = active.trial.user_attrs
        attrs = {k: v for k, v in duplicate_attrs(original).items() if k not in own}
        state, excess = TrialState.COMPLETE, original.constraints
        self._finish(active, TrialOutcome(state, original.values, attrs, excess))

    def _finish(self, active: ActiveTrial, outcome: TrialOutcome) -> None:
        number = active.trial.number
        of_search = search_attrs(number, active.params, self.shared.search_id)
        trial = self.shared.store(active.trial, outcome, outcome.attrs | of_search)
        if trial is None:
            return
        self._active.pop(number, None)
        self._unreported.append(trial)
        self._release_duplicates(trial)

    def _release_duplicates(self, original: FrozenTrial) -> None:
        """Finish the duplicates of a completed trial; otherwise, fit one of them."""
        duplicates = self._duplicates.pop(original.number, [])
        if original.state is TrialState.COMPLETE:
            for duplicate in duplicates:
                self._finish_duplicate(duplicate, original)
        elif duplicates:
            first, *others = duplicates
            self._ready.append(first)
            if others:
                self._duplicates[first.trial.number] = others
