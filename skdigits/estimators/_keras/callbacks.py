"""The callbacks of the user: checked, called as in Keras, and kept copyable."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MethodType
from typing import Any

import keras

from skdigits.estimators._copies import Copy

# Keras' own that do nothing after a batch where one of the frequencies is "epoch".
_OF_BATCHES_IF_TOLD = [
    getattr(keras.callbacks, name)
    for name in (
        "ModelCheckpoint",
        "BackupAndRestore",
        "OrbaxCheckpoint",
        "TensorBoard",
    )
    if hasattr(keras.callbacks, name)
]
_FREQUENCIES = "save_freq", "update_freq"
_BATCH_HOOKS = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_batch_begin",
    "on_batch_end",
)


class EpochFunction(keras.callbacks.Callback):
    """Calls a function of the epoch and its logs, and ends the training if it says so.

    The function never sees the network, which therefore stays as it was.
    """

    def __init__(self, function: Callable[[int, dict[str, float]], Any]) -> None:
        super().__init__()
        self.function = function

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Call the function."""
        if self.function(epoch, dict(logs or {})):
            self.model.stop_training = True


def check_callbacks(callbacks: list | None) -> list[keras.callbacks.Callback]:
    """Return the callbacks as Keras has them, functions of an epoch included."""
    checked = []
    for callback in callbacks or []:
        if isinstance(callback, keras.callbacks.Callback):
            checked.append(callback)
        elif callable(callback) and not isinstance(callback, type):
            checked.append(EpochFunction(callback))
        else:
            raise TypeError(
                "callbacks must be a list of keras.callbacks.Callback instances and of "
                f"functions of an epoch and its logs; got {callback!r}."
            )
    return checked


def sees_batches(callback: keras.callbacks.Callback) -> bool:
    """Return whether a callback is to be called for each batch.

    Examples
    --------
    >>> sees_batches(keras.callbacks.ModelCheckpoint("best.keras"))
    False
    >>> sees_batches(keras.callbacks.ModelCheckpoint("best.keras", save_freq=32))
    True
    """
    frequencies = [getattr(callback, name, None) for name in _FREQUENCIES]
    idle = [keras.callbacks.Callback]
    if "epoch" in frequencies:
        idle += _OF_BATCHES_IF_TOLD

    def is_idle(hook: str) -> bool:
        function = getattr(getattr(callback, hook), "__func__", None)
        return any(function is getattr(kind, hook) for kind in idle)

    return not all(map(is_idle, _BATCH_HOOKS))


@contextmanager
def kept_copyable(callbacks: Sequence[keras.callbacks.Callback]) -> Iterator[None]:
    """Let go of the network at the end, and of what can't be copied any more.

    A callback may open a file or start a thread in training, and the classifier that
    has the callback could then be neither cloned nor saved. Such an attribute is put
    back as it was. Whatever else a callback has noted stays, and so does what could not
    be copied beforehand.
    """
    all_attributes = [_attributes(callback) for callback in callbacks]
    all_copies = [
        {name: Copy.of(value) for name, value in attributes.items()}
        for attributes in all_attributes
    ]
    try:
        yield
    finally:
        for callback in callbacks:
            # A callback's own may look at the network.
            keras.callbacks.Callback.set_model(callback, None)
        for attributes, copies in zip(all_attributes, all_copies, strict=True):
            for name in [n for n, v in attributes.items() if Copy.of(v) is None]:
                if name not in copies:
                    del attributes[name]
                elif (copy := copies[name]) is not None:
                    attributes[name] = copy.load()


def _attributes(callback: keras.callbacks.Callback) -> dict[str, Any]:
    """Return the attributes of the object that the user gave."""
    owner: Any = callback
    if isinstance(callback, EpochFunction):
        owner = callback.function
        if isinstance(owner, MethodType):
            owner = owner.__self__
    attributes = getattr(owner, "__dict__", {})
    return attributes if isinstance(attributes, dict) else {}  # not those of a class
