"""The training loop against independent computations of the same thing."""

import random

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdigits.estimators._keras.fit_plan import FitPlan
from skdigits.estimators._keras.network import DigitNetwork

LOSS = "categorical_crossentropy"


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def targets(digits):
    return np.eye(10)[digits[1]]


@pytest.mark.parametrize("weighted", [False, True])
def test_a_full_batch_is_one_step_of_gradient_descent(
    make, digits, targets, log, weighted
):
    X, y = digits
    weight = np.random.default_rng(0).random(240) if weighted else np.ones(240)
    network = make(
        "ann",
        hidden_layer_sizes=(),
        optimizer="sgd",
        learning_rate=0.5,
        learning_rate_schedule="constant",
        batch_size=240,
        epochs=1,
        precision="float64",
        callbacks=[log],
    ).fit(X, y, sample_weight=weight if weighted else None)
    kernel, bias = log.first_weights
    error = weight[:, None] * (softmax(X @ kernel + bias) - targets) / weight.sum()
    kernel, bias = kernel - 0.5 * X.T @ error, bias - 0.5 * error.sum(axis=0)
    got_kernel, got_bias = network.model_.get_weights()
    assert_allclose(got_kernel, kernel, rtol=1e-9, atol=1e-12)
    assert_allclose(got_bias, bias, rtol=1e-9, atol=1e-12)
    assert_allclose(
        network.predict_proba(X), softmax(X @ kernel + bias), rtol=1e-9, atol=1e-12
    )


def layers(*, normalized=False):
    """Return the layers of a network with fixed initial weights."""

    def dense(units, seed):
        start = keras.initializers.GlorotUniform(seed=seed)
        return keras.layers.Dense(units, dtype="float64", kernel_initializer=start)

    normalization = keras.layers.BatchNormalization(dtype="float64")
    return [
        keras.Input((64,), dtype="float64"),
        dense(12, seed=1),
        *([normalization] if normalized else []),
        keras.layers.Activation("relu", dtype="float64"),
        dense(10, seed=2),
        keras.layers.Softmax(dtype="float64"),
    ]


@pytest.mark.parametrize(
    ("n_samples", "normalized", "jit_compile", "optimizer"),
    [
        (240, False, False, "adam"),
        (233, False, False, "adam"),
        (233, False, True, "adam"),
        (233, False, False, "sgd"),
        (224, True, False, "adam"),
        (224, True, True, "sgd"),
    ],
)
def test_training_equals_that_of_keras(
    digits, targets, n_samples, normalized, jit_compile, optimizer
):
    X, y = digits[0][:n_samples].astype("float64"), targets[:n_samples]
    X_val, y_val = digits[0][:50].astype("float64"), targets[:50]
    how = {"epochs": 3, "batch_size": 32, "verbose": 0}
    ours = DigitNetwork(layers(normalized=normalized))
    ours.compile(keras.optimizers.get(optimizer), loss=LOSS, jit_compile=jit_compile)
    history = ours.fit(
        X,
        y,
        plan=FitPlan(shuffle_seed=None),
        validation_data=(X_val, y_val, np.ones(50)),
        **how,
    )
    keras_own = keras.Sequential(layers(normalized=normalized))
    keras_own.compile(optimizer, LOSS, metrics=["accuracy"], jit_compile=False)
    expected = keras_own.fit(X, y, shuffle=False, validation_data=(X_val, y_val), **how)
    for got, weight in zip(ours.get_weights(), keras_own.get_weights(), strict=True):
        assert_allclose(got, weight, rtol=1e-5, atol=1e-7)
    assert set(history.history) == set(expected.history)
    for name, values in expected.history.items():
        assert_allclose(history.history[name], values, rtol=1e-5)


