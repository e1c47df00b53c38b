"""Invalid parameters and arrays, which raise an error before any training."""

import keras
import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError

from skdigits.estimators import ANNClassifier, CNNClassifier
from skdigits.estimators._checks import lay_out, square_canvas, to_dtype

OUT_OF_BOUNDS = {
    "hidden_layer_sizes": [0, -3, 16.0, "16", None],
    "activation": [keras.activations.relu, 3],
    "dropout": [-0.1, 1.0, 1, float("nan"), "0.5", None],
    "batch_normalization": ["yes", None, 1],
    "optimizer": [None, 0.01, {"name": "adam"}],
    "learning_rate": [0, 0.0, -0.1, float("nan"), float("inf"), "0.1"],
    "learning_rate_schedule": ["one-cycle", "cosin", None, 0.1],
    "epochs": [0, -1, 1.5, "10", None],
    "batch_size": [0, -1, 1.5, "big", None],
    "validation_split": [-0.1, 1.0, 1, "0.1", float("nan")],
    "early_stopping": ["yes", None, 1],
    "patience": [0, -1, 2.5, None],
    "class_weight": ["balance", 2.0, [1, 2]],
    "callbacks": ["History", 3],
    "warm_start": ["yes", None, 1],
    "precision": ["float16", "double", 32, None],
    "random_state": [-1, "zero", 1.5],
    "verbose": [-1, 3, "auto", None],
}
OUT_OF_BOUNDS_OF_THE_CNN = {
    "filters": [0, -3, 8.0, "8", None],
    "kernel_size": [0, 1.5, "3", None],
    "padding": ["causal", None, 0],
    "pool_size": [0, 1.5, (2, 2), None],
    "global_average_pooling": ["yes", None, 1],
    "image_shape": [8, "8x8"],
}


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


def assert_rejected(network, digits, message, error=ValueError):
    """Check that fit and partial_fit raise the error."""
    X, y = digits
    for fit in (network.fit, network.partial_fit):
        with pytest.raises(error, match=message):
            fit(X, y, **({"classes": range(10)} if fit == network.partial_fit else {}))
    with pytest.raises(NotFittedError):
        network.predict(X)


