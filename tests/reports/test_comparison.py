"""Comparisons of two reports."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression

from skdigits.reports import (
    DigitReport,
)


class TestComparison:
    def test_counts_samples_that_only_one_predicts_correctly(self, report, digits):
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
        assert [index for index, *_ in comparison.differing] == np.flatnonzero(
            first != second
        ).tolist()
        assert "LogisticRegression is significantly better at the 5 %" in str(
            comparison
        )
        assert "<pre>" in comparison._repr_html_()

    def test_of_a_report_with_itself(self, report):
        comparison = report.compare(report)
        assert comparison.p_value == 1
        assert comparison.differing == []
        assert "The difference is not significant" in str(comparison)

    def test_with_other_samples_raises(self, report, random_predictions):
        y, proba = random_predictions(897, 10)
        with pytest.raises(ValueError, match="same samples; got 897 and 500"):
            report.compare(DigitReport.from_predictions(y[:500], proba[:500]))
        with pytest.raises(
            ValueError, match="different true labels for .* samples, first"
        ):
            report.compare(DigitReport.from_predictions(y, proba))
        matrix = DigitReport.from_confusion_matrix(report.confusion_matrix_)
        with pytest.raises(ValueError, match="individual samples; got one made from"):
            report.compare(matrix)


def test_comparison_with_a_classifier_raises(report, model):
    with pytest.raises(TypeError, match="other must be a DigitReport; got Logistic"):
        report.compare(model)
