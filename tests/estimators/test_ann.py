"""The fully connected classifier."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal


def kinds_of_layers(network):
    return [type(layer).__name__ for layer in network.model_.layers]


def test_learns_digits(ann, digits, more_digits):
    assert ann.score(*digits) > 0.8
    assert ann.score(*more_digits) > 0.7


def test_layers_follow_the_parameters(make, digits):
    network = make(
        "ann",
        hidden_layer_sizes=[12, 8],
        activation="tanh",
        dropout=(0, 0.5),
        batch_normalization=True,
        epochs=1,
    ).fit(*digits)
    block = ["Dense", "BatchNormalization", "Activation"]
    assert kinds_of_layers(network) == [*block, *block, "Dropout", "Dense", "Softmax"]
    weighted = [layer for layer in network.model_.layers if "kernel" in dir(layer)]
    assert [layer.units for layer in weighted] == [12, 8, 10]
    assert network.model_.get_layer("dense_1_activation").activation.__name__ == "tanh"
    assert network.model_.get_layer("dense_2_dropout").rate == 0.5


def test_activation_none_is_linear(make, digits):
    X, y = digits
    none, linear, each = (
        make("ann", activation=activation, epochs=1).fit(X, y).predict_proba(X)
        for activation in (None, "linear", [None])
    )
    assert_array_equal(none, linear)
    assert_array_equal(each, linear)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), [10]),
        (7, [7, 10]),
        (np.int64(7), [7, 10]),
        (np.array([7, 6]), [7, 6, 10]),
        ([7], [7, 10]),
        ((4, 3, 2), [4, 3, 2, 10]),
    ],
    ids=str,
)
def test_hidden_layer_sizes_may_be_any_sequence_or_an_int(
    make, digits, sizes, expected
):
    network = make("ann", hidden_layer_sizes=sizes, epochs=1).fit(*digits)
    kernels = [w for w in network.model_.get_weights() if w.ndim == 2]
    assert [kernel.shape[1] for kernel in kernels] == expected


def test_softmax_regression_accepts_any_dropout_rate(make, digits):
    network = make("ann", hidden_layer_sizes=(), dropout=0.5, epochs=1).fit(*digits)
    assert kinds_of_layers(network) == ["Dense", "Softmax"]


def test_n_features_need_not_be_square(make, digits):
    X, y = digits
    network = make("ann", learning_rate=0.01).fit(X[:, :50], y)
    assert network.image_shape_ is None
    assert network.score(X[:, :50], y) > 0.8


def test_one_feature_is_enough(make, zeros_and_ones):
    X, y = zeros_and_ones
    center = X.reshape(-1, 8, 8)[:, 4, 4:5]
    network = make("ann", learning_rate=0.05).fit(center, y)
    assert network.score(center, y) > 0.8


def test_the_defaults_are_as_documented(make):
    from skdigits import ANNClassifier

    network = ANNClassifier()
    assert network.hidden_layer_sizes == (128, 64)
    assert network.epochs == 15
    assert repr(network) == "ANNClassifier()"


def test_model_is_a_keras_network(ann, digits):
    X, _ = digits
    assert isinstance(ann.model_, keras.Sequential)
    np.testing.assert_allclose(
        ann.model_.predict(X, verbose=0), ann.predict_proba(X), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        ann.keras_classifier_.predict_proba(X), ann.predict_proba(X), rtol=1e-5
    )


def test_model_can_be_saved_by_keras(fitted, digits, tmp_path):
    X, _ = digits
    path = tmp_path / "network.keras"
    fitted.model_.save(path)
    loaded = keras.models.load_model(path)
    X = X.reshape(-1, *fitted.model_.input_shape[1:])
    np.testing.assert_allclose(
        loaded.predict(X, verbose=0),
        fitted.model_.predict(X, verbose=0),
        rtol=1e-5,
        atol=1e-7,
    )