class TestParameters:
    @pytest.mark.parametrize(("name", "value"), cases(OUT_OF_BOUNDS))
    def test_out_of_bounds(self, digits, no_training, name, value):
        params = {"callbacks": [no_training], name: value}
        message = f"The '{name}' parameter of ANNClassifier must be .* Got .* instead"
        assert_rejected(ANNClassifier(**params), digits, message)

    @pytest.mark.parametrize(("name", "value"), cases(OUT_OF_BOUNDS_OF_THE_CNN))
    def test_out_of_bounds_of_the_cnn(self, digits, no_training, name, value):
        params = {"callbacks": [no_training], name: value}
        message = f"The '{name}' parameter of CNNClassifier must be .* Got .* instead"
        assert_rejected(CNNClassifier(**params), digits, message)

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            (
                {"optimizer": keras.optimizers.Adam},
                r"optimizer must be a name or a keras.Optimizer instance; got <class",
            ),
            (
                {"hidden_layer_sizes": (16, 0)},
                r"hidden_layer_sizes must be ints of at least 1.* got \(16, 0\)",
            ),
            (
                {"hidden_layer_sizes": (16.0, 8)},
                r"hidden_layer_sizes must be ints of at least 1.* got \(16\.0, 8\)",
            ),
            (
                {"hidden_layer_sizes": ("16",)},
                r"hidden_layer_sizes must be ints of at least 1.* got \('16',\)",
            ),
            (
                {"hidden_layer_sizes": [[16, 8]]},
                r"hidden_layer_sizes must be ints of at least 1.* got \[\[16, 8\]\]",
            ),
            (
                {"dropout": (0.1, 0.2, 0.3)},
                r"dropout must be one rate, or one for each of the 2 .* got 3 rates",
            ),
            ({"dropout": ()}, r"dropout must be one rate.* of the 2 .* got 0 rates"),
            ({"dropout": (0.1, 1.0)}, r"dropout must be rates in \[0, 1\); got"),
            ({"dropout": ("a", "b")}, r"dropout must be rates in \[0, 1\); got"),
            (
                {"activation": "rleu"},
                "activation must be one of .*tanh.*; got 'rleu'. Did you mean 'relu'",
            ),
            ({"activation": "xyzzy"}, "activation must be one of .*; got 'xyzzy'.$"),
            (
                {"activation": (None, "rleu")},
                "activation must be one of .*; got 'rleu'. Did you mean 'relu'",
            ),
            (
                {"activation": ("relu", 3)},
                r"activation must be None or the name .* got \('relu', 3\)",
            ),
            (
                {"activation": ("relu", "tanh", None)},
                r"activation must be one name, or one for each of the 2 hidden layers; "
                r"got 3 names: \('relu', 'tanh', None\)",
            ),
            ({"activation": ()}, r"of the 2 hidden layers; got 0 names: \(\)"),
            (
                {"optimizer": "rmsporp"},
                "optimizer must be one of .*sgd.*; got 'rmsporp'.* 'rmsprop'",
            ),
            (
                {"optimizer": "optimizer"},
                "optimizer must be one of .*got 'optimizer'",
            ),
            (
                {"optimizer": keras.optimizers.SGD(0.1), "learning_rate": 0.2},
                r"learning_rate must be None .* instance; .*0\.2.*'sgd'",
            ),
            (
                {
                    "optimizer": keras.optimizers.SGD(0.1),
                    "learning_rate": None,
                    "optimizer_params": {"momentum": 0.9},
                },
                r"optimizer_params must be None if optimizer is an instance; got \{",
            ),
            (
                {"optimizer_params": {"beta1": 0.9}},
                "optimizer_params must be among the arguments of Adam, amsgrad, beta_1"
                ".*; got 'beta1'. Did you mean 'beta_1'?",
            ),
            (
                {"optimizer_params": {"learning_rate": 0.9}},
                "optimizer_params must be without 'learning_rate'",
            ),
            (
                {"optimizer": "sgd", "optimizer_params": {"momentum": 5}},
                "optimizer_params must be arguments that SGD accepts; got .*momentum",
            ),
        ],
        ids=lambda value: str(value)[:60] if isinstance(value, str) else "",
    )
    def test_invalid_values(self, digits, no_training, params, message):
        assert_rejected(
            ANNClassifier(callbacks=[no_training], **params), digits, message
        )

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"filters": (8, 0)}, r"filters must be ints of at least 1.*\(8, 0\)"),
            (
                {"kernel_size": (3, 3, 3)},
                r"kernel_size must be one size, or one for each of the 2 convolutional "
                r"layers; got 3 sizes: \(3, 3, 3\)",
            ),
            (
                {"kernel_size": (3, 0)},
                r"kernel_size must be ints of at least 1.*\(3, 0\)",
            ),
            ({"filters": (8.0,)}, r"filters must be ints of at least 1.*\(8\.0,\)"),
            *(
                ({"filters": value}, "filters must be ints of at least 1.* for each b")
                for value in [
                    (8, ()),
                    (8, (8, (8,))),
                    (8, (8, 8.0)),
                    (8, (8, 0)),
                    (8, (8, None)),
                    (8, "88"),
                    (8, None),
                    np.zeros((2, 0), int),
                ]
            ),
            (
                {"filters": ((4, 4), (4, 4)), "kernel_size": (3, 3)},
                "each of the 4 convolutional layers; got 2 sizes",
            ),
            (
                {"filters": ((4, 4), (4, 4)), "kernel_size": ((3, 3), (3, 3))},
                "kernel_size must be ints of at least 1, one for each layer; got",
            ),
            (
                {"filters": ((4, 4), (4, 4)), "dropout": [0.1] * 5},
                "dropout must be one rate, or one for each of the 3 convolutional "
                "blocks and dense layers; got 5 rates",
            ),
            (
                {"filters": ((4, 4), (4, 4)), "activation": ["relu"] * 3},
                "each of the 5 hidden layers; got 3 names",
            ),
            (
                {"dropout": (0.1, 0.2)},
                "each of the 3 convolutional blocks and dense layers; got 2 rates",
            ),
            (
                {"activation": (None, "relu")},
                "activation must be one name, or one for each of the 3 hidden layers; "
                "got 2 names",
            ),
        ],
        ids=str,
    )
    def test_invalid_values_of_the_cnn(self, digits, no_training, params, message):
        assert_rejected(
            CNNClassifier(callbacks=[no_training], **params), digits, message
        )

    @pytest.mark.parametrize(
        "callbacks",
        [["early stopping"], [keras.callbacks.EarlyStopping], [None], [int]],
    )
    def test_callbacks_that_are_not_callbacks(self, digits, callbacks):
        message = (
            r"callbacks must be a list of keras\.callbacks\.Callback instances and "
            "functions of an epoch and its logs; got .* in it"
        )
        network = ANNClassifier(callbacks=callbacks)
        with pytest.raises(TypeError, match=message):
            network.fit(*digits)

    def test_callbacks_that_are_not_callbacks_raise_before_training(self, digits, log):
        with pytest.raises(TypeError, match="callbacks must be a list"):
            ANNClassifier(callbacks=[log, "early stopping"]).fit(*digits)
        assert log.begun == []


