"""Ctrl-C that ends a training between two stacks of batches."""

import signal
import threading
from typing import Any

import keras


class CtrlC(keras.callbacks.Callback):
    """Raises KeyboardInterrupt between two stacks, once Ctrl-C was pressed.

    Python raises it wherever it happens to be, and where that is while an object is
    being deleted, it is lost. While this is entered, the first Ctrl-C waits for the
    next stack; another one is Python's own. A handler that is not Python's stays.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_pressed = False
        self._is_on = False

    def __enter__(self) -> "CtrlC":
        # Handlers can be set in the main thread alone, which signals go to.
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
        """Raise it after a stack."""
        self._raise_if_pressed()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Raise it after an epoch, of which the callbacks before know."""
        self._raise_if_pressed()

    def _press(self, number: int, frame: Any) -> None:
        self._is_pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _raise_if_pressed(self) -> None:
        if self._is_pressed:
            self._is_pressed = False
            raise KeyboardInterrupt
