"""What callbacks can hold, observe, change and save."""

import copy
import pickle
import threading

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from tqdm.keras import TqdmCallback


class Holder(keras.callbacks.Callback):
    """Open what cannot be copied, and record the losses, during training."""

    def __init__(self, path):
        super().__init__()
        self.path, self.losses = path, []
        self.thing, self.things = None, {"files": []}

    def on_train_begin(self, logs=None):
        self.lock = threading.Lock()
        self.thing = open(self.path, "w")  # noqa: SIM115
        self.things["files"].append(self.thing)

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])
        self.thing.write(f"{epoch}\n")
        self.thing.flush()


class Around(keras.callbacks.Callback):
    """A callback that calls another one."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def on_epoch_end(self, epoch, logs=None):
        self.inner.on_epoch_end(epoch, logs)

    def on_train_begin(self, logs=None):
        self.inner.on_train_begin(logs)


class Journal:
    """A callable object in place of a callback."""

    def __init__(self, path):
        self.path, self.file, self.epochs = path, None, []

    def __call__(self, epoch, logs):
        self.file = self.file or open(self.path, "w")  # noqa: SIM115
        self.epochs.append(epoch)

    def note(self, epoch, logs):
        self(epoch, logs)


HOLDERS = {
    "CSVLogger": lambda folder: keras.callbacks.CSVLogger(folder / "log.csv"),
    "TensorBoard": lambda folder: keras.callbacks.TensorBoard(folder / "board"),
    "BackupAndRestore": lambda folder: keras.callbacks.BackupAndRestore(folder / "b"),
    "own": lambda folder: Holder(folder / "own.txt"),
    "nested": lambda folder: Around(Holder(folder / "own.txt")),
    "object": lambda folder: Journal(folder / "own.txt"),
    "method": lambda folder: Journal(folder / "own.txt").note,
}


@pytest.fixture(params=HOLDERS)
def holder(request, tmp_path):
    return HOLDERS[request.param](tmp_path)


def test_a_classifier_can_be_copied_whatever_its_callbacks_hold(make, digits, holder):
    network = make("ann", callbacks=[holder], epochs=1).fit(*digits)
    for make_copy in (lambda n: pickle.loads(pickle.dumps(n)), copy.deepcopy):
        other = make_copy(network)
        assert_array_equal(other.predict(digits[0]), network.predict(digits[0]))
    clone(network).fit(*digits)
    network.fit(*digits)


def test_a_search_can_be_copied_whatever_its_callbacks_hold(make, digits, tmp_path):
    network = make("ann", callbacks=[HOLDERS["CSVLogger"](tmp_path)], epochs=1)
    search = GridSearchCV(network, {"activation": ["relu", "tanh"]}, cv=2)
    joblib.dump(search.fit(*digits), tmp_path / "search.joblib")
    other = joblib.load(tmp_path / "search.joblib")
    assert_array_equal(other.predict(digits[0]), search.predict(digits[0]))


class OpenFromTheStart(keras.callbacks.Callback):
    """A callback that holds a file before any training."""

    def __init__(self, path):
        super().__init__()
        self.file = open(path, "w")  # noqa: SIM115

    def on_epoch_end(self, epoch, logs=None):
        self.file.write("x")


@pytest.mark.parametrize("kind", [OpenFromTheStart, lambda path: TqdmCallback()])
def test_clones_share_a_callback_that_cannot_be_copied(make, digits, tmp_path, kind):
    held, copied = kind(tmp_path / "log.txt"), keras.callbacks.History()
    network = make("ann", callbacks=[held, copied], epochs=1).fit(*digits)
    with config_context(enable_metadata_routing=True):
        network.set_fit_request(sample_weight=True)
    cloned = clone(network)
    assert cloned.callbacks[0] is held
    assert cloned.callbacks[1] is not copied
    assert cloned.get_metadata_routing().fit.requests["sample_weight"] is True
    assert cloned.callbacks is not network.callbacks
    assert not hasattr(cloned, "classes_")
    search = GridSearchCV(network, {"activation": ["relu", "tanh"]}, cv=2)
    assert search.fit(*digits).best_score_ > 0
    for make_copy in (pickle.dumps, copy.deepcopy):
        with pytest.raises(
            TypeError,
            match=rf"callbacks must be picklable .*; got a {type(held).__name__}",
        ):
            make_copy(network)
    pickle.dumps(network.set_params(callbacks=None))


def test_what_a_callback_recorded_is_kept(make, digits, tmp_path):
    holder, journal = Holder(tmp_path / "own.txt"), Journal(tmp_path / "journal.txt")
    history = keras.callbacks.History()
    network = make("ann", callbacks=[holder, history, journal], epochs=2).fit(*digits)
    assert holder.losses == history.history["loss"] == network.history_["loss"]
    assert (holder.thing, holder.things) == (None, {"files": []})
    assert not hasattr(holder, "lock")
    assert journal.epochs == [0, 1]
    assert holder.path.read_text() == "0\n1\n"


def test_records_that_only_pickle_rejects_are_kept(make, digits):
    class Local:
        pass

    class Records(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append(Local())

    records = Records()
    network = make("ann", callbacks=[records], epochs=2).fit(*digits)
    assert len(records.seen) == len(clone(network).callbacks[0].seen) == 2


def test_callbacks_are_restored_after_a_failed_fit(make, digits, tmp_path):
    def fail(epoch, logs):
        raise RuntimeError("stop here")

    holder = Holder(tmp_path / "own.txt")
    network = make("ann", callbacks=[holder, fail])
    with pytest.raises(RuntimeError, match="stop here"):
        network.fit(*digits)
    copy.deepcopy(holder)


class SetsRate(keras.callbacks.Callback):
    """Set the learning rate in one hook, after some number of calls."""

    def __init__(self, hook, rate=0.0, start=0):
        super().__init__()
        self.rate, self.start, self.n_calls = rate, start, 0
        setattr(self, hook, self.set_rate)

    def set_rate(self, *args, **kwargs):
        if self.n_calls >= self.start:
            self.model.optimizer.learning_rate = self.rate
        self.n_calls += 1


class TestLearningRate:
    @pytest.mark.parametrize(
        "hook",
        ["on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_batch_begin"],
    )
    @pytest.mark.parametrize("schedule", ["auto", "one_cycle", "constant"])
    def test_set_by_a_callback_is_kept(
        self, make, digits, network_weights, log, hook, schedule
    ):
        callbacks = [log, SetsRate(hook)]
        params = {"learning_rate_schedule": schedule, "epochs": 2}
        network = make("ann", callbacks=callbacks, **params).fit(*digits)
        first = np.concatenate([w.ravel() for w in log.first_weights])
        assert_array_equal(network_weights(network), first)

    def test_set_by_a_callback_equals_a_constant_schedule(self, make, digits):
        cycle, constant = (
            make(
                "ann",
                callbacks=[SetsRate("on_epoch_begin", rate=0.005)],
                learning_rate_schedule=schedule,
            ).fit(*digits)
            for schedule in ("auto", "constant")
        )
        assert cycle.history_ == constant.history_
        assert cycle.learning_rate_schedule_ == "constant"
        assert cycle.peak_learning_rate_ == constant.peak_learning_rate_ == 0.01

    @pytest.mark.parametrize("params", [{"epochs": 2}, {"epochs": 9, "batch_size": 2}])
    def test_can_be_set_to_a_schedule(self, make, digits, params):
        decay = keras.optimizers.schedules.ExponentialDecay(0.01, 5, 0.5)
        callbacks = [SetsRate("on_train_begin", rate=decay)]
        in_cycle, constant = (
            make("ann", callbacks=callbacks, learning_rate_schedule=schedule, **params)
            for schedule in ("one_cycle", "constant")
        )
        in_cycle.fit(*digits)
        assert in_cycle.history_ == constant.fit(*digits).history_
        with_decay = make(
            "ann", optimizer=keras.optimizers.Adam(decay), learning_rate=None, **params
        ).fit(*digits)
        assert_allclose(
            in_cycle.history_["loss"], with_decay.history_["loss"], rtol=1e-4
        )

    def test_set_during_a_cycle_warns_that_the_cycle_ended(self, make, kind, digits):
        late = SetsRate("on_epoch_begin", start=2)
        network = make(kind, callbacks=[late], epochs=4, learning_rate=0.01)
        with pytest.warns(UserWarning, match=r"after 2 of 4.*='constant'") as seen:
            network.fit(*digits)
        assert [w.filename for w in seen] == [__file__]

    def test_is_kept_by_warm_start(self, make, digits, network_weights):
        network = make("ann", epochs=1, warm_start=True).fit(*digits)
        before = network_weights(network)
        network.set_params(callbacks=[SetsRate("on_train_begin")]).fit(*digits)
        assert_array_equal(network_weights(network), before)

    @pytest.mark.parametrize(
        "change",
        [
            lambda network: setattr(network, "optimizer", keras.optimizers.SGD(0.1)),
            lambda network: setattr(
                network.optimizer,
                "learning_rate",
                keras.optimizers.schedules.CosineDecay(0.01, 100),
            ),
        ],
    )
    def test_training_resumes_after_a_callback_changed_the_optimizer(
        self, make, digits, change
    ):
        callback = keras.callbacks.LambdaCallback(
            on_train_begin=lambda logs: change(callback.model)
        )
        network = make("ann", warm_start=True, callbacks=[callback]).fit(*digits)
        network.fit(*digits).set_params(callbacks=None).fit(*digits).partial_fit(
            *digits
        )
        assert network.n_epochs_ == 3 * 8 + 1
        assert network.score(*digits) > 0.9

    def test_is_kept_in_compiled_training(self, make, digits, network_weights, log):
        callbacks = [log, SetsRate("on_epoch_begin")]
        params = {"batch_size": 2, "epochs": 9}
        network = make("ann", callbacks=callbacks, **params).fit(*digits)
        first = np.concatenate([w.ravel() for w in log.first_weights])
        assert_array_equal(network_weights(network), first)


class Counts(keras.callbacks.Callback):
    """Record the numbers of the batches."""

    def __init__(self):
        super().__init__()
        self.numbers = []

    def on_train_batch_end(self, batch, logs=None):
        self.numbers.append(batch)


class TestBatches:
    def test_are_numbered_as_in_keras(self, make, digits):
        counts = Counts()
        make("ann", callbacks=[counts], epochs=2, batch_size=32).fit(*digits)
        assert counts.numbers == [*range(8), *range(8)]
        assert counts.params["steps"] == 8

    def test_are_passed_to_a_lambda_callback(self, make, digits):
        numbers = []
        callback = keras.callbacks.LambdaCallback(
            on_train_batch_begin=lambda batch, logs: numbers.append(batch)
        )
        make("ann", callbacks=[callback], epochs=1, batch_size=32).fit(*digits)
        assert numbers == list(range(8))

    def test_save_checkpoints_by_save_freq(self, make, digits, tmp_path):
        path = str(tmp_path / "{epoch}-{batch}.weights.h5")
        checkpoint = keras.callbacks.ModelCheckpoint(
            path, save_weights_only=True, save_freq=6
        )
        make("ann", callbacks=[checkpoint], epochs=2, batch_size=32).fit(*digits)
        assert len(list(tmp_path.iterdir())) == 2

    @pytest.mark.parametrize(
        "params",
        [{"epochs": 3}, {"epochs": 17, "batch_size": 4, "batch_normalization": True}],
        ids=["eager", "compiled"],
    )
    def test_do_not_change_the_result_when_observed(self, make, digits, params):
        X, y = np.tile(digits[0], (3, 1)), np.tile(digits[1], 3)
        params = {"dropout": 0.2, **params}
        seen = make("ann", callbacks=[Counts()], **params).fit(X, y)
        unseen = make("ann", **params).fit(X, y)
        assert_array_equal(seen.predict_proba(X), unseen.predict_proba(X))
        assert seen.history_ == unseen.history_


class Freeze(keras.callbacks.Callback):
    """Freeze a layer during one epoch, and record its weights."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.kernels = epoch, []

    def on_epoch_begin(self, epoch, logs=None):
        layer = self.model.layers[0]
        layer.trainable = epoch != self.epoch
        self.kernels.append(layer.get_weights()[0])