def spoiled(X, value):
    X = X.astype("float64")
    X[3, 5] = value
    return X


class TestArrays:
    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda X: spoiled(X, np.nan), "Input X contains NaN"),
            (lambda X: spoiled(X, np.inf), "Input X contains infinity"),
            (lambda X: spoiled(X, -np.inf), "Input X contains infinity"),
            (
                lambda X: spoiled(X, 1e300),
                r"X must have values in the range of float32",
            ),
            (lambda X: X[:0], "0 sample"),
            (lambda X: X[:, :0], "0 feature"),
            (lambda X: X * 1j, "Complex data not supported"),
            (
                lambda X: np.full(X.shape, "ink"),
                "could not convert string to float|num",
            ),
            (lambda X: X[:, 0], "Expected 2D array, got 1D array"),
            (lambda X: X[:-1], r"inconsistent numbers of samples: \[239, 240\]"),
        ],
        ids=[
            "NaN",
            "infinity",
            "minus infinity",
            "too large",
            "no samples",
            "no pixels",
            "complex",
            "strings",
            "1-D",
            "fewer samples than labels",
        ],
    )
    @pytest.mark.parametrize("as_images", [False, True])
    def test_images(self, make, kind, digits, no_training, spoil, message, as_images):
        X, y = digits
        X = spoil(X)
        if as_images:
            if X.ndim == 1 or not X.shape[1]:
                return
            X = X.reshape(len(X), 8, 8)
        assert_rejected(make(kind, callbacks=[no_training]), (X, y), message)

    @pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.coo_array])
    def test_sparse_images(self, make, kind, digits, no_training, container):
        X, y = digits
        network = make(kind, callbacks=[no_training])
        assert_rejected(
            network, (container(X), y), "(?i)sparse data was passed", TypeError
        )

    @pytest.mark.parametrize(
        ("y", "message"),
        [
            (np.zeros(240), r"two classes.*got 1 class: \[0\.0\]"),
            (np.full(240, "seven"), r"two classes.*got 1 class: \['seven'\]"),
            (np.linspace(0, 1, 240), "Unknown label type"),
            (np.append(np.zeros(239), np.nan), "y contains NaN"),
            (np.append(np.zeros(239), np.inf), "y contains infinity"),
            (np.zeros((240, 2)), "y must be a 1d array"),
            (None, "requires y to be passed|y cannot be None"),
            (np.arange(239) % 3, r"inconsistent numbers of samples: \[240, 239\]"),
        ],
        ids=[
            "one class",
            "one class of strings",
            "continuous",
            "NaN",
            "infinity",
            "2-D",
            "none",
            "fewer",
        ],
    )
    def test_labels(self, make, kind, digits, no_training, y, message):
        network = make(kind, callbacks=[no_training])
        with pytest.raises(ValueError, match=message):
            network.fit(digits[0], y)

    def test_a_single_sample(self, make, kind, digits, no_training):
        X, y = digits
        network = make(kind, callbacks=[no_training])
        with pytest.raises(ValueError, match="1 class"):
            network.fit(X[:1], y[:1])

    @pytest.mark.parametrize(
        ("X_val", "y_val", "message"),
        [
            (lambda X: X, lambda y: None, "X_val and y_val must go together"),
            (lambda X: None, lambda y: y, "X_val and y_val must go together"),
            (lambda X: X[:, :49], lambda y: y, "X_val.*49 features.*64 features"),
            (lambda X: spoiled(X, np.nan), lambda y: y, "X_val.*NaN"),
            (lambda X: X[:0], lambda y: y[:0], "X_val.*0 sample"),
            (
                lambda X: X.reshape(-1, 4, 16),
                lambda y: y,
                r"X_val.*\(8, 8\).*got .*shape \(4, 16\)",
            ),
            (lambda X: X, lambda y: y[:-1], "inconsistent numbers of samples"),
            (lambda X: X, lambda y: y + 100, "y_val must have labels among"),
            (lambda X: X, lambda y: y + 0.5, "y_val must have labels among"),
            (lambda X: X, lambda y: y * np.nan, "y_val"),
            (lambda X: X, lambda y: np.stack([y, y], axis=1), "1d array"),
        ],
        ids=[
            "no labels",
            "no images",
            "another width",
            "NaN",
            "no samples",
            "another shape",
            "fewer labels",
            "other labels",
            "continuous labels",
            "NaN labels",
            "2-D labels",
        ],
    )
    def test_validation_samples(self, make, digits, no_training, X_val, y_val, message):
        X, y = digits
        network = make("ann", callbacks=[no_training])
        with pytest.raises(ValueError, match=message):
            network.fit(X, y, X_val=X_val(X), y_val=y_val(y))

    @pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
    def test_images_to_predict(self, fitted, digits, value):
        with pytest.raises(
            ValueError, match=r"X contains|X must have values in the range"
        ):
            fitted.predict(spoiled(digits[0], value))

    @pytest.mark.parametrize(
        "method", ["predict", "predict_proba", "predict_log_proba", "score"]
    )
    def test_prediction_before_fit(self, make, kind, digits, method):
        arguments = digits if method == "score" else digits[:1]
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            getattr(make(kind), method)(*arguments)


