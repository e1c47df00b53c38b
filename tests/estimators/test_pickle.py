"""Pickles, joblib files, copies and clones of classifiers."""

import copy
import io
import pickle
import threading

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skdigits import ANNClassifier

EVERYTHING = {"dropout": 0.3, "batch_normalization": True}


def by_joblib(network):
    file = io.BytesIO()
    joblib.dump(network, file)
    file.seek(0)
    return joblib.load(file)


def by_pickle(network):
    return pickle.loads(pickle.dumps(network))


def by_old_pickle(network):
    return pickle.loads(pickle.dumps(network, protocol=2))


COPY_FUNCTIONS = [by_pickle, by_old_pickle, by_joblib, copy.deepcopy]


@pytest.mark.parametrize("make_copy", COPY_FUNCTIONS)
def test_a_copy_predicts_the_same(fitted, digits, make_copy):
    X, _ = digits
    other = make_copy(fitted)
    assert_array_equal(other.predict_proba(X), fitted.predict_proba(X), strict=True)
    assert_array_equal(other.predict(X), fitted.predict(X), strict=True)
    assert other.history_ == fitted.history_
    assert other.get_params() == fitted.get_params()
    assert other.model_ is not fitted.model_
    assert other.keras_classifier_.model_ is other.model_


@pytest.mark.parametrize(
    ("make_copy", "optimizer"),
    [(by_pickle, "adam"), (by_pickle, "sgd"), (copy.deepcopy, "adam")],
)
def test_partial_fit_of_a_copy_resumes(make, kind, digits, make_copy, optimizer):
    X, y = digits
    original = make(kind, optimizer=optimizer, **EVERYTHING)
    original.partial_fit(X, y, classes=range(10))
    copied = make_copy(original)
    original.partial_fit(X, y)
    copied = make_copy(copied.partial_fit(X, y))
    assert_array_equal(copied.predict_proba(X), original.predict_proba(X))
    assert copied.history_ == original.history_


@pytest.mark.parametrize("make_copy", [by_pickle, copy.deepcopy])
def test_warm_start_of_a_copy_resumes(make, digits, make_copy):
    X, y = digits
    original = make("ann", warm_start=True, epochs=2, **EVERYTHING).fit(X, y)
    copied = make_copy(original)
    assert_array_equal(
        copied.fit(X, y).predict_proba(X), original.fit(X, y).predict_proba(X)
    )


def test_training_a_copy_does_not_change_the_original(make, digits):
    X, y = digits
    network = make("ann", epochs=1).fit(X, y)
    before = network.predict_proba(X)
    copy.deepcopy(network).partial_fit(X, y)
    assert_array_equal(network.predict_proba(X), before)


def test_a_new_process_predicts_the_same_bits(run_python, ann, cnn, digits, tmp_path):
    np.save(tmp_path / "X.npy", digits[0])
    joblib.dump([ann, cnn], tmp_path / "networks.joblib")
    code = (
        "import sys, joblib, numpy as np\n"
        "X = np.load(sys.argv[1])\n"
        "for network in joblib.load(sys.argv[2]):\n"
        "    print(network.predict_proba(X).tobytes().hex())\n"
    )
    output, _ = run_python(code, tmp_path / "X.npy", tmp_path / "networks.joblib")
    for network, line in zip((ann, cnn), output.split(), strict=True):
        assert bytes.fromhex(line) == network.predict_proba(digits[0]).tobytes()


def test_few_digits_are_predicted_without_tensorflow(
    run_python, fitted, digits, tmp_path
):
    X = digits[0][:16]
    np.save(tmp_path / "X.npy", X)
    joblib.dump(fitted, tmp_path / "network.joblib")
    code = (
        "import sys, joblib, numpy as np\n"
        "network = joblib.load(sys.argv[2])\n"
        "print(*network.predict(np.load(sys.argv[1])))\n"
        "print(*sorted({'tensorflow', 'keras', 'scikeras'} & set(sys.modules)))\n"
    )
    output, _ = run_python(code, tmp_path / "X.npy", tmp_path / "network.joblib")
    labels, loaded = output.splitlines()
    assert_array_equal(np.array(labels.split(), dtype=int), fitted.predict(X))
    assert loaded == ""


@pytest.mark.parametrize("make_copy", [*COPY_FUNCTIONS, clone])
def test_an_unfitted_classifier_stays_unfitted(make, kind, fitted, digits, make_copy):
    other = make_copy(make(kind))
    assert other.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        other.predict(digits[0])
    other.fit(*digits)
    assert_array_equal(other.predict_proba(digits[0]), fitted.predict_proba(digits[0]))


def test_a_clone_is_unfitted(fitted, digits):
    other = clone(fitted)
    assert other.get_params() == fitted.get_params()
    assert not hasattr(other, "model_")


def test_an_optimizer_instance_is_pickled(make, digits):
    X, y = digits
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.9)
    optimizer = keras.optimizers.Nadam(schedule)
    network = make("ann", optimizer=optimizer, learning_rate=None, epochs=1).fit(X, y)
    other = by_pickle(network)
    assert_array_equal(
        other.partial_fit(X, y).predict_proba(X),
        network.partial_fit(X, y).predict_proba(X),
    )
    assert_array_equal(
        clone(network).fit(X, y).predict_proba(X), network.fit(X, y).predict_proba(X)
    )


@pytest.mark.parametrize("kind", ["ann", "cnn"])
def test_a_pickle_is_little_larger_than_the_weights(make, digits, kind):
    rng = np.random.default_rng(0)
    X, y = rng.random((64, 28, 28), dtype="float32"), np.arange(64) % 10
    network = make(kind, hidden_layer_sizes=(128, 64), epochs=1).fit(X, y)
    network.predict(X)
    n_weights = network.model_.count_params()
    assert n_weights > 100_000
    assert len(pickle.dumps(network)) < 1.5 * 4 * n_weights


class Unpicklable(keras.callbacks.Callback):
    """A callback that cannot be pickled."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


def test_callbacks_are_not_pickled_with_the_network(digits):
    network = ANNClassifier(8, epochs=1, callbacks=[Unpicklable()]).fit(*digits)
    pickle.dumps(network.keras_classifier_)
    pickle.dumps(network.model_)
    other = by_pickle(network.set_params(callbacks=None))
    assert_array_equal(other.predict_proba(digits[0]), network.predict_proba(digits[0]))


def test_the_keras_classifier_can_be_pickled_alone(fitted, digits):
    X = digits[0].reshape(-1, *fitted.model_.input_shape[1:])
    other = by_pickle(fitted.keras_classifier_)
    assert_array_equal(
        other.predict_proba(X), fitted.keras_classifier_.predict_proba(X)
    )
