"""Optimizers, activations, callbacks, and interrupted training."""

import gc
import os
import signal
import threading
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, log_loss

OPTIMIZERS = sorted(
    name.lower()
    for name, kind in vars(keras.optimizers).items()
    if isinstance(kind, type)
    and issubclass(kind, keras.Optimizer)
    and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    # Adafactor of Keras divides 0 by 0 if a pixel is 0 in every image.
    and name != "Adafactor"
)
UNFIT_ACTIVATIONS = {"glu": "halves the units", "threshold": "needs arguments"}
ACTIVATIONS = sorted(
    name
    for name in dir(keras.activations)
    if not name.startswith("_")
    and name not in ("deserialize", "get", "serialize", *UNFIT_ACTIVATIONS)
)


def slow_except(names, few):
    """Return the names as parameters, marked as slow except for a few."""
    return [
        name if name in few else pytest.param(name, marks=pytest.mark.slow)
        for name in names
    ]


ALMOST_NO_LEARNING = {"optimizer": "sgd", "learning_rate": 1e-30}


class TestOptimizers:
    @pytest.mark.parametrize(
        "name", slow_except([*OPTIMIZERS, "RMSprop"], ["adam", "sgd", "RMSprop"])
    )
    def test_may_be_any_name_of_keras(self, make, digits, name):
        network = make("ann", optimizer=name, learning_rate=None, epochs=2)
        losses = network.fit(*digits).history_["loss"]
        assert losses[1] < losses[0]
        assert type(network.model_.optimizer).__name__.lower() == name.lower()

    def test_work_with_the_cnn(self, make, digits):
        losses = (
            make("cnn", optimizer="rmsprop", epochs=2).fit(*digits).history_["loss"]
        )
        assert losses[1] < losses[0]

    def test_use_the_learning_rate(self, make, digits, network_weights, log):
        network = make("ann", callbacks=[log], epochs=1, **ALMOST_NO_LEARNING).fit(
            *digits
        )
        before = np.concatenate([w.ravel() for w in log.first_weights])
        assert_allclose(network_weights(network), before, rtol=0, atol=1e-25)

    @pytest.mark.parametrize(
        "rate",
        [
            0.02,
            keras.optimizers.schedules.CosineDecay(0.05, 60),
            keras.optimizers.schedules.PiecewiseConstantDecay([20], [0.05, 0.01]),
        ],
        ids=["number", "cosine", "pieces"],
    )
    def test_may_be_instances_which_are_not_changed(self, make, digits, rate):
        optimizer = keras.optimizers.Adam(rate, weight_decay=0.001)
        config = optimizer.get_config()
        n_variables = len(optimizer.variables)
        network = make("ann", optimizer=optimizer, learning_rate=None)
        scores = [network.fit(*digits).score(*digits) for _ in range(2)]
        assert scores[0] == scores[1] > 0.8
        assert network.optimizer is optimizer
        assert network.model_.optimizer is not optimizer
        assert int(optimizer.iterations) == 0
        assert len(optimizer.variables) == n_variables
        assert str(optimizer.get_config()) == str(config)

    def test_may_be_shared_by_two_classifiers(self, make, digits):
        optimizer = keras.optimizers.Adam(0.01)
        shared, own = (
            [
                make(kind, optimizer=get(), learning_rate=None, epochs=1)
                .fit(*digits)
                .predict_proba(digits[0])
                for kind in ("ann", "cnn")
            ]
            for get in (lambda: optimizer, lambda: keras.optimizers.Adam(0.01))
        )
        for one, other in zip(shared, own, strict=True):
            assert_array_equal(one, other)

    def test_with_a_schedule_that_cannot_be_saved_are_rejected(
        self, make, digits, no_training
    ):
        class Schedule(keras.optimizers.schedules.LearningRateSchedule):
            def __call__(self, step):
                return 0.01

        network = make(
            "ann",
            optimizer=keras.optimizers.Adam(Schedule()),
            learning_rate=None,
            callbacks=[no_training],
        )
        with pytest.raises(ValueError, match=r"optimizer must be .* schedule needs"):
            network.fit(*digits)


