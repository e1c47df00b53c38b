"""Ctrl-C that ends a search after the fold in hand."""

import multiprocessing
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stopped_by_ctrl_c(trials: Any) -> Iterator[None]:
    """Make the first Ctrl-C stop the trials, and the second one what it always does.

    Signals reach the main thread alone; in any other this does nothing, nor where they
    are handled outside of Python.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is None:
        yield
        return

    def stop(signal_number: int, frame: Any) -> None:
        trials.stopped = True
        signal.signal(signal.SIGINT, before)
        warnings.warn(
            "The search was interrupted: it ends after the folds in hand, with the "
            "best trial so far.",
            stacklevel=2,
        )

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def spared_ctrl_c_in_workers() -> Iterator[None]:
    """Let a worker process finish its fold when Ctrl-C reaches it, too."""
    is_worker = multiprocessing.parent_process() is not None
    if not is_worker or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
