"""History, held-out samples, and early stopping."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import accuracy_score, log_loss

from skdigits.estimators._samples import stratified_holdout

OVERFITS = {"epochs": 60, "learning_rate": 0.03, "random_state": 1}


def own_loss(network, X, y):
    return log_loss(y, network.predict_proba(X), labels=network.classes_)


class TestHistory:
    def test_without_validation(self, make, kind, fitted):
        epochs = make(kind).epochs
        assert set(fitted.history_) == {"loss", "accuracy"}
        assert [len(v) for v in fitted.history_.values()] == [epochs, epochs]
        assert fitted.n_epochs_ == epochs
        assert fitted.best_epoch_ == 1 + np.argmin(fitted.history_["loss"])
        assert all(type(v) is float for v in fitted.history_["loss"])
        assert fitted.history_["loss"][-1] < fitted.history_["loss"][0]

    @pytest.mark.parametrize("params", [{"validation_split": 0.2}, {}])
    def test_with_validation(self, make, kind, digits, more_digits, params):
        X, y = digits
        X_val, y_val = (None, None) if params else more_digits
        network = make(kind, epochs=4, **params).fit(X, y, X_val=X_val, y_val=y_val)
        assert set(network.history_) == {
            "loss",
            "accuracy",
            "val_loss",
            "val_accuracy",
        }
        assert {len(v) for v in network.history_.values()} == {4}
        assert network.best_epoch_ == 1 + np.argmin(network.history_["val_loss"])

    @pytest.mark.parametrize("n_samples", [1, 150])
    def test_has_the_loss_on_the_validation_samples(
        self, make, kind, digits, more_digits, n_samples
    ):
        X_val, y_val = (a[:n_samples] for a in more_digits)
        network = make(kind, epochs=2).fit(*digits, X_val=X_val, y_val=y_val)
        assert_allclose(
            network.history_["val_loss"][-1], own_loss(network, X_val, y_val), rtol=1e-5
        )
        assert_allclose(
            network.history_["val_accuracy"][-1],
            accuracy_score(y_val, network.predict(X_val)),
            rtol=1e-6,
        )

    def test_has_the_loss_on_many_validation_samples(self, make, digits):
        X, y = digits
        X_val, y_val = np.resize(X, (1_100, 64)), np.resize(y, 1_100)
        network = make("ann", epochs=1).fit(X, y, X_val=X_val, y_val=y_val)
        assert_allclose(
            network.history_["val_loss"], [own_loss(network, X_val, y_val)], rtol=1e-5
        )


class TestHoldOut:
    @pytest.mark.parametrize("fraction", [0.1, 0.25, 0.9])
    def test_takes_the_same_share_of_each_class(self, fraction):
        y = np.repeat([0, 1, 2], [100, 60, 20])
        y = np.random.default_rng(0).permutation(y)
        kept, held_out = stratified_holdout(y, fraction, np.random.RandomState(0))
        expected = np.round(fraction * np.array([100, 60, 20]))
        assert_array_equal(np.bincount(y[held_out]), expected)
        assert_array_equal(np.sort([*kept, *held_out]), np.arange(180))

    def test_leaves_every_class_a_sample_to_train_on(self):
        y = np.array([0, 1, 1, 2, 2, 2])
        for fraction in (0.01, 0.5, 0.99):
            kept, held_out = stratified_holdout(y, fraction, np.random.RandomState(0))
            assert set(y[kept]) == {0, 1, 2}
            assert set(y[held_out]) == {1, 2}

    def test_differs_with_another_seed(self):
        y = np.repeat([0, 1], 50)
        first, again, other = (
            stratified_holdout(y, 0.1, np.random.RandomState(seed))[1]
            for seed in (0, 0, 1)
        )
        assert_array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_without_two_samples_of_any_class_raises(self, make, digits):
        X, _ = digits
        with pytest.raises(ValueError, match=r"validation_split must be 0 .* got 0\.5"):
            make("ann", validation_split=0.5).fit(X[:3], [0, 1, 2])

    def test_held_out_samples_are_not_trained_on(
        self, make, zeros_and_ones, network_weights
    ):
        X, y = zeros_and_ones
        indices = np.r_[np.flatnonzero(y == 0)[:5], np.flatnonzero(y == 1)[:5]]
        X, y = X[indices], y[indices]
        network = make("ann", validation_split=0.4, epochs=1)
        plain = network_weights(network.fit(X, y))
        is_unused = np.zeros(10, dtype=bool)
        for i in range(10):
            spoiled = X.copy()
            spoiled[i] = 1 - X[i]
            weights = network_weights(network.fit(spoiled, y))
            is_unused[i] = np.array_equal(weights, plain)
        assert_array_equal(np.bincount(y[is_unused]), [2, 2])

    def test_given_validation_samples_are_not_trained_on(
        self, make, kind, fitted, digits, more_digits
    ):
        X_val, y_val = more_digits
        network = make(kind).fit(*digits, X_val=X_val, y_val=y_val)
        assert_array_equal(network.predict_proba(X_val), fitted.predict_proba(X_val))

    def test_given_validation_samples_replace_those_held_out(
        self, make, kind, digits, more_digits, network_weights
    ):
        X_val, y_val = more_digits
        without, with_split = (
            make(kind, epochs=2, validation_split=split).fit(
                *digits, X_val=X_val, y_val=y_val
            )
            for split in (None, 0.5)
        )
        assert_array_equal(network_weights(without), network_weights(with_split))
        assert without.history_ == with_split.history_

    def test_zero_holds_out_no_samples(self, make, digits, network_weights, ann):
        network = make("ann", validation_split=0).fit(*digits)
        assert_array_equal(network_weights(network), network_weights(ann))
        assert "val_loss" not in network.history_


@pytest.fixture(scope="module")
def stopped(make, kind, digits, more_digits):
    X_val, y_val = more_digits
    network = make(kind, early_stopping=True, patience=3, **OVERFITS)
    return network.fit(*digits, X_val=X_val, y_val=y_val)


class TestEarlyStopping:
    def test_stops_after_patience_epochs_without_improvement(self, stopped):
        assert stopped.n_epochs_ < 60
        assert stopped.n_epochs_ == stopped.best_epoch_ + 3
        assert len(stopped.history_["val_loss"]) == stopped.n_epochs_

    def test_keeps_the_weights_of_the_best_epoch(self, stopped, more_digits):
        losses = stopped.history_["val_loss"]
        assert stopped.best_epoch_ == 1 + np.argmin(losses) < stopped.n_epochs_
        assert stopped.kept_epoch_ == stopped.best_epoch_
        assert_allclose(own_loss(stopped, *more_digits), min(losses), rtol=1e-5)

    def test_with_more_patience_trains_longer(
        self, make, kind, digits, more_digits, stopped
    ):
        X_val, y_val = more_digits
        longer = make(kind, early_stopping=True, patience=9, **OVERFITS)
        longer.fit(*digits, X_val=X_val, y_val=y_val)
        n = stopped.n_epochs_
        assert longer.history_["val_loss"][:n] == stopped.history_["val_loss"]
        assert longer.n_epochs_ > n

    def test_keeps_the_best_weights_when_the_epochs_run_out(
        self, make, kind, digits, more_digits, stopped
    ):
        X_val, y_val = more_digits
        epochs = stopped.best_epoch_ + 1
        network = make(kind, early_stopping=True, **{**OVERFITS, "epochs": epochs})
        network.fit(*digits, X_val=X_val, y_val=y_val)
        assert network.n_epochs_ == epochs
        assert network.best_epoch_ == stopped.best_epoch_
        assert_allclose(
            own_loss(network, X_val, y_val),
            min(network.history_["val_loss"]),
            rtol=1e-5,
        )

    def test_holds_out_a_tenth_by_default(self, make, digits, network_weights):
        by_default, tenth, fifth = (
            make("ann", epochs=2, early_stopping=True, validation_split=split).fit(
                *digits
            )
            for split in (None, 0.1, 0.2)
        )
        assert by_default.history_ == tenth.history_ != fifth.history_

    def test_monitors_the_training_loss_without_held_out_samples(self, make, digits):
        network = make(
            "ann",
            early_stopping=True,
            validation_split=0,
            learning_rate=1.0,
            optimizer="adam",
            epochs=40,
            patience=1,
        ).fit(*digits)
        assert "val_loss" not in network.history_
        assert network.n_epochs_ == network.best_epoch_ + 1 < 40
        assert network.best_epoch_ == 1 + np.argmin(network.history_["loss"])