def test_many_updates_equal_few(make, zeros_and_ones):
    """XLA compiles trainings with many updates, which must not change the result."""
    X, y = zeros_and_ones
    params = {"hidden_layer_sizes": 4, "batch_size": 1, "learning_rate": 0.001}
    params["learning_rate_schedule"] = "constant"
    many = make("ann", epochs=5_000 // len(X) + 1, **params).fit(X, y)
    few = make("ann", epochs=3, **params).fit(X, y)
    assert many.score(X, y) == 1
    assert_allclose(many.history_["loss"][:3], few.history_["loss"], rtol=1e-4)


@pytest.fixture(scope="module")
def network(digits, targets):
    network = DigitNetwork(layers())
    network.compile(keras.optimizers.Adam(), loss=LOSS, jit_compile=False)
    network.fit(digits[0].astype("float64"), targets, epochs=2, verbose=0)
    return network


class TestDigitNetwork:
    def test_can_be_evaluated_by_keras(self, network, digits, targets):
        X = digits[0].astype("float64")
        probabilities = network.predict(X, verbose=0)
        loss, accuracy = network.evaluate(X, targets, verbose=0)
        own_loss = -np.log(probabilities[targets == 1]).mean()
        assert_allclose(loss, own_loss, rtol=1e-5)
        right = probabilities.argmax(axis=1) == digits[1]
        assert_allclose(accuracy, right.mean(), rtol=1e-5)

    def test_has_a_configuration(self, network, digits):
        other = DigitNetwork.from_config(network.get_config())
        other.set_weights(network.get_weights())
        X = digits[0].astype("float64")
        assert_array_equal(other.predict(X, verbose=0), network.predict(X, verbose=0))


class TestFirstWeights:
    def test_are_drawn_within_the_bounds_of_glorot(self, make, digits, log):
        make("cnn", filters=(8, 16), callbacks=[log], epochs=1).fit(*digits)
        kernels = [w for w in log.first_weights if w.ndim > 1]
        shapes = [w.shape for w in kernels]
        assert shapes == [(3, 3, 1, 8), (3, 3, 8, 16), (64, 16), (16, 10)]
        bounds = np.sqrt([6 / (9 * 9), 6 / (9 * 24), 6 / 80, 6 / 26])
        for kernel, bound in zip(kernels, bounds, strict=True):
            assert 0.9 * bound < np.abs(kernel).max() <= bound
            assert abs(kernel.std() / (bound / np.sqrt(3)) - 1) < 0.2

    def test_are_zero_or_one_except_in_kernels(self, make, digits, log):
        make("ann", batch_normalization=True, callbacks=[log], epochs=1).fit(*digits)
        others = [w for w in log.first_weights if w.ndim == 1]
        assert [set(w.tolist()) for w in others] == [{1.0}, {0.0}, {0.0}, {1.0}, {0.0}]


class TestModel:
    def test_predicts_as_the_classifier_does(self, fitted, digits):
        X = digits[0].reshape(-1, *fitted.model_.input_shape[1:])
        assert_allclose(
            fitted.model_.predict(X, verbose=0),
            fitted.predict_proba(digits[0]),
            rtol=1e-5,
            atol=1e-7,
        )

    def test_can_be_loaded_without_skdigits(self, run_python, cnn, tmp_path):
        X = np.linspace(0, 1, 64, dtype="float32").reshape(1, 8, 8, 1)
        cnn.model_.save(tmp_path / "digits.keras")
        code = (
            "import sys, keras, numpy as np\n"
            "model = keras.models.load_model(sys.argv[1])\n"
            "X = np.linspace(0, 1, 64, dtype='float32').reshape(1, 8, 8, 1)\n"
            "print(*model.predict(X, verbose=0)[0])\n"
            "print('skdigits' in sys.modules)\n"
        )
        numbers, loaded = run_python(code, tmp_path / "digits.keras")[0].splitlines()
        got = np.array(numbers.split(), dtype=float)
        assert_allclose(got, cnn.predict_proba(X)[0], rtol=1e-4)
        assert loaded == "False"

    def test_has_initializers_that_let_a_copy_learn(self, make, kind, digits):
        state = random.getstate()
        model = make(kind, epochs=1).fit(*digits).model_
        assert random.getstate() == state
        X = digits[0].reshape(-1, *model.input_shape[1:])
        for copied in (
            keras.models.clone_model(model),
            keras.models.model_from_json(model.to_json()),
            keras.Sequential.from_config(model.get_config()),
        ):
            copied.compile(
                keras.optimizers.Adam(0.01),
                "sparse_categorical_crossentropy",
                metrics=["accuracy"],
            )
            history = copied.fit(X, digits[1], epochs=8, batch_size=8, verbose=0)
            assert history.history["accuracy"][-1] > 0.3

    def test_is_the_same_object_at_every_access(self, fitted):
        assert fitted.model_ is fitted.model_

    def test_new_weights_are_used_in_prediction_and_further_training(
        self, make, kind, digits, fitted
    ):
        network = make(kind, epochs=1).fit(*digits)
        network.model_.set_weights(fitted.model_.get_weights())
        expected = fitted.predict_proba(digits[0])
        assert_array_equal(network.predict_proba(digits[0]), expected)
        network.set_params(optimizer="sgd", learning_rate=1e-30).partial_fit(*digits)
        assert_array_equal(network.predict_proba(digits[0]), expected)

    @pytest.mark.parametrize("n_samples", [1, 240])
    def test_predicts_without_an_optimizer(self, make, kind, digits, n_samples):
        network = make(kind, epochs=1, warm_start=True).fit(*digits)
        X = digits[0][:n_samples]
        expected = network.predict_proba(X)
        network.model_.optimizer = None
        assert_array_equal(network.predict_proba(X), expected)

    def test_has_the_optimizer_of_the_training(self, make, digits):
        network = make("ann", optimizer="nadam", learning_rate=0.25, epochs=1)
        optimizer = network.fit(*digits).model_.optimizer
        assert isinstance(optimizer, keras.optimizers.Nadam)
        assert float(optimizer.learning_rate) == 0.25
