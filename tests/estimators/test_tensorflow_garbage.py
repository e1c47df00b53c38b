"""Python's garbage collection while TensorFlow is loaded."""

import pytest

from skdigits.estimators import _tensorflow

FIRST_FIT = """
import gc, weakref
from sklearn.datasets import load_digits
from skdigits import ANNClassifier


class Samples(list):
    pass


def fit():
    X, y = load_digits(return_X_y=True)
    X = Samples(X[:100].tolist())
    classifier = ANNClassifier(epochs=2, random_state=0).fit(X, y[:100])
    return classifier, weakref.ref(X)


generations = []
gc.callbacks.append(lambda phase, details: generations.append(details["generation"]))
classifier, samples = fit()
print(max(generations) < 2, samples() is None)
print(gc.isenabled(), gc.get_freeze_count())
"""


def test_a_first_fit_goes_through_no_old_objects_and_keeps_no_samples(run_python):
    output, _ = run_python(FIRST_FIT)
    assert output == "True True\nTrue 0\n"


LOADING = """
import gc, multiprocessing, runpy, sys, weakref
paused = runpy.run_path(sys.argv[1])["paused_garbage_collection"]
{before}
with paused():
    print(gc.isenabled())
print(gc.isenabled(), gc.get_freeze_count() > 0)
{after}
"""
WORKER = """
multiprocessing.parent_process = lambda: object()
class Garbage: pass
garbage = Garbage()
garbage.itself = garbage
reference = weakref.ref(garbage)
del garbage
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", "False\nTrue False\n"),
        ("gc.disable()", "", "False\nFalse False\n"),
        ("gc.freeze()", "", "False\nTrue True\n"),
        (WORKER, "print(reference())", "False\nTrue True\nNone\n"),
        (WORKER + "sys.modules['tensorflow'] = None", "", "False\nTrue False\n"),
    ],
    ids=["on", "off", "frozen", "new worker", "worker with TensorFlow"],
)
def test_garbage_collection_is_as_before(run_python, before, after, expected):
    code = LOADING.format(before=before, after=after)
    assert run_python(code, _tensorflow.__file__) == (expected, "")
