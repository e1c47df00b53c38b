"""Networks of one's own: any layers, trained as the others are."""

import pickle
import random
import warnings

import keras
import numpy as np
import pytest
from keras import layers
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skdigits import NetworkClassifier
from skdigits.estimators._keras.network import DigitNetwork
from skdigits.estimators._keras.own_networks import build


def dense(input_shape, n_classes):
    return [
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(n_classes, activation="softmax"),
    ]


def two_branches(input_shape, n_classes):
    """Return a model with two branches, normalization and dropout, without softmax."""
    pixels = keras.Input(input_shape)
    one = layers.Conv2D(4, 3, padding="same", use_bias=False)(pixels)
    one = layers.ReLU()(layers.BatchNormalization()(one))
    other = layers.Conv2D(4, 1)(pixels)
    both = layers.Dropout(0.1)(layers.Concatenate()([one, other]))
    return keras.Model(pixels, layers.Dense(n_classes)(layers.Flatten()(both)))


def residual(input_shape, n_classes):
    """Return a small residual network, in which a block is a model of its own."""
    pixels = keras.Input(input_shape)
    x = layers.Conv2D(8, 3, padding="same")(pixels)
    for _ in range(2):
        inside = keras.Sequential(
            [
                layers.Conv2D(8, 3, padding="same"),
                layers.BatchNormalization(),
                layers.Activation("relu"),
            ]
        )
        x = layers.Add()([x, inside(x)])
    return keras.Model(pixels, layers.Dense(n_classes)(layers.Flatten()(x)))


NETWORKS = {"dense": dense, "two branches": two_branches, "residual": residual}
PARAMS = {"epochs": 4, "learning_rate": 0.01, "random_state": 0}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    return NETWORKS[request.param]


@pytest.fixture(scope="module")
def own(network, digits):
    """Return a fitted classifier; tests must not change it."""
    return NetworkClassifier(network, **PARAMS).fit(*digits)


class TestTraining:
    def test_learns(self, own, more_digits):
        assert own.score(*more_digits) > 0.5
        assert own.history_["loss"][-1] < own.history_["loss"][0]

    def test_is_reproducible(self, own, network, digits):
        keras.layers.Dense(3)  # after which Keras gives the next layers other names
        again = NetworkClassifier(network, **PARAMS).fit(*digits)
        X, _ = digits
        assert_array_equal(again.predict_proba(X), own.predict_proba(X))
        other = clone(own).set_params(random_state=1).fit(*digits)
        assert np.any(other.predict_proba(X) != own.predict_proba(X))

    def test_does_not_change_global_random_numbers(self, network, digits):
        state = random.getstate(), np.random.get_state()[1].tolist()
        NetworkClassifier(network, epochs=1, random_state=0).fit(*digits)
        assert (random.getstate(), np.random.get_state()[1].tolist()) == state

    @pytest.mark.parametrize("precision", ["bfloat16", "float64"])
    def test_in_other_precisions(self, network, digits, precision):
        own = NetworkClassifier(network, precision=precision, **PARAMS).fit(*digits)
        expected = "float64" if precision == "float64" else "float32"
        assert own.predict_proba(digits[0]).dtype == expected
        assert own.score(*digits) > 0.5

    def test_resumes(self, network, digits):
        X, y = digits
        own = NetworkClassifier(network, warm_start=True, **PARAMS).fit(X, y)
        first = own.history_["loss"][0]
        own.partial_fit(X, y).fit(X, y)
        assert own.n_epochs_ == 9
        assert own.history_["loss"][5] < first
        own.set_params(network=lambda shape, n: [layers.Flatten(), layers.Dense(n)])
        with pytest.raises(ValueError, match="network must stay 'the same'"):
            own.fit(X, y)

    def test_with_xla_gives_the_same_network(self, digits, monkeypatch):
        from skdigits.estimators._keras import training

        X, y = digits
        without = NetworkClassifier(dense, **PARAMS).fit(X, y)
        monkeypatch.setattr(training, "_UPDATES_WORTH_XLA", 0)
        compiled = NetworkClassifier(dense, **PARAMS).fit(X, y)
        assert_allclose(compiled.predict_proba(X), without.predict_proba(X), atol=1e-3)

    def test_dropout_is_trained_with_xla(self, digits, monkeypatch):
        from skdigits.estimators._keras import training

        def dropped(shape, n):
            return [
                layers.Flatten(),
                layers.Dense(32),
                layers.Dropout(0.5),
                layers.Dense(n),
            ]

        monkeypatch.setattr(training, "_UPDATES_WORTH_XLA", 0)
        one, other = (
            NetworkClassifier(dropped, **PARAMS).fit(*digits) for _ in range(2)
        )
        assert one.history_ == other.history_
        assert one.score(*digits) > 0.5

    def test_losses_of_layers_count_as_in_keras(self, digits):
        X, y = digits
        targets = np.eye(10, dtype="float32")[y]

        def layers_of(seed):
            start = keras.initializers.GlorotUniform(seed=seed)
            return [
                keras.Input((64,)),
                layers.Dense(
                    10,
                    activation="softmax",
                    kernel_initializer=start,
                    kernel_regularizer=keras.regularizers.L2(0.1),
                    activity_regularizer=keras.regularizers.L1(0.01),
                ),
            ]

        ours, theirs = DigitNetwork(layers_of(3)), keras.Sequential(layers_of(3))
        ours.compile(keras.optimizers.SGD(0.1), loss="categorical_crossentropy")
        theirs.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
        how = {"batch_size": 240, "epochs": 3, "verbose": 0}
        expected = theirs.fit(X, targets, shuffle=False, **how).history["loss"]
        got = ours.fit(X, targets, **how).history["loss"]
        assert_allclose(got, expected, rtol=1e-5)


