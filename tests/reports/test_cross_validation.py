"""Reports on out-of-fold predictions."""

import base64
import io
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from sklearn import config_context
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GroupKFold,
    LeaveOneGroupOut,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdigits.reports import DigitReport
from skdigits.reports._metrics import wilson_interval

MODELS = [GaussianNB(), RidgeClassifier()]


@pytest.fixture(scope="module")
def samples(digits):
    X, _, y, _ = digits
    return X[:200], y[:200]


def mean_over_folds(model, X, y, cv):
    """Return the mean probabilities of the samples in test folds, and their indices."""
    totals, n = np.zeros((len(y), 10)), np.zeros(len(y))
    for train, test in cv.split(X, y):
        fitted = type(model)().fit(X[train], y[train])
        if hasattr(model, "predict_proba"):
            totals[np.ix_(test, fitted.classes_)] += fitted.predict_proba(X[test])
        else:
            totals[test, fitted.predict(X[test])] += 1
        n[test] += 1
    evaluated = np.flatnonzero(n)
    return totals[evaluated] / n[evaluated, None], evaluated


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "cv",
    [
        RepeatedKFold(n_splits=2, n_repeats=3, random_state=0),
        RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0),
        ShuffleSplit(5, test_size=0.4, random_state=0),
        TimeSeriesSplit(4),
    ],
    ids=lambda cv: type(cv).__name__,
)
class TestOverlappingAndIncompleteFolds:
    def test_count_every_sample_once(self, model, cv, samples):
        X, y = samples
        shares, evaluated = mean_over_folds(model, X, y, cv)
        report = DigitReport.from_cross_validation(model, X, y, cv=cv)
        assert report.n_digits_ == report.confusion_matrix_.sum() == len(evaluated)
        right = np.mean(shares.argmax(1) == y[evaluated])
        assert report.accuracy_ == pytest.approx(right)
        assert report.accuracy_interval_ == wilson_interval(right, len(evaluated))
        if model is MODELS[0]:
            assert_allclose(report.predictions.proba, shares)

    def test_are_mentioned_in_the_notes(self, model, cv, samples):
        report = DigitReport.from_cross_validation(model, *samples, cv=cv)
        text = " ".join(str(report).split())
        n = report.n_digits_
        assert (f"{n} of 200 samples were evaluated" in text) == (n < 200)
        if "Repeated" in type(cv).__name__:
            sizes = [len(test) for _, test in cv.split(*samples)]
            alone = np.average(cross_val_score(model, *samples, cv=cv), weights=sizes)
            assert f"a single classifier is {100 * alone:.2f} %" in text
        assert ("times and counts once" in text) == (
            not isinstance(cv, TimeSeriesSplit)
        )


@pytest.mark.parametrize(
    "cv", [GroupKFold(4), StratifiedGroupKFold(4), LeaveOneGroupOut()]
)
@pytest.mark.parametrize("routing", [False, True])
def test_groups_are_kept_together(cv, routing, samples):
    X, y = samples
    groups = np.arange(len(y)) // 40
    wanted = cross_val_predict(
        GaussianNB(), X, y, groups=groups, cv=cv, method="predict_proba"
    )
    with config_context(enable_metadata_routing=routing):
        found = [DigitReport.from_cross_validation(
            GaussianNB(), X, y, cv=cv, groups=groups
        )]  # fmt: skip
        if routing:
            found.append(
                DigitReport.from_cross_validation(
                    GaussianNB(), X, y, cv=cv, params={"groups": groups}
                )
            )
    for report in found:
        assert_array_equal(report.predictions.proba, wanted)
        assert report.notes_ == ()


def test_params_are_passed_to_fit(samples):
    X, y = samples
    weights = np.where(y < 5, 100.0, 0.01)
    params = {"sample_weight": weights}
    report = DigitReport.from_cross_validation(GaussianNB(), X, y, cv=3, params=params)
    wanted = cross_val_predict(GaussianNB(), X, y, cv=3, params=params)
    assert report.accuracy_ == np.mean(wanted == y)


def test_notes_mention_classes_missing_in_a_training_fold(samples):
    X, y = samples
    order = np.argsort(y, kind="stable")
    X, y = X[order], np.array(list("abcdefghij"))[y[order]]
    report = DigitReport.from_cross_validation(
        GaussianNB(), X, y, groups=y, cv=GroupKFold(10)
    )
    assert report.accuracy_ == 0
    assert (
        "The classes of 200 of 200 digits are missing in a training" in report.notes_[0]
    )
    assert f"'a' ({np.sum(y == 'a')})" in report.notes_[0]
    some = np.r_[0, 60:200]  # one digit of the first class
    with pytest.warns(UserWarning, match="least populated class"):
        report = DigitReport.from_cross_validation(GaussianNB(), X[some], y[some], cv=2)
    assert "The classes of 1 of 141 digits are missing" in report.notes_[0]
    assert report.recall_[0] == 0


