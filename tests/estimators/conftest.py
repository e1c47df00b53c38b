"""Fixtures of the estimator tests: small images and small networks."""

from contextlib import ExitStack

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from skdigits.estimators import ANNClassifier, CNNClassifier

SMALL = {
    "ann": (
        ANNClassifier,
        {"hidden_layer_sizes": 16, "epochs": 8, "learning_rate": 0.01},
    ),
    "cnn": (
        CNNClassifier,
        {
            "filters": 4,
            "hidden_layer_sizes": 16,
            "epochs": 6,
            "learning_rate": 0.01,
            "dropout": 0.0,
            # Predictions are in it too, so losses agree on processors with AMX as well.
            "precision": "float32",
        },
    ),
}


def locked(array):
    """Return the array, made read-only."""
    array.setflags(write=False)
    return array


@pytest.fixture(scope="session")
def digits():
    """Return 240 flattened images of 8 x 8 pixels in [0, 1], and their labels."""
    X, y = load_digits(return_X_y=True)
    return locked((X[:240] / 16).astype("float32")), locked(y[:240])


@pytest.fixture(scope="session")
def more_digits():
    """Return 150 other images, and their labels."""
    X, y = load_digits(return_X_y=True)
    return locked((X[240:390] / 16).astype("float32")), locked(y[240:390])


@pytest.fixture(scope="session")
def zeros_and_ones(digits):
    """Return the images of the digits 0 and 1, which any network learns."""
    X, y = digits
    return locked(X[y < 2]), locked(y[y < 2])


@pytest.fixture(scope="session", params=["ann", "cnn"])
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def make():
    """Return a function that makes a small classifier of one kind."""

    def make(kind, **params):
        classifier, small = SMALL[kind]
        return classifier(**{**small, "random_state": 0, **params})

    return make


@pytest.fixture(scope="session")
def ann(make, digits):
    """Return a fitted ANNClassifier; tests must not change it."""
    return make("ann").fit(*digits)


@pytest.fixture(scope="session")
def cnn(make, digits):
    """Return a fitted CNNClassifier; tests must not change it."""
    return make("cnn").fit(*digits)


@pytest.fixture(scope="session")
def fitted(kind, ann, cnn):
    """Return the fitted classifier of each kind; tests must not change it."""
    return {"ann": ann, "cnn": cnn}[kind]


@pytest.fixture
def set_in_keras():
    """Return a function that changes the configuration of Keras during a test."""
    with ExitStack() as stack:

        def set_in_keras(name, value):
            setter = getattr(keras.config, f"set_{name}")
            stack.callback(setter, getattr(keras.config, name)())
            setter(value)

        yield set_in_keras


class NoTraining(keras.callbacks.Callback):
    """Fail as soon as an epoch begins."""

    def on_epoch_begin(self, epoch, logs=None):
        raise AssertionError("an epoch ran before the error")


@pytest.fixture
def no_training():
    return NoTraining()


class Log(keras.callbacks.Callback):
    """Record the calls of Keras, and the weights before training."""

    def __init__(self):
        super().__init__()
        self.begun, self.logs = [], []

    def on_train_begin(self, logs=None):
        self.first_weights = self.model.get_weights()

    def on_epoch_begin(self, epoch, logs=None):
        self.begun.append(epoch)

    def on_epoch_end(self, epoch, logs=None):
        self.logs.append(dict(logs))


@pytest.fixture
def log():
    return Log()


@pytest.fixture(scope="session")
def network_weights():
    """Return a function that returns a classifier's weights as one array."""

    def weights(classifier):
        return np.concatenate([w.ravel() for w in classifier.model_.get_weights()])

    return weights
