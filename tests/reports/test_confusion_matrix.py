"""Reports of a confusion matrix alone."""

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import coo_array, coo_matrix, csr_matrix
from sklearn.metrics import confusion_matrix

from skdigits.reports import DigitReport
from skdigits.reports._render._svg_plots import svg_plots_of

COUNTS = np.array([[9, 1, 0], [2, 7, 0], [0, 3, 0]])
NAMES = ["seven", "one", "none"]


@pytest.mark.parametrize(
    "make", [np.asarray, list, csr_matrix, coo_array, np.uint8, np.float64]
)
def test_types_of_matrices(make):
    report = DigitReport.from_confusion_matrix(make(COUNTS), labels=NAMES)
    assert_array_equal(report.confusion_matrix_, COUNTS)
    assert report.n_digits_ == 22
    assert report.accuracy_ == pytest.approx(16 / 22)
    assert report.most_confused(1)[0][:2] == ("seven", "one")


def test_sparse_matrix_of_a_thousand_classes():
    rng = np.random.default_rng(0)
    true = rng.integers(1000, size=5000)
    predicted = np.where(rng.random(5000) < 0.9, true, rng.integers(1000, size=5000))
    # The matrix has floats, and one duplicate entry per digit.
    matrix = coo_matrix((np.ones(5000), (true, predicted)), shape=(1000, 1000))
    report = DigitReport.from_confusion_matrix(matrix)
    counts = confusion_matrix(true, predicted, labels=range(1000))
    assert_array_equal(report.confusion_matrix_, counts)
    assert report.accuracy_ == np.mean(true == predicted)
    text = str(report)
    assert len(text.splitlines()) < 60
    assert "By class: the 20 of 1,000 classes with the lowest F1" in text
    worst = np.lexsort((-report.support_, report.f1_))[:20]
    assert all(re.search(rf"^ +{i} ", text, re.MULTILINE) for i in worst)
    page = report._repr_html_()
    assert len(page) < 1_000_000
    assert page.index("20 of 1,000 classes") < page.index("All classes</summary>")
    assert "20 most confused of 1,000 classes" in svg_plots_of(report)["confusion"].svg


def test_dataframe_gives_the_labels():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(COUNTS, index=NAMES, columns=NAMES)
    report = DigitReport.from_confusion_matrix(table)
    assert report.classes_.tolist() == NAMES
    assert_array_equal(report.confusion_matrix_, COUNTS)
    named = DigitReport.from_confusion_matrix(table, labels=["7", "1", "0"])
    assert named.classes_.tolist() == ["7", "1", "0"]
    nullable = DigitReport.from_confusion_matrix(table.astype("Int64"))
    assert_array_equal(nullable.confusion_matrix_, COUNTS)
    y_true, y_pred = ["b", "a", "b", "c"], ["a", "a", "b", "b"]
    cross = pd.crosstab(np.array(y_true), np.array(y_pred))
    with pytest.raises(
        ValueError, match=r"same names.*\['a', 'b', 'c'\] and \['a', 'b'\]"
    ):
        DigitReport.from_confusion_matrix(cross)
    whole = cross.reindex(index=list("abc"), columns=list("abc"), fill_value=0)
    report = DigitReport.from_confusion_matrix(whole)
    assert_array_equal(report.confusion_matrix_, confusion_matrix(y_true, y_pred))


@pytest.mark.parametrize(
    ("kind", "total"), [(int, "All"), (int, "total"), (str, "All"), (float, "Sum")]
)
def test_dataframe_with_totals_raises(kind, total):
    pd = pytest.importorskip("pandas")
    y_true, y_pred = np.array([[0, 1, 2, 1], [0, 1, 1, 2]]).astype(kind)
    table = pd.crosstab(y_true, y_pred, margins=True, margins_name=total)
    with pytest.raises(ValueError, match=r"must not contain totals.*iloc\[:-1, :-1\]"):
        DigitReport.from_confusion_matrix(table)
    report = DigitReport.from_confusion_matrix(table.iloc[:-1, :-1])
    assert report.accuracy_ == 0.5


def test_counts_that_equal_totals_by_chance():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame([[0, 0, 0], [0, 1, 1], [0, 1, 1]])
    assert DigitReport.from_confusion_matrix(table).accuracy_ == 0.5


@pytest.mark.parametrize("labels", [None, ["7", "1", "0"]])
def test_dataframe_in_another_order_raises(labels):
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(COUNTS, index=NAMES, columns=NAMES[::-1])
    with pytest.raises(
        ValueError, match=r"index and its columns in the same order.*\[matrix"
    ):
        DigitReport.from_confusion_matrix(table, labels=labels)


@pytest.mark.parametrize("labels", [["a", "a", "b"], np.array([1, 2, 1])])
def test_duplicate_labels_raise(labels):
    with pytest.raises(ValueError, match="labels must be unique; got"):
        DigitReport.from_confusion_matrix(COUNTS, labels=labels)


@pytest.mark.parametrize(
    "matrix", [np.eye(3), COUNTS / 22, COUNTS + np.nan, csr_matrix((3, 3)), COUNTS > 1]
)
def test_values_other_than_counts_raise(matrix):
    with pytest.raises(
        ValueError, match="matrix must hold counts, nonnegative integers"
    ):
        DigitReport.from_confusion_matrix(matrix)


@pytest.mark.parametrize(
    ("matrix", "labels", "message"),
    [
        ([[1, 2, 3]], None, "must be square; got shape"),
        ([[0.5, 1], [1, 1]], None, "must hold counts"),
        ([[1, -1], [1, 1]], None, "must hold counts"),
        ([[0, 0], [0, 0]], None, "at least one is positive"),
        ([[1, 0], [0, 1]], ["a"], r"labels must hold 2 labels.*; got \['a'\]"),
    ],
)
def test_invalid_matrices_raise(matrix, labels, message):
    with pytest.raises(ValueError, match=message):
        DigitReport.from_confusion_matrix(matrix, labels=labels)
