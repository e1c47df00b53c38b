"""TensorFlow in a process: how it loads, forks, and freed memory."""

import ctypes
import gc
import multiprocessing
import os
import platform
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_CHATTER = re.compile(
    rb"[IWE]\d{4} .*\]"
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|WARNING: All log messages before absl::InitializeLog"
    rb"|To enable the following instructions"
)


# All threads share the environment and the file descriptors.
_lock = threading.Lock()

_was_forked_too_late = False


def without_chatter(output: bytes) -> bytes:
    """Return the lines of ``output`` that are not log messages of TensorFlow."""
    lines = output.splitlines(keepends=True)
    return b"".join(line for line in lines if not _CHATTER.match(line))


@contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """Hide TensorFlow's log messages below "fatal" while it is imported.

    TensorFlow reads its log level from the environment once, when it is imported, so
    the variable is set during the import only. Some messages are written before the
    level takes effect, directly to the file descriptor of standard error. They are
    caught there, and all other output is passed on. Nothing is done if the user has set
    the level, or has imported TensorFlow already.
    """
    with _lock:
        if _LEVEL in os.environ or "tensorflow" in sys.modules:
            yield
            return
        try:
            sys.stderr.flush()
            saved = os.dup(2)
        except (AttributeError, OSError, ValueError):  # there is no standard error
            saved = None
        os.environ[_LEVEL] = "3"
        with tempfile.TemporaryFile() as caught:
            if saved is not None:
                os.dup2(caught.fileno(), 2)
            try:
                yield
            finally:
                del os.environ[_LEVEL]
                if saved is not None:
                    os.dup2(saved, 2)
                    os.close(saved)
                    caught.seek(0)
                    os.write(2, without_chatter(caught.read()))


@contextmanager
def onednn_turned_on() -> Iterator[None]:
    """Let TensorFlow use oneDNN while it is imported.

    Convolutions are up to 1.7 times as fast with it, but without AVX-512 VNNI or newer
    instructions, TensorFlow does not use it by itself. It reads the variable once, when
    it is imported. Nothing is done if the user has set the variable, or has imported
    TensorFlow already.
    """
    if ONEDNN in os.environ or "tensorflow" in sys.modules or not is_x86():
        yield
        return
    os.environ[ONEDNN] = "1"
    try:
        yield
    finally:
        del os.environ[ONEDNN]


def is_x86() -> bool:
    """Return whether the processor is one of those for which oneDNN was made."""
    return platform.machine().lower() in ("x86_64", "amd64")


@contextmanager
def paused_garbage_collection() -> Iterator[None]:
    """Collect no garbage while TensorFlow is imported.

    The import makes 280,000 objects that stay. To look for garbage among them takes a
    fifth of the time of the import, and a fifth of that of the first training. At the
    end, all objects move to the oldest generation, which is looked at when many new
    ones have been made.

    In a new worker process they are never looked at again, because joblib collects
    garbage after the first task of each worker. There is little else in it yet.
    """
    is_new_worker = (
        multiprocessing.parent_process() is not None and "tensorflow" not in sys.modules
    )
    was_enabled = gc.isenabled()
    gc.disable()
    if is_new_worker:
        gc.collect()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what others froze stays frozen
            gc.freeze()
            if not is_new_worker:
                gc.unfreeze()
        if was_enabled:
            gc.enable()


def _after_fork() -> None:
    """Note in a forked process whether TensorFlow had been started before the fork.

    The threads that TensorFlow started are missing then, and it waits for them forever.
    A TensorFlow that was only imported can still start.
    """
    global _was_forked_too_late
    module = sys.modules.get("tensorflow.python.eager.context")
    if module is not None and hasattr(module, "context"):
        _was_forked_too_late |= getattr(module.context(), "_initialized", True)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def tensorflow_would_hang() -> bool:
    """Return whether this process was forked from one that had started TensorFlow."""
    return _was_forked_too_late


def check_tensorflow() -> None:
    """Raise RuntimeError if TensorFlow cannot compute in this process."""
    if tensorflow_would_hang():
        raise RuntimeError(
            "TensorFlow must be started after a process is forked; got a process that "
            "was forked from one that had started it, in which it would hang. Use "
            "joblib's default backend 'loky', or the start method 'spawn' or "
            "'forkserver' of multiprocessing."
        )


def release_memory() -> None:
    """Return freed memory to the system.

    glibc keeps freed memory that lies between blocks still in use: 100 MB and more
    after training on many samples, or in a search over many networks, and joblib
    restarts a worker that has grown by 300 MB. The call takes at most a hundredth of
    the time of a training. Other C libraries do without it.
    """
    with suppress(AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
