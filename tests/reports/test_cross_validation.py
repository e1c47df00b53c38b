"""Reports on rows that are judged by classifiers that never saw them."""

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
def rows(digits):
    X, _, y, _ = digits
    return X[:200], y[:200]


def mean_over_folds(model, X, y, cv):
    """Return the mean probabilities of the rows in test folds, and these rows."""
    totals, n = np.zeros((len(y), 10)), np.zeros(len(y))
    for train, test in cv.split(X, y):
        fitted = type(model)().fit(X[train], y[train])
        if hasattr(model, "predict_proba"):
            totals[np.ix_(test, fitted.classes_)] += fitted.predict_proba(X[test])
        else:
            totals[test, fitted.predict(X[test])] += 1
        n[test] += 1
    judged = np.flatnonzero(n)
    return totals[judged] / n[judged, None], judged


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
class TestAnyFolds:
    def test_count_every_row_once(self, model, cv, rows):
        X, y = rows
        shares, judged = mean_over_folds(model, X, y, cv)
        report = DigitReport.from_cross_validation(model, X, y, cv=cv)
        assert report.n_digits_ == report.confusion_matrix_.sum() == len(judged)
        right = np.mean(shares.argmax(1) == y[judged])
        assert report.accuracy_ == pytest.approx(right)
        assert report.accuracy_interval_ == wilson_interval(right, len(judged))
        if model is MODELS[0]:
            assert_allclose(report.predictions.proba, shares)

    def test_say_how_often_rows_were_judged(self, model, cv, rows):
        report = DigitReport.from_cross_validation(model, *rows, cv=cv)
        text = " ".join(str(report).split())
        n = report.n_digits_
        assert (f"{n} of 200 rows were judged" in text) == (n < 200)
        if "Repeated" in type(cv).__name__:
            sizes = [len(test) for _, test in cv.split(*rows)]
            alone = np.average(cross_val_score(model, *rows, cv=cv), weights=sizes)
            assert f"alone is right on {100 * alone:.2f} %" in text
        assert ("each counts once" in text) == (not isinstance(cv, TimeSeriesSplit))


@pytest.mark.parametrize(
    "cv", [GroupKFold(4), StratifiedGroupKFold(4), LeaveOneGroupOut()]
)
@pytest.mark.parametrize("routing", [False, True])
def test_groups_stay_together(cv, routing, rows):
    X, y = rows
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


def test_params_go_to_the_fits(rows):
    X, y = rows
    weights = np.where(y < 5, 100.0, 0.01)
    params = {"sample_weight": weights}
    report = DigitReport.from_cross_validation(GaussianNB(), X, y, cv=3, params=params)
    wanted = cross_val_predict(GaussianNB(), X, y, cv=3, params=params)
    assert report.accuracy_ == np.mean(wanted == y)


def test_classes_missing_in_a_training_fold_are_said(rows):
    X, y = rows
    order = np.argsort(y, kind="stable")
    X, y = X[order], np.array(list("abcdefghij"))[y[order]]
    report = DigitReport.from_cross_validation(
        GaussianNB(), X, y, groups=y, cv=GroupKFold(10)
    )
    assert report.accuracy_ == 0
    assert "The class of 200 of 200 digits is missing in a training" in report.notes_[0]
    assert f"'a' ({np.sum(y == 'a')})" in report.notes_[0]
    some = np.r_[0, 60:200]  # one digit of the first class
    with pytest.warns(UserWarning, match="least populated class"):
        report = DigitReport.from_cross_validation(GaussianNB(), X[some], y[some], cv=2)
    assert "The class of 1 of 141 digits is missing" in report.notes_[0]
    assert report.recall_[0] == 0


def test_rows_keep_their_numbers(rows):
    X, y = rows
    wrong = np.where(np.arange(len(y)) == 150, (y + 1) % 10, y)
    report = DigitReport.from_cross_validation(
        SVC(probability=False), X, wrong, cv=TimeSeriesSplit(2)
    )
    assert "row 150" in report._repr_html_()
    report = DigitReport.from_cross_validation(
        GaussianNB(), X, y, cv=[(np.arange(100), np.arange(150, 200))]
    )
    assert min(top.row for top in report.top_losses(50)) == 150
    hardest = report.top_losses(1)[0].row
    picture = re.search(
        rf'alt="row {hardest}"[^>]*base64,([^"]+)"', report._repr_html_()
    )[1]
    ink = 255 - np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))
    assert np.corrcoef(ink.ravel(), X[hardest])[0, 1] > 0.999
    other = DigitReport.from_cross_validation(
        RidgeClassifier(), X, y, cv=[(np.arange(100), np.arange(150, 200))]
    )
    comparison = report.compare(other)
    assert min(row for row, *_ in comparison.differing) >= 150
    right = [r.predictions.is_right for r in (report, other)]
    assert_array_equal(comparison.only_first, 150 + np.flatnonzero(right[0] > right[1]))
    assert_array_equal(
        comparison.only_second, 150 + np.flatnonzero(right[1] > right[0])
    )
    elsewhere = DigitReport.from_predictions(y[150:], y_pred=y[150:])
    with pytest.raises(ValueError, match="the same rows of the data"):
        report.compare(elsewhere)