class TestModel:
    def test_is_the_network_that_predicts(self, own, digits):
        X, _ = digits
        images = X.reshape(-1, *own.model_.input_shape[1:])
        expected = own.model_.predict(images, verbose=0)
        assert_allclose(own.predict_proba(X), expected, rtol=1e-5, atol=1e-7)
        assert own.n_weights_ == sum(
            int(np.prod(v.shape)) for v in own.model_.trainable_variables
        )

    def test_one_image_has_the_same_probabilities_as_among_many(self, own, digits):
        X, _ = digits
        many = own.predict_proba(X)
        assert_array_equal(own.predict_proba(X[7:8]), many[7:8])

    def test_is_pickled_without_the_function(self, digits, run_python, tmp_path):
        own = NetworkClassifier(lambda shape, n: dense(shape, n), **PARAMS).fit(*digits)
        path = tmp_path / "own.pickle"
        path.write_bytes(pickle.dumps(own))
        code = (
            "import pickle, sys\n"
            "from sklearn.datasets import load_digits\n"
            "X, y = load_digits(return_X_y=True)\n"
            "X, y = (X[:240] / 16).astype('float32'), y[:240]\n"
            "own = pickle.load(open(sys.argv[1], 'rb'))\n"
            "print(own.predict(X).tolist())\n"
            "print(own.fit(X, y).predict(X).tolist())\n"
        )
        expected = str(own.predict(digits[0]).tolist())
        assert run_python(code, path)[0].splitlines() == [expected, expected]

    def test_a_model_starts_from_its_weights_and_stays_as_it_is(self, digits):
        X, y = digits
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Flatten(),
                layers.Dense(16, activation="relu", trainable=False),
                layers.Dense(10, activation="softmax"),
            ]
        )
        before = [weights.copy() for weights in model.get_weights()]
        own = NetworkClassifier(model, **PARAMS).fit(X, y)
        for got, expected in zip(model.get_weights(), before, strict=True):
            assert_array_equal(got, expected)
        after = own.model_.get_weights()
        assert_array_equal(after[0], before[0])
        assert np.any(after[2] != before[2])
        assert own.n_weights_ == 170
        again = clone(own).fit(X, y)
        assert_array_equal(again.predict_proba(X), own.predict_proba(X))
        loaded = pickle.loads(pickle.dumps(own))
        assert_array_equal(loaded.predict_proba(X), own.predict_proba(X))
        assert_array_equal(loaded.fit(X, y).predict_proba(X), own.predict_proba(X))

    @pytest.mark.parametrize("shape", [(64,), (8, 8), (8, 8, 1), (4, 16)])
    def test_may_take_the_pixels_in_another_shape(self, digits, shape):
        def other(input_shape, n_classes):
            assert input_shape == (8, 8, 1)
            return [
                keras.Input(shape),
                layers.Flatten(),
                layers.Dense(n_classes, activation="softmax"),
            ]

        own = NetworkClassifier(other, epochs=1).fit(*digits)
        assert own.model_.input_shape == (None, *shape)
        assert own.predict_proba(digits[0].reshape(-1, 8, 8)).shape == (240, 10)

    def test_image_shape_is_that_of_the_input(self, digits):
        X, y = digits
        seen = []

        def network(input_shape, n_classes):
            seen.append((input_shape, n_classes))
            return dense(input_shape, n_classes)

        NetworkClassifier(network, image_shape=(4, 16), epochs=1).fit(X, y)
        NetworkClassifier(network, epochs=1).fit(X[:, :60], y)
        NetworkClassifier(network, epochs=1).fit(X[:, :60].reshape(-1, 6, 10), y)
        assert seen == [((4, 16, 1), 10), ((60,), 10), ((6, 10, 1), 10)]

    def test_works_in_cross_validation_in_two_processes(self, digits):
        own = NetworkClassifier(dense, **PARAMS)
        scores = cross_val_score(own, *digits, cv=2, n_jobs=2)
        assert_array_equal(scores, cross_val_score(own, *digits, cv=2))


