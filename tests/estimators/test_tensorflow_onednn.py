"""TensorFlow uses oneDNN if skdigits loads it, unless the user decides otherwise."""

import pytest

from skdigits.estimators import _tensorflow

pytestmark = pytest.mark.skipif(
    not _tensorflow.is_x86(), reason="skdigits turns oneDNN on on x86 only"
)

LOADING = """
import os, platform, runpy, sys
os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
{before}
onednn_turned_on = runpy.run_path(sys.argv[1])["onednn_turned_on"]
environment = dict(os.environ)
try:
    with onednn_turned_on():
        print(os.environ.get("TF_ENABLE_ONEDNN_OPTS"))
        {inside}
except RuntimeError as error:
    print(error)
assert dict(os.environ) == environment
"""


@pytest.mark.parametrize(
    ("before", "inside", "expected"),
    [
        ("", "", "1\n"),
        ("", "raise RuntimeError('no such module')", "1\nno such module\n"),
        ("os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'", "", "0\n"),
        ("sys.modules['tensorflow'] = None", "", "None\n"),
        ("platform.machine = lambda: 'arm64'", "", "None\n"),
    ],
    ids=["unset", "error", "set by the user", "TensorFlow is loaded", "ARM"],
)
def test_the_variable_is_set_only_while_loading(run_python, before, inside, expected):
    code = LOADING.format(before=before, inside=inside)
    assert run_python(code, _tensorflow.__file__) == (expected, "")


FIT = """
import os, warnings
os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
{before}
import numpy as np
from skdigits import ANNClassifier, CNNClassifier, NetworkClassifier

rng = np.random.default_rng(0)
X, y = rng.random((2001, 8, 8)), rng.integers(0, 10, 2001)

def fit(classifier, n=2001):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        classifier.fit(X[:n], y[:n])
    of_onednn = [w for w in caught if "oneDNN" in str(w.message)]
    for warning in of_onednn:
        print(warning.category.__name__, warning.filename, warning.message)
    print(classifier.onednn_, len(of_onednn))

def network(input_shape, n_classes):
    from keras import layers
    return [layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(n_classes)]

environment = dict(os.environ)
cnn = CNNClassifier(epochs=1, filters=2, hidden_layer_sizes=())
{fits}
assert dict(os.environ) == environment
"""
SET_TO_0 = "os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'"
# The processor of the test may be one on which TensorFlow uses oneDNN by itself.
LOADED_WITHOUT = f"{SET_TO_0}; import keras; del os.environ['TF_ENABLE_ONEDNN_OPTS']"


def test_a_first_fit_turns_it_on(run_python):
    output, _ = run_python(FIT.format(before="", fits="fit(cnn)"))
    assert output == "True 0\n"


def test_a_user_who_turned_it_off_is_not_warned(run_python):
    output, _ = run_python(FIT.format(before=SET_TO_0, fits="fit(cnn)"))
    assert output == "False 0\n"


@pytest.mark.parametrize("first", ["cnn", "NetworkClassifier(network, epochs=1)"])
def test_where_it_is_off_training_of_convolutions_warns_once(run_python, first):
    fits = f"fit(ANNClassifier(epochs=1)); fit(cnn, 2000); fit({first}); fit(cnn)"
    output, _ = run_python(FIT.format(before=LOADED_WITHOUT, fits=fits))
    *before, warning, first, second = output.splitlines()
    assert before == ["False 0"] * 2
    assert warning.startswith("UserWarning <string> TensorFlow was imported without")
    assert "TF_ENABLE_ONEDNN_OPTS=1" in warning
    assert (first, second) == ("False 1", "False 0")
