"""The heartbeat of running trials, whose worker may be killed at any time.

A killed worker leaves its trial running forever, where it still influences what the
sampler suggests. So each worker stores the current time for its trials every few
seconds. If the time of a trial is too old, another worker fails the trial and enqueues
it again (see ``_lost_trials.py``).

The beats come from a separate thread, because a fit may take hours. The first beat of a
trial is stored when it begins (see ``_shared_study.py``), because a trial without any
beat is never considered lost by Optuna.

Only databases have heartbeats. The workers of a journal file run on one machine, where
each can see whether the process of another one is alive.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Event, Thread

from optuna.storages import BaseStorage
from optuna.trial import Trial

from skdigits.model_selection._optuna_private import (
    heartbeat_interval,
    record_heartbeat,
)


class Heartbeat:
    """A context in which a thread stores that the active trials are alive."""

    def __init__(
        self, storage: BaseStorage, active_trials: Callable[[], Iterable[Trial]]
    ) -> None:
        self._storage = storage
        self._active_trials = active_trials
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        interval = heartbeat_interval(self._storage)
        while interval and not self._stop.wait(interval):
            # If the database is unavailable, the search itself will find out.
            with suppress(Exception):
                for trial in self._active_trials():
                    record_heartbeat(self._storage, trial)