class TestGivenWeights:
    """Weights that a function does not leave to an initializer."""

    def test_pretrained_layers_of_a_function_keep_their_weights(self, digits):
        X, y = digits
        hidden = layers.Dense(16, activation="relu", trainable=False)
        keras.Sequential([keras.Input((64,)), hidden])
        norm = layers.Normalization()
        norm.adapt(X.reshape(-1, 8, 8, 1))
        expected = [*norm.get_weights()[:2], *hidden.get_weights()]

        def network(input_shape, n_classes):
            return [norm, layers.Flatten(), hidden, layers.Dense(n_classes)]

        own = NetworkClassifier(network, **PARAMS).fit(X, y)
        loaded = pickle.loads(pickle.dumps(own))
        again = clone(loaded).fit(X, y)
        for fitted in own, again:
            weights = fitted.model_.get_weights()
            for value in expected:
                assert any(np.array_equal(value, weight) for weight in weights)
        assert_array_equal(again.predict_proba(X), own.predict_proba(X))
        other = clone(own).set_params(random_state=1).fit(X, y)
        assert np.any(other.predict_proba(X) != own.predict_proba(X))

    def test_weights_that_a_function_sets_are_kept(self, digits):
        X, y = digits

        def network(input_shape, n_classes):
            model = two_branches(input_shape, n_classes)
            values = [np.full(w.shape, 0.01 * i) for i, w in enumerate(model.weights)]
            model.set_weights(values)
            model.trainable = False
            model.layers[-1].trainable = True
            return model

        own = NetworkClassifier(network, **PARAMS).fit(X, y)
        *frozen, _, _ = own.model_.get_weights()
        for i, value in enumerate(frozen):
            assert_allclose(value, 0.01 * i)

    def test_layers_and_models_that_are_not_built_stay_so(self, digits):
        made = dense((8, 8, 1), 10)
        unbuilt = keras.Sequential(dense((8, 8, 1), 10))
        results = []
        for network in (lambda shape, n: made, unbuilt, unbuilt, dense):
            own = NetworkClassifier(network, **PARAMS).fit(*digits)
            results.append(own.predict_proba(digits[0]))
        assert not any(layer.built for layer in (*made, *unbuilt.layers))
        for result in results:
            assert_array_equal(result, results[0])


WRAPPERS = {
    "Bidirectional": lambda: layers.Bidirectional(layers.GRU(4)),
    "TimeDistributed": lambda: layers.TimeDistributed(layers.Dense(4)),
    "RNN": lambda: layers.RNN([layers.LSTMCell(4), layers.GRUCell(4)]),
    "activation": lambda: layers.Dense(4, activation=layers.LeakyReLU()),
}


@pytest.mark.parametrize("kind", WRAPPERS)
def test_layers_within_layers(digits, kind):
    def network(input_shape, n_classes):
        rows = layers.Reshape(input_shape[:2])
        return [rows, WRAPPERS[kind](), layers.Flatten(), layers.Dense(n_classes)]

    own = NetworkClassifier(network, precision="float64", epochs=1, random_state=0)
    own.fit(*digits).partial_fit(*digits)
    assert own.n_epochs_ == 2
    assert {value.dtype for value in own.model_.get_weights()} == {np.dtype("float64")}


def mean_of_softmax(pixels, n):
    flat = layers.Flatten()(pixels)
    return layers.Average()(
        [layers.Dense(n, activation="softmax")(flat) for _ in range(2)]
    )


