"""The heartbeat of the trials under way, for workers that may be killed at any time.

A killed worker cannot say that it is gone: its trial would be running forever, and
would still influence what the sampler suggests. So each worker stores the current time
for each of its trials every few seconds. When the time of a trial is too old, another
worker fails the trial and enqueues it again (see ``_lost_trials.py``).

The beats come from a thread of their own, since a fit may take hours. A trial has its
first beat when it begins (see ``_shared_study.py``), because Optuna never takes a trial
without any beat for lost.

Only databases have heartbeats. A journal file, or a study in memory, serves processes
of one machine, which can see whether another process is alive.
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
    """A context in which a thread records that the active trials are alive."""

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
