"""The same seed gives the same network, in any process and after other fits."""

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

ALL_RANDOM = {
    "dropout": 0.3,
    "batch_normalization": True,
    "validation_split": 0.2,
    "epochs": 3,
}

FIT = """
import sys, joblib, numpy as np
X, y, networks = joblib.load(sys.argv[1])
for network in networks:
    print(network.fit(X, y).predict_proba(X).tobytes().hex())
"""


@pytest.fixture(scope="module")
def first(make, kind, digits):
    """Return the probabilities of a network that uses randomness in every way."""
    return make(kind, **ALL_RANDOM).fit(*digits).predict_proba(digits[0])


def test_same_seed_same_bits(make, kind, first, digits):
    again = make(kind, **ALL_RANDOM).fit(*digits)
    assert_array_equal(again.predict_proba(digits[0]), first)


def test_same_seed_same_bits_when_fitted_again(make, kind, first, digits):
    network = make(kind, **ALL_RANDOM).fit(*digits)
    assert_array_equal(network.fit(*digits).predict_proba(digits[0]), first)


def test_same_seed_same_bits_after_other_fits(make, kind, first, digits):
    X, y = digits
    make(kind, random_state=5, epochs=1).fit(X[:50], y[:50])
    keras.utils.set_random_seed(3)
    keras.Sequential([keras.layers.Dense(3)]).predict(X, verbose=0)
    again = make(kind, **ALL_RANDOM).fit(X, y)
    assert_array_equal(again.predict_proba(X), first)


def test_same_seed_same_bits_in_another_process(run_python, make, digits, tmp_path):
    X, y = digits
    networks = [make(kind, **ALL_RANDOM) for kind in ("ann", "cnn")]
    joblib.dump((X, y, networks), tmp_path / "unfitted.joblib")
    output, _ = run_python(FIT, tmp_path / "unfitted.joblib")
    for network, line in zip(networks, output.split(), strict=True):
        here = network.fit(X, y).predict_proba(X)
        assert bytes.fromhex(line) == here.tobytes()


def test_same_seed_same_bits_with_another_floatx(
    make, kind, first, digits, set_in_keras
):
    set_in_keras("floatx", "float64")
    network = make(kind, **ALL_RANDOM).fit(*digits)
    assert_array_equal(network.predict_proba(digits[0]), first, strict=True)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_same_seed_same_bits_with_another_dtype_policy(
    make, kind, first, digits, policy, set_in_keras
):
    set_in_keras("dtype_policy", policy)
    network = make(kind, **ALL_RANDOM).fit(*digits)
    assert_array_equal(network.predict_proba(digits[0]), first, strict=True)


@pytest.mark.parametrize("random_state", [1, 2**32 - 1])
def test_other_seeds_give_other_networks(make, first, kind, digits, random_state):
    params = {**ALL_RANDOM, "random_state": random_state}
    network = make(kind, **params).fit(*digits)
    assert not np.allclose(network.predict_proba(digits[0]), first)


SGD = {"epochs": 1, "optimizer": "sgd", "learning_rate": 0.5}


class SameStart(keras.callbacks.Callback):
    """Set the same initial weights in every network."""

    def on_train_begin(self, logs=None):
        weights = self.model.get_weights()
        ramp = [np.linspace(-0.1, 0.1, w.size).reshape(w.shape) for w in weights]
        self.model.set_weights(ramp)


@pytest.mark.parametrize(
    "random", [{"batch_size": 16}, {"batch_size": 240, "dropout": 0.5}]
)
def test_the_seed_determines_more_than_the_initial_weights(
    make, digits, network_weights, random
):
    def weights(random_state):
        network = make("ann", random_state=random_state, **random)
        network.set_params(**SGD, callbacks=[SameStart()])
        return network_weights(network.fit(*digits))

    assert_array_equal(weights(0), weights(0))
    assert np.abs(weights(0) - weights(1)).max() > 1e-4


def test_each_partial_fit_has_its_own_order(make, digits, network_weights):
    network = make("ann", batch_size=16, **SGD, callbacks=[SameStart()])
    first, second = (
        network_weights(network.partial_fit(*digits, classes=range(10)))
        for _ in range(2)
    )
    assert np.abs(first - second).max() > 1e-4


def test_a_random_state_instance_advances_with_each_fit(make, digits):
    X, y = digits

    def two_fits():
        network = make("ann", epochs=1, random_state=np.random.RandomState(0))
        return [network.fit(X, y).predict_proba(X) for _ in range(2)]

    first, second = two_fits()
    assert not np.array_equal(first, second)
    assert_array_equal(two_fits(), [first, second])


def test_random_state_none_uses_the_seed_of_numpy(make, digits):
    X, y = digits
    network = make("ann", epochs=1, random_state=None)
    state = np.random.get_state()
    try:
        np.random.seed(0)
        first, second = (network.fit(X, y).predict_proba(X) for _ in range(2))
        np.random.seed(0)
        third = network.fit(X, y).predict_proba(X)
    finally:
        np.random.set_state(state)
    assert not np.array_equal(first, second)
    assert_array_equal(third, first)