def function_of_keras(pixels, n):
    return keras.ops.softmax(layers.Dense(n)(layers.Flatten()(pixels)))


def object_as_activation(pixels, n):
    return layers.Dense(n, activation=layers.Softmax())(layers.Flatten()(pixels))


@pytest.mark.parametrize(
    "outputs", [mean_of_softmax, function_of_keras, object_as_activation]
)
def test_probabilities_get_no_second_softmax(digits, outputs):
    def network(input_shape, n_classes):
        pixels = keras.Input(input_shape)
        return keras.Model(pixels, outputs(pixels, n_classes))

    own = NetworkClassifier(network, epochs=1).fit(*digits)
    names = [layer.name for layer in own.model_.layers]
    assert "probabilities" not in names


def test_inputs_and_outputs_may_have_names(digits):
    def network(input_shape, n_classes):
        pixels = keras.Input(input_shape, name="pixels")
        digit = layers.Dense(n_classes, activation="softmax")(layers.Flatten()(pixels))
        return keras.Model({"pixels": pixels}, {"digit": digit})

    own = NetworkClassifier(network, **PARAMS).fit(*digits)
    assert own.score(*digits) > 0.5
    assert own.model_.output_shape == (None, 10)


def test_an_input_of_integers_gets_the_pixels_as_they_are(digits):
    def network(dtype):
        return lambda shape, n: [keras.Input(shape, dtype=dtype), *dense(shape, n)]

    one, other = (
        NetworkClassifier(network(dtype), **PARAMS)
        .fit(*digits)
        .predict_proba(digits[0])
        for dtype in ("uint8", "float32")
    )
    assert_array_equal(one, other)


def test_the_last_layer_may_have_another_dtype(digits):
    def network(input_shape, n_classes):
        return [
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax", dtype="mixed_bfloat16"),
        ]

    own = NetworkClassifier(network, **PARAMS).fit(*digits)
    assert own.score(*digits) > 0.5
    assert own.predict_proba(digits[0]).dtype == "float32"


@keras.saving.register_keras_serializable(package="skdigits tests")
class Scale(layers.Layer):
    """A layer of one's own, with a weight."""

    def build(self, input_shape):
        self.factor = self.add_weight(initializer="ones", name="factor")

    def call(self, inputs):
        return inputs * self.factor