@pytest.mark.parametrize("params", [{}, {"batch_size": 2}], ids=["eager", "compiled"])
def test_a_layer_frozen_by_a_callback_stays_frozen(make, digits, params):
    freeze = Freeze(3)
    network = make("ann", callbacks=[freeze], epochs=9, **params).fit(*digits)
    moved = [
        np.any(one != other)
        for one, other in zip(freeze.kernels, freeze.kernels[1:], strict=False)
    ]
    assert moved == [True] * 3 + [False] + [True] * 4
    assert network.score(*digits) > 0.5


def test_freezing_a_layer_of_the_model_does_not_change_predictions(make, kind, digits):
    network = make(kind, epochs=1, batch_normalization=True).fit(*digits)
    expected = network.predict_proba(digits[0][:20]), network.predict_proba(digits[0])
    network.model_.layers[0].trainable = False
    other = pickle.loads(pickle.dumps(network))
    for one in (network, other):
        assert_allclose(one.predict_proba(digits[0][:10]), expected[0][:10], rtol=1e-5)
        assert_array_equal(one.predict_proba(digits[0]), expected[1])


class Saves(keras.callbacks.Callback):
    """Save the network in each way that Keras has."""

    def __init__(self, folder, X):
        super().__init__()
        self.folder, self.X = folder, X

    def on_train_end(self, logs=None):
        self.model.save(self.folder / "saved.keras")
        keras.saving.save_model(self.model, self.folder / "function.keras")
        (self.folder / "network.json").write_text(self.model.to_json())
        self.model.save_weights(self.folder / "network.weights.h5")
        self.iterations = int(self.model.optimizer.iterations)
        np.save(self.folder / "X.npy", self.X)
        np.save(self.folder / "p.npy", self.model.predict(self.X, verbose=0))


