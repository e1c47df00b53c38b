"""Training in a session of TensorFlow: same results, and its memory is freed."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits

from skdigits import ANNClassifier
from skdigits.estimators._keras.fit_plan import FitPlan
from skdigits.estimators._keras.network import DigitNetwork

TEN_NETWORKS = """
import ctypes, gc
from sklearn.datasets import load_digits
from skdigits import ANNClassifier


def megabytes():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # count only the memory in use
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


X, y = load_digits(return_X_y=True)
for i in range(10):
    ANNClassifier((40 + i, 30), dropout=0.2, epochs=10, batch_size=8).fit(
        X[:850] / 16, y[:850]
    )
    if i == 4:
        before = megabytes()
print(megabytes() - before)
"""


@pytest.fixture(scope="module")
def many_digits():
    """Return enough images for two stacks per epoch."""
    X, y = load_digits(return_X_y=True)
    return X[:1100] / 16, y[:1100]


@pytest.fixture(scope="module")
def one_hot(many_digits):
    """Return the images and one-hot labels in the form that a network expects."""
    X, y = many_digits
    return X.astype("float32"), np.eye(10, dtype="float32")[y]


class Weights(keras.callbacks.Callback):
    """Record the weights after each batch and at the end of each epoch."""

    def __init__(self, interrupt_at=None):
        super().__init__()
        self.interrupt_at = interrupt_at
        self.by_stack, self.by_epoch = [], []

    def on_train_batch_end(self, batch, logs=None):
        self.by_stack.append(self.model.get_weights()[0])
        if len(self.by_stack) == self.interrupt_at:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        self.by_epoch.append(self.model.get_weights()[0])


def compiled(callbacks, data):
    params = {"epochs": 5, "batch_size": 4, "dropout": 0.2, "batch_normalization": True}
    ann = ANNClassifier(16, random_state=0, callbacks=callbacks, **params)
    return ann.fit(*data)  # 1,375 updates, which XLA compiles


def test_a_callback_within_an_epoch_sees_the_current_weights(many_digits):
    weights = Weights()
    ann = compiled([weights], many_digits)
    assert len(weights.by_stack) == 5 * 275
    pairs = zip(weights.by_stack, weights.by_stack[1:], strict=False)
    assert all(np.any(one != next_one) for one, next_one in pairs)
    assert_array_equal(weights.by_stack[274::275], weights.by_epoch)
    assert_array_equal(ann.model_.get_weights()[0], weights.by_epoch[-1])


def test_observing_does_not_change_the_result(many_digits):
    seen, unseen = compiled([Weights()], many_digits), compiled(None, many_digits)
    assert seen.history_ == unseen.history_
    for one, other in zip(
        seen.model_.get_weights(), unseen.model_.get_weights(), strict=True
    ):
        assert_array_equal(one, other)


def network(optimizer="adam"):
    start = keras.initializers.GlorotUniform(seed=0)
    network = DigitNetwork(
        [
            keras.Input((64,)),
            keras.layers.Dense(10, "softmax", kernel_initializer=start),
        ]
    )
    network.compile(
        keras.optimizers.get(optimizer),
        loss="categorical_crossentropy",
        jit_compile=True,
    )
    return network


def test_an_interrupted_epoch_is_kept(one_hot):
    X, y = one_hot
    interrupted = []
    for is_observed in (False, True):
        one = network()
        weights = Weights(interrupt_at=3)
        plan = FitPlan(callbacks=[weights], is_observed=is_observed)
        with pytest.raises(KeyboardInterrupt):
            one.fit(X, y, plan=plan, epochs=5, verbose=0)
        assert np.any(one.get_weights()[0] != weights.by_epoch[0])
        interrupted.append(one.get_weights())
    assert_array_equal(interrupted[0][0], interrupted[1][0])


class InterruptFirst(keras.callbacks.Callback):
    """Simulate Ctrl-C before the first stack."""

    def on_epoch_begin(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_an_interrupted_start_does_not_use_the_weights_of_the_previous_fit(one_hot):
    X, y = one_hot
    one, plan = network(), FitPlan(is_observed=False)
    fresh = one.get_weights()
    one.fit(X, y, plan=plan, epochs=1, verbose=0)
    one.set_weights(fresh)
    plan = plan._replace(callbacks=[InterruptFirst()])
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y, plan=plan, epochs=1, verbose=0)
    assert_array_equal(one.get_weights()[0], fresh[0])


def test_a_learning_rate_set_by_a_callback_is_used(one_hot):
    X, y = one_hot
    stop = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3 * (epoch < 2))
    weights = Weights()
    one = network()
    one.fit(X, y, epochs=3, verbose=0, callbacks=[stop, weights])
    assert np.any(weights.by_epoch[0] != weights.by_epoch[1])
    assert_array_equal(weights.by_epoch[1], weights.by_epoch[2])


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that holds a tensor instead of a variable."""

    rate = tf.constant(0.5)

    def __call__(self, step):
        return self.rate / 2.0 ** tf.cast(step // 100, "float32")


def test_a_schedule_may_hold_a_tensor(one_hot):
    X, y = one_hot
    one = network(keras.optimizers.SGD(Halving()))
    one.fit(X, y, epochs=3, verbose=0)
    assert one.evaluate(X, y, verbose=0)[1] > 0.5
    assert float(one.optimizer.learning_rate) == pytest.approx(0.25)


@pytest.mark.slow
def test_memory_does_not_grow_with_compiled_networks(run_python):
    output, _ = run_python(TEN_NETWORKS)
    assert float(output) < 40
