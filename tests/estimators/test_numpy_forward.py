"""NumPy computes the same probabilities as Keras."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdigits.estimators import _numpy_forward
from skdigits.estimators._numpy_forward import (
    FEW_SAMPLES,
    convolved,
    numpy_can,
    numpy_probabilities,
)
from skdigits.estimators._spec import Architecture, NetworkState, layer

EXACT = {"precision": "float64", "epochs": 1}


def assert_same_as_keras(network, X):
    """Compare predictions of a few samples, and of one, with those of Keras."""
    assert len(X) <= FEW_SAMPLES
    assert numpy_can(network._trained.architecture)
    images = X.reshape(-1, *network.model_.input_shape[1:])
    expected = network.model_.predict(images, verbose=0)
    assert_allclose(network.predict_proba(X), expected, rtol=1e-7)
    assert_allclose(network.predict_proba(X[3:4]), expected[3:4], rtol=1e-7)


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
def test_activations(make, kind, digits, activation):
    X, y = digits
    assert_same_as_keras(make(kind, activation=activation, **EXACT).fit(X, y), X[:9])


def test_activations_of_each_layer(make, digits):
    X, y = digits
    network = make(
        "cnn",
        filters=(4, 6),
        hidden_layer_sizes=(9, 7),
        activation=(None, "tanh", "relu", None),
        **EXACT,
    )
    assert_same_as_keras(network.fit(X, y), X[:9])


@pytest.mark.parametrize(
    ("kernel_size", "pool_size", "side"),
    [(1, 2, 8), (2, 1, 8), (3, 3, 8), (4, 2, 7), (5, 2, 8)],
)
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_convolutions(make, digits, kernel_size, padding, pool_size, side):
    X, y = digits
    X = X[:, : side * side]
    sizes = {"kernel_size": kernel_size, "padding": padding, "pool_size": pool_size}
    assert_same_as_keras(make("cnn", **sizes, **EXACT).fit(X, y), X[:9])


def test_several_layers_with_normalization_and_dropout(make, kind, digits):
    X, y = digits
    more = {"filters": (4, 6)} if kind == "cnn" else {}
    network = make(
        kind,
        hidden_layer_sizes=(9, 7),
        batch_normalization=True,
        dropout=0.2,
        **more,
        **EXACT,
    )
    assert_same_as_keras(network.fit(X, y), X[:9])


@pytest.mark.parametrize("batch_normalization", [False, True])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_blocks_of_convolutions(make, digits, padding, batch_normalization):
    X, y = digits
    network = make(
        "cnn",
        filters=((3, 4), 5),
        kernel_size=(3, 2, 1),
        activation=("relu", "tanh", None, "relu"),
        padding=padding,
        batch_normalization=batch_normalization,
        dropout=0.2,
        **EXACT,
    )
    assert_same_as_keras(network.fit(X, y), X[:9])


@pytest.mark.parametrize("filters", [(), 1, (4, 5), ((2, 3),)])
@pytest.mark.parametrize("hidden_layer_sizes", [(), (7,)])
def test_global_average_pooling(make, digits, filters, hidden_layer_sizes):
    X, y = digits
    network = make(
        "cnn",
        filters=filters,
        global_average_pooling=True,
        hidden_layer_sizes=hidden_layer_sizes,
        **EXACT,
    )
    assert_same_as_keras(network.fit(X, y), X[:9])


def test_few_and_many_images_get_the_same_probabilities(cnn, digits):
    X, _ = digits
    many = cnn.predict_proba(X)
    few = np.concatenate([cnn.predict_proba(X[i : i + 8]) for i in range(0, 240, 8)])
    assert_allclose(few, many, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("n", [2, 7, FEW_SAMPLES])
def test_the_other_images_do_not_matter(make, kind, digits, n):
    X, y = digits
    network = make(kind, hidden_layer_sizes=(33,), epochs=1).fit(X, y)
    assert_independent(network, X, n)


@pytest.mark.parametrize("filters", [1, 4, ((4, 4), 3)])
@pytest.mark.parametrize("n", [2, 7, FEW_SAMPLES])
def test_the_other_images_do_not_matter_to_means(make, digits, filters, n):
    X, y = digits
    means = {"filters": filters, "pool_size": 1, "global_average_pooling": True}
    assert_independent(make("cnn", **means, epochs=1).fit(X, y), X, n)


def assert_independent(network, X, n):
    """Check that n images have the same probabilities alone and together."""
    alone = np.concatenate([network.predict_proba(X[i : i + 1]) for i in range(n)])
    among_others = network.predict_proba(X[:n][::-1])[::-1]
    np.testing.assert_array_equal(among_others, alone, strict=True)


@pytest.mark.parametrize("n_at_a_time", [100, 10_000])
def test_many_samples_of_a_dense_network(make, digits, monkeypatch, n_at_a_time):
    X, y = digits
    network = make("ann", hidden_layer_sizes=80, **EXACT).fit(X, y)
    expected = network.model_.predict(X, verbose=0)
    monkeypatch.setattr(_numpy_forward, "_DENSE_VALUES", 80 * n_at_a_time)
    assert_allclose(network.predict_proba(X), expected, rtol=1e-7)


def test_a_filter_with_one_weight_reads_the_right_neighbor():
    image = np.arange(9.0).reshape(1, 3, 3, 1)
    kernel = np.zeros((3, 3, 1, 1))
    kernel[0, 1] = 1  # the pixel above
    above = [[0, 0, 0], [0, 1, 2], [3, 4, 5]]
    np.testing.assert_array_equal(convolved(image, kernel, "same")[0, :, :, 0], above)


def test_a_pool_leaves_the_largest_of_its_pixels_and_drops_an_incomplete_row():
    image = np.arange(20.0).reshape(1, 5, 4, 1)
    pooled = convolved(image, np.ones((1, 1, 1, 1)), "same", pool_size=2)
    np.testing.assert_array_equal(pooled[0, :, :, 0], [[5, 7], [13, 15]])


def test_the_images_of_the_caller_are_not_changed(make, kind, digits):
    X, y = digits
    network = make(kind, hidden_layer_sizes=(), activation="relu", epochs=1).fit(X, y)
    X = X[:4].copy()
    before = X.copy()
    network.predict_proba(X)
    np.testing.assert_array_equal(X, before)


def test_a_layer_of_an_unknown_kind_raises():
    normalized = layer("LayerNormalization", "norm"), layer("Softmax", "probabilities")
    architecture = Architecture((3,), normalized, "float32")
    assert not numpy_can(architecture)
    with pytest.raises(KeyError, match="LayerNormalization"):
        numpy_probabilities(architecture, NetworkState([], (), None), np.ones((1, 3)))


def test_the_epsilon_of_batch_normalization_is_that_of_the_layer():
    one = np.ones(1)
    state = NetworkState([one, 0 * one, 0 * one, 3 * one], (True,) * 4, None)
    settings = layer("BatchNormalization", "normalization", epsilon=1.0)
    architecture = Architecture((1,), (settings,), "float64")
    assert numpy_probabilities(architecture, state, np.array([[4.0]])) == 2