def test_a_failed_fit_keeps_the_network_of_the_last_one(make, digits, no_training):
    X, y = digits
    network = make("ann", epochs=1).fit(X, y)
    before = network.predict(X)
    network.set_params(callbacks=[no_training])
    with pytest.raises(AssertionError, match="an epoch ran"):
        network.fit(X[:, :49], np.array(list("abcdefghij"))[y])
    np.testing.assert_array_equal(network.predict(X), before)


class TestFunctions:
    def test_lay_out_keeps_pixels_in_place(self):
        X = np.arange(12).reshape(2, 6)
        images = lay_out(X, (2, 3))
        assert images.shape == (2, 2, 3, 1)
        np.testing.assert_array_equal(images[1, :, :, 0], [[6, 7, 8], [9, 10, 11]])

    @pytest.mark.parametrize("n_pixels", [1, 63, 64, 65, 81, 82, 10_000, 10_001])
    def test_square_canvas_is_the_smallest_that_holds_the_pixels(self, n_pixels):
        side, other = square_canvas(n_pixels)
        assert side == other
        assert side**2 >= n_pixels
        assert side == 8 or (side - 1) ** 2 < n_pixels

    def test_to_dtype_copies_only_if_needed(self):
        X = np.ones((3, 4), "float32")
        assert to_dtype(X, "float32") is X
        assert to_dtype(X, "float64").dtype == "float64"
        assert to_dtype(X.T, "float32").flags.c_contiguous
