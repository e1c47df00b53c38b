"""Processes forked after TensorFlow was started, in which it would hang."""

import os

import pytest

START = """
import os, sys
from sklearn.datasets import load_digits
from skdigits import ANNClassifier
X, y = load_digits(return_X_y=True)
X, y = X[:100] / 16, y[:100]
ann = ANNClassifier(8, epochs=1, random_state=0)
unknown = ANNClassifier(8, epochs=1, random_state=0, activation="gelu")
"""
CHILD = """
def tried(function):
    try:
        return function()
    except RuntimeError as error:
        return error

sys.stdout.flush()
if os.fork() == 0:
    {}
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="requires os.fork")


def test_a_fork_predicts_by_numpy_and_rejects_the_rest(run_python):
    start = START + "ann.fit(X, y), unknown.fit(X, y)\nexpected = ann.predict(X)\n"
    child = (
        "print((ann.predict(X) == expected).all())\n"
        "    for use in (lambda: ann.fit(X, y), lambda: unknown.predict(X),"
        " lambda: ann.model_, lambda: ann.partial_fit(X, y)):\n"
        "        print(tried(use))\n"
    )
    output, _ = run_python(start + CHILD.format(child))
    lines = output.splitlines()
    assert lines[0] == "True"
    assert len(lines) == 5
    assert all("'loky'" in line and "'spawn'" in line for line in lines[1:])


def test_a_fork_before_tensorflow_starts_can_train(run_python):
    start = START + "import tensorflow\n"
    child = "print(tried(lambda: ann.fit(X, y).fit(X, y).n_epochs_))"
    output, _ = run_python(start + CHILD.format(child))
    assert output.split() == ["1"]


def test_tensorflow_started_by_other_code_counts(run_python):
    start = START + "import tensorflow\ntensorflow.constant(1.0) + 1\n"
    child = "print(tried(lambda: ann.fit(X, y)))"
    output, _ = run_python(start + CHILD.format(child))
    assert "'loky'" in output
