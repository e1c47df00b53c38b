"""Reused networks train faster, with the same results."""

import gc
import weakref

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdigits.estimators._keras import network, training, xla_session
from skdigits.estimators._keras.cache import borrowed


class TestBorrowed:
    def test_a_returned_item_is_reused(self):
        key, made = object(), []
        for _ in range(3):
            with borrowed(key, lambda: made.append(0) or [len(made)], print) as thing:
                assert thing == [1]

    def test_an_item_has_one_user_at_a_time(self):
        to_lend = object(), lambda: [0], print
        with borrowed(*to_lend) as one, borrowed(*to_lend) as other:
            assert one is not other

    def test_a_failed_item_is_not_reused(self):
        key, discarded = object(), []
        to_lend = key, lambda: ["bad"], discarded.append
        with pytest.raises(RuntimeError), borrowed(*to_lend):
            raise RuntimeError
        assert discarded == [["bad"]]
        with borrowed(key, lambda: ["new"], print) as thing:
            assert thing == ["new"]

    def test_the_size_is_limited(self):
        first, made, discarded = object(), [], []
        for key in (first, *(object() for _ in range(20)), first):
            with borrowed(key, lambda: made.append(0) or len(made), discarded.append):
                pass
        assert len(made) == 22
        assert discarded[-18:] == list(range(1, 19))


@pytest.fixture
def traces(monkeypatch):
    """Return a list that grows whenever a training step is traced."""
    traced = []
    step = network.DigitNetwork.train_step

    def train_step(self, stack):
        traced.append(self)
        return step(self, stack)

    monkeypatch.setattr(network.DigitNetwork, "train_step", train_step)
    return traced


def test_a_second_fit_is_not_traced(make, kind, digits, traces):
    X, y = digits
    params = {"hidden_layer_sizes": 11, "epochs": 1}
    make(kind, **params).fit(X, y)
    assert len(traces) == 1
    for seed in range(3):
        make(kind, learning_rate=0.1 * (seed + 1), random_state=seed, **params).fit(
            X, y
        )
    assert len(traces) == 1
    make(kind, **{**params, "hidden_layer_sizes": 12}).fit(X, y)
    assert len(traces) == 2


def test_another_schedule_is_not_traced_again(make, digits, traces):
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 60)
    params = {"hidden_layer_sizes": 13, "epochs": 1, "learning_rate": None}
    for _ in range(2):
        make("ann", optimizer=keras.optimizers.Adam(schedule), **params).fit(*digits)
    assert len(traces) == 1


def test_fits_in_between_do_not_change_the_result(make, kind, digits, fitted):
    X, y = digits
    make(kind, learning_rate=0.5, random_state=7).fit(X[::-1], y)
    again = make(kind).fit(X, y)
    assert again.history_ == fitted.history_
    assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


class Keep(keras.callbacks.Callback):
    """Keep a reference to the network after training, and freeze its first layer."""

    def on_train_end(self, logs=None):
        self.kept = self.model
        self.model.layers[0].trainable = False


def test_changes_by_a_callback_do_not_affect_later_fits(make, digits, ann):
    X, y = digits
    keep = Keep()
    make("ann", callbacks=[keep]).fit(X, y)
    weights = keep.kept.get_weights()
    make("ann", random_state=1).fit(X, y)
    for before, after in zip(weights, keep.kept.get_weights(), strict=True):
        assert_array_equal(before, after)
    assert_array_equal(make("ann").fit(X, y).predict_proba(X), ann.predict_proba(X))


class FailLater(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise RuntimeError("too late")


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_failed_fit_does_not_change_the_weights(make, kind, digits, method):
    X, y = digits
    network = make(kind, epochs=2, warm_start=True).fit(X, y)
    before, history = network.predict_proba(X), network.history_
    network.set_params(callbacks=[FailLater()])
    with pytest.raises(RuntimeError, match="too late"):
        getattr(network, method)(X, y)
    assert_array_equal(network.predict_proba(X), before)
    assert network.history_ == history
    assert np.isfinite(network.model_.get_weights()[0]).all()


def test_networks_that_are_not_kept_are_freed_at_once(make, digits, monkeypatch):
    X, y = digits
    monkeypatch.setattr(training, "_UPDATES_WORTH_XLA", 0)
    sessions, variables = weakref.WeakSet(), []
    load = xla_session.XlaSession.load

    def seen(self):
        sessions.add(self)
        variables.append(self._variables[0])
        load(self)

    monkeypatch.setattr(xla_session.XlaSession, "load", seen)
    gc.collect()
    gc.disable()
    try:
        for n in range(21, 29):
            make("ann", hidden_layer_sizes=n, epochs=1).fit(X, y)
        assert len(sessions) == 4
        sizes = [variable.numpy().size for variable in variables]
        assert sizes == [0, 0, 0, 0, 64 * 25, 64 * 26, 64 * 27, 64 * 28]
    finally:
        gc.enable()
