"""Samples with the highest losses."""

import numpy as np
import pytest

from skdigits.reports import (
    DigitReport,
)


class TestTopLosses:
    def test_are_in_descending_order(self, report, model, digits):
        _, X, _, y = digits
        losses = -np.log(model.predict_proba(X)[np.arange(len(y)), y])
        top = report.top_losses(20)
        assert [t.sample_index for t in top] == np.argsort(-losses, kind="stable")[
            :20
        ].tolist()
        for t in top:
            assert t.loss == pytest.approx(losses[t.sample_index])
            assert t.true == y[t.sample_index]
            assert t.predicted == model.predict(X[[t.sample_index]])[0]
            assert t.confidence == pytest.approx(
                model.predict_proba(X[[t.sample_index]]).max()
            )

    def test_find_a_wrong_label(self, model, digits):
        _, X, _, y = digits
        wrong = y.copy()
        wrong[123] = (y[123] + 5) % 10
        report = DigitReport.from_estimator(model, X, wrong)
        assert 123 in [t.sample_index for t in report.top_losses(3)]

    def test_of_zero_probability_are_finite(self):
        report = DigitReport.from_predictions([0, 1], [[1.0, 0.0], [1.0, 0.0]])
        assert [t.loss for t in report.top_losses()] == pytest.approx(
            [36.04, 0], abs=0.01
        )

    def test_need_probabilities(self):
        report = DigitReport.from_predictions([0, 1], y_pred=[0, 1])
        with pytest.raises(ValueError, match="must have probabilities; got none"):
            report.top_losses()