def test_masks_and_columns(rows):
    X, y = rows
    mask = np.arange(len(y)) < 100
    with pytest.warns(match="column-vector y was passed"):
        report = DigitReport.from_cross_validation(
            GaussianNB(), X, y[:, None], cv=[(mask, ~mask), (~mask, mask)]
        )
    assert report.n_digits_ == len(y)


@pytest.mark.parametrize("cv", [iter([]), [], [([0, 1], [])]])
def test_folds_without_rows_to_judge(cv, rows):
    with pytest.raises(ValueError, match="cv must give folds with rows to test"):
        DigitReport.from_cross_validation(GaussianNB(), *rows, cv=cv)


def test_weights_and_images_follow_the_rows_judged(rows):
    X, y = rows
    weights = np.arange(len(y)) + 1.0
    report = DigitReport.from_cross_validation(
        GaussianNB(), X, y, cv=TimeSeriesSplit(3), sample_weight=weights
    )
    judged = report.predictions.rows
    assert report.support_.sum() == weights[judged].sum()
    assert_array_equal(report.predictions.images, X[judged].reshape(-1, 8, 8))


class TestClassifiersThatDoNotPredictTheMostProbableLabel:
    @pytest.fixture
    def model(self):
        tree = DecisionTreeClassifier(max_depth=2, random_state=0)
        return FixedThresholdClassifier(tree, threshold=0.05)

    def test_are_taken_at_their_word(self, model, rows):
        X, y = rows
        wanted = cross_val_predict(model, X, y == 8, cv=3)
        proba = cross_val_predict(model, X, y == 8, cv=3, method="predict_proba")
        assert (wanted != (proba[:, 1] > 0.5)).any()
        report = DigitReport.from_cross_validation(model, X, y == 8, cv=3)
        assert report.accuracy_ == accuracy_score(y == 8, wanted)
        assert_array_equal(report.predictions.predicted, wanted)
        assert_array_equal(report.predictions.proba, proba)

    def test_are_outvoted_where_rows_are_judged_several_times(self, model, rows):
        X, y = rows
        cv = RepeatedKFold(n_splits=2, n_repeats=3, random_state=0)
        votes = np.zeros(len(y))
        for train, test in cv.split(X):
            votes[test] += model.fit(X[train], y[train] == 8).predict(X[test])
        report = DigitReport.from_cross_validation(model, X, y == 8, cv=cv)
        assert_array_equal(report.predictions.predicted, votes > 1.5)
        alone = np.mean(np.where(y == 8, votes, 3 - votes)) / 3
        assert f"alone is right on {100 * alone:.2f} %" in report.notes_[0]


class OftenWithoutAnswer(GaussianNB):
    """Gives no probability unless it is sure, as one-vs-rest classifiers may do."""

    def predict_proba(self, X):
        return (super().predict_proba(X) > 0.9999).astype(float)


def test_rows_without_any_probability_have_equally_probable_classes(rows):
    X, y = rows
    model = OftenWithoutAnswer()
    raw = cross_val_predict(model, X, y, cv=3, method="predict_proba")
    is_empty = ~raw.any(axis=1)
    assert is_empty.any()
    report = DigitReport.from_cross_validation(model, X, y, cv=3)
    assert report.accuracy_ == np.mean(cross_val_predict(model, X, y, cv=3) == y)
    assert_array_equal(report.predictions.proba[is_empty], 0.1)
    model.fit(X[:100], y[:100])
    report = DigitReport.from_estimator(model, X, y)
    assert report.accuracy_ == model.score(X, y)


def test_folds_without_rows_to_judge_are_left_out(rows):
    X, y = rows
    cv = [(np.arange(100), []), (np.arange(100), np.arange(100, 150))]
    assert DigitReport.from_cross_validation(GaussianNB(), X, y, cv=cv).n_digits_ == 50