def test_indices_refer_to_the_whole_data(samples):
    X, y = samples
    wrong = np.where(np.arange(len(y)) == 150, (y + 1) % 10, y)
    report = DigitReport.from_cross_validation(
        SVC(probability=False), X, wrong, cv=TimeSeriesSplit(2)
    )
    assert "sample 150" in report._repr_html_()
    report = DigitReport.from_cross_validation(
        GaussianNB(), X, y, cv=[(np.arange(100), np.arange(150, 200))]
    )
    assert min(top.sample_index for top in report.top_losses(50)) == 150
    hardest = report.top_losses(1)[0].sample_index
    encoded = re.search(
        rf'alt="sample {hardest}"[^>]*base64,([^"]+)"', report._repr_html_()
    )[1]
    ink = 255 - np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))
    assert np.corrcoef(ink.ravel(), X[hardest])[0, 1] > 0.999
    other = DigitReport.from_cross_validation(
        RidgeClassifier(), X, y, cv=[(np.arange(100), np.arange(150, 200))]
    )
    comparison = report.compare(other)
    assert min(index for index, *_ in comparison.differing) >= 150
    right = [r.predictions.is_correct for r in (report, other)]
    assert_array_equal(comparison.only_first, 150 + np.flatnonzero(right[0] > right[1]))
    assert_array_equal(
        comparison.only_second, 150 + np.flatnonzero(right[1] > right[0])
    )
    elsewhere = DigitReport.from_predictions(y[150:], y_pred=y[150:])
    with pytest.raises(ValueError, match="samples with different indices"):
        report.compare(elsewhere)


def test_boolean_masks_and_column_vectors(samples):
    X, y = samples
    mask = np.arange(len(y)) < 100
    with pytest.warns(match="column-vector y was passed"):
        report = DigitReport.from_cross_validation(
            GaussianNB(), X, y[:, None], cv=[(mask, ~mask), (~mask, mask)]
        )
    assert report.n_digits_ == len(y)


@pytest.mark.parametrize("cv", [iter([]), [], [([0, 1], [])]])
def test_folds_without_test_samples_raise(cv, samples):
    with pytest.raises(ValueError, match="cv must yield folds with test samples"):
        DigitReport.from_cross_validation(GaussianNB(), *samples, cv=cv)


def test_weights_and_images_are_those_of_the_evaluated_samples(samples):
    X, y = samples
    weights = np.arange(len(y)) + 1.0
    report = DigitReport.from_cross_validation(
        GaussianNB(), X, y, cv=TimeSeriesSplit(3), sample_weight=weights
    )
    evaluated = report.predictions.indices
    assert report.support_.sum() == weights[evaluated].sum()
    assert_array_equal(report.predictions.images, X[evaluated].reshape(-1, 8, 8))


class TestClassifiersThatDoNotPredictTheMostProbableLabel:
    @pytest.fixture
    def model(self):
        tree = DecisionTreeClassifier(max_depth=2, random_state=0)
        return FixedThresholdClassifier(tree, threshold=0.05)

    def test_keep_their_predictions(self, model, samples):
        X, y = samples
        wanted = cross_val_predict(model, X, y == 8, cv=3)
        proba = cross_val_predict(model, X, y == 8, cv=3, method="predict_proba")
        assert (wanted != (proba[:, 1] > 0.5)).any()
        report = DigitReport.from_cross_validation(model, X, y == 8, cv=3)
        assert report.accuracy_ == accuracy_score(y == 8, wanted)
        assert_array_equal(report.predictions.predicted, wanted)
        assert_array_equal(report.predictions.proba, proba)

    def test_vote_on_samples_in_several_test_folds(self, model, samples):
        X, y = samples
        cv = RepeatedKFold(n_splits=2, n_repeats=3, random_state=0)
        votes = np.zeros(len(y))
        for train, test in cv.split(X):
            votes[test] += model.fit(X[train], y[train] == 8).predict(X[test])
        report = DigitReport.from_cross_validation(model, X, y == 8, cv=cv)
        assert_array_equal(report.predictions.predicted, votes > 1.5)
        alone = np.mean(np.where(y == 8, votes, 3 - votes)) / 3
        assert f"a single classifier is {100 * alone:.2f} %" in report.notes_[0]


class OftenZero(GaussianNB):
    """Gives zero probabilities unless it is confident, as one-vs-rest may do."""

    def predict_proba(self, X):
        return (super().predict_proba(X) > 0.9999).astype(float)


def test_zero_probabilities_become_uniform(samples):
    X, y = samples
    model = OftenZero()
    raw = cross_val_predict(model, X, y, cv=3, method="predict_proba")
    is_zero = ~raw.any(axis=1)
    assert is_zero.any()
    report = DigitReport.from_cross_validation(model, X, y, cv=3)
    assert report.accuracy_ == np.mean(cross_val_predict(model, X, y, cv=3) == y)
    assert_array_equal(report.predictions.proba[is_zero], 0.1)
    model.fit(X[:100], y[:100])
    report = DigitReport.from_estimator(model, X, y)
    assert report.accuracy_ == model.score(X, y)


def test_folds_without_test_samples_are_left_out(samples):
    X, y = samples
    cv = [(np.arange(100), []), (np.arange(100), np.arange(100, 150))]
    assert DigitReport.from_cross_validation(GaussianNB(), X, y, cv=cv).n_digits_ == 50
