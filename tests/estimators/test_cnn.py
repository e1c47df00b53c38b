"""The convolutional classifier."""

import pickle

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV


def kinds_of_layers(network):
    return [type(layer).__name__ for layer in network.model_.layers]


def test_learns_digits(make, digits, more_digits):
    network = make("cnn", epochs=25).fit(*digits)
    assert network.score(*digits) > 0.85
    assert network.score(*more_digits) > 0.75


def test_layers_follow_the_parameters(make, digits):
    network = make(
        "cnn",
        filters=[3, 5],
        kernel_size=(5, 3),
        hidden_layer_sizes=(7,),
        dropout=(0.1, 0, 0.2),
        batch_normalization=True,
        epochs=1,
    ).fit(*digits)
    convolution = ["Conv2D", "BatchNormalization", "MaxPooling2D", "Activation"]
    assert kinds_of_layers(network) == [
        *convolution,
        "Dropout",
        *convolution,
        "Flatten",
        "Dense",
        "BatchNormalization",
        "Activation",
        "Dropout",
        "Dense",
        "Softmax",
    ]
    shapes = [w.shape for w in network.model_.get_weights() if w.ndim > 1]
    assert shapes == [(5, 5, 1, 3), (3, 3, 3, 5), (20, 7), (7, 10)]


def test_each_hidden_layer_has_its_activation(make, digits):
    network = make(
        "cnn",
        filters=(2, 3),
        hidden_layer_sizes=(5,),
        activation=(None, "tanh", "relu"),
        epochs=1,
    ).fit(*digits)
    names = "conv_1_activation", "conv_2_activation", "dense_1_activation"
    layers = [network.model_.get_layer(name) for name in names]
    assert [layer.activation.__name__ for layer in layers] == ["linear", "tanh", "relu"]


@pytest.mark.parametrize("filters", [((2, 3), (4,)), [[2, 3], 4]])
def test_a_block_of_convolutions_has_one_pool_and_one_dropout(make, digits, filters):
    network = make(
        "cnn",
        filters=filters,
        kernel_size=(5, 3, 1),
        hidden_layer_sizes=(7,),
        activation=(None, "tanh", "sigmoid", "relu"),
        dropout=(0.1, 0.2, 0.3),
        batch_normalization=True,
        epochs=1,
    ).fit(*digits)
    layers = [layer.name for layer in network.model_.layers]
    assert layers == [
        "conv_1",
        "conv_1_normalization",
        "conv_1_activation",
        "conv_2",
        "conv_2_normalization",
        "conv_2_pool",
        "conv_2_activation",
        "conv_2_dropout",
        "conv_3",
        "conv_3_normalization",
        "conv_3_pool",
        "conv_3_activation",
        "conv_3_dropout",
        "flatten",
        "dense_1",
        "dense_1_normalization",
        "dense_1_activation",
        "dense_1_dropout",
        "logits",
        "probabilities",
    ]
    layers = network.model_.layers
    shapes = [w.shape for w in network.model_.get_weights() if w.ndim > 1]
    assert shapes == [(5, 5, 1, 2), (3, 3, 2, 3), (1, 1, 3, 4), (16, 7), (7, 10)]
    names = [a.activation.__name__ for a in layers if a.name.endswith("activation")]
    assert names == ["linear", "tanh", "sigmoid", "relu"]
    assert [d.rate for d in layers if d.name.endswith("dropout")] == [0.1, 0.2, 0.3]


def test_a_block_of_one_convolution_equals_its_number(make, digits):
    X, y = digits
    flat = make("cnn", filters=(3, 4), epochs=1).fit(X, y)
    nested = make("cnn", filters=((3,), (4,)), epochs=1).fit(X, y)
    assert_array_equal(nested.predict_proba(X), flat.predict_proba(X))


@pytest.mark.parametrize("hidden_layer_sizes", [(), (5,)])
def test_global_average_pooling_leaves_one_value_for_each_filter(
    make, digits, hidden_layer_sizes
):
    network = make(
        "cnn",
        filters=(3, 4),
        global_average_pooling=True,
        hidden_layer_sizes=hidden_layer_sizes,
        epochs=1,
    ).fit(*digits)
    assert "Flatten" not in kinds_of_layers(network)
    means = network.model_.get_layer("global_average_pooling")
    assert means.output.shape == (None, 4)
    feature_maps = keras.Model(network.model_.inputs[0], means.input)
    images = digits[0][:5].reshape(-1, 8, 8, 1)
    expected = feature_maps.predict(images, verbose=0).mean(axis=(1, 2))
    assert_allclose(means(feature_maps(images)), expected, rtol=1e-5)


