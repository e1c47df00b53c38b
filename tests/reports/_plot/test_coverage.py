"""Plots of the error rate by the share of rejected digits."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.linear_model import RidgeClassifier

from skdigits.reports import (
    CoverageDisplay,
)


class TestCoverage:
    def test_of_a_single_point_has_a_marker(self):
        display = CoverageDisplay.from_predictions([0, 1], np.eye(2))
        assert display.line_.get_marker() == "o"
        assert display.ax_.get_xlim() == (0, 100)

    def test_draws_the_curve(self, report, model, digits):
        _, X, _, y = digits
        display = CoverageDisplay.from_estimator(model, X, y, name="regression")
        x_drawn, y_drawn = display.line_.get_data()
        assert x_drawn == pytest.approx(100 * (1 - report.coverage_curve_.coverage))
        assert y_drawn == pytest.approx(100 * report.coverage_curve_.error)
        assert display.ax_.get_legend().get_texts()[0].get_text() == "regression"

    def test_curves_on_the_same_axes_have_distinct_colors(self, model, digits):
        _, X, _, y = digits
        ax = CoverageDisplay.from_estimator(model, X, y, name="0").ax_
        for name in "1234":
            CoverageDisplay.from_estimator(model, X, y, name=name, ax=ax)
        rgb = np.array([to_rgb(line.get_color()) for line in ax.lines])
        apart = np.abs(rgb[:, None] - rgb).sum(axis=2)
        assert apart[~np.eye(5, dtype=bool)].min() > 0.3

    def test_of_a_million_points_draws_fewer(self):
        coverage = np.linspace(1e-6, 1, 1_000_000)
        display = CoverageDisplay(coverage, coverage / 100).plot()
        x_drawn, _ = display.line_.get_data()
        assert len(x_drawn) <= 2000
        assert x_drawn[0] == pytest.approx(100, abs=1e-3)
        assert x_drawn[-1] == 0

    def test_without_probabilities_raises(self, digits):
        X, _, y, _ = digits
        with pytest.raises(ValueError, match="estimator must have predict_proba"):
            CoverageDisplay.from_estimator(RidgeClassifier().fit(X, y), X, y)