LOAD = """
import pathlib, sys
import keras, numpy as np
folder = pathlib.Path(sys.argv[1])
models = [keras.models.load_model(folder / f"{n}.keras") for n in ("saved", "function")]
for model in models:
    print(int(model.optimizer.iterations), type(model.optimizer).__name__)
models.append(keras.models.model_from_json((folder / "network.json").read_text()))
models[2].load_weights(folder / "network.weights.h5")
X, p = np.load(folder / "X.npy"), np.load(folder / "p.npy")
for model in models:
    assert np.allclose(model.predict(X, verbose=0), p, atol=1e-6)
models[0].fit(X, p, verbose=0)
print(type(models[0]).__module__, "skdigits" in sys.modules)
"""


def test_keras_loads_what_a_callback_saves_without_skdigits(
    make, digits, run_python, tmp_path
):
    saves = Saves(tmp_path, digits[0])
    params = {"dropout": 0.2, "batch_normalization": True, "batch_size": 2}
    make("ann", callbacks=[saves], epochs=9, **params).fit(*digits)  # with XLA
    lines = run_python(LOAD, tmp_path)[0].splitlines()
    assert lines[:2] == 2 * [f"{saves.iterations} Adam"]
    assert lines[2].startswith("keras.")
    assert lines[2].endswith(" False")
