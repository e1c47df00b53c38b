"""Predictions with an average of the weights over the updates."""

import pickle

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import log_loss

from skdigits import NetworkClassifier
from skdigits.estimators._keras import training

CONSTANT = {"learning_rate_schedule": "constant"}
# Gradient descent on all samples at once, which does not depend on their order.
DESCENT = {
    "hidden_layer_sizes": (),
    "optimizer": "sgd",
    "learning_rate": 0.5,
    "batch_size": 240,
    "precision": "float64",
    **CONSTANT,
}


def gradient_descent(log, X, y, n_updates, momentum):
    """Return the weights after some updates, and their averages."""
    weights = averages = np.vstack(log.first_weights)
    X = np.hstack([X, np.ones((len(X), 1))])
    for n in range(n_updates):
        powers = np.exp(X @ weights)
        error = powers / powers.sum(axis=1, keepdims=True) - np.eye(10)[y]
        weights = weights - 0.5 * X.T @ error / len(X)
        present = min(momentum, (1 + n) / (10 + n))
        averages = present * averages + (1 - present) * weights
    return weights, averages


@pytest.fixture(params=[False, True], ids=["plain", "XLA"])
def xla(request, monkeypatch):
    """Compile all trainings with XLA, or none."""
    monkeypatch.setattr(training, "_UPDATES_WORTH_XLA", 0 if request.param else 1e9)


