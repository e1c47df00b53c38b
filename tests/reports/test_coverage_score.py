"""How many digits can be accepted at an error rate."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_val_score

from skdigits.reports import coverage_at_error_score


def test_counts_the_digits_before_too_many_errors():
    confidence = np.linspace(0.99, 0.6, 10)
    proba = np.stack([confidence, 1 - confidence], axis=1)
    y = np.array([0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
    score = [coverage_at_error_score(y, proba, max_error=e) for e in (0.1, 0.125, 0.2)]
    assert score == [0.3, 0.8, 1]


def test_none_can_be_accepted():
    assert coverage_at_error_score([0, 1], [[0.1, 0.9], [0.6, 0.4]]) == 0


def test_is_that_of_the_report(report, model, digits):
    _, X, _, y = digits
    curve = report.coverage_curve_
    score = coverage_at_error_score(y, model.predict_proba(X), max_error=0.01)
    assert score == curve.coverage[curve.error <= 0.01].max()
    assert 0.3 < score < 1


def test_one_column_is_that_of_the_second_class():
    y, second = np.array(["a", "b", "a"]), np.array([0.2, 0.9, 0.6])
    both = np.stack([1 - second, second], axis=1)
    expected = coverage_at_error_score(y, both, max_error=0.1)
    assert expected == pytest.approx(2 / 3)
    for column in (second, second[:, None]):
        assert coverage_at_error_score(y, column, max_error=0.1) == expected


def test_weights_and_labels():
    proba = np.eye(3)[[0, 1, 1]] * 0.7 + 0.1
    score = coverage_at_error_score(
        [0, 1, 0], proba, max_error=0.1, labels=[0, 1, 2], sample_weight=[1, 1, 0]
    )
    assert score == 1


@pytest.mark.parametrize("n_classes", [2, 10])
def test_as_a_scorer(digits, n_classes):
    X, _, y, _ = digits
    X, y = X[y < n_classes], y[y < n_classes]
    scorer = make_scorer(
        coverage_at_error_score, response_method="predict_proba", max_error=0.02
    )
    scores = cross_val_score(LogisticRegression(), X, y, scoring=scorer, cv=3)
    assert (scores > 0.5).all()


@pytest.mark.parametrize("max_error", [0, 1, -1])
def test_bounds(max_error):
    with pytest.raises(ValueError, match="max_error must be between 0 and 1"):
        coverage_at_error_score([0, 1], np.eye(2), max_error=max_error)
