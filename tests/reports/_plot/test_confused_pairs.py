"""Plots of the digits behind the most frequent mistakes."""

import numpy as np
from numpy.testing import assert_array_equal

from skdigits.reports import (
    ConfusedPairsDisplay,
)


class TestConfusedPairs:
    def test_shows_digits_of_the_most_frequent_mistakes(self, report, model, digits):
        _, X, _, y = digits
        display = ConfusedPairsDisplay.from_estimator(
            model, X, y, n_pairs=3, n_images=2
        )
        predicted = model.predict(X)
        matrix = report.confusion_matrix_ - np.diag(report.confusion_matrix_.diagonal())
        most = np.sort(matrix.ravel())[::-1][:3]
        assert [cell.n_digits for cell in display.cells] == most.tolist()
        for cell, images in zip(display.cells, display.images, strict=True):
            assert 1 <= len(images) <= 2
            assert_array_equal(images, X[cell.indices].reshape(-1, 8, 8))
            assert set(y[cell.indices]) == {cell.true}
            assert set(predicted[cell.indices]) == {cell.predicted}

    def test_of_no_mistakes(self, digits):
        _, X, _, y = digits
        display = ConfusedPairsDisplay.from_predictions(y, y_pred=y, images=X)
        assert display.ax_.texts[0].get_text() == "No digit was misread."
