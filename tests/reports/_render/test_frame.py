"""Reports as pandas DataFrames."""

import pytest
from numpy.testing import assert_array_equal

from skdigits.reports import DigitReport


def test_frame_has_a_row_for_each_class(report):
    pytest.importorskip("pandas")
    frame = report.to_frame()
    assert list(frame.columns) == ["precision", "recall", "f1", "support", "roc_auc"]
    assert frame.index.tolist() == report.classes_.tolist()
    assert_array_equal(frame["f1"], report.f1_)
    without = DigitReport.from_confusion_matrix([[1, 0], [1, 1]]).to_frame()
    assert "roc_auc" not in without