DEEP = {"filters": ((4, 4), 6), "global_average_pooling": True, "dropout": 0.1}


@pytest.mark.parametrize("precision", ["bfloat16", "float32", "float64"])
def test_a_deep_network_learns_digits(make, digits, more_digits, precision):
    network = make("cnn", **{**DEEP, "filters": ((8, 8), 16)}, epochs=40)
    network.set_params(precision=precision).fit(*digits)
    assert network.score(*more_digits) > 0.7


def test_a_deep_network_is_resumed_pickled_and_saved(make, digits, tmp_path):
    X, y = digits
    network = make("cnn", **DEEP, warm_start=True, epochs=1).fit(X, y)
    copied = pickle.loads(pickle.dumps(network)).fit(X, y)
    network.fit(X, y)
    assert_array_equal(copied.predict_proba(X), network.predict_proba(X))
    network.partial_fit(X, y)
    assert network.n_epochs_ == 3
    network.model_.save(tmp_path / "deep.keras")
    saved = keras.models.load_model(tmp_path / "deep.keras")
    images = X.reshape(-1, 8, 8, 1)
    assert_allclose(saved.predict(images, verbose=0), network.predict_proba(X), 1e-4)
    with pytest.raises(ValueError, match="must stay 'conv_1_activation', .*_1_pool'"):
        network.set_params(filters=(4, 4, 6)).fit(X, y)
    network.set_params(filters=DEEP["filters"], global_average_pooling=False)
    with pytest.raises(ValueError, match="stay 'global_average_pooling', .*'flatten'"):
        network.fit(X, y)


def test_grid_search_over_blocks(make, digits):
    choices = [(4,), ((4, 4),), ((4, 4), (4, 4))]
    grid = {"filters": choices, "global_average_pooling": [False, True]}
    search = GridSearchCV(make("cnn", epochs=1), grid, cv=2, error_score="raise")
    search.fit(*digits)
    tried = [params["filters"] for params in search.cv_results_["params"]]
    assert tried == [filters for filters in choices for _ in range(2)]
    best = clone(search.best_estimator_)
    assert best.get_params()["filters"] == search.best_params_["filters"]


