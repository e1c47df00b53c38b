"""Predictions by averages of the weights."""

import pickle
import warnings

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits

from skdigits import ANNClassifier, CNNClassifier

X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")
X, y = X[:600], y[:600]


@pytest.fixture(params=["ann", "cnn"])
def classifier(request):
    params = {"epochs": 3, "learning_rate": 0.01, "random_state": 0}
    params.update(dropout=0.0, weight_averaging=0.9)
    if request.param == "ann":
        return ANNClassifier((16,), **params)
    return CNNClassifier((4,), hidden_layer_sizes=(), precision="float32", **params)


class Recorder(keras.callbacks.Callback):
    """Record the weights after each update."""

    def on_train_begin(self, logs=None):
        self.weights = []

    def on_train_batch_end(self, batch, logs=None):
        self.weights.append([w.numpy() for w in self.model.trainable_variables])


def recorded(classifier, **params):
    """Return the classifier with a recorder of its own, and the recorder."""
    recorder = Recorder()
    return clone(classifier).set_params(callbacks=[recorder], **params), recorder


def weights(classifier):
    """Return the weights that the classifier predicts with."""
    return [w.numpy() for w in classifier.model_.trainable_variables]


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.999])
def test_predicts_with_the_moving_average(classifier, momentum):
    classifier, recorder = recorded(classifier, weight_averaging=momentum)
    averages = weights(classifier.fit(X, y))
    expected = recorder.weights[0]
    for n, new in enumerate(recorder.weights[1:], 1):
        kept = min(momentum, (1 + n) / (10 + n))
        expected = [
            kept * a + (1 - kept) * w for a, w in zip(expected, new, strict=True)
        ]
    for average, value in zip(averages, expected, strict=True):
        assert_allclose(average, value, atol=1e-5)
    assert not np.allclose(averages[0], recorder.weights[-1][0], atol=1e-5)


def test_the_weights_themselves_are_trained_as_without(classifier):
    runs = []
    for averaging in (None, 0.9):
        one, recorder = recorded(
            classifier, weight_averaging=averaging, warm_start=True
        )
        one.fit(X[100:], y[100:], X_val=X[:100], y_val=y[:100])
        run = list(recorder.weights)
        one.fit(X[100:], y[100:])
        run += recorder.weights
        one.partial_fit(X, y)
        runs.append(run + recorder.weights)
    for without, averaged in zip(*runs, strict=True):
        for a, b in zip(without, averaged, strict=True):
            assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_is_validated_with_the_averages(classifier, early_stopping):
    classifier.set_params(early_stopping=early_stopping, patience=1, epochs=6)
    classifier.fit(X[100:], y[100:], X_val=X[:100], y_val=y[:100])
    true = classifier.predict_proba(X[:100])[np.arange(100), y[:100]]
    loss = classifier.history_["val_loss"][classifier.kept_epoch_ - 1]
    assert loss == pytest.approx(-np.log(true).mean(), rel=1e-5)


def test_few_updates_are_not_dominated_by_the_first_weights(classifier):
    classifier.set_params(weight_averaging=0.999, epochs=6)
    assert classifier.fit(X, y).score(X, y) > 0.6


def test_with_xla(classifier):
    """More updates than are worth compiling, if the network is dense."""
    classifier.set_params(batch_size=8, epochs=14)
    long = clone(classifier).fit(X, y)
    seen, recorder = recorded(classifier)
    seen.fit(X, y)
    assert len(recorder.weights) == 14 * 75
    for a, b in zip(weights(long), weights(seen), strict=True):
        assert_allclose(a, b, atol=2e-4)


def test_ctrl_c_leaves_the_averages(classifier):
    class Interrupt(Recorder):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            if len(self.weights) == 30:
                raise KeyboardInterrupt

    interrupt = Interrupt()
    classifier.set_params(callbacks=[interrupt], warm_start=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier.fit(X, y)
    kept, last = weights(classifier)[0], interrupt.weights[-1][0]
    assert not np.allclose(kept, last, atol=1e-5)
    assert_allclose(kept, last, atol=0.2)


def test_same_seed_same_bits_and_pickling(classifier):
    proba = clone(classifier).fit(X, y).predict_proba(X)
    again = clone(classifier).fit(X, y)
    assert_array_equal(again.predict_proba(X), proba)
    copy = pickle.loads(pickle.dumps(again))
    assert_array_equal(copy.predict_proba(X), proba)


def test_float64_and_other_optimizers(classifier):
    classifier.set_params(precision="float64", optimizer="sgd", learning_rate=0.3)
    assert classifier.fit(X, y).predict_proba(X).dtype == np.float64


def test_an_instance_that_averages_is_treated_alike(classifier):
    classifier.set_params(learning_rate_schedule="constant")
    named = clone(classifier).fit(X, y)
    adam = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)
    params = {"optimizer": adam, "learning_rate": None, "weight_averaging": None}
    own = clone(classifier).set_params(**params).fit(X, y)
    assert_array_equal(named.predict_proba(X), own.predict_proba(X))


@pytest.mark.parametrize("value", [0, 1, -0.5, "0.9", True])
def test_bad_values(value, classifier):
    with pytest.raises(ValueError, match="'weight_averaging' parameter"):
        classifier.set_params(weight_averaging=value).fit(X, y)


def test_an_optimizer_within_another(classifier):
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())
    classifier.set_params(optimizer=scaled, learning_rate=None)
    with pytest.raises(ValueError, match="weight_averaging must be None with a Loss"):
        classifier.fit(X, y)
