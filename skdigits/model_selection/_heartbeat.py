"""Which trials are alive, when workers may be killed at any moment."""

import os
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import copy
from threading import Event, Thread

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import (
    BaseStorage,
    RDBStorage,
    RetryHeartbeatStaleTrialCallback,
    fail_stale_trials,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

# What Optuna raises of a trial that another worker has just given up.
ALREADY_FINISHED = (ValueError, UpdateFinishedTrialError)

_WORKER = "worker"
_SECONDS_TO_SIGN = 20


class Heartbeat:
    """Tells a database every few seconds that the trials under way are alive.

    Those of a worker that was killed fall silent, and other workers try them again.
    """

    def __init__(
        self, storage: BaseStorage, running: Callable[[], Iterable[Trial]]
    ) -> None:
        self._storage = storage if isinstance(storage, RDBStorage) else None
        self._running = running
        self._end = Event()
        self._thread = Thread(target=self._beat_on, daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        self._thread.join()

    def beat(self, trial: Trial) -> None:
        """Tell that a trial is alive."""
        if self._storage:
            self._storage.record_heartbeat(trial._trial_id)

    def _beat_on(self) -> None:
        interval = self._storage and self._storage.get_heartbeat_interval()
        while interval and not self._end.wait(interval):
            # Whether the database is still there is found out elsewhere.
            with suppress(Exception):
                for trial in self._running():
                    self.beat(trial)


def sign(trial: Trial) -> None:
    """Note who works on a trial."""
    trial.set_user_attr(_WORKER, [socket.gethostname(), os.getpid()])


class Retry(RetryHeartbeatStaleTrialCallback):
    """Puts a lost trial into the queue again, without the name of its worker."""

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        unsigned = copy(trial)
        unsigned.user_attrs = {
            name: value for name, value in trial.user_attrs.items() if name != _WORKER
        }
        super().__call__(study, unsigned)


class LostTrials:
    """Those of workers that are no more."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._unsigned_since: dict[int, float] = {}  # when they were first seen here

    def retry(self) -> None:
        """Put them into the queue again."""
        fail_stale_trials(self._study)
        for trial in running_trials(self._study.get_trials(deepcopy=False)):
            if self._has(trial):
                with suppress(*ALREADY_FINISHED):
                    self._study.tell(trial.number, state=TrialState.FAIL)
                    Retry()(self._study, trial)

    def _has(self, trial: FrozenTrial) -> bool:
        if _WORKER not in trial.user_attrs:
            # Its worker, or the storage, went away before it was signed.
            now = time.monotonic()
            since = self._unsigned_since.setdefault(trial.number, now)
            return now - since > _SECONDS_TO_SIGN
        host, process = trial.user_attrs[_WORKER]
        return host == socket.gethostname() and not _is_alive(process)


def others_are_at_work(running: Iterable[FrozenTrial], storage: BaseStorage) -> bool:
    """Return whether any of these trials will be known to have ended, once it has."""
    here = socket.gethostname()
    has_heartbeat = (
        isinstance(storage, RDBStorage) and storage.get_heartbeat_interval() is not None
    )
    return any(
        has_heartbeat or trial.user_attrs.get(_WORKER, [here])[0] == here
        for trial in running
    )


def running_trials(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that somebody works on, or did."""
    return [trial for trial in trials if trial.state is TrialState.RUNNING]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is, and another user's
        pass
    return True
