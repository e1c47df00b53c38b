"""The dropout that is trained with where XLA compiles the network."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from skdigits.estimators import ANNClassifier
from skdigits.estimators._keras.dropout import HashDropout

SHAPE = (64, 512)


def masks(rate, n_calls=1, seed=0, jit_compile=False):
    """Return which inputs are kept in each of some calls."""
    layer = HashDropout(rate, seed=seed)
    call = tf.function(lambda x: layer(x, training=True), jit_compile=jit_compile)
    return np.stack([call(tf.ones(SHAPE)).numpy() > 0 for _ in range(n_calls)])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_drops_its_share_evenly(rate):
    kept = masks(rate, n_calls=50)
    n = kept.size
    deviation = np.sqrt(rate * (1 - rate))
    assert kept.mean() == pytest.approx(1 - rate, abs=4 * deviation / np.sqrt(n))
    # As evenly over the columns and over the calls: chi squared of so many of them.
    for axes in ((0, 1), (1, 2)):
        part = kept.mean(axis=axes)
        chi_squared = np.sum((part - 1 + rate) ** 2) * (n / len(part)) / deviation**2
        freedom = len(part)
        assert abs(chi_squared - freedom) < 5 * np.sqrt(2 * freedom)


def test_calls_and_seeds_do_not_depend_on_one_another():
    first, second, third = masks(0.5, n_calls=3)
    other = masks(0.5, seed=1)[0]
    n = first.size
    for a, b in ((first, second), (second, third), (first, other)):
        assert (a == b).mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(n))
    neighbours = (first[:, 1:] == first[:, :-1]).mean()
    assert neighbours == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(n))


def test_is_the_same_with_xla_and_without():
    plain, compiled = masks(0.3, n_calls=3), masks(0.3, n_calls=3, jit_compile=True)
    np.testing.assert_array_equal(plain, compiled)


def test_scales_up_what_it_keeps_and_its_gradient():
    layer = HashDropout(0.25, seed=0)
    x = tf.ones((8, 8))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    values = np.unique(y.numpy())
    assert values == pytest.approx([0, 1 / 0.75])
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), y.numpy())


def test_leaves_what_is_predicted_from_alone():
    x = tf.ones((4, 4))
    np.testing.assert_array_equal(HashDropout(0.5, seed=0)(x), x)


def test_network_trained_with_it_is_of_keras_own_layers(digits):
    X, y = digits
    ann = ANNClassifier(16, dropout=0.3, batch_size=4, epochs=20, random_state=0)
    ann.fit(X, y)  # 1,200 updates, which XLA compiles
    assert ann.score(X, y) > 0.9
    kinds = [type(layer) for layer in ann.model_.layers]
    assert keras.layers.Dropout in kinds
    assert HashDropout not in kinds
    again = ANNClassifier(16, dropout=0.3, batch_size=4, epochs=20, random_state=0)
    np.testing.assert_array_equal(
        again.fit(X, y).predict_proba(X), ann.predict_proba(X)
    )
