import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal
from sklearn.utils import Bunch

from skdigits.datasets import _csv_table, fetch_mnist, load_pixel_csv


def as_csv(table, *, label=True, newline="\n"):
    names = ["label"] * label + [f"pixel{i}" for i in range(table.shape[1] - label)]
    rows = [",".join(map(str, row)) for row in table.tolist()]
    return newline.join([",".join(names), *rows, ""]).encode()


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a CSV file from its bytes."""

    def load(content, **params):
        path = tmp_path / "digits.csv"
        path.write_bytes(content)
        return load_pixel_csv(path, **params)

    return load


TABLE = np.array([[7, 0, 255, 9], [2, 128, 10, 99], [0, 1, 100, 200]])


def test_labeled(load, tmp_path):
    table = load(as_csv(TABLE))
    assert isinstance(table, Bunch)
    assert table.data.dtype == np.uint8
    assert table.data.flags.c_contiguous
    assert table.target.dtype == np.int64
    assert_array_equal(table.data, TABLE[:, 1:])
    assert_array_equal(table.target, [7, 2, 0])
    assert table.feature_names == ["pixel0", "pixel1", "pixel2"]
    assert table.filename == str(tmp_path / "digits.csv")


def test_unlabeled(load):
    table = load(as_csv(TABLE, label=False))
    assert_array_equal(table.data, TABLE)
    assert table.target is None
    assert table.feature_names == ["pixel0", "pixel1", "pixel2", "pixel3"]


def test_return_X_y(load):
    X, y = load(as_csv(TABLE), return_X_y=True)
    assert_array_equal(X, TABLE[:, 1:])
    assert_array_equal(y, TABLE[:, 0])
    X, y = load(as_csv(TABLE, label=False), return_X_y=True)
    assert_array_equal(X, TABLE)
    assert y is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.removesuffix(b"\n"),
        lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text + b"\n\n\n",
        lambda text: text + b"\r\n" * 50,
        lambda text: text + b"   \n\n",
        lambda text: text.replace(b",10,", b", 10 ,"),
        lambda text: text.replace(b",10,", b",010,"),
        lambda text: text.replace(b",10,", b",00010,"),
        lambda text: text.replace(b",10,", b",10.0,"),
        lambda text: text.replace(b",10,", b",1.000e+01,"),
        lambda text: text.replace(b",10,", b",+10,"),
    ],
)
@pytest.mark.parametrize("blocks", ["one block", "small blocks"])
def test_equivalent_notations(load, monkeypatch, blocks, change):
    if blocks == "small blocks":
        monkeypatch.setattr(_csv_table, "_HEAD", 16)
        monkeypatch.setattr(_csv_table, "_BLOCK", 16)
    table = load(change(as_csv(TABLE)))
    assert_array_equal(table.data, TABLE[:, 1:])
    assert_array_equal(table.target, TABLE[:, 0])


@pytest.mark.parametrize(
    "cell",
    [
        *(b"", b" ", b"256", b"-1", b"1000", b"1.5", b"1e400", b"nan", b"inf"),
        *(b"x", b"1_0", b"0x10", b"12 3", b"12\r3", b'"12', b"1\x002", b"\xff"),
        *(b"7\x00", b"0.0\x00"),
        *(b"\xef\xbc\x91", b"1" * 100, b"0" * 100),
    ],
)
@pytest.mark.parametrize("line", [2, 3, 4])
@pytest.mark.parametrize("blocks", ["one block", "small blocks"])
def test_bad_cell(load, monkeypatch, blocks, line, cell):
    if blocks == "small blocks":
        monkeypatch.setattr(_csv_table, "_HEAD", 16)
        monkeypatch.setattr(_csv_table, "_BLOCK", 16)
    lines = as_csv(TABLE).split(b"\n")
    cells = lines[line - 1].split(b",")
    for column, name in [(0, "label"), (2, "pixel1"), (3, "pixel2")]:
        changed = [*cells[:column], cell, *cells[column + 1 :]]
        content = b"\n".join([*lines[: line - 1], b",".join(changed), *lines[line:]])
        with pytest.raises(
            ValueError,
            match=rf"digits\.csv', line {line}, column '{name}': .*0 to 255.*; got ",
        ):
            load(content)


@pytest.mark.parametrize(
    ("row", "got"),
    [
        (b"1,2,3", "3 cells"),
        (b"1,2,3,4,5", "5 cells"),
        (b"1,2,3,4,", "5 cells"),
        (b"1;2;3;4", r"1 cell\."),
        (b"", "a blank line"),
        (b"  ", "a blank line"),
        (b"1,2,3,4,1,2,3,4", "8 cells"),
    ],
)
@pytest.mark.parametrize("line", [2, 3, 4])
def test_ragged_row(load, line, row, got):
    lines = as_csv(TABLE).split(b"\n")
    content = b"\n".join([*lines[: line - 1], row, *lines[line - 1 :]])
    with pytest.raises(
        ValueError, match=rf"line {line}: the row must have 4 cells.*; got {got}"
    ):
        load(content)


def test_two_ragged_rows_whose_lengths_cancel_out(load):
    content = b"label,pixel0,pixel1\n1,2,3\n1,2\n3,1,2,3\n"
    with pytest.raises(ValueError, match="line 3: the row must have 3 cells.*; got 2"):
        load(content)


def test_line_number_in_a_long_file(load):
    table = np.zeros((50_000, 5), int)
    lines = as_csv(table).split(b"\n")
    lines[43_210 - 1] = b"0,0,256,0,0"
    with pytest.raises(ValueError, match="line 43210, column 'pixel1': .*; got '256'"):
        load(b"\n".join(lines))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"label,pixel0,pixel2", "column 3 must be 'pixel1'; got 'pixel2'"),
        (b"label,pixel0,pixel0", "column 3 must be 'pixel1'; got 'pixel0'"),
        (b"label,pixel1,pixel0", "column 3 must be 'pixel2'; got 'pixel0'"),
        (b"label,pixel2,pixel3", "column 2 must be the first pixel, .*; got 'pixel2'"),
        (b"label,pixel0,1x2", "column 3 must be 'pixel1'; got '1x2'"),
        (b"label,1x1,pixel1", "column 3 must be '1x2'; got 'pixel1'"),
        (b"1x1,2x1,label", "column 2 must be '1x2'; got '2x1'"),
        (b"1x1,1x2,2x1", "the last column of pixels must be '2x2'; got '2x1'"),
        (b"label,1x1,2x2", "column 3 must be '1x2'; got '2x2'"),
        (b"label,label,pixel0", "the columns 'label' and 'label' may all hold"),
        (b"label,pixel0,class", "label must be given.*'label' and 'class'"),
        (b"kind,pixel0,pixel1", "column 1 must be .*; got 'kind'.*pass label=0"),
        (b"pixel0,pixel1,kind", "column 3 must be .*; got 'kind'.*pass label=2"),
        (b"5,0,0", "any of the 3 columns may hold.*label=0.*label=None"),
        (b"label,pixel0,", "column 3 must be 'pixel1'; got ''"),
        (b"label", "at least one pixel column; got none"),
        (b"", "an empty line"),
        (b"x" * 500, r"column 1 must be .*; got 'x{40}\.\.\.'"),
    ],
)
def test_bad_header(load, header, message):
    with pytest.raises(ValueError, match=f"digits.csv', line 1: .*{message}"):
        load(header + b"\n1,2,3\n")


@pytest.mark.parametrize("rest", [b"", b"\n", b"\r\n\n\n", b"\n" * 100])
def test_no_rows(load, rest):
    with pytest.raises(
        ValueError, match="line 2: the table must have at least one row"
    ):
        load(b"label,pixel0" + rest)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_empty_file(load, content):
    with pytest.raises(ValueError, match="line 1: .*; got an empty line"):
        load(content)


@pytest.mark.parametrize("fill", [b"1", b"1,", b" "])
def test_endless_line_takes_no_memory(tmp_path, peak_memory, fill):
    path = tmp_path / "endless.csv"
    path.write_bytes(b"label,pixel0\n1,2\n" + fill * (40 * 2**20 // len(fill)) + b"1")

    def load():
        with pytest.raises(
            ValueError, match=r"endless\.csv', line 3: .* at most \d+ bytes"
        ):
            load_pixel_csv(path)

    assert peak_memory(load) < 30 * 2**20


@pytest.mark.parametrize("end", [b"7\n", b"7,8,9\n", b"9" * 2**20])
def test_the_first_of_several_errors_is_raised(load, monkeypatch, end):
    monkeypatch.setattr(_csv_table, "_HEAD", 16)
    monkeypatch.setattr(_csv_table, "_BLOCK", 16)
    content = b"label,pixel0\n" + b"1,2\n" * 98 + b"7,256\n" + end
    with pytest.raises(ValueError, match="line 100, column 'pixel0': .*; got '256'"):
        load(content)


def test_endless_header(tmp_path):
    path = tmp_path / "endless.csv"
    path.write_bytes(b"label," * (4 * 2**20))
    with pytest.raises(
        ValueError, match=r"endless\.csv', line 1: .* at most \d+ bytes"
    ):
        load_pixel_csv(path)


def test_file_system_errors_are_not_changed(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_pixel_csv(tmp_path / "missing.csv")
    with pytest.raises(IsADirectoryError):
        load_pixel_csv(str(tmp_path))


@settings(deadline=None)
@given(
    table=hnp.arrays(
        np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=20)
    ),
    label=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
    block=st.integers(1, 400),
)
def test_round_trip(scratch, table, label, newline, block):
    path = scratch / "digits.csv"
    path.write_bytes(as_csv(table, label=label, newline=newline))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_csv_table, "_HEAD", block)
        patch.setattr(_csv_table, "_BLOCK", block)
        X, y = load_pixel_csv(path, return_X_y=True)
    assert_array_equal(X, table[:, label:])
    assert_array_equal(y, table[:, 0] if label else None)


def check_that_quick_and_exact_agree(path):
    """Check that quick and exact parsing accept and reject the same content."""

    def outcome():
        try:
            return load_pixel_csv(path, label=0).data.tolist()
        except ValueError as error:
            return str(error)

    quick = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_csv_table, "_read_quickly", lambda rows, table: None)
        exact = outcome()
    assert quick == exact


@settings(deadline=None, max_examples=200)
@given(rows=st.text("0123456789,,\n\n\r .-e", max_size=60))
def test_arbitrary_rows_agree_with_exact_parsing(scratch, rows):
    path = scratch / "digits.csv"
    path.write_bytes(b"label,pixel0\n" + rows.encode())
    check_that_quick_and_exact_agree(path)


@settings(deadline=None, max_examples=300)
@given(
    form=st.sampled_from(["%.18e", "%.2e", "%.3f", "%7.2f", "%.2f", "%d"]),
    delimiter=st.sampled_from([",", " ", ";"]),
    place=st.integers(0, 400),
    change=st.sampled_from([*"0123456789.,\n eE+-x\0\xff", "", "00", "  "]),
)
def test_formats_of_numpy_agree_with_exact_parsing(
    scratch, form, delimiter, place, change
):
    path = scratch / "digits.csv"
    whole = np.array([[7, 0, 1, 9], [2, 1, 0, 0], [0, 0, 1, 1]])
    table = whole / [1, 3, 7, 11] if form in ("%.18e", "%.2e", "%.3f") else whole
    np.savetxt(path, table, form, delimiter)
    text = path.read_text()
    place %= len(text)
    path.write_text(text[:place] + change + text[place + 1 :], encoding="latin-1")
    check_that_quick_and_exact_agree(path)


@pytest.mark.slow
def test_training_set_of_kaggle(mnist_folder, tmp_path, peak_memory):
    X, y = fetch_mnist(data_home=mnist_folder, return_X_y=True)
    X, y = X[:42_000], y[:42_000]
    path = tmp_path / "train.csv"
    path.write_bytes(as_csv(np.column_stack([y, X])))
    assert peak_memory(load_pixel_csv, path) < 3 * X.nbytes
    table = load_pixel_csv(path)
    assert_array_equal(table.data, X)
    assert_array_equal(table.target, y)
    frame = pd.read_csv(path)
    assert_array_equal(table.data, frame.drop(columns="label"))
