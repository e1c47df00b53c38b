"""Fixtures of all tests."""

import os
import signal
import subprocess
import sys

import pytest

# scikit-learn runs its array API check if this is set before SciPy is imported.
os.environ["SCIPY_ARRAY_API"] = "1"


@pytest.fixture(scope="session")
def run_python():
    """Return a function that runs code in a new process and returns stdout and stderr.

    The arguments are passed to the code as strings in ``sys.argv[1:]``.
    """

    def run(code, *arguments):
        environment = {
            name: value
            for name, value in os.environ.items()
            if name != "TF_CPP_MIN_LOG_LEVEL"
        }
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    return run


@pytest.fixture
def ctrl_c():
    """Make Ctrl-C raise KeyboardInterrupt, which background jobs ignore by default."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