@pytest.mark.usefixtures("xla")
class TestAverage:
    def test_is_that_of_the_updates(self, make, digits, log):
        network = make("ann", weight_averaging=0.4, epochs=12, **DESCENT)
        network.set_params(callbacks=[log]).fit(*digits)
        raw, averages = gradient_descent(log, *digits, 12, 0.4)
        assert_allclose(np.vstack(network.model_.get_weights()), averages, rtol=1e-9)
        assert np.abs(averages - raw).max() > 0.01

    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_resumes_from_the_raw_weights(self, make, digits, log, method):
        network = make("ann", weight_averaging=0.7, epochs=6, **DESCENT)
        network.set_params(callbacks=[log], warm_start=True).fit(*digits)
        first = log.first_weights
        for _ in range(3):
            network = pickle.loads(pickle.dumps(network)).set_params(epochs=1)
            getattr(network, method)(*digits)
        log.first_weights = first
        _, averages = gradient_descent(log, *digits, 9, 0.7)
        assert_allclose(np.vstack(network.model_.get_weights()), averages, rtol=1e-9)

    def test_leaves_the_training_as_it_is(self, make, kind, digits, more_digits):
        validation = dict(zip(("X_val", "y_val"), more_digits, strict=True))
        plain = make(kind).fit(*digits, **validation)
        averaged = make(kind, weight_averaging=0.9).fit(*digits, **validation)
        assert averaged.history_["loss"] == plain.history_["loss"]
        assert averaged.history_["val_loss"] != plain.history_["val_loss"]

    def test_is_what_validation_sees(self, make, kind, digits, more_digits):
        X_val, y_val = more_digits
        network = make(kind, weight_averaging=0.9, **CONSTANT)
        network.fit(*digits, X_val=X_val, y_val=y_val)
        loss = log_loss(y_val, network.predict_proba(X_val))
        assert network.history_["val_loss"][-1] == pytest.approx(loss, rel=1e-5)

    @pytest.mark.parametrize("of_batches", [False, True])
    def test_is_what_callbacks_see(self, make, kind, digits, of_batches):
        class Seen(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.weights = self.model.get_weights()

            if of_batches:

                def on_train_batch_end(self, batch, logs=None):
                    self.weights = self.model.get_weights()

        seen = Seen()
        network = make(kind, weight_averaging=0.9, callbacks=[seen], **CONSTANT)
        weights = network.fit(*digits).model_.get_weights()
        for one, other in zip(seen.weights, weights, strict=True):
            assert_array_equal(one, other)


class TestFewUpdates:
    def test_are_not_dominated_by_the_first_weights(self, make, digits):
        params = {"epochs": 1, "batch_size": 12, "learning_rate": 0.02, **CONSTANT}
        untrained = make("ann", **{**params, "learning_rate": 1e-9}).fit(*digits)
        plain = make("ann", **params).fit(*digits)
        averaged = make("ann", weight_averaging=0.99, **params).fit(*digits)
        assert averaged.score(*digits) > plain.score(*digits) - 0.1
        assert averaged.score(*digits) > untrained.score(*digits) + 0.4

    def test_of_one_update_give_nearly_its_weights(self, make, digits, log):
        network = make("ann", weight_averaging=0.999, epochs=1, **DESCENT)
        network.set_params(callbacks=[log]).fit(*digits)
        raw, averages = gradient_descent(log, *digits, 1, 0.1)
        assert_allclose(np.vstack(network.model_.get_weights()), averages)
        first = np.vstack(log.first_weights)
        assert_allclose(averages - first, 0.9 * (raw - first), atol=1e-12)


class TestEarlyStopping:
    def test_keeps_the_best_averages(self, make, kind, digits, more_digits):
        X_val, y_val = more_digits
        params = {"early_stopping": True, "patience": 3, "epochs": 60}
        network = make(kind, weight_averaging=0.9, learning_rate=0.05, **params)
        network.fit(*digits, X_val=X_val, y_val=y_val)
        losses = network.history_["val_loss"]
        assert network.kept_epoch_ < network.n_epochs_
        loss = log_loss(y_val, network.predict_proba(X_val))
        assert loss == pytest.approx(min(losses), rel=1e-5)

    def test_resumes_from_what_it_kept(self, make, digits, network_weights):
        params = {"early_stopping": True, "patience": 2, "epochs": 60}
        network = make("ann", weight_averaging=0.9, warm_start=True, **params)
        before = network_weights(network.set_params(learning_rate=0.05).fit(*digits))
        network.set_params(learning_rate=1e-30, early_stopping=False, epochs=1)
        assert_allclose(network_weights(network.fit(*digits)), before, rtol=1e-5)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_keeps_the_averages(make, kind, digits):
    def interrupt(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    params = {"weight_averaging": 0.9, **CONSTANT}
    network = make(kind, callbacks=[interrupt], **params)
    with pytest.warns(match="interrupted after"):
        network.fit(*digits)
    whole = make(kind, epochs=2, **params).fit(*digits)
    assert_array_equal(network.predict_proba(digits[0]), whole.predict_proba(digits[0]))


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_before_the_first_update_keeps_the_first_weights(
    make, digits, network_weights
):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise KeyboardInterrupt

    def weights(momentum):
        network = make("ann", weight_averaging=momentum, callbacks=[Interrupt()])
        with pytest.warns(match="interrupted after 0"):
            return network_weights(network.fit(*digits))

    assert_array_equal(weights(0.9), weights(None))


class SetOnce(keras.callbacks.Callback):
    """Set the weights when a training begins, to their values or as in a file."""

    def __init__(self, path=None):
        super().__init__()
        self.path = path

    def on_train_begin(self, logs=None):
        if self.path is not None:
            self.model.load_weights(self.path)
        else:
            self.model.set_weights([0 * w + 0.5 for w in self.model.get_weights()])


NO_LEARNING = {"optimizer": "sgd", "learning_rate": 1e-30, "epochs": 1}


class TestWeightsOfTheUser:
    def test_from_a_callback_are_trained(self, make, digits, network_weights):
        network = make("ann", weight_averaging=0.5, callbacks=[SetOnce()])
        network.set_params(**NO_LEARNING).fit(*digits)
        assert_allclose(network_weights(network), 0.5)

    def test_from_a_file_are_trained(self, make, digits, network_weights, tmp_path):
        class Save(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.save_weights(tmp_path / "w.weights.h5")

        network = make("ann", weight_averaging=0.5, callbacks=[Save()], **NO_LEARNING)
        before = network_weights(network.fit(*digits))
        load = SetOnce(tmp_path / "w.weights.h5")
        network.set_params(callbacks=[load], random_state=1).fit(*digits)
        assert_allclose(network_weights(network), before, atol=1e-25)

    def test_in_the_model_are_trained(self, make, digits, network_weights):
        network = make("ann", weight_averaging=0.9, warm_start=True).fit(*digits)
        model = network.model_
        model.set_weights([0 * w + 0.5 for w in model.get_weights()])
        network.set_params(**NO_LEARNING).fit(*digits)
        assert_allclose(network_weights(network), 0.5)


class TestChangedParameter:
    """Another fit with ``warm_start`` may average, or not, as it likes."""

    @pytest.mark.parametrize(("first", "then"), [(0.9, None), (None, 0.9), (0.9, 0.5)])
    def test_resumes_the_same_training(self, make, digits, first, then):
        losses = []
        for momenta in ((first, then), (None, None)):
            network = make("ann", warm_start=True, epochs=2, batch_size=240)
            for momentum in momenta:
                network.set_params(weight_averaging=momentum).fit(*digits)
            losses.append(network.history_["loss"])
        assert_array_equal(*losses)

    def test_of_another_optimizer_goes_on(self, make, digits, network_weights):
        network = make("ann", weight_averaging=0.9, warm_start=True, **CONSTANT)
        network.fit(*digits)
        before = network_weights(network)
        network.set_params(**NO_LEARNING).fit(*digits)
        assert np.abs(network_weights(network) - before).max() > 1e-3


@pytest.mark.parametrize("precision", ["bfloat16", "float32", "float64"])
def test_same_seed_same_bits(make, kind, digits, precision):
    network = make(kind, weight_averaging=0.9, precision=precision, dropout=0.3)
    first, second = (network.fit(*digits).predict_proba(digits[0]) for _ in range(2))
    assert_array_equal(first, second)
    assert network.score(*digits) > 0.5


def test_own_network_keeps_frozen_weights(digits):
    def network(input_shape, n_classes):
        frozen = keras.layers.Dense(16, "relu", trainable=False)
        return [keras.layers.Flatten(), frozen, keras.layers.Dense(n_classes)]

    params = {"random_state": 0, "learning_rate": 0.01, "epochs": 5}
    plain, averaged = (
        NetworkClassifier(network, weight_averaging=momentum, **params)
        .fit(*digits)
        .model_.get_weights()
        for momentum in (None, 0.9)
    )
    changed = [np.any(a != b) for a, b in zip(plain, averaged, strict=True)]
    assert changed == [False, False, True, True]


def test_without_warm_start_only_the_averages_are_kept(make, digits):
    sizes = [
        len(pickle.dumps(make("ann", weight_averaging=momentum).fit(*digits)))
        for momentum in (None, 0.9)
    ]
    assert sizes[1] < sizes[0] + 100


class Freeze(keras.callbacks.Callback):
    """Freeze the first layer after an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[0].trainable = epoch == 0


class ReplaceOptimizer(keras.callbacks.Callback):
    """Train with another optimizer after an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.model.optimizer = keras.optimizers.SGD(0.1)
            self.model.make_train_function(force=True)


@pytest.mark.parametrize("callback", [Freeze, ReplaceOptimizer])
def test_a_callback_may_change_the_network(make, digits, callback):
    params = {"epochs": 3, **CONSTANT}
    losses = [
        make("ann", weight_averaging=momentum, callbacks=[callback()], **params)
        .fit(*digits)
        .history_["loss"]
        for momentum in (None, 0.9)
    ]
    assert_array_equal(*losses)


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": keras.optimizers.SGD(use_ema=True)},
        {
            "optimizer": keras.optimizers.LossScaleOptimizer(
                keras.optimizers.SGD(use_ema=True)
            )
        },
        {"optimizer": "sgd", "optimizer_params": {"use_ema": True}},
    ],
    ids=["instance", "scaled", "name"],
)
def test_an_optimizer_that_averages_raises(make, digits, no_training, params):
    network = make("ann", callbacks=[no_training])
    network.set_params(learning_rate=None, **params)
    with pytest.raises(ValueError, match=r"got use_ema=True. Set the weight_averaging"):
        network.fit(*digits)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_optimizers_that_scale_the_loss_work(make, digits, precision):
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01))
    network = make("ann", weight_averaging=0.9, optimizer=scaled, precision=precision)
    assert network.set_params(learning_rate=None).fit(*digits).score(*digits) > 0.8


@pytest.mark.parametrize("value", [0, 1, -0.1, 1.5, "0.9", True])
def test_bad_values(make, digits, value):
    with pytest.raises(ValueError, match="'weight_averaging' parameter"):
        make("ann", weight_averaging=value).fit(*digits)
