"""Ctrl-C, which ends a training between two stacks of batches."""

import signal
import threading
from typing import Any

import keras


class CtrlC(keras.callbacks.Callback):
    """Raise KeyboardInterrupt between two stacks after Ctrl-C was pressed.

    Python raises it wherever it happens to be, and loses it while an object is being
    deleted. Within this context, the first Ctrl-C waits for the end of the stack, and
    the second one acts at once. A signal handler other than Python's own is kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_pressed = False
        self._is_on = False

    def __enter__(self) -> "CtrlC":
        # Only the main thread can set handlers, and it gets the signals.
        self._is_on = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._is_on:
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, kind: Any, *error: Any) -> None:
        if self._is_on:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if kind is None:
            self._raise_if_pressed()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Raise KeyboardInterrupt after a stack."""
        self._raise_if_pressed()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Raise KeyboardInterrupt after an epoch that earlier callbacks have seen."""
        self._raise_if_pressed()

    def _press(self, number: int, frame: Any) -> None:
        self._is_pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _raise_if_pressed(self) -> None:
        if self._is_pressed:
            self._is_pressed = False
            raise KeyboardInterrupt