@keras.saving.register_keras_serializable(package="skdigits tests")
class Block(layers.Layer):
    """A layer of one's own, made of layers that are not in its configuration."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(8)
        self.dropout = layers.Dropout(0.2)

    def call(self, inputs):
        return self.dropout(self.dense(inputs))


class Unregistered(Scale):
    """A layer that Keras does not know."""


class NoConfig(keras.Model):
    """A model that is written as a class."""

    def __init__(self, n_classes):
        super().__init__()
        self.dense = layers.Dense(n_classes)

    def call(self, inputs):
        return self.dense(inputs)


def test_a_registered_custom_layer(digits):
    own = NetworkClassifier(
        lambda shape, n: [Scale(), layers.Flatten(), layers.Dense(n)], **PARAMS
    ).fit(*digits)
    assert own.n_weights_ == 651
    assert own.model_.get_weights()[0] != 1


def test_layers_within_a_layer_of_ones_own_depend_on_random_state_alone(digits):
    own = NetworkClassifier(
        lambda shape, n: [layers.Flatten(), Block(), layers.Dense(n)], **PARAMS
    )
    random.seed(1)
    one = own.fit(*digits).predict_proba(digits[0])
    random.seed(2)
    assert_array_equal(own.fit(*digits).predict_proba(digits[0]), one)
    other = clone(own).set_params(random_state=1).fit(*digits)
    assert np.any(other.predict_proba(digits[0]) != one)


ERRORS = {
    "nothing": (lambda shape, n: None, TypeError, "returns a list of Keras .*got None"),
    "empty": (lambda shape, n: [], TypeError, r"returns a list of .*; got \[\]"),
    "numbers": (lambda shape, n: [3], (TypeError, ValueError), "layers that fit .*3"),
    "too few outputs": (
        lambda shape, n: [layers.Flatten(), layers.Dense(n - 1)],
        ValueError,
        r"must have 10 outputs, one for each class; got .*\(None, 9\)",
    ),
    "outputs for each pixel": (
        lambda shape, n: [layers.Dense(n)],
        ValueError,
        r"must have 10 outputs, .*\(None, 8, 8, 10\)",
    ),
    "sigmoid": (
        lambda shape, n: [layers.Flatten(), layers.Dense(n, activation="sigmoid")],
        ValueError,
        "must end in softmax, or in a linear layer.*; got 'sigmoid'",
    ),
    "sigmoid of keras.ops": (
        lambda shape, n: keras.Model(
            pixels := keras.Input(shape),
            keras.ops.sigmoid(layers.Dense(n)(layers.Flatten()(pixels))),
        ),
        ValueError,
        "must end in softmax.*; got 'Sigmoid'",
    ),
    "softmax over the samples": (
        lambda shape, n: [layers.Flatten(), layers.Dense(n), layers.Softmax(axis=0)],
        ValueError,
        "must end in softmax.*; got 'Softmax'",
    ),
    "rectified": (
        lambda shape, n: [layers.Flatten(), layers.Dense(n), layers.ReLU()],
        ValueError,
        "must end in softmax.*; got 'ReLU'",
    ),
    "other inputs": (
        lambda shape, n: [keras.Input((784,)), layers.Dense(n)],
        ValueError,
        r"must take one input of shape \(8, 8, 1\).*; got .*\(None, 784\)",
    ),
    "layers that do not fit": (
        lambda shape, n: [layers.Flatten(), layers.Conv2D(3, 3), layers.Dense(n)],
        ValueError,
        r"layers that fit together, for inputs of shape \(8, 8, 1\)",
    ),
    "batches of one size": (
        lambda shape, n: [keras.Input(shape, batch_size=32), *dense(shape, n)],
        ValueError,
        "must take any number of samples at a time; got a network that takes 32",
    ),
    "without arguments": (
        lambda: dense((8, 8, 1), 10),
        TypeError,
        r"called as network\(input_shape, n_classes\); got .*too many positional",
    ),
    "class of layers": (layers.Dense, TypeError, "must be a keras.Model.*; got <class"),
    "layer": (layers.Dense(10), TypeError, "must be a keras.Model.*; got <Dense"),
    "activation that is a lambda": (
        lambda shape, n: [
            layers.Flatten(),
            layers.Dense(n, activation=lambda x: x),
            layers.Dense(n),
        ],
        ValueError,
        "lambdas cannot be used",
    ),
    "Lambda": (
        lambda shape, n: [
            layers.Flatten(),
            layers.Lambda(lambda x: x * 2),
            layers.Dense(n),
        ],
        ValueError,
        "Lambda layers and lambdas cannot be used",
    ),
    "unregistered": (
        lambda shape, n: [Unregistered(), layers.Flatten(), layers.Dense(n)],
        ValueError,
        "register_keras_serializable",
    ),
    "class": (
        lambda shape, n: NoConfig(n),
        TypeError,
        "must be a sequential or functional model; got <NoConfig",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_is_not_a_network_raises(digits, no_training, case):
    network, kind, message = ERRORS[case]
    own = NetworkClassifier(network, callbacks=[no_training])
    with pytest.raises(kind, match=message):
        own.fit(*digits)
    assert not hasattr(own, "classes_")


def test_an_error_in_the_function_says_how_it_was_called(digits):
    own = NetworkClassifier(lambda shape, n: [layers.Dense(-n)])
    with pytest.raises(ValueError, match="units") as raised:
        own.fit(*digits)
    assert raised.value.__notes__ == ["It was raised by network((8, 8, 1), 10)."]


def test_a_network_must_be_callable(digits):
    with pytest.raises(ValueError, match="'network' parameter of NetworkClassifier"):
        NetworkClassifier([layers.Dense(10)]).fit(*digits)


def test_equal_networks_share_compiled_code(digits, monkeypatch):
    traced = []
    step = DigitNetwork.train_step

    def train_step(self, stack):
        traced.append(self)
        return step(self, stack)

    monkeypatch.setattr(DigitNetwork, "train_step", train_step)

    def network(input_shape, n_classes):
        return [layers.Flatten(), layers.Dense(23), layers.Dense(n_classes)]

    with warnings.catch_warnings(action="error"):
        for seed in range(3):
            NetworkClassifier(network, epochs=1, random_state=seed).fit(*digits)
    assert len(traced) == 1


def test_the_configuration_restores_the_network(own):
    rng = np.random.RandomState
    one, other = (build(own._trained.architecture, rng=rng(0)) for _ in range(2))
    for got, expected in zip(one.get_weights(), other.get_weights(), strict=True):
        assert_array_equal(got, expected)
