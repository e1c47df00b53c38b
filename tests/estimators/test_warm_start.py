"""Incremental training: warm start and partial fits."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_array_equal


class TestWarmStart:
    def test_resumes_for_more_epochs(self, make, kind, digits):
        network = make(kind, warm_start=True, epochs=3).fit(*digits)
        first = network.history_["loss"]
        network.set_params(epochs=2).fit(*digits)
        assert network.n_epochs_ == 5
        assert network.history_["loss"][:3] == first
        assert network.history_["loss"][4] < first[2]

    def test_resumes_with_the_state_of_the_optimizer(self, make, digits):
        network = make("ann", warm_start=True, epochs=2).fit(*digits)
        updates = int(network.model_.optimizer.iterations)
        network.fit(*digits)
        assert int(network.model_.optimizer.iterations) == 2 * updates > 0

    def test_resumes_the_schedule_of_the_optimizer(self, make, digits):
        schedule = keras.optimizers.schedules.PolynomialDecay(0.05, 1000)
        optimizer = keras.optimizers.Adam(schedule)
        network = make("ann", optimizer=optimizer, learning_rate=None, warm_start=True)
        updates = int(network.fit(*digits).model_.optimizer.iterations)
        now = network.fit(*digits).model_.optimizer
        assert int(now.iterations) == 2 * updates > 0
        assert float(now.learning_rate) == pytest.approx(float(schedule(2 * updates)))

    def test_first_fit_equals_one_without_warm_start(self, make, kind, fitted, digits):
        network = make(kind, warm_start=True).fit(*digits)
        assert_array_equal(
            network.predict_proba(digits[0]), fitted.predict_proba(digits[0])
        )

    def test_off_starts_again(self, make, kind, fitted, digits):
        network = make(kind, warm_start=True, epochs=1).fit(*digits)
        network.set_params(warm_start=False, epochs=fitted.epochs).fit(*digits)
        assert_array_equal(
            network.predict_proba(digits[0]), fitted.predict_proba(digits[0])
        )
        assert network.n_epochs_ == fitted.epochs

    def test_accepts_a_new_learning_rate(self, make, digits, network_weights):
        network = make("ann", warm_start=True, epochs=1).fit(*digits)
        before = network_weights(network)
        network.set_params(learning_rate=1e-30).fit(*digits)
        assert_array_equal(network_weights(network), before)

    def test_may_lack_a_class_in_the_second_fit(self, make, digits):
        X, y = digits
        network = make("ann", warm_start=True, epochs=1).fit(X, y)
        network.fit(X[y < 5], y[y < 5])
        assert_array_equal(network.classes_, np.arange(10))

    def test_rejects_other_classes(self, make, kind, digits, no_training):
        X, y = digits
        network = make(kind, warm_start=True, epochs=1).fit(X[y < 5], y[y < 5])
        network.set_params(callbacks=[no_training])
        with pytest.raises(ValueError, match=r"y must have .*got \[5, 6, 7, 8, 9\]"):
            network.fit(X, y)

    def test_rejects_another_number_of_features(self, make, kind, digits, no_training):
        X, y = digits
        network = make(kind, warm_start=True, epochs=1).fit(X, y)
        network.set_params(callbacks=[no_training])
        with pytest.raises(ValueError, match=r"X has 49 features, but .* 64 features"):
            network.fit(X[:, :49], y)

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            (
                {"hidden_layer_sizes": 17},
                r"units of the layer 'dense_1' must stay 16, .*; got 17",
            ),
            (
                {"hidden_layer_sizes": (16, 4)},
                r"layer \d must stay 'logits', .*; got 'dense_2'",
            ),
            ({"activation": "tanh"}, "activation .* must stay 'relu', .*; got 'tanh'"),
            ({"dropout": 0.5}, "got '(conv|dense)_1_dropout'"),
            (
                {"batch_normalization": True},
                "use_bias .* must stay True.* got False",
            ),
            ({"activation": "rleu"}, "Did you mean 'relu'"),
            (
                {"precision": "float64"},
                "precision must stay 'float32'.* got 'float64'",
            ),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_rejects_parameters_of_another_network(
        self, make, kind, digits, no_training, params, message, method
    ):
        X, y = digits
        network = make(kind, warm_start=True, epochs=1, precision="float32").fit(X, y)
        network.set_params(callbacks=[no_training])
        before, probabilities = vars(network).copy(), network.predict_proba(X)
        network.set_params(**params)
        with pytest.raises(ValueError, match=message):
            getattr(network, method)(X, y)
        assert vars(network) == {**before, **params}
        assert_array_equal(network.predict_proba(X), probabilities)

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"filters": 5}, "filters of the layer 'conv_1' must stay 4, .*; got 5"),
            (
                {"pool_size": 1},
                "must stay 'conv_1_pool', .*; got 'conv_1_activation'",
            ),
            ({"image_shape": (4, 16)}, r"image_shape .* \(8, 8\); got \(4, 16\)"),
        ],
        ids=str,
    )
    def test_rejects_parameters_of_another_cnn(
        self, make, digits, no_training, params, message
    ):
        network = make("cnn", warm_start=True, epochs=1).fit(*digits)
        network.set_params(callbacks=[no_training], **params)
        with pytest.raises(ValueError, match=message):
            network.fit(*digits)

    def test_keeps_the_precision_if_it_is_auto(self, make, kind, digits):
        network = make(kind, warm_start=True, epochs=1, precision="float64")
        network.fit(*digits).set_params(precision="auto").fit(*digits)
        assert network.precision_ == "float64"
        assert network.n_epochs_ == 2

    def test_history_has_one_value_per_epoch(self, make, digits):
        network = make("ann", warm_start=True, epochs=2).fit(*digits)
        network.set_params(validation_split=0.2).fit(*digits)
        assert {name: len(v) for name, v in network.history_.items()} == {
            name: 4 for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        }

    def test_best_epoch_counts_all_epochs(self, make, digits):
        X, y = digits
        network = make("ann", warm_start=True, epochs=3).fit(X, y)
        wrong = (y + 1) % 10
        network.set_params(epochs=1).fit(X, wrong)
        assert network.best_epoch_ == 1 + np.argmin(network.history_["loss"]) == 3
        assert network.kept_epoch_ == 4
        network.set_params(early_stopping=True, validation_split=0).fit(X, wrong)
        assert network.kept_epoch_ == 5


class TestPartialFit:
    def test_is_one_epoch(self, make, kind, digits, log):
        network = make(kind, callbacks=[log])
        for n in (1, 2, 3):
            network.partial_fit(*digits, classes=range(10))
            assert network.n_epochs_ == len(network.history_["loss"]) == n
        assert log.begun == [0, 1, 2]

    def test_learns(self, make, kind, digits):
        network = make(kind, learning_rate=0.01)
        for _ in range(8):
            network.partial_fit(*digits, classes=range(10))
        assert network.score(*digits) > 0.9

    def test_holds_nothing_out(self, make, digits):
        plain, other = make("ann"), make("ann", early_stopping=True)
        for network in (plain, other):
            network.partial_fit(*digits, classes=range(10))
        X, _ = digits
        assert_array_equal(plain.predict_proba(X), other.predict_proba(X))
        assert set(other.history_) == {"loss", "accuracy"}

    def test_resumes_after_fit(self, make, kind, fitted, digits):
        X, y = digits
        network = make(kind).fit(X, y)
        network.partial_fit(X, y)
        assert network.n_epochs_ == fitted.n_epochs_ + 1
        assert network.history_["loss"][:-1] == fitted.history_["loss"]
        assert network.history_["loss"][-1] < fitted.history_["loss"][0]

    def test_is_discarded_by_fit(self, make, kind, fitted, digits):
        X, y = digits
        network = make(kind).partial_fit(X[y < 2], y[y < 2], classes=[0, 1])
        network.fit(X, y)
        assert network.history_ == fitted.history_
        assert_array_equal(network.predict_proba(X), fitted.predict_proba(X))

    def test_rejects_another_number_of_features(self, make, kind, digits):
        X, y = digits
        network = make(kind).partial_fit(X, y, classes=range(10))
        with pytest.raises(ValueError, match=r"X has 49 features, but .* 64 features"):
            network.partial_fit(X[:, :49], y)

    def test_best_epoch_counts_all_epochs(self, make, digits):
        X, y = digits
        network = make("ann").fit(X, y)
        best = network.best_epoch_
        network.partial_fit(X, (y + 1) % 10)
        assert network.best_epoch_ == best


@pytest.mark.parametrize("then", ["fit", "partial_fit"])
def test_fit_returns_the_classifier(make, digits, then):
    network = make("ann", epochs=1)
    assert network.fit(*digits) is network
    assert getattr(network, then)(*digits) is network
