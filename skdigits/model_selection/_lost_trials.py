"""Find the trials of workers that are gone, and enqueue them again."""

import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from copy import copy

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from skdigits.model_selection._optuna_private import (
    enqueue_again,
    fail_silent_trials,
    heartbeat_interval,
)

# Optuna raises these if another worker has just finished a trial.
ALREADY_FINISHED = (ValueError, UpdateFinishedTrialError)

_WORKER = "worker"
_SECONDS_TO_RECORD_WORKER = 20


class LostTrials:
    """The trials of a study whose workers are gone."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._first_seen_without_worker: dict[int, float] = {}

    def retry(self) -> None:
        """Fail the lost trials, and enqueue them again."""
        fail_silent_trials(self._study)
        for trial in running_trials(self._study.get_trials(deepcopy=False)):
            if self._is_lost(trial):
                with suppress(*ALREADY_FINISHED):
                    self._study.tell(trial.number, state=TrialState.FAIL)
                    retry_trial(self._study, trial)

    def _is_lost(self, trial: FrozenTrial) -> bool:
        if _WORKER not in trial.user_attrs:
            # A worker records itself right after it has begun a trial. If it has not
            # done so after a while, it was killed or has lost the storage.
            now = time.monotonic()
            since = self._first_seen_without_worker.setdefault(trial.number, now)
            return now - since > _SECONDS_TO_RECORD_WORKER
        host, process = trial.user_attrs[_WORKER]
        return host == socket.gethostname() and not _is_alive(process)


def record_worker(trial: Trial) -> None:
    """Store which process works on a trial."""
    trial.set_user_attr(_WORKER, [socket.gethostname(), os.getpid()])


def retry_trial(study: Study, trial: FrozenTrial) -> None:
    """Enqueue a lost trial again, without the worker that it had."""
    without_worker = copy(trial)
    without_worker.user_attrs = {
        name: value for name, value in trial.user_attrs.items() if name != _WORKER
    }
    enqueue_again(study, without_worker)


def others_are_at_work(running: Iterable[FrozenTrial], storage: BaseStorage) -> bool:
    """Return whether to wait for any of these running trials of other workers.

    It makes sense to wait only if the end of the worker would be noticed: because the
    database has a heartbeat, or because the worker is a process of this machine.
    """
    here = socket.gethostname()
    has_heartbeat = heartbeat_interval(storage) is not None
    return any(
        has_heartbeat or trial.user_attrs.get(_WORKER, [here])[0] == here
        for trial in running
    )


def running_trials(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that are running, or whose workers are gone."""
    return [trial for trial in trials if trial.state is TrialState.RUNNING]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is alive, and of another user
        pass
    return True
