"""Sample weights and class weights."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.utils.class_weight import compute_sample_weight

from skdigits.estimators._samples import check_weight, weights_of_classes

EXACT = {"batch_size": 10_000, "precision": "float64"}


@pytest.fixture(scope="module")
def sample_weights():
    return np.random.default_rng(0).integers(0, 4, size=240)


def test_a_weight_equals_repeated_samples(make, kind, digits, sample_weights):
    X, y = digits
    repeated = np.repeat(np.arange(240), sample_weights)
    weighted = make(kind, **EXACT).fit(X, y, sample_weight=sample_weights)
    longer = make(kind, **EXACT).fit(X[repeated], y[repeated])
    assert_allclose(
        weighted.predict_proba(X), longer.predict_proba(X), rtol=1e-6, atol=1e-12
    )
    assert_allclose(weighted.history_["loss"], longer.history_["loss"], rtol=1e-6)
    assert_allclose(
        weighted.history_["accuracy"], longer.history_["accuracy"], rtol=1e-6
    )


def test_a_weight_of_zero_equals_removing_the_sample(
    make, kind, digits, sample_weights
):
    X, y = digits
    is_in = sample_weights > 0
    params = {"early_stopping": True, "epochs": 3}
    weighted = make(kind, **params).fit(X, y, sample_weight=is_in)
    without = make(kind, **params).fit(X[is_in], y[is_in])
    assert_array_equal(weighted.predict_proba(X), without.predict_proba(X))


def test_batches_of_small_weights_change_little(make, zeros_and_ones):
    """Each batch is one sample, and the samples of one class have a tiny weight."""
    X, y = zeros_and_ones
    weight = np.where(y == 1, 1.0, 1e-6)
    network = make("ann", batch_size=1, epochs=1).fit(X, y, sample_weight=weight)
    assert (network.predict(X) == 1).all()


def test_tiny_weights_are_not_zero(make, zeros_and_ones):
    """After division by their mean, they are too small for float32."""
    X, y = zeros_and_ones
    weight = np.where(y == 1, 1e30, 1e-30)
    network = make("ann", batch_size=1, epochs=1).fit(X, y, sample_weight=weight)
    assert (network.predict(X) == 1).all()
    assert np.isfinite(network.history_["loss"]).all()


def test_samples_of_weight_zero_define_a_class(make, zeros_and_ones):
    X, y = zeros_and_ones
    X, y = np.concatenate([X, X[:1]]), np.append(y, 2)
    weight = np.append(np.ones(len(X) - 1), 0)
    network = make("ann").fit(X, y, sample_weight=weight)
    assert_array_equal(network.classes_, [0, 1, 2])


def test_equal_weights_do_not_change_the_result(make, kind, fitted, digits):
    X, y = digits
    weighted = make(kind).fit(X, y, sample_weight=np.ones(240))
    assert_array_equal(weighted.predict_proba(X), fitted.predict_proba(X))


def test_the_scale_of_the_weights_does_not_matter(make, kind, digits, sample_weights):
    X, y = digits
    small, large = (
        make(kind, precision="float64").fit(X, y, sample_weight=scale * sample_weights)
        for scale in (1, 1000)
    )
    assert_allclose(small.predict_proba(X), large.predict_proba(X), rtol=1e-6)


def test_a_number_is_the_weight_of_every_sample(make, ann, digits):
    X, _ = digits
    network = make("ann").fit(*digits, sample_weight=1.0)
    assert_array_equal(network.predict_proba(X), ann.predict_proba(X))


def test_partial_fit_uses_weights(make, kind, digits, sample_weights):
    X, y = digits
    repeated = np.repeat(np.arange(240), sample_weights)
    weighted, longer = make(kind, **EXACT), make(kind, **EXACT)
    for _ in range(3):
        weighted.partial_fit(X, y, classes=range(10), sample_weight=sample_weights)
        longer.partial_fit(X[repeated], y[repeated], classes=range(10))
    assert_allclose(
        weighted.predict_proba(X), longer.predict_proba(X), rtol=1e-6, atol=1e-12
    )


class TestClassWeight:
    def test_multiplies_the_sample_weights(self, make, kind, digits, sample_weights):
        X, y = digits
        class_weight = {label: 1.0 + label for label in range(10)}
        by_class = make(kind, class_weight=class_weight, epochs=3)
        by_class.fit(X, y, sample_weight=sample_weights)
        product = sample_weights * compute_sample_weight(class_weight, y)
        by_sample = make(kind, epochs=3).fit(X, y, sample_weight=product)
        assert_allclose(
            by_class.predict_proba(X), by_sample.predict_proba(X), rtol=1e-3
        )

    def test_balanced_equals_that_of_scikit_learn(self, digits):
        X, y = digits[0][:101], digits[1][:101]
        weight = check_weight(None, "balanced", X, y, np.arange(10), "float64")
        assert_array_equal(weight, compute_sample_weight("balanced", y))

    def test_balanced_gives_classes_equal_weight_with_sample_weights(
        self, digits, sample_weights
    ):
        X, y = digits
        sample_weights = np.where(y == 3, 0, sample_weights)
        weight = check_weight(
            sample_weights, "balanced", X, y, np.arange(10), "float64"
        )
        repeated = np.repeat(y, sample_weights)
        by_class = np.bincount(y, weights=weight)
        assert_allclose(by_class, np.where(np.arange(10) == 3, 0, len(repeated) / 9))
        assert_allclose(
            np.repeat(weight / np.maximum(sample_weights, 1), sample_weights),
            compute_sample_weight("balanced", repeated),
        )

    def test_balanced_with_weights_equals_repeated_samples(
        self, make, kind, digits, sample_weights
    ):
        X, y = digits
        repeated = np.repeat(np.arange(240), sample_weights)
        weighted, longer = (
            make(kind, class_weight="balanced", **EXACT) for _ in range(2)
        )
        weighted.fit(X, y, sample_weight=sample_weights)
        longer.fit(X[repeated], y[repeated])
        assert_allclose(
            weighted.predict_proba(X), longer.predict_proba(X), rtol=1e-6, atol=1e-12
        )

    def test_keys_are_the_labels(self, make, ann, zeros_and_ones):
        X, digit = zeros_and_ones
        y = np.array(["zero", "one"])[digit]
        few_epochs = {"epochs": 2}
        network = make("ann", class_weight={"one": 1000.0}, **few_epochs).fit(X, y)
        plain = make("ann", **few_epochs).fit(X, y)
        p_one, plain_p_one = (n.predict_proba(X)[:, 0] for n in (network, plain))
        assert p_one.mean() > plain_p_one.mean()

    @pytest.mark.parametrize(
        "container",
        [
            np.asarray,
            lambda y: y.astype(object),
            lambda y: pd.Series(y, dtype="string"),
            lambda y: pd.array(y, dtype="string"),
            pd.Categorical,
            list,
        ],
        ids=["str", "object", "string series", "string array", "categories", "list"],
    )
    def test_keys_may_be_digits_as_text(self, make, digits, container):
        X, y = digits
        params = {"epochs": 2, "warm_start": True}
        of_text = make("ann", class_weight={"8": 5.0}, **params)
        of_ints = make("ann", class_weight={8: 5.0}, **params)
        of_text.fit(X, container(y.astype(str))).fit(X, container(y.astype(str)))
        of_ints.fit(X, y).fit(X, y)
        assert_array_equal(of_text.predict_proba(X), of_ints.predict_proba(X))

    def test_keys_may_be_digits_as_text_in_partial_fit(self, make, digits):
        X, y = digits
        names = list("0123456789")
        of_text = make("ann", class_weight={"8": 5.0})
        of_text.partial_fit(X, y.astype(str), classes=names)
        of_ints = make("ann", class_weight={8: 5.0}).partial_fit(
            X, y, classes=range(10)
        )
        assert_array_equal(of_text.predict_proba(X), of_ints.predict_proba(X))

    @pytest.mark.parametrize(
        ("class_weight", "labels"),
        [
            ({8: 5.0}, [3, 8]),
            ({np.int64(8): np.float32(5)}, [3, 8]),
            ({8.0: 5}, [3, 8]),
            ({8: 5.0}, [3.0, 8.0]),
            ({"8": 5.0}, ["3", "8"]),
            ({np.str_("8"): 5.0}, ["3", "8"]),
            ({8: 5.0}, ["3", "8"]),  # as in scikit-learn
            ({"3": 1.0, "8": 5.0, 8: 7.0}, ["3", "8"]),
            ({True: 5.0}, [False, True]),
            ({date(2026, 8, 8): 5.0}, np.array(["2026-03-03", "2026-08-08"], "M8[D]")),
            ({"eight": 5.0, "three": 1.0, "four": 2.0}, ["eight", "three"][::-1]),
        ],
        ids=repr,
    )
    def test_keys_match_labels(self, class_weight, labels):
        weights = weights_of_classes(class_weight, np.array(labels))
        assert_array_equal(weights, [1, 5])

    def test_in_partial_fit(self, make, digits):
        X, y = digits
        class_weight = {label: 1.0 + label for label in range(10)}
        by_class = make("ann", class_weight=class_weight)
        by_class.partial_fit(X, y, classes=range(10))
        weight = compute_sample_weight(class_weight, y)
        by_sample = make("ann").partial_fit(
            X, y, classes=range(10), sample_weight=weight
        )
        assert_array_equal(by_class.predict_proba(X), by_sample.predict_proba(X))

    @pytest.mark.parametrize(
        "class_weight", [{0: 2.0, 1: 3.0}, {label: 2.0 for label in range(10)}]
    )
    def test_may_contain_a_class_that_a_batch_lacks(self, make, digits, class_weight):
        X, y = digits
        is_in = y != 1
        network = make("ann", class_weight=class_weight)
        network.partial_fit(X[is_in], y[is_in], classes=range(10))
        weight = compute_sample_weight({0: class_weight[0]}, y[is_in])
        if len(class_weight) == 10:
            weight = np.full(is_in.sum(), 2.0)
        by_sample = make("ann").partial_fit(
            X[is_in], y[is_in], classes=range(10), sample_weight=weight
        )
        assert_array_equal(network.predict_proba(X), by_sample.predict_proba(X))

    def test_balanced_is_rejected_in_partial_fit(self, make, digits, no_training):
        network = make("ann", class_weight="balanced", callbacks=[no_training])
        with pytest.raises(
            ValueError, match="class_weight must be a dict .* got 'balanced'"
        ):
            network.partial_fit(*digits, classes=range(10))


class TestErrors:
    @pytest.mark.parametrize(
        ("weight", "message"),
        [
            (np.full(240, -1.0), "sample_weight must give .* at least 0; got -"),
            (
                np.append(np.ones(239), -0.1),
                "sample_weight must give .* at least 0; got -",
            ),
            (
                np.zeros(240),
                "sample_weight must not be 0 for all|at least one non-zero",
            ),
            (np.ones(239), r"sample_weight.shape == \(239,\), expected \(240,\)"),
            (np.ones((240, 2)), "Sample weights must be 1D"),
            (np.full(240, np.nan), "sample_weight contains NaN"),
            (np.full(240, np.inf), "sample_weight contains infinity"),
        ],
    )
    def test_sample_weight(self, make, kind, digits, no_training, weight, message):
        network = make(kind, callbacks=[no_training])
        with pytest.raises(ValueError, match=message):
            network.fit(*digits, sample_weight=weight)

    def test_weights_that_leave_one_class(self, make, kind, digits, no_training):
        X, y = digits
        network = make(kind, callbacks=[no_training])
        with pytest.raises(ValueError, match=r"two classes .*got 1 class: \[3\]"):
            network.fit(X, y, sample_weight=(y == 3))

    @pytest.mark.parametrize("value", [-1.0, np.inf, np.nan, 1e300])
    def test_class_weight(self, make, kind, digits, no_training, value):
        network = make(kind, class_weight={0: value}, callbacks=[no_training])
        message = (
            "class_weight must give finite weights of at least 0; got (-1|inf|nan)"
        )
        with pytest.raises(ValueError, match=f"^{message}"):
            network.fit(*digits)

    def test_negative_weights_of_balanced_classes(self, make, digits, no_training):
        network = make("ann", class_weight="balanced", callbacks=[no_training])
        with pytest.raises(
            ValueError, match="sample_weight must give .* at least 0; got"
        ):
            network.fit(*digits, sample_weight=np.full(240, -1.0))

    @pytest.mark.parametrize(
        ("class_weight", "unknown"),
        [
            ({"zero": 2.0}, r"\['zero'\]"),
            ({"8": 2.0}, r"\['8'\]"),
            ({8: 2.0, 10: 2.0, 11: 2.0}, r"\[10, 11\]"),
            ({8.5: 2.0}, r"\[8\.5\]"),
        ],
        ids=repr,
    )
    def test_class_weight_of_an_unknown_label(
        self, make, digits, no_training, class_weight, unknown
    ):
        network = make("ann", class_weight=class_weight, callbacks=[no_training])
        message = rf"class_weight must have keys among the labels .*9.*; got {unknown}"
        with pytest.raises(ValueError, match=message):
            network.fit(*digits)

    @pytest.mark.parametrize("value", ["heavy", [1, 2], {}])
    def test_class_weight_that_is_not_a_number(self, make, digits, no_training, value):
        network = make("ann", class_weight={8: value}, callbacks=[no_training])
        with pytest.raises(ValueError, match="class_weight must map labels to numbers"):
            network.fit(*digits)
