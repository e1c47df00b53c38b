"""Optimizers: the fused Adam does what Keras' Adam does."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose

from skdigits.estimators._optimizers import (
    FusedAdam,
    make_optimizer,
    optimizer_recipe,
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
def test_fused_adam_is_adam(settings, dtype):
    fused = train(FusedAdam(**settings), dtype)
    plain = train(keras.optimizers.Adam(**settings), dtype)
    for ours, theirs in zip(fused, plain, strict=True):
        assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "Adam", keras.optimizers.Adam(0.1)])
def test_adam_is_made_fused_where_that_is_asked_for(optimizer):
    recipe = optimizer_recipe(optimizer, None)
    assert type(make_optimizer(recipe, fused=True)) is FusedAdam
    assert type(make_optimizer(recipe)) is keras.optimizers.Adam


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", keras.optimizers.Nadam()])
def test_others_stay_what_they_are(optimizer):
    recipe = optimizer_recipe(optimizer, None)
    assert type(make_optimizer(recipe, fused=True)) is type(make_optimizer(recipe))
