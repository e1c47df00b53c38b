"""Loading TensorFlow hides its messages, and no others."""

import os
import sys

import pytest

from skdigits.estimators import _tensorflow
from skdigits.estimators._tensorflow import quiet_tensorflow, without_chatter

LEVEL = "TF_CPP_MIN_LOG_LEVEL"


@pytest.mark.parametrize(
    "line",
    [
        b"I0000 00:00:1795297493.989161     931 cudart_stub.cc:31] Could not find\n",
        b"E0000 00:00:1795297493.989161     931 cuda_fft.cc:477] Unable to register\n",
        b"2026-11-21 21:30:01.123456: I tensorflow/core/util/port.cc:153] oneDNN\n",
        b"2026-11-21 21:30:01.123456: E external/local_xla/xla.cc:1] Unable to\n",
        b"WARNING: All log messages before absl::InitializeLog() is called are\n",
        b"To enable the following instructions: AVX2 FMA, rebuild TensorFlow\n",
    ],
)
def test_log_messages_are_removed(line):
    assert without_chatter(b"before\n" + line + b"after\n") == b"before\nafter\n"


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"Traceback (most recent call last):\n",
        b"/a/module.py:3: DeprecationWarning: old\n  warnings.warn(old)\n",
        b"2026-11-21 21:30:01.123456: F tensorflow/core/platform.cc:1] fatal\n",
        b"no end of line",
    ],
)
def test_other_output_is_kept(output):
    assert without_chatter(output) == output


def test_nothing_is_done_if_tensorflow_is_loaded():
    assert "tensorflow" in sys.modules
    before = dict(os.environ)
    with quiet_tensorflow():
        assert dict(os.environ) == before


IN_A_NEW_PROCESS = """
import os, runpy, sys
{before}
quiet_tensorflow = runpy.run_path(sys.argv[1])["quiet_tensorflow"]
environment = dict(os.environ)
try:
    with quiet_tensorflow():
        os.write(2, b"I0000 00:00:1.2 3 a.cc:31] chatter\\nkept\\n")
        print(os.environ.get("TF_CPP_MIN_LOG_LEVEL"))
        {inside}
except RuntimeError as error:
    print(error)
assert dict(os.environ) == environment
os.write(2, b"I0000 00:00:1.2 3 a.cc:31] later\\n")
"""


def run(run_python, before="", inside="pass"):
    code = IN_A_NEW_PROCESS.format(before=before, inside=inside)
    return run_python(code, _tensorflow.__file__)


def test_messages_are_hidden_only_while_loading(run_python):
    output, errors = run(run_python)
    assert output == "3\n"
    assert errors == "kept\nI0000 00:00:1.2 3 a.cc:31] later\n"


def test_everything_is_restored_after_an_error(run_python):
    output, errors = run(run_python, inside="raise RuntimeError('no such module')")
    assert output == "3\nno such module\n"
    assert errors == "kept\nI0000 00:00:1.2 3 a.cc:31] later\n"


def test_a_log_level_of_the_user_is_kept(run_python):
    output, errors = run(run_python, before=f"os.environ['{LEVEL}'] = '0'")
    assert output == "0\n"
    assert "chatter" in errors


TWO_THREADS = """
import os, runpy, sys
from threading import Event, Thread

quiet_tensorflow = runpy.run_path(sys.argv[1])["quiet_tensorflow"]
first_is_in, second_is_in, first_is_out = Event(), Event(), Event()


def first():
    with quiet_tensorflow():
        first_is_in.set()
        second_is_in.wait(0.5)
    first_is_out.set()


def second():
    first_is_in.wait()
    with quiet_tensorflow():
        second_is_in.set()
        first_is_out.wait()
        os.write(2, b"I0000 00:00:1.2 3 a.cc:31] chatter\\nkept\\n")


environment = dict(os.environ)
threads = [Thread(target=first), Thread(target=second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert dict(os.environ) == environment
"""


def test_two_threads_that_load_at_once_are_quiet(run_python):
    assert run_python(TWO_THREADS, _tensorflow.__file__) == ("", "kept\n")
