"""Ctrl-C ends a search after the current folds, and keeps the best trial so far."""

import multiprocessing
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stop_on_ctrl_c(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C call ``stop``, and leave the second one its usual effect.

    This has no effect outside of the main thread, which alone receives signals, or if
    the signal is handled outside of Python.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is None:
        yield
        return

    def handle(signal_number: int, frame: Any) -> None:
        stop()
        signal.signal(signal.SIGINT, before)
        warnings.warn(
            "The search was interrupted. It ends after the current folds and keeps the "
            "best trial so far.",
            stacklevel=2,
        )

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ignore_ctrl_c_in_worker() -> Iterator[None]:
    """Let a worker process finish its fold although Ctrl-C reaches it."""
    is_worker = multiprocessing.parent_process() is not None
    if not is_worker or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
