"""TensorFlow in a process that was forked: started before, it hangs for ever."""

import os
import sys

_is_crippled = False


def _note() -> None:
    """Note in a new process whether TensorFlow was started before the fork.

    Its threads are gone then. If it was imported and nothing else it can still start.
    """
    global _is_crippled
    module = sys.modules.get("tensorflow.python.eager.context")
    if module is not None and hasattr(module, "context"):
        _is_crippled |= getattr(module.context(), "_initialized", True)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note)


def tensorflow_would_hang() -> bool:
    """Return whether this process was forked from one that had started TensorFlow."""
    return _is_crippled


def check_tensorflow() -> None:
    """Raise RuntimeError if TensorFlow can't compute in this process."""
    if tensorflow_would_hang():
        raise RuntimeError(
            "TensorFlow was started before this process was forked, and would hang. "
            "Use joblib's default backend 'loky', or multiprocessing's start method "
            "'spawn' or 'forkserver'."
        )
