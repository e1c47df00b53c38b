"""Optimizers: what is made of a name or an instance, and how it trains."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from skdigits.estimators._keras import optimizers, training
from skdigits.estimators._keras.optimizers import (
    FusedAdam,
    make_optimizer,
    optimizer_spec,
)


def train(optimizer, dtype="float32"):
    """Return the weights after 50 updates, and the state of the optimizer."""
    rng = np.random.RandomState(0)
    weights = keras.Variable(rng.normal(size=(7, 3)), dtype=dtype)
    optimizer.build([weights])
    for _ in range(50):
        gradient = rng.normal(scale=10.0 ** rng.uniform(-4, 0), size=(7, 3))
        optimizer.apply([tf.constant(gradient, dtype)], [weights])
    return [weights.numpy(), *(v.numpy() for v in optimizer.variables)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3},
        {"amsgrad": True},
        {"clipnorm": 0.1, "weight_decay": 0.01},
        {"use_ema": True, "ema_momentum": 0.5},
        {"gradient_accumulation_steps": 3},
        {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)},
    ],
)
def test_fused_adam_equals_adam(settings, dtype):
    fused = train(FusedAdam(**settings), dtype)
    plain = train(keras.optimizers.Adam(**settings), dtype)
    for ours, theirs in zip(fused, plain, strict=True):
        assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "Adam", keras.optimizers.Adam(0.1)])
def test_adam_is_fused_on_request(optimizer):
    spec = optimizer_spec(optimizer, None, None)
    assert type(make_optimizer(spec, fused=True)) is FusedAdam
    assert type(make_optimizer(spec)) is keras.optimizers.Adam


def test_fused_adam_without_an_attribute_of_adam_uses_the_update_of_keras(monkeypatch):
    monkeypatch.setattr(optimizers, "_OF_ADAM", ("_renamed",))
    monkeypatch.setattr(tf.raw_ops, "ResourceApplyAdam", None)
    got, expected = train(FusedAdam()), train(keras.optimizers.Adam())
    for ours, theirs in zip(got, expected, strict=True):
        assert_array_equal(ours, theirs)


def test_params_equal_those_of_an_instance(updated, network_weights):
    params = {"optimizer_params": {"momentum": 0.9}, "learning_rate": 0.1}
    instance = updated(SGD(0.1, momentum=0.9), learning_rate_schedule="constant")
    named = updated("sgd", learning_rate_schedule="constant", **params)
    assert_array_equal(network_weights(named), network_weights(instance))


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", keras.optimizers.Nadam()])
def test_other_optimizers_are_not_replaced(optimizer):
    spec = optimizer_spec(optimizer, None, None)
    assert type(make_optimizer(spec, fused=True)) is type(make_optimizer(spec))


SGD = keras.optimizers.SGD


@keras.saving.register_keras_serializable(package="skdigits tests")
class WithoutDefaultRate(SGD):
    def __init__(self, learning_rate, **kwargs):
        super().__init__(learning_rate, **kwargs)


def test_an_instance_without_a_default_rate_is_accepted():
    spec = optimizer_spec(WithoutDefaultRate(0.25), None, None)
    assert float(make_optimizer(spec).learning_rate) == 0.25


@pytest.mark.parametrize(
    "make_one",
    [
        lambda name: SGD(keras.optimizers.schedules.CosineDecay(0.1, 90), name=name),
        lambda name: SGD(0.1, name=name),
        lambda name: keras.optimizers.LossScaleOptimizer(SGD(0.1), name=name),
    ],
    ids=["schedule", "number", "wrapped"],
)
def test_equal_instances_have_one_key(make_one):
    spec, other = (optimizer_spec(make_one(name), None, None) for name in "ab")
    make_optimizer(spec)
    assert spec.key == other.key


@pytest.fixture
def updated(make, digits):
    """Return a function that trains with an instance, and returns the classifier."""

    def updated(optimizer, **params):
        params = {"learning_rate": None, "epochs": 3, **params}
        return make("ann", optimizer=optimizer, **params).fit(*digits)

    return updated


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float64"])
def test_scaling_the_loss_does_not_change_the_result(
    updated, network_weights, precision
):
    plain, scaled = (
        network_weights(updated(SGD(0.5, loss_scale_factor=s), precision=precision))
        for s in (None, 4096)
    )
    assert_allclose(scaled, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_updates_worth_xla", [1000, 0])
def test_a_loss_scale_optimizer_may_wrap_another(
    updated, network_weights, digits, monkeypatch, n_updates_worth_xla
):
    monkeypatch.setattr(training, "_UPDATES_WORTH_XLA", n_updates_worth_xla)
    around = keras.optimizers.LossScaleOptimizer(SGD(0.5))
    scaled, plain = updated(around, warm_start=True), updated(SGD(0.5), warm_start=True)
    for _ in range(2):
        assert_allclose(network_weights(scaled), network_weights(plain), atol=1e-5)
        assert scaled.model_.optimizer.iterations == plain.model_.optimizer.iterations
        scaled.fit(*digits)
        plain.fit(*digits)


def test_the_global_dtype_policy_does_not_matter(
    make, kind, fitted, digits, set_in_keras
):
    set_in_keras("dtype_policy", "mixed_float16")
    network = make(kind).fit(*digits)
    expected = fitted.predict_proba(digits[0])
    assert_array_equal(network.predict_proba(digits[0]), expected)
    assert isinstance(network.model_.optimizer, keras.optimizers.Adam)
    images = digits[0].reshape(-1, *network.model_.input_shape[1:])
    got = network.model_.predict(images, verbose=0)
    assert_allclose(got, expected, rtol=1e-5)
