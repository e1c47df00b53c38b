"""Scores compared with those of scikit-learn."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from skdigits.reports import (
    DigitReport,
)


@st.composite
def predictions(draw):
    """Draw labels, probabilities with ties, and weights or None."""
    n_classes = draw(st.integers(2, 5))
    n_samples = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.sampled_from([2, 4, 1000]))
    parts = rng.integers(0, steps, (n_samples, n_classes)) + 1e-9
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    proba = (parts / parts.sum(axis=1, keepdims=True)).astype(dtype)
    # Some classes are often absent.
    y_true = rng.integers(0, draw(st.integers(1, n_classes)), n_samples)
    weights = draw(st.sampled_from([None, "whole", "any"]))
    if weights == "whole":
        weights = rng.integers(1, 4, n_samples)
    elif weights == "any":
        weights = rng.random(n_samples) + 0.01
    names = draw(st.sampled_from([np.arange(n_classes), np.array(list("bcdea"))]))
    names = np.sort(names[:n_classes])
    return names, y_true, proba, weights


@settings(max_examples=150, deadline=None)
@given(predictions())
def test_scores_equal_those_of_scikit_learn(drawn):
    labels, codes, proba, weights = drawn
    y_true, y_pred = labels[codes], labels[proba.argmax(axis=1)]
    report = DigitReport.from_predictions(
        y_true, proba, labels=labels, sample_weight=weights
    )
    weighted = {"sample_weight": weights}
    assert report.accuracy_ == metrics.accuracy_score(y_true, y_pred, **weighted)
    assert_array_equal(
        report.confusion_matrix_,
        metrics.confusion_matrix(y_true, y_pred, labels=labels, **weighted),
    )
    ours = (report.precision_, report.recall_, report.f1_, report.support_)
    theirs = metrics.precision_recall_fscore_support(
        y_true, y_pred, labels=labels, zero_division=np.nan, **weighted
    )
    for own, their in zip(ours, theirs, strict=True):
        assert_array_equal(own, their)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = metrics.log_loss(y_true, proba, labels=labels, **weighted)
    assert report.log_loss_ == loss
    for i, label in enumerate(labels):
        is_it = y_true == label
        if is_it.any() and not is_it.all():
            area = metrics.roc_auc_score(is_it, proba[:, i], **weighted)
            assert report.roc_auc_[i] == area
        else:
            assert np.isnan(report.roc_auc_[i])
    if len(labels) > 2 and len(np.unique(codes)) == len(labels):
        assert report.roc_auc_macro_ == metrics.roc_auc_score(
            y_true, proba, multi_class="ovr", labels=labels, **weighted
        )
    elif len(np.unique(codes)) < len(labels):
        assert report.roc_auc_macro_ is None


@settings(max_examples=100, deadline=None)
@given(predictions())
def test_reliability_equals_that_of_scikit_learn(drawn):
    labels, codes, proba, _ = drawn
    report = DigitReport.from_predictions(labels[codes], proba, labels=labels)
    is_correct, confidence = codes == proba.argmax(axis=1), proba.max(axis=1)
    accuracy, mean_confidence, share = report.reliability_
    if len(set(is_correct)) == 2:
        theirs = calibration_curve(is_correct, np.minimum(confidence, 1), n_bins=15)
        assert_array_equal(accuracy, theirs[0])
        assert_array_equal(mean_confidence, theirs[1])
    assert share.sum() == pytest.approx(1)
    # The definition of the calibration error, bin by bin.
    bins = np.ceil(np.minimum(confidence, 1) * 15).astype(int)
    error = sum(
        (bins == b).mean() * abs(np.mean(is_correct[bins == b] - confidence[bins == b]))
        for b in set(bins)
    )
    # The bin of a value on an edge depends on rounding.
    if not np.isclose(confidence * 15 % 1, [[0], [1]]).any():
        assert report.expected_calibration_error_ == pytest.approx(error, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(predictions())
def test_coverage_curve_equals_counting(drawn):
    labels, codes, proba, weights = drawn
    report = DigitReport.from_predictions(
        labels[codes], proba, labels=labels, sample_weight=weights
    )
    weights = np.ones(len(codes)) if weights is None else weights
    is_wrong, confidence = codes != proba.argmax(axis=1), proba.max(axis=1)
    coverage, error, threshold = report.coverage_curve_
    assert_array_equal(threshold, np.unique(confidence)[::-1])
    for covered, left, least in zip(coverage, error, threshold, strict=True):
        accepted = confidence >= least
        assert covered == pytest.approx(weights[accepted].sum() / weights.sum())
        assert left == pytest.approx(
            np.average(is_wrong[accepted], weights=weights[accepted])
        )
    assert coverage[-1] == 1
    assert error[-1] == pytest.approx(1 - report.accuracy_)


def test_rejecting_the_least_confident():
    confidence = np.array([0.6, 0.7, 0.8] + [0.9] * 97)
    proba = np.column_stack([confidence, 1 - confidence])
    y = np.array([1, 1] + [0] * 97 + [1])
    report = DigitReport.from_predictions(y, proba)
    assert [point.rejected for point in report.rejections_] == [0.005, 0.01, 0.02, 0.05]
    half, one, two, five = report.rejections_
    assert one.error == pytest.approx(2 / 99)
    assert one.threshold == 0.7
    assert two.error == pytest.approx(1 / 98)
    # If half a sample is rejected, half of its error is left.
    assert half.error == pytest.approx(2.5 / 99.5)
    # Two of 97 samples with the same confidence are rejected at random.
    assert five.error == pytest.approx((1 - 2 / 97) / 95)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1))
def test_interval_equals_wilsons(n, share):
    n_correct = round(share * n)
    y_pred = np.arange(n) >= n_correct
    report = DigitReport.from_predictions(np.zeros(n, bool), y_pred=y_pred)
    theirs = binomtest(n_correct, n).proportion_ci(method="wilson")
    assert report.accuracy_interval_ == pytest.approx((theirs.low, theirs.high))


def test_interval_uses_the_effective_sample_size():
    y, y_pred = np.zeros(100, int), np.arange(100) >= 80
    equal = DigitReport.from_predictions(y, y_pred=y_pred)
    scaled = DigitReport.from_predictions(
        y, y_pred=y_pred, sample_weight=np.full(100, 7)
    )
    assert scaled.accuracy_interval_ == pytest.approx(equal.accuracy_interval_)
    few = np.where(np.arange(100) % 2, 1.0, 0.0)
    half = DigitReport.from_predictions(y[::2], y_pred=y_pred[1::2])
    halved = DigitReport.from_predictions(y, y_pred=y_pred, sample_weight=few)
    assert halved.accuracy_interval_ == pytest.approx(half.accuracy_interval_)


def test_integer_weights_equal_repeated_samples(random_predictions):
    y, proba = random_predictions(300, 4)
    weights = np.random.default_rng(1).integers(1, 4, len(y))
    weighted = DigitReport.from_predictions(y, proba, sample_weight=weights)
    repeated = DigitReport.from_predictions(
        np.repeat(y, weights), np.repeat(proba, weights, axis=0)
    )
    for name in (
        "accuracy_",
        "log_loss_",
        "expected_calibration_error_",
        "roc_auc_macro_",
    ):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name))
    assert_array_equal(weighted.confusion_matrix_, repeated.confusion_matrix_)


def test_samples_of_zero_weight_are_ignored(random_predictions):
    y, proba = random_predictions(60, 4)
    weights = np.arange(60) % 3 * 1.0
    kept = weights > 0
    images = np.random.default_rng(0).random((60, 8, 8))
    found, wanted = (
        DigitReport.from_predictions(
            y[indices], proba[indices], labels=range(4),
            sample_weight=weights[indices], images=images[indices],
        )
        for indices in (np.arange(60), np.flatnonzero(kept))
    )  # fmt: skip
    kept_indices = np.flatnonzero(kept)
    losses = [
        loss._replace(sample_index=kept_indices[loss.sample_index])
        for loss in wanted.top_losses()
    ]
    assert found.top_losses() == losses
    assert len(found.top_losses(100)) == found.n_digits_ == kept.sum()
    texts = [str(r).split("Highest losses")[0] for r in (found, wanted)]
    assert texts[0] == texts[1]
    n_images = [r._repr_html_().count("data:image/png") for r in (found, wanted)]
    assert n_images[0] == n_images[1]


@pytest.mark.filterwarnings("error")
def test_single_class():
    for predicted in ({"y_pred": [7, 7]}, {"y_proba": [[1.0], [1.0]]}):
        report = DigitReport.from_predictions([7, 7], **predicted)
        assert report.confusion_matrix_.tolist() == [[2]]


class TestPairs:
    def test_are_counted_in_both_directions(self, report):
        matrix = report.confusion_matrix_
        pairs = report.most_confused(100)
        assert sum(pair.total for pair in pairs) == matrix.sum() - matrix.trace()
        assert [pair.total for pair in pairs] == sorted(
            (pair.total for pair in pairs), reverse=True
        )
        for pair in pairs:
            assert pair.a_as_b == matrix[pair.a, pair.b]
            assert pair.b_as_a == matrix[pair.b, pair.a]
            assert pair.total > 0

    def test_are_at_most_n(self, report):
        assert len(report.most_confused(2)) == 2
        assert report.most_confused(2) == report.most_confused(100)[:2]


@pytest.mark.parametrize("value", [-1, 1.5, "all"])
def test_invalid_n_raises(report, value):
    for method in (report.most_confused, report.top_losses):
        with pytest.raises(
            (ValueError, TypeError), match=f"n must be an int.*{value!r}"
        ):
            method(value)
        assert method(0) == []
