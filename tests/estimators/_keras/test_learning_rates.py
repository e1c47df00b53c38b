"""The learning rate from one update to the next."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV

from skdigits.estimators._keras.learning_rates import cosine, one_cycle


class Rates(keras.callbacks.Callback):
    """Record the learning rate before training and after each update."""

    def on_train_begin(self, logs=None):
        self.rates = [self.now()]

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(self.now())

    def now(self):
        return float(self.model.optimizer.learning_rate)


@keras.saving.register_keras_serializable(package="skdigits tests")
class CycleOf90(keras.optimizers.schedules.LearningRateSchedule):
    """One cycle of 90 updates, for an optimizer of Keras."""

    def __call__(self, step):
        return keras.ops.take((0.01 * one_cycle(90)).astype("float32"), step)

    def get_config(self):
        return {}


@pytest.fixture
def rates():
    return Rates()


@pytest.mark.parametrize("n_updates", [1, 2, 3, 10, 999])
def test_the_cycle_rises_once_and_falls_once(n_updates):
    shares = one_cycle(n_updates)
    assert shares.shape == (n_updates,)
    assert (shares > 0).all()
    assert (shares <= 1).all()
    top = shares.argmax()
    assert (np.diff(shares[: top + 1]) > 0).all()
    assert (np.diff(shares[top:]) < 0).all()


def test_the_cycle_is_that_of_the_paper():
    shares = one_cycle(100_000)
    assert_allclose(shares[[0, 30_000, 65_000, -1]], [0.04, 1, 0.5, 0], atol=1e-4)


def test_the_cosine_falls_from_the_peak_to_0():
    shares = cosine(100_000)
    assert_allclose(shares[[0, 50_000, -1]], [1, 0.5, 0], atol=1e-4)
    assert (np.diff(shares) < 0).all()


class TestCosine:
    @pytest.mark.parametrize("batch_size", [240, 100, 7])
    def test_spans_all_updates(self, make, kind, digits, rates, batch_size):
        params = {"epochs": 5, "learning_rate": 0.02, "batch_size": batch_size}
        params["learning_rate_schedule"] = "cosine"
        make(kind, callbacks=[rates], **params).fit(*digits)
        expected = 0.02 * cosine(5 * -(-240 // batch_size))
        assert_allclose(rates.rates, [expected[0], *expected], rtol=1e-6)

    def test_also_with_early_stopping(self, make, kind, digits):
        params = {"early_stopping": True, "learning_rate_schedule": "cosine"}
        network = make(kind, epochs=2, **params).fit(*digits)
        assert network.learning_rate_schedule_ == "cosine"


class TestOneCycle:
    @pytest.mark.parametrize("batch_size", [240, 100, 7])
    def test_spans_all_updates(self, make, kind, digits, rates, batch_size):
        params = {"epochs": 5, "learning_rate": 0.02, "batch_size": batch_size}
        make(kind, callbacks=[rates], **params).fit(*digits)
        expected = 0.02 * one_cycle(5 * -(-240 // batch_size))
        assert_allclose(rates.rates, [expected[0], *expected], rtol=1e-6)

    def test_equals_keras_with_the_same_schedule(self, make, digits, network_weights):
        params = {"epochs": 6, "batch_size": 16}
        ours = make("ann", learning_rate=0.01, **params).fit(*digits)
        adam = keras.optimizers.Adam(CycleOf90())
        other = make("ann", optimizer=adam, learning_rate=None, **params).fit(*digits)
        assert_allclose(network_weights(ours), network_weights(other), atol=1e-6)

    def test_peaks_at_four_times_the_default(self, make, digits, rates):
        params = {"epochs": 200, "batch_size": 240, "filters": 1}
        make("cnn", callbacks=[rates], learning_rate=None, **params).fit(*digits)
        assert max(rates.rates) == pytest.approx(0.004, rel=1e-3)

    def test_peaks_at_four_times_the_default_after_another_rate(
        self, make, digits, rates
    ):
        params = {"epochs": 200, "batch_size": 240, "warm_start": True}
        network = make("ann", learning_rate=0.1, **params).fit(*digits)
        network.set_params(learning_rate=None, callbacks=[rates]).fit(*digits)
        assert max(rates.rates[1:]) == pytest.approx(0.004, rel=1e-3)
        assert float(network.model_.optimizer.learning_rate) == pytest.approx(0.1)

    def test_does_not_change_the_rate_of_the_optimizer(self, make, kind, digits):
        network = make(kind, learning_rate=0.02, warm_start=True).fit(*digits)
        assert float(network.model_.optimizer.learning_rate) == pytest.approx(0.02)

    def test_restarts_with_warm_start(self, make, digits, rates):
        network = make("ann", warm_start=True, epochs=3, callbacks=[rates])
        first, second = (network.fit(*digits) and rates.rates[1:] for _ in range(2))
        assert_array_equal(first, second)

    def test_works_with_an_optimizer_instance(self, make, digits, rates):
        params = {"optimizer": keras.optimizers.Adam(0.03), "learning_rate": None}
        make(
            "ann", callbacks=[rates], learning_rate_schedule="one_cycle", **params
        ).fit(*digits)
        n_rates = len(rates.rates)
        assert n_rates > 5
        assert 0.02 < max(rates.rates) <= 0.03
        assert rates.rates[-1] < 0.003


class TestConstantRate:
    @pytest.mark.parametrize(
        "params",
        [
            {"learning_rate_schedule": "constant", "learning_rate": 0.02},
            {"early_stopping": True, "learning_rate": 0.02},
            {"optimizer": keras.optimizers.Adam(0.02), "learning_rate": None},
        ],
        ids=["constant", "early stopping", "instance"],
    )
    def test_is_kept(self, make, kind, digits, rates, params):
        make(kind, callbacks=[rates], **params).fit(*digits)
        assert_allclose(rates.rates, 0.02, rtol=1e-6)

    def test_is_used_by_partial_fit(self, make, kind, digits, rates):
        network = make(kind, callbacks=[rates], learning_rate=0.02)
        for _ in range(2):
            network.partial_fit(*digits, classes=range(10))
            assert_allclose(rates.rates, 0.02, rtol=1e-6)

    @pytest.mark.parametrize(
        ("callback", "last"),
        [
            (lambda: keras.callbacks.LearningRateScheduler(lambda _: 0.005), 0.005),
            (
                lambda: keras.callbacks.ReduceLROnPlateau(
                    "loss", factor=0.5, patience=1, min_delta=1e9
                ),
                0.01 / 2**7,
            ),
        ],
        ids=["scheduler", "plateau"],
    )
    def test_can_be_changed_by_callbacks_of_keras(
        self, make, digits, rates, callback, last
    ):
        make("ann", callbacks=[callback(), rates], epochs=9).fit(*digits)
        assert rates.rates[-1] == pytest.approx(last, rel=1e-5)


def adam(learning_rate):
    return keras.optimizers.Adam(learning_rate)


class TestFittedAttributes:
    @pytest.mark.parametrize(
        ("params", "schedule", "peak"),
        [
            ({}, "one_cycle", 0.004),
            ({"optimizer": "SGD"}, "one_cycle", 0.04),
            ({"learning_rate": 0.02}, "one_cycle", 0.02),
            ({"learning_rate_schedule": "constant"}, "constant", 0.001),
            ({"learning_rate_schedule": "cosine"}, "cosine", 0.004),
            ({"early_stopping": True, "learning_rate": 0.1}, "constant", 0.1),
            ({"optimizer": adam(0.003)}, "constant", 0.003),
            (
                {"optimizer": adam(0.003), "learning_rate_schedule": "one_cycle"},
                "one_cycle",
                0.003,
            ),
            (
                {"optimizer": keras.optimizers.LossScaleOptimizer(adam(0.003))},
                "constant",
                0.003,
            ),
            (
                {"optimizer": adam(keras.optimizers.schedules.CosineDecay(0.05, 60))},
                "optimizer",
                None,
            ),
        ],
    )
    def test_show_the_schedule_and_rate_of_the_training(
        self, make, digits, params, schedule, peak
    ):
        params = {"learning_rate": None, **params}
        network = make("ann", epochs=1, **params).fit(*digits)
        assert network.learning_rate_schedule_ == schedule
        assert network.peak_learning_rate_ == peak

    def test_describe_the_last_training(self, make, kind, digits):
        network = make(kind, epochs=1, warm_start=True).fit(*digits)
        assert network.learning_rate_schedule_ == "one_cycle"
        network.partial_fit(*digits)
        assert network.learning_rate_schedule_ == "constant"
        assert network.peak_learning_rate_ == 0.01
        network.set_params(learning_rate=0.02).fit(*digits)
        assert network.learning_rate_schedule_ == "one_cycle"
        assert network.peak_learning_rate_ == 0.02

    def test_show_the_peak_for_each_rate_of_a_grid(self, make, digits):
        grid = {"learning_rate": [0.01, 0.03]}
        search = GridSearchCV(make("ann", epochs=1), grid, cv=2).fit(*digits)
        best = search.best_estimator_
        assert best.learning_rate_schedule_ == "one_cycle"
        assert best.peak_learning_rate_ == search.best_params_["learning_rate"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {
                "optimizer": keras.optimizers.Adam(
                    keras.optimizers.schedules.CosineDecay(0.05, 60)
                ),
                "learning_rate": None,
            },
            "must be 'auto' or 'constant' with an optimizer with a schedule",
        ),
        (
            {"callbacks": [keras.callbacks.LearningRateScheduler(lambda _: 0.005)]},
            "must be 'auto' or .* with a LearningRateScheduler in callbacks",
        ),
    ],
    ids=["optimizer", "callback"],
)
@pytest.mark.parametrize("schedule", ["one_cycle", "cosine"])
def test_a_schedule_that_would_overwrite_other_rates_raises(
    make, kind, digits, no_training, params, message, schedule
):
    params = {**params, "callbacks": [*params.get("callbacks", []), no_training]}
    network = make(kind, learning_rate_schedule=schedule, **params)
    with pytest.raises(ValueError, match=message):
        network.fit(*digits)
