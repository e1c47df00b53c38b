"""Saving of submissions to Kaggle's "Digit Recognizer"."""

import numpy as np
import pandas as pd
import pytest

from skdigits.datasets import save_submission

EXPECTED = b"ImageId,Label\n1,7\n2,0\n3,9\n"
DIGITS = [7, 0, 9]


@pytest.mark.parametrize(
    "labels",
    [
        DIGITS,
        tuple(DIGITS),
        np.array(DIGITS, np.uint8),
        np.array(DIGITS, np.float32),
        np.array(["7", "0", "9"]),
        np.array(["7", "0", "9"], object),
        np.array([b"7", b"0", b"9"]),
        pd.Series(DIGITS, index=[5, 3, 1]),
        pd.Series(DIGITS, dtype="Int64"),
        pd.Series(["7", "0", "9"], dtype="string"),
        pd.Categorical(DIGITS),
    ],
    ids=lambda labels: f"{type(labels).__name__}-{getattr(labels, 'dtype', 'int')}",
)
def test_writes_integers_counted_from_one(labels, tmp_path):
    path = tmp_path / "submission.csv"
    save_submission(path, labels)
    assert path.read_bytes() == EXPECTED


def test_path_can_be_a_string(tmp_path):
    save_submission(str(tmp_path / "submission.csv"), DIGITS)
    assert (tmp_path / "submission.csv").read_bytes() == EXPECTED


def test_pandas_reads_what_was_predicted(tmp_path):
    labels = np.random.default_rng(0).integers(0, 10, 28_000)
    save_submission(tmp_path / "submission.csv", labels)
    table = pd.read_csv(tmp_path / "submission.csv")
    assert list(table) == ["ImageId", "Label"]
    assert table["ImageId"].tolist() == list(range(1, 28_001))
    assert np.array_equal(table["Label"], labels)


def test_replaces_an_existing_file(tmp_path):
    path = tmp_path / "submission.csv"
    path.write_text("old and longer than the new file")
    save_submission(path, DIGITS)
    assert path.read_bytes() == EXPECTED


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([3, 10], "must hold the digits 0 to 9; got 10 at index 1"),
        ([-1], "got -1 at index 0"),
        ([3.0, 7.5], "got 7.5 at index 1"),
        ([3.0, np.nan], "got nan at index 1"),
        ([3, None], "got None at index 1"),
        (["3", "three"], "got three at index 1"),
        ([False, True], "got False at index 0"),
        (pd.Series([3, None], dtype="Int64"), "got (<NA>|nan) at index 1"),
        ([], "must hold at least one digit; got none"),
        (7, r"must be a 1d array of digits; got shape \(\)\.$"),
        (
            np.full((4, 10), 0.1),
            r"must be a 1d array of digits; got shape \(4, 10\). "
            r"Pass predict\(X\), or argmax\(axis=1\)",
        ),
        (np.array([[7], [0]]), r"got shape \(2, 1\)"),
    ],
)
def test_anything_else_than_digits_raises(labels, message, tmp_path):
    path = tmp_path / "submission.csv"
    path.write_text("old")
    with pytest.raises(ValueError, match=f"^labels .*{message}"):
        save_submission(path, labels)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("path", [None, DIGITS, b"submission.csv", 1])
def test_anything_else_than_a_path_raises(path):
    with pytest.raises(TypeError, match="path must be a string or path-like; got "):
        save_submission(path, DIGITS)


def test_missing_folder_raises(tmp_path):
    with pytest.raises(FileNotFoundError, match="in an existing folder"):
        save_submission(tmp_path / "nowhere" / "submission.csv", DIGITS)
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    path = tmp_path / "submission.csv"
    path.write_text("old")
    monkeypatch.setattr("pathlib.Path.write_text", fail)
    with pytest.raises(OSError, match="disk full"):
        save_submission(path, DIGITS)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
