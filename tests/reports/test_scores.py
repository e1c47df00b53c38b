"""The numbers of a report beside scikit-learn's own."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdigits.reports import DigitReport


@st.composite
def predictions(draw):
    """Draw labels, probabilities with ties, and weights or none."""
    n_classes = draw(st.integers(2, 5))
    n_rows = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.sampled_from([2, 4, 1000]))
    parts = rng.integers(0, steps, (n_rows, n_classes)) + 1e-9
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    proba = (parts / parts.sum(axis=1, keepdims=True)).astype(dtype)
    # Often enough some class is absent.
    y_true = rng.integers(0, draw(st.integers(1, n_classes)), n_rows)
    weights = draw(st.sampled_from([None, "whole", "any"]))
    if weights == "whole":
        weights = rng.integers(1, 4, n_rows)
    elif weights == "any":
        weights = rng.random(n_rows) + 0.01
    names = draw(st.sampled_from([np.arange(n_classes), np.array(list("bcdea"))]))
    names = np.sort(names[:n_classes])
    return names, y_true, proba, weights


@settings(max_examples=150, deadline=None)
@given(predictions())
def test_are_scikit_learns_to_the_last_bit(drawn):
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
def test_reliability_is_scikit_learns(drawn):
    labels, codes, proba, _ = drawn
    report = DigitReport.from_predictions(labels[codes], proba, labels=labels)
    is_right, sure = codes == proba.argmax(axis=1), proba.max(axis=1)
    accuracy, confidence, share = report.reliability_
    if len(set(is_right)) == 2:
        theirs = calibration_curve(is_right, np.minimum(sure, 1), n_bins=15)
        assert_array_equal(accuracy, theirs[0])
        assert_array_equal(confidence, theirs[1])
    assert share.sum() == pytest.approx(1)
    # The definition, bin by bin.
    bins = np.ceil(np.minimum(sure, 1) * 15).astype(int)
    error = sum(
        (bins == b).mean() * abs(is_right[bins == b].mean() - sure[bins == b].mean())
        for b in set(bins)
    )
    if not np.isclose(sure * 15 % 1, [[0], [1]]).any():  # on an edge, rounding decides
        assert report.expected_calibration_error_ == pytest.approx(error, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(predictions())
def test_coverage_is_what_counting_gives(drawn):
    labels, codes, proba, weights = drawn
    report = DigitReport.from_predictions(
        labels[codes], proba, labels=labels, sample_weight=weights
    )
    weights = np.ones(len(codes)) if weights is None else weights
    is_wrong, sure = codes != proba.argmax(axis=1), proba.max(axis=1)
    coverage, error, threshold = report.coverage_curve_
    assert_array_equal(threshold, np.unique(sure)[::-1])
    for covered, left, least in zip(coverage, error, threshold, strict=True):
        accepted = sure >= least
        assert covered == pytest.approx(weights[accepted].sum() / weights.sum())
        assert left == pytest.approx(
            np.average(is_wrong[accepted], weights=weights[accepted])
        )
    assert coverage[-1] == 1
    assert error[-1] == pytest.approx(1 - report.accuracy_)


def test_refusing_the_least_sure():
    sure = np.array([0.6, 0.7, 0.8] + [0.9] * 97)
    proba = np.column_stack([sure, 1 - sure])
    y = np.array([1, 1] + [0] * 97 + [1])
    report = DigitReport.from_predictions(y, proba)
    assert [point.refused for point in report.refusals_] == [0.005, 0.01, 0.02, 0.05]
    half, one, two, five = report.refusals_
    assert one.error == pytest.approx(2 / 99)
    assert one.threshold == 0.7
    assert two.error == pytest.approx(1 / 98)
    # Half a row refused: half of its mistake is left.
    assert half.error == pytest.approx(2.5 / 99.5)
    # Two of 97 equally sure ones are refused, whichever they are.
    assert five.error == pytest.approx((1 - 2 / 97) / 95)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5000), st.floats(0, 1))
def test_interval_is_wilsons(n, share):
    n_right = round(share * n)
    y_pred = np.arange(n) >= n_right
    report = DigitReport.from_predictions(np.zeros(n, bool), y_pred=y_pred)
    theirs = binomtest(n_right, n).proportion_ci(method="wilson")
    assert report.accuracy_interval_ == pytest.approx((theirs.low, theirs.high))


def test_interval_with_weights_counts_what_they_tell():
    y, y_pred = np.zeros(100, int), np.arange(100) >= 80
    alike = DigitReport.from_predictions(y, y_pred=y_pred)
    scaled = DigitReport.from_predictions(
        y, y_pred=y_pred, sample_weight=np.full(100, 7)
    )
    assert scaled.accuracy_interval_ == pytest.approx(alike.accuracy_interval_)
    few = np.where(np.arange(100) % 2, 1.0, 0.0)
    half = DigitReport.from_predictions(y[::2], y_pred=y_pred[1::2])
    halved = DigitReport.from_predictions(y, y_pred=y_pred, sample_weight=few)
    assert halved.accuracy_interval_ == pytest.approx(half.accuracy_interval_)


def test_whole_weights_are_repeated_rows(random_predictions):
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


def test_rows_of_no_weight_are_as_good_as_absent(random_predictions):
    y, proba = random_predictions(60, 4)
    weights = np.arange(60) % 3 * 1.0
    kept = weights > 0
    images = np.random.default_rng(0).random((60, 8, 8))
    found, wanted = (
        DigitReport.from_predictions(
            y[rows], proba[rows], labels=range(4), sample_weight=weights[rows],
            images=images[rows],
        )
        for rows in (np.arange(60), np.flatnonzero(kept))
    )  # fmt: skip
    rows_in_data = np.flatnonzero(kept)
    losses = [loss._replace(row=rows_in_data[loss.row]) for loss in wanted.top_losses()]
    assert found.top_losses() == losses
    assert len(found.top_losses(100)) == found.n_digits_ == kept.sum()
    texts = [str(r).split("Hardest to believe")[0] for r in (found, wanted)]
    assert texts[0] == texts[1]
    pictures = [r._repr_html_().count("data:image/png") for r in (found, wanted)]
    assert pictures[0] == pictures[1]


@pytest.mark.filterwarnings("error")
def test_a_single_class():
    for predicted in ({"y_pred": [7, 7]}, {"y_proba": [[1.0], [1.0]]}):
        report = DigitReport.from_predictions([7, 7], **predicted)
        assert report.confusion_matrix_.tolist() == [[2]]


class TestPairs:
    def test_are_counted_both_ways(self, report):
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

    def test_are_no_more_than_asked_for(self, report):
        assert len(report.most_confused(2)) == 2
        assert report.most_confused(2) == report.most_confused(100)[:2]


class TestTopLosses:
    def test_come_first_to_last(self, report, model, digits):
        _, X, _, y = digits
        losses = -np.log(model.predict_proba(X)[np.arange(len(y)), y])
        top = report.top_losses(20)
        assert [t.row for t in top] == np.argsort(-losses, kind="stable")[:20].tolist()
        for t in top:
            assert t.loss == pytest.approx(losses[t.row])
            assert t.true == y[t.row]
            assert t.predicted == model.predict(X[[t.row]])[0]
            assert t.confidence == pytest.approx(model.predict_proba(X[[t.row]]).max())

    def test_find_a_wrong_label(self, model, digits):
        _, X, _, y = digits
        wrong = y.copy()
        wrong[123] = (y[123] + 5) % 10
        report = DigitReport.from_estimator(model, X, wrong)
        assert 123 in [t.row for t in report.top_losses(3)]

    def test_of_certainty_are_finite(self):
        report = DigitReport.from_predictions([0, 1], [[1.0, 0.0], [1.0, 0.0]])
        assert [t.loss for t in report.top_losses()] == pytest.approx(
            [36.04, 0], abs=0.01
        )

    def test_need_probabilities(self):
        report = DigitReport.from_predictions([0, 1], y_pred=[0, 1])
        with pytest.raises(ValueError, match="need probabilities"):
            report.top_losses()


class TestSources:
    def test_estimator_without_probabilities(self, digits):
        X, X_test, y, y_test = digits
        model = RidgeClassifier().fit(X, y)
        report = DigitReport.from_estimator(model, X_test, y_test)
        assert report.accuracy_ == model.score(X_test, y_test)
        for name in (
            "log_loss_",
            "expected_calibration_error_",
            "roc_auc_",
            "roc_auc_macro_",
            "coverage_curve_",
            "refusals_",
            "reliability_",
        ):
            assert getattr(report, name) is None, name
        assert "Log loss" not in str(report)
        assert "refused" not in report._repr_html_()
        assert report.to_dict()["top_losses"] is None

    def test_estimator_whose_labels_are_not_the_most_probable(self, digits):
        class Stubborn(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = np.unique(y)
                return self

            def predict(self, X):
                return np.full(len(X), self.classes_[3])

            def predict_proba(self, X):
                return np.eye(10)[np.zeros(len(X), int)]

        X, _, y, _ = digits
        report = DigitReport.from_estimator(Stubborn().fit(X, y), X, y)
        assert report.accuracy_ == (y == 3).mean()

    def test_pipeline_gives_its_last_step_as_name(self, digits):
        X, _, y, _ = digits
        pipe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=20))
        report = DigitReport.from_estimator(pipe.fit(X, y), X, y)
        assert report.name == "LogisticRegression"
        assert str(report).startswith("LogisticRegression on 900 digits")

    def test_cross_validation_judges_every_row_out_of_fold(self, digits):
        X, _, y, _ = digits
        folds = StratifiedKFold(4, shuffle=True, random_state=0)
        model = LogisticRegression(max_iter=100)
        report = DigitReport.from_cross_validation(model, X, y, cv=folds)
        proba = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
        assert report.log_loss_ == metrics.log_loss(y, proba)
        assert report.n_digits_ == 900
        assert not hasattr(model, "classes_")

    def test_cross_validation_without_probabilities(self, digits):
        X, _, y, _ = digits
        report = DigitReport.from_cross_validation(RidgeClassifier(), X, y, cv=3)
        assert report.log_loss_ is None
        assert report.accuracy_ > 0.8

    def test_confusion_matrix_tells_what_it_can(self, report):
        told = DigitReport.from_confusion_matrix(
            report.confusion_matrix_, labels=report.classes_
        )
        for name in ("accuracy_", "accuracy_interval_", "n_digits_"):
            assert getattr(told, name) == pytest.approx(getattr(report, name))
        for name in ("confusion_matrix_", "precision_", "recall_", "f1_", "support_"):
            assert_array_equal(getattr(told, name), getattr(report, name))
        assert told.most_confused() == report.most_confused()
        assert told.log_loss_ is None

    @pytest.mark.parametrize("n_classes", [1, 2, 26])
    def test_any_number_of_classes(self, random_predictions, n_classes):
        y, proba = random_predictions(500, n_classes)
        report = DigitReport.from_predictions(y, proba)
        assert report.confusion_matrix_.shape == (n_classes, n_classes)
        assert (report.log_loss_ is None) == (n_classes == 1)
        assert str(report)
        assert report._repr_html_()

    def test_labels_in_an_order_of_their_own(self, random_predictions):
        y, proba = random_predictions(200, 3)
        names = np.array(["zwei", "eins", "drei"])
        report = DigitReport.from_predictions(names[y], proba, labels=names)
        plain = DigitReport.from_predictions(y, proba)
        assert_array_equal(report.confusion_matrix_, plain.confusion_matrix_)
        assert report.log_loss_ == plain.log_loss_

    def test_nullable_numbers_of_pandas(self, random_predictions):
        pd = pytest.importorskip("pandas")
        y, proba = random_predictions(30, 3)
        found, wanted = (
            DigitReport.from_predictions(labels, probabilities)
            for labels, probabilities in [
                (pd.Series(y, dtype="Int64"), pd.DataFrame(proba, dtype="Float64")),
                (y, proba),
            ]
        )
        assert found.to_dict() == wanted.to_dict()

    def test_tables_of_pandas(self, digits, model):
        pd = pytest.importorskip("pandas")
        _, X, _, y = digits
        report = DigitReport.from_predictions(
            pd.Series(y), pd.DataFrame(model.predict_proba(X))
        )
        assert report.accuracy_ == model.score(X, y)

    @pytest.mark.parametrize("names", [list("cabd"), [3, 1, 2, 4], [3.0, 1.0, 2.0, 4]])
    def test_a_table_of_probabilities_names_its_columns(
        self, random_predictions, names
    ):
        pd = pytest.importorskip("pandas")
        y, proba = random_predictions(100, 4)
        y[y == 3] = 0  # the last one is a class without digits
        y_true, table = np.array(names)[y], pd.DataFrame(proba, columns=names)
        report = DigitReport.from_predictions(y_true, table)
        assert report.classes_.tolist() == names
        assert report.accuracy_ == np.mean(proba.argmax(axis=1) == y)

    def test_columns_that_are_not_named_by_classes(self, random_predictions):
        pd = pytest.importorskip("pandas")
        y, proba = random_predictions(100, 3)
        table = pd.DataFrame(proba, columns=["p0", "p1", "p2"])
        for y_true in (y, y + 1, y + 0.5, y.astype(str)):
            for columns in (table, pd.DataFrame(proba)):
                report = DigitReport.from_predictions(y_true, columns)
                assert report.accuracy_ == np.mean(proba.argmax(axis=1) == y)


class TestComparison:
    def test_counts_the_rows_on_which_one_is_right(self, report, digits):
        X, X_test, y, y_test = digits
        other = LogisticRegression(max_iter=50, C=1e-4).fit(X, y)
        comparison = report.compare(
            DigitReport.from_estimator(other, X_test, y_test, name="other")
        )
        first = report.predictions.predicted
        second = other.predict(X_test)
        only_first = np.flatnonzero((first == y_test) & (second != y_test))
        only_second = np.flatnonzero((first != y_test) & (second == y_test))
        assert_array_equal(comparison.only_first, only_first)
        assert_array_equal(comparison.only_second, only_second)
        n = len(only_first) + len(only_second)
        assert comparison.p_value == binomtest(len(only_first), n).pvalue
        assert [row for row, *_ in comparison.differing] == np.flatnonzero(
            first != second
        ).tolist()
        assert "LogisticRegression is better" in str(comparison)
        assert "<pre>" in comparison._repr_html_()

    def test_of_a_report_with_itself(self, report):
        comparison = report.compare(report)
        assert comparison.p_value == 1
        assert comparison.differing == []
        assert "do not tell which" in str(comparison)

    def test_needs_the_same_rows(self, report, random_predictions):
        y, proba = random_predictions(897, 10)
        with pytest.raises(ValueError, match="of 897, the other of 500"):
            report.compare(DigitReport.from_predictions(y[:500], proba[:500]))
        with pytest.raises(ValueError, match="differ in .* rows, first in"):
            report.compare(DigitReport.from_predictions(y, proba))
        matrix = DigitReport.from_confusion_matrix(report.confusion_matrix_)
        with pytest.raises(ValueError, match="alone does not tell of rows"):
            report.compare(matrix)
