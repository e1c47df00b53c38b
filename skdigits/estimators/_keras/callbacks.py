"""The callbacks of the user: checked, called as in Keras, and kept copyable."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import MethodType
from typing import Any

import keras

from skdigits.estimators._copies import Copy

# Callbacks of Keras that do nothing after a batch if a frequency of theirs is "epoch".
_IDLE_IF_EPOCH = [
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
    """Call a function of the epoch and its logs; if it returns true, stop the training.

    The function cannot see the network.
    """

    def __init__(self, function: Callable[[int, dict[str, float]], Any]) -> None:
        super().__init__()
        self.function = function

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Call the function."""
        if self.function(epoch, dict(logs or {})):
            self.model.stop_training = True


def check_callbacks(callbacks: Sequence[Any]) -> list[keras.callbacks.Callback]:
    """Return the callbacks as instances of Keras' class, including functions."""
    checked = []
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.Callback):
            checked.append(callback)
        elif callable(callback) and not isinstance(callback, type):
            checked.append(EpochFunction(callback))
        else:
            raise TypeError(
                "callbacks must be a list of keras.callbacks.Callback instances and "
                f"functions of an epoch and its logs; got {callback!r} in it."
            )
    return checked


def observes_network(callback: keras.callbacks.Callback) -> bool:
    """Return whether a callback may read or change the network that trains."""
    return not isinstance(callback, EpochFunction)


def sees_batches(callback: keras.callbacks.Callback) -> bool:
    """Return whether a callback must be called for each batch.

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
        idle += _IDLE_IF_EPOCH

    def is_idle(hook: str) -> bool:
        function = getattr(getattr(callback, hook), "__func__", None)
        return any(function is getattr(kind, hook) for kind in idle)

    return not all(map(is_idle, _BATCH_HOOKS))


@contextmanager
def kept_copyable(callbacks: Sequence[keras.callbacks.Callback]) -> Iterator[None]:
    """Remove the network from the callbacks at the end, and what cannot be copied.

    A callback may open a file or start a thread during training, after which the
    classifier could not be cloned or saved. Such an attribute gets its old value back.
    All other attributes keep what the callback stored, and so does an attribute that
    could not be copied before.
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
            # A method of its own may use the network.
            keras.callbacks.Callback.set_model(callback, None)
        for attributes, copies in zip(all_attributes, all_copies, strict=True):
            for name in [n for n, v in attributes.items() if Copy.of(v) is None]:
                if name not in copies:
                    del attributes[name]
                elif (copy := copies[name]) is not None:
                    attributes[name] = copy.load()


def _attributes(callback: keras.callbacks.Callback) -> dict[str, Any]:
    """Return the attributes of the object that the user passed."""
    owner: Any = callback
    if isinstance(callback, EpochFunction):
        owner = callback.function
        if isinstance(owner, MethodType):
            owner = owner.__self__
    attributes = getattr(owner, "__dict__", {})
    return attributes if isinstance(attributes, dict) else {}  # not those of a class