def test_has_the_number_of_weights_of_the_same_keras_network(make, digits):
    layers = keras.layers
    by_hand = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3),
            layers.MaxPooling2D(3),
            layers.Conv2D(16, 3),
            layers.MaxPooling2D(3),
            layers.Flatten(),
            layers.Dense(300, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    X, y = digits
    images = np.pad(X.reshape(-1, 8, 8), [(0, 0), (10, 10), (10, 10)])
    network = make(
        "cnn",
        filters=(32, 16),
        padding="valid",
        pool_size=3,
        hidden_layer_sizes=(300,),
        activation=(None, None, "relu"),
        epochs=1,
    ).fit(images, y)
    assert network.n_weights_ == by_hand.count_params() == 27_454
    by_hand.set_weights(network.model_.get_weights())
    expected = by_hand.predict(images[..., None], verbose=0)
    assert_allclose(network.predict_proba(images), expected, rtol=1e-4, atol=1e-6)


def test_without_convolutions_or_dense_layers(make, digits):
    network = make("cnn", filters=(), hidden_layer_sizes=(), epochs=1).fit(*digits)
    assert kinds_of_layers(network) == ["Flatten", "Dense", "Softmax"]


def test_a_pool_size_of_one_does_not_pool(make, digits):
    network = make("cnn", filters=(2, 2, 2, 2), pool_size=1, epochs=1).fit(*digits)
    assert "MaxPooling2D" not in kinds_of_layers(network)


class TestImageShape:
    def test_keeps_pixels_in_place(self, cnn, digits):
        X, _ = digits
        assert_allclose(
            cnn.model_.predict(X.reshape(-1, 8, 8, 1), verbose=0),
            cnn.predict_proba(X),
            rtol=1e-4,
            atol=1e-7,
        )

    @pytest.mark.parametrize("image_shape", [(6, 8), [6, 8], np.array([6, 8])])
    def test_is_that_of_non_square_rows(self, make, digits, image_shape):
        X, y = digits
        X = X[:, :48]
        named = make("cnn", image_shape=image_shape, epochs=1).fit(X, y)
        shown = make("cnn", epochs=1).fit(X.reshape(-1, 6, 8), y)
        assert named.image_shape_ == shown.image_shape_ == (6, 8)
        assert_array_equal(named.predict_proba(X), shown.predict_proba(X))

    def test_may_differ_from_the_square(self, make, digits):
        X, y = digits
        network = make("cnn", image_shape=(4, 16), epochs=1).fit(X, y)
        assert network.image_shape_ == (4, 16)
        with pytest.raises(ValueError, match=r"\(4, 16\), as in fit; got .*\(8, 8\)"):
            network.predict(X.reshape(-1, 8, 8))

    @pytest.mark.parametrize(
        ("image_shape", "message"),
        [
            ((8, 9), r"image_shape must be .* 64 pixels.*; got \(8, 9\), which is 72"),
            ((64,), r"image_shape must be two ints .*got \(64,\)"),
            ((8, 8, 1), r"image_shape must be two ints .*got \(8, 8, 1\)"),
            ((8.0, 8.0), r"image_shape must be two ints .*got \(8\.0, 8\.0\)"),
            ((-8, -8), r"image_shape must be two ints .*got \(-8, -8\)"),
            (("8", "8"), r"image_shape must be two ints .*got \('8', '8'\)"),
            (64, "The 'image_shape' parameter of CNNClassifier must be"),
            ("8x8", "The 'image_shape' parameter of CNNClassifier must be"),
        ],
    )
    def test_that_does_not_match_raises(
        self, make, digits, no_training, image_shape, message
    ):
        network = make("cnn", image_shape=image_shape, callbacks=[no_training])
        with pytest.raises(ValueError, match=message):
            network.fit(*digits)

    def test_that_contradicts_the_images_raises(self, make, digits, no_training):
        X, y = digits
        network = make("cnn", image_shape=(4, 16), callbacks=[no_training])
        with pytest.raises(ValueError, match=r"in X, \(8, 8\); got \(4, 16\)"):
            network.fit(X.reshape(-1, 8, 8), y)

    @pytest.mark.parametrize(
        ("width", "canvas"),
        [(1, (8, 8)), (9, (8, 8)), (60, (8, 8)), (63 * 2, (12, 12))],
    )
    def test_rows_that_are_not_images_are_padded(self, make, digits, width, canvas):
        X, y = digits
        X = np.concatenate([X, X], axis=1)[:, :width]
        network = make("cnn", epochs=1).fit(X, y)
        assert network.image_shape_ == canvas
        assert network.n_features_in_ == width
        assert network.predict_proba(X).shape == (240, 10)
        with pytest.raises(ValueError, match=f"{width + 1} features, but .* {width}"):
            network.predict(np.zeros((1, width + 1)))


class TestPools:
    @pytest.mark.parametrize(
        ("params", "message"),
        [
            (
                {"filters": (4, 4), "pool_size": 3},
                "layer 2 must be at least 3x3 .*; got 2x2, from images of 8x8",
            ),
            (
                {"filters": (4, 4, 4, 4)},
                "convolutional layer 4 must be at least 2x2 .*; got 1x1",
            ),
            (
                {"filters": 4, "pool_size": 9},
                "convolutional layer 1 must be at least 9x9 .*; got 8x8",
            ),
            (
                {"filters": (4, 4), "padding": "valid"},
                "convolutional layer 2 must be at least 4x4 .*; got 3x3",
            ),
            (
                {"filters": ((4, 4), (4, 4)), "padding": "valid"},
                "convolutional layer 3 must be at least 3x3 .*; got 2x2",
            ),
        ],
    )
    def test_too_many_for_the_image_size_raise(
        self, make, digits, no_training, params, message
    ):
        network = make("cnn", callbacks=[no_training], **params)
        with pytest.raises(ValueError, match=message):
            network.fit(*digits)

    @pytest.mark.parametrize(
        "params",
        [
            {"filters": (2, 2, 2)},
            {"filters": 2, "pool_size": 8},
            {"filters": (2,) * 5, "pool_size": 1},
            {"filters": (2, 2), "padding": "valid", "kernel_size": (3, 2)},
            {"filters": ((2, 2), (2, 2), (2, 2))},
            {"filters": ((2, 2, 2),), "padding": "valid"},
        ],
        ids=str,
    )
    def test_as_many_as_the_image_size_allows_are_accepted(self, make, digits, params):
        network = make("cnn", epochs=1, **params)
        assert network.fit(*digits).n_epochs_ == 1
