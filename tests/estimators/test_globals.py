"""Training does not change the global state of the process."""

import logging
import os
import random
import warnings

import keras
import numpy as np
import pytest
import sklearn
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

LOGGERS = [None, "tensorflow", "absl", "keras", "scikeras"]


class Failing(keras.callbacks.Callback):
    """Raise an error at the end of the first epoch."""

    def on_epoch_end(self, epoch, logs=None):
        raise RuntimeError("stopped by the callback")


def process_state():
    """Return the global state that a fit could change."""
    numpy_state = np.random.get_state()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    return {
        "random": random.getstate(),
        "numpy": (numpy_state[0], numpy_state[1].tolist(), *numpy_state[2:]),
        "environment": dict(os.environ),
        "working directory": os.getcwd(),
        "float type": keras.config.floatx(),
        "dtype policy": keras.config.dtype_policy().name,
        "epsilon": keras.config.epsilon(),
        "image format": keras.config.image_data_format(),
        "eager": tf.config.functions_run_eagerly(),
        "interactive logging": keras.config.is_interactive_logging_enabled(),
        "traceback filtering": keras.config.is_traceback_filtering_enabled(),
        "XLA": tf.config.optimizer.get_jit(),
        "loggers": [
            (log.level, log.propagate, log.disabled, log.handlers[:], log.filters[:])
            for log in loggers
        ],
        "logging disabled": logging.root.manager.disable,
        "warnings": warnings.filters[:],
        "scikit-learn": sklearn.get_config(),
        "NumPy errors": np.geterr(),
    }


def train_partially(network, X, y):
    network.partial_fit(X, y, classes=range(10))


def train_and_fail(network, X, y):
    network.set_params(callbacks=[Failing()])
    with pytest.raises(RuntimeError, match="stopped by the callback"):
        network.fit(X, y)


def train_and_predict(network, X, y):
    network.fit(X, y).predict(X)


@pytest.fixture(params=[train_partially, train_and_fail, train_and_predict])
def use(request, make, kind, digits):
    """Return a function that uses a new network in one way."""
    network = make(kind, dropout=0.3, validation_split=0.2, epochs=2)

    def use():
        request.param(network, *digits)

    return use


def test_global_state_is_not_changed(use):
    before = process_state()
    use()
    assert process_state() == before


def test_unseeded_random_numbers_are_not_affected(use):
    state = random.getstate(), np.random.get_state()

    def start():
        keras.utils.clear_session()  # which also removes the random generator of Keras
        keras.utils.set_random_seed(0)

    def draw():
        return [float(tf.random.uniform(())), float(keras.random.uniform(()))]

    try:
        start()
        expected = [draw(), draw(), draw()]
        start()
        first = draw()
        use()
        assert [first, draw(), draw()] == expected
    finally:
        random.setstate(state[0])
        np.random.set_state(state[1])
        tf.random.set_seed(None)


def test_the_global_image_data_format_does_not_matter(make, cnn, digits, set_in_keras):
    set_in_keras("image_data_format", "channels_first")
    network = make("cnn").fit(*digits)
    expected = cnn.predict_proba(digits[0])
    assert_array_equal(network.predict_proba(digits[0]), expected)
    images = digits[0].reshape(-1, 8, 8, 1)
    got = network.model_.predict(images, verbose=0)
    assert_allclose(got, expected, rtol=1e-5)


def test_operations_without_a_seed_still_run(use):
    use()
    assert tf.random.uniform((3,)).shape == (3,)
    assert tf.random.normal((3,)).shape == (3,)


OTHER_BACKEND = """
import keras
from skdigits import ANNClassifier

keras.config.backend = lambda: "torch"
try:
    ANNClassifier(4, epochs=1).fit([[0, 1], [1, 0]], [0, 1])
except ImportError as error:
    print(error)
"""


def test_another_backend_of_keras_raises(run_python):
    message, _ = run_python(OTHER_BACKEND)
    assert "backend of Keras must be 'tensorflow'" in message
    assert "got 'torch'. Unset KERAS_BACKEND, or set it to 'tensorflow'" in message


def test_a_failed_first_fit_leaves_the_classifier_unfitted(make, kind, digits):
    network = make(kind, callbacks=[Failing()])
    with pytest.raises(RuntimeError, match="stopped by the callback"):
        network.fit(*digits)
    with pytest.raises(NotFittedError):
        network.predict(digits[0])
    network.set_params(callbacks=None)
    assert network.fit(*digits).n_epochs_ == network.epochs
