"""Reports and plots of a classifier that rejects digits."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator

from skdigits import RejectingClassifierCV
from skdigits.reports import CoverageDisplay, DigitReport


@pytest.fixture(scope="module")
def rejecting(model, digits):
    X, _, y, _ = digits
    return RejectingClassifierCV(FrozenEstimator(model), max_error=0.02).fit(X, y)


def test_a_report_has_the_scores_of_all_digits_and_a_note(rejecting, report, digits):
    _, X, _, y = digits
    of_rejecting = DigitReport.from_estimator(rejecting, X, y)
    assert of_rejecting.accuracy_ == report.accuracy_
    y_pred = rejecting.predict(X)
    accepted = y_pred != -1
    n_wrong = np.count_nonzero((y_pred != y)[accepted])
    (note,) = of_rejecting.notes_
    assert f"Rejected are {(~accepted).sum()} of {len(y)} digits" in note
    assert f"Of the accepted ones, {n_wrong} " in note
    assert note in str(of_rejecting).replace("\n", " ")


def test_text_labels(model, digits):
    X, X_test, y, y_test = digits
    names = np.array([f"digit {i}" for i in range(10)])
    rejecting = RejectingClassifierCV(type(model)(max_iter=200), max_error=0.05, cv=3)
    rejecting.fit(X, names[y])
    report = DigitReport.from_estimator(rejecting, X_test, names[y_test])
    assert report.classes_.tolist() == names.tolist()
    assert "Rejected are" in report.notes_[0]


def test_the_curve_has_the_chosen_threshold(rejecting, digits):
    _, X, _, y = digits
    display = CoverageDisplay.from_estimator(rejecting, X, y)
    y_pred = rejecting.predict(X)
    accepted = y_pred != -1
    assert display.accepted == pytest.approx(accepted.mean())
    _, point = display.ax_.lines
    x_drawn, y_drawn = (data[0] for data in point.get_data())
    assert x_drawn == pytest.approx(100 * (~accepted).mean())
    assert y_drawn == pytest.approx(100 * (y_pred != y)[accepted].mean())
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["chosen threshold"]


def test_all_are_rejected(model, digits):
    X, X_test, y, y_test = digits
    frozen = RejectingClassifierCV(FrozenEstimator(model), max_error=1e-4)
    with pytest.warns(UserWarning, match="No threshold"):
        frozen.fit(X, y)
    assert CoverageDisplay.from_estimator(frozen, X_test, y_test).accepted == 0
    assert (
        "0 (0.00 %) are" in DigitReport.from_estimator(frozen, X_test, y_test).notes_[0]
    )
