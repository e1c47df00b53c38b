"""Load TensorFlow without its start-up messages."""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_CHATTER = re.compile(
    rb"[IWE]\d{4} .*\]"
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|WARNING: All log messages before absl::InitializeLog"
    rb"|To enable the following instructions"
)


# The environment and the file descriptors belong to all the threads.
_lock = threading.RLock()


def without_chatter(output: bytes) -> bytes:
    """Return the lines of ``output`` that are no log message of TensorFlow's."""
    lines = output.splitlines(keepends=True)
    return b"".join(line for line in lines if not _CHATTER.match(line))


@contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """Hide TensorFlow's log messages below "fatal" while it is imported.

    TensorFlow reads its log level from the environment once, when it is imported,
    so the variable is set for the import alone. Some messages come before that
    level counts, straight to the file descriptor of standard error: these are
    caught there, and whatever else was written is passed on. Nothing is done for
    someone who has set the level, or has imported TensorFlow already.
    """
    with _lock:
        if _LEVEL in os.environ or "tensorflow" in sys.modules:
            yield
            return
        try:
            sys.stderr.flush()
            saved = os.dup(2)
        except (AttributeError, OSError, ValueError):  # no standard error to speak of
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