@pytest.mark.parametrize("name", slow_except(ACTIVATIONS, ["relu", "softmax", "tanh"]))
def test_activation_may_be_any_name_of_keras(make, digits, name):
    network = make("ann", activation=name, epochs=1).fit(*digits)
    assert np.isfinite(network.predict_proba(digits[0])).all()


@pytest.mark.parametrize("kind", ["ann", "cnn"])
@pytest.mark.parametrize("name", sorted(UNFIT_ACTIVATIONS))
def test_activation_that_does_not_fit_a_layer_raises(
    make, digits, no_training, kind, name
):
    if name not in dir(keras.activations):
        return
    network = make(kind, activation=name, callbacks=[no_training])
    with pytest.raises(ValueError, match=f"activation must be .*; got '{name}'"):
        network.fit(*digits)


def test_diverging_training_raises(make, digits):
    network = make("ann", optimizer="sgd", learning_rate=1e20, epochs=2)
    with pytest.raises(
        ValueError, match=r"The weights must stay finite.*learning_rate"
    ):
        network.fit(digits[0] * 1e6, digits[1])


class TestHistory:
    """The learning rate is so small that the losses can be computed in advance."""

    @pytest.mark.parametrize("batch_size", [7, 240, "auto"])
    @pytest.mark.parametrize("n_samples", [240, 233])
    def test_is_the_mean_over_the_samples(self, make, digits, batch_size, n_samples):
        X, y = (a[:n_samples] for a in digits)
        network = make(
            "ann", batch_size=batch_size, epochs=1, **ALMOST_NO_LEARNING
        ).fit(X, y)
        assert_allclose(
            network.history_["loss"], log_loss(y, network.predict_proba(X)), rtol=1e-5
        )
        assert_allclose(
            network.history_["accuracy"],
            accuracy_score(y, network.predict(X)),
            rtol=1e-5,
        )

    @pytest.mark.parametrize("kind", ["ann", "cnn"])
    def test_uses_the_sample_weights(self, make, digits, kind):
        X, y = (a[:233] for a in digits)
        weight = np.random.default_rng(0).integers(0, 5, size=233)
        network = make(kind, batch_size=32, epochs=2, **ALMOST_NO_LEARNING)
        network.fit(X, y, sample_weight=weight)
        p = network.predict_proba(X)
        assert_allclose(
            network.history_["loss"],
            2 * [log_loss(y, p, sample_weight=weight)],
            rtol=1e-5,
        )
        assert_allclose(
            network.history_["accuracy"],
            2 * [accuracy_score(y, p.argmax(axis=1), sample_weight=weight)],
            rtol=1e-5,
        )


@pytest.mark.parametrize("n_samples", [2, 3, 15, 16, 17])
def test_few_samples_are_enough(make, kind, zeros_and_ones, n_samples):
    X, y = zeros_and_ones
    indices = np.argsort(np.arange(len(y)) % 2, kind="stable")[:n_samples]
    y = np.arange(n_samples) % 2
    network = make(kind, epochs=1).fit(X[indices], y)
    assert network.n_epochs_ == 1


