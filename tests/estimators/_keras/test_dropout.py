"""The dropout layer of networks that XLA compiles."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from skdigits.estimators import ANNClassifier
from skdigits.estimators._keras.dropout import HashDropout

SHAPE = (64, 512)


def masks(rate, n_calls=1, seed=0, jit_compile=False):
    """Return which inputs each of several calls keeps."""
    layer = HashDropout(rate, seed=seed)
    call = tf.function(lambda x: layer(x, training=True), jit_compile=jit_compile)
    return np.stack([call(tf.ones(SHAPE)).numpy() > 0 for _ in range(n_calls)])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_drops_evenly_at_the_given_rate(rate):
    kept = masks(rate, n_calls=50)
    n = kept.size
    deviation = np.sqrt(rate * (1 - rate))
    assert kept.mean() == pytest.approx(1 - rate, abs=4 * deviation / np.sqrt(n))
    # Chi-squared tests of the shares of the columns and of the calls.
    for axes in ((0, 1), (1, 2)):
        part = kept.mean(axis=axes)
        chi_squared = np.sum((part - 1 + rate) ** 2) * (n / len(part)) / deviation**2
        freedom = len(part)
        assert abs(chi_squared - freedom) < 5 * np.sqrt(2 * freedom)


def test_calls_and_seeds_are_independent():
    first, second, third = masks(0.5, n_calls=3)
    other = masks(0.5, seed=1)[0]
    n = first.size
    for a, b in ((first, second), (second, third), (first, other)):
        assert (a == b).mean() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(n))
    neighbors = (first[:, 1:] == first[:, :-1]).mean()
    assert neighbors == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(n))


def test_is_the_same_with_and_without_xla():
    plain, compiled = masks(0.3, n_calls=3), masks(0.3, n_calls=3, jit_compile=True)
    np.testing.assert_array_equal(plain, compiled)


def test_scales_up_the_kept_inputs_and_their_gradients():
    layer = HashDropout(0.25, seed=0)
    x = tf.ones((8, 8))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
    values = np.unique(y.numpy())
    assert values == pytest.approx([0, 1 / 0.75])
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), y.numpy())


def test_does_nothing_in_prediction():
    x = tf.ones((4, 4))
    np.testing.assert_array_equal(HashDropout(0.5, seed=0)(x), x)


def test_the_fitted_network_has_only_keras_layers(digits):
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