class TestCallbacks:
    def test_are_called_for_every_epoch(self, make, kind, digits, log):
        network = make(kind, callbacks=[log], epochs=3, validation_split=0.2)
        network.fit(*digits)
        assert log.begun == [0, 1, 2]
        for name, values in network.history_.items():
            assert_allclose([logs[name] for logs in log.logs], values)

    def test_are_not_copied_and_do_not_keep_the_network(self, make, digits, log):
        network = make("ann", callbacks=[log], epochs=1).fit(*digits)
        assert network.callbacks == [log]
        assert len(log.logs) == 1
        reference = weakref.ref(network.model_)
        del network
        gc.collect()
        assert reference() is None
        assert log.model is None

    def test_may_use_the_network_in_set_model(self, make, digits):
        class Looking(keras.callbacks.Callback):
            def set_model(self, model):
                super().set_model(model)
                self.n_layers = len(model.layers)

        looking = Looking()
        make("ann", callbacks=[looking], epochs=1).fit(*digits)
        assert looking.n_layers == 4
        assert looking.model is None

    def test_do_not_keep_the_network_after_an_error(self, make, digits):
        class Failing(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                raise RuntimeError("stopped by the callback")

        failing = Failing()
        with pytest.raises(RuntimeError, match="stopped by the callback"):
            make("ann", callbacks=[failing]).fit(*digits)
        assert failing.model is None

    def test_can_stop_the_training(self, make, kind, digits):
        class Stop(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.stop_training = epoch % 2 == 1

        network = make(kind, callbacks=[Stop()]).fit(*digits)
        assert network.n_epochs_ == len(network.history_["loss"]) == 2
        network.set_params(warm_start=True).fit(*digits)
        assert network.n_epochs_ == 4

    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_can_set_the_learning_rate(self, make, digits, method, network_weights):
        class Hold(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.model.optimizer.learning_rate = 0.0

        network = make("ann", epochs=1).fit(*digits)
        network.set_params(callbacks=[Hold()])
        getattr(network, method)(*digits)
        held = network_weights(network)
        network.partial_fit(*digits)
        assert_array_equal(network_weights(network), held)

    @pytest.mark.parametrize(
        "make_callback",
        [
            lambda folder: keras.callbacks.ModelCheckpoint(folder / "best.keras"),
            lambda folder: keras.callbacks.ModelCheckpoint(
                folder / "best.weights.h5", save_weights_only=True
            ),
            lambda folder: keras.callbacks.BackupAndRestore(folder / "backup"),
            lambda folder: keras.callbacks.CSVLogger(folder / "log.csv"),
            lambda folder: keras.callbacks.ReduceLROnPlateau(patience=1),
            lambda folder: keras.callbacks.LearningRateScheduler(lambda epoch: 0.01),
            lambda folder: keras.callbacks.EarlyStopping("loss", patience=1),
            lambda folder: keras.callbacks.LambdaCallback(),
            lambda folder: keras.callbacks.TerminateOnNaN(),
            lambda folder: keras.callbacks.History(),
        ],
        ids=[
            "ModelCheckpoint",
            "ModelCheckpoint of weights",
            "BackupAndRestore",
            "CSVLogger",
            "ReduceLROnPlateau",
            "LearningRateScheduler",
            "EarlyStopping",
            "LambdaCallback",
            "TerminateOnNaN",
            "History",
        ],
    )
    @pytest.mark.filterwarnings("ignore:Learning rate reduction")
    def test_that_keras_has_work(self, make, digits, tmp_path, make_callback):
        callback = make_callback(tmp_path)
        network = make("ann", callbacks=[callback], epochs=2, validation_split=0.2)
        network.fit(*digits)
        assert network.n_epochs_ == 2
        assert network.predict(digits[0]).shape == (240,)

    def test_can_keep_a_checkpoint_that_keras_loads(self, make, digits, tmp_path):
        path = tmp_path / "last.keras"
        checkpoint = keras.callbacks.ModelCheckpoint(path)
        network = make("ann", callbacks=[checkpoint], epochs=2).fit(*digits)
        loaded = keras.models.load_model(path)
        assert_allclose(
            loaded.predict(digits[0], verbose=0),
            network.predict_proba(digits[0]),
            rtol=1e-5,
            atol=1e-7,
        )


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (
            lambda: tf.distribute.MirroredStrategy(["/cpu:0"]).scope(),
            "fit must be called outside .*; got .* the scope of a Mirrored",
        ),
        (
            lambda: tf.distribute.OneDeviceStrategy("/cpu:0").scope(),
            "fit must be called outside .*; got .* the scope of a OneDev",
        ),
        (
            lambda: tf.Graph().as_default(),
            "fit must be called outside .*; got .* in a graph",
        ),
    ],
    ids=["mirrored", "one device", "graph"],
)
def test_a_tensorflow_scope_raises(make, digits, no_training, scope, message):
    network = make("ann", callbacks=[no_training])
    with scope(), pytest.raises(RuntimeError, match=message):
        network.fit(*digits)


class Interrupt(keras.callbacks.Callback):
    """Simulate Ctrl-C at the beginning of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


class SignalFromAnotherThread(Interrupt):
    """Send SIGINT to the process after an epoch has begun."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            arguments = (os.getpid(), signal.SIGINT)
            threading.Thread(target=os.kill, args=arguments).start()


@pytest.mark.usefixtures("ctrl_c")
class TestCtrlC:
    def test_keeps_the_network_trained_so_far(self, make, kind, digits):
        X, y = digits
        constant = {"learning_rate_schedule": "constant"}
        network = make(kind, callbacks=[Interrupt(2)], **constant)
        with pytest.warns(ConvergenceWarning, match="2 of .* that moment") as warned:
            assert network.fit(X, y) is network
        assert [w.filename for w in warned] == [__file__]
        assert network.n_epochs_ == len(network.history_["loss"]) == 2
        whole = make(kind, epochs=2, **constant).fit(X, y)
        assert_array_equal(network.predict_proba(X), whole.predict_proba(X))
        assert network.history_ == whole.history_
        network.set_params(callbacks=None).partial_fit(X, y)
        assert network.n_epochs_ == 3

    def test_in_the_first_epoch_keeps_a_network(self, make, digits):
        X, y = digits
        network = make("ann", callbacks=[Interrupt(0)])
        with pytest.warns(ConvergenceWarning, match="interrupted after 0 of 8"):
            network.fit(X, y)
        assert network.n_epochs_ == network.best_epoch_ == 0
        assert network.predict(X).shape == y.shape

    @pytest.mark.parametrize("hook", ["set_model", "on_train_begin"])
    @pytest.mark.parametrize("early_stopping", [False, True])
    def test_before_the_first_epoch_keeps_a_network(
        self, make, digits, hook, early_stopping
    ):
        def interrupt(*args):
            raise KeyboardInterrupt

        callback = keras.callbacks.Callback()
        setattr(callback, hook, interrupt)
        network = make("ann", callbacks=[callback], early_stopping=early_stopping)
        with pytest.warns(ConvergenceWarning, match="after 0 of 8.* that moment"):
            network.fit(*digits)
        assert network.n_epochs_ == network.best_epoch_ == 0
        assert network.history_["loss"] == []
        network.set_params(callbacks=None, warm_start=True).fit(*digits)
        assert network.n_epochs_ == 8

    def test_keeps_the_best_weights_of_early_stopping(
        self, make, kind, digits, more_digits
    ):
        X_val, y_val = more_digits
        params = {"early_stopping": True, "patience": 50, "epochs": 60}
        network = make(kind, learning_rate=0.03, callbacks=[Interrupt(12)], **params)
        with pytest.warns(ConvergenceWarning, match="12 of 60.* the best of them"):
            network.fit(*digits, X_val=X_val, y_val=y_val)
        losses = network.history_["val_loss"]
        assert network.best_epoch_ == 1 + np.argmin(losses) < len(losses) == 12
        assert_allclose(
            log_loss(y_val, network.predict_proba(X_val)), min(losses), rtol=1e-5
        )

    def test_is_not_lost_while_an_object_is_deleted(self, make, digits):
        class Pressing:
            def __del__(self):
                os.kill(os.getpid(), signal.SIGINT)

        def delete(epoch, logs):
            if epoch == 1:
                Pressing()

        network = make("ann", callbacks=[delete], epochs=50)
        with pytest.warns(ConvergenceWarning, match="interrupted after 2 of 50"):
            network.fit(*digits)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_is_left_to_a_handler_of_the_user(self, make, digits):
        pressed = []
        before = signal.signal(signal.SIGINT, lambda *args: pressed.append(args))
        try:
            network = make("ann", callbacks=[SignalFromAnotherThread(1)], epochs=4)
            assert network.fit(*digits).n_epochs_ == 4
        finally:
            signal.signal(signal.SIGINT, before)
        assert len(pressed) == 1

    @pytest.mark.parametrize("early_stopping", [False, True])
    def test_from_the_keyboard_ends_the_training(self, make, digits, early_stopping):
        network = make(
            "ann",
            callbacks=[SignalFromAnotherThread(2)],
            epochs=100_000,
            learning_rate=1e-6,
            early_stopping=early_stopping,
        )
        with pytest.warns(ConvergenceWarning, match="interrupted after .* of 100000"):
            network.fit(*digits)
        assert 2 <= network.n_epochs_ == len(network.history_["loss"]) < 100_000
        assert np.isfinite(network.predict_proba(digits[0])).all()
