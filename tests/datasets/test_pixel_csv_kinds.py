"""Kinds of CSV files: headers, delimiters, compression, encodings and labels."""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits

from skdigits.datasets import load_pixel_csv

X, Y = load_digits(return_X_y=True)
X, Y = X[:120].astype(np.uint8), Y[:120]
N_PIXELS = X.shape[1]
LETTERS = np.array(list("ABCDEFGHIJ"))[Y]


def csv(table=X, names=None, *, label=Y, at=0, name="label", delimiter=",", form=str):
    """Return a table with the labels before column `at`, or at the end for -1."""
    rows = [[form(value) for value in row] for row in table.tolist()]
    if names is None:
        names = [f"pixel{i}" for i in range(N_PIXELS)]
    if names:
        rows.insert(0, list(names))
    if label is not None:
        labels = [name] * bool(names) + [str(value) for value in label]
        for row, value in zip(rows, labels, strict=True):
            row.insert(len(row) if at == -1 else at, value)
    return "".join(delimiter.join(row) + "\n" for row in rows)


def grid(pattern, start):
    return [pattern.format(start + i, start + j) for i in range(8) for j in range(8)]


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a CSV file from its text or bytes."""

    def load(content, name="digits.csv", **params):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_pixel_csv(path, **params)

    return load


def check(table, expected=X, label=Y):
    assert table.data.dtype == np.uint8
    assert table.data.flags.c_contiguous
    assert_array_equal(table.data, expected)
    assert len(table.feature_names) == N_PIXELS
    if label is None:
        assert table.target is None
    else:
        assert table.target.dtype == np.int64
        assert_array_equal(table.target, label)


@pytest.mark.parametrize(
    "names",
    [
        [f"pixel{i}" for i in range(64)],
        [f"pixel{i + 1}" for i in range(64)],
        [f"pixel{i:04}" for i in range(64)],
        [f"px_{i}" for i in range(64)],
        [f"x{i + 1}" for i in range(64)],
        [str(i) for i in range(64)],
        [str(i) for i in range(1, 65)],
        grid("{}x{}", 1),
        grid("pixel_{}_{}", 0),
        grid("pixel_{:02}_{:02}", 0),
        grid("r{}c{}", 1),
        grid("p[{}][{}]", 0),
    ],
    ids=lambda names: names[1],
)
def test_names_of_pixels(load, names):
    table = load(csv(names=names))
    check(table)
    assert table.feature_names == names
    check(load(csv(names=names, at=-1, name="class")))
    check(load(csv(names=names, label=None)), label=None)


@pytest.mark.parametrize("at", [0, -1])
@pytest.mark.parametrize(
    "name", ["label", "Label", "LABEL", "class", "y", "digit", "target", " label "]
)
def test_names_of_labels(load, name, at):
    check(load(csv(name=name, at=at)))


@pytest.mark.parametrize("at", [0, -1])
def test_label_column_with_another_name_must_be_given(load, at):
    text = csv(name="kind", at=at)
    position = 0 if at == 0 else 64
    with pytest.raises(
        ValueError, match=rf"column {position + 1} must.*'kind'.*label={position}"
    ):
        load(text)
    check(load(text, label="kind"))
    check(load(text, label=at))
    check(load(text, label=position))


@pytest.mark.parametrize("at", [0, -1])
def test_no_header(load, at):
    check(load(csv(names=[], at=at)))
    check(load(csv(names=[], at=at), label=at))
    check(load(csv(names=[], label=None)), label=None)
    assert_array_equal(load(csv(names=[], label=LETTERS, at=at)).target, LETTERS)


def test_labels_of_a_sorted_table_without_header(load):
    order = np.argsort(Y, kind="stable")
    check(load(csv(X[order], [], label=Y[order])), X[order], Y[order])


@pytest.mark.parametrize("names", [[], [str(i) for i in range(65)]])
def test_numbered_columns(load, names):
    """pandas writes arrays like this: the label is one of the numbered columns."""
    for table in (np.column_stack([Y, X]), np.column_stack([X, Y])):
        check(load(csv(table, names, label=None)))


@pytest.mark.parametrize("n_columns", [5, 65, 12])
def test_label_must_be_given_if_its_column_is_ambiguous(load, n_columns):
    noise = np.random.default_rng(0).integers(0, 200, (50, n_columns))
    text = "\n".join(",".join(map(str, row)) for row in noise.tolist())
    with pytest.raises(ValueError, match=r"columns may hold .*label=0 or.*label=None"):
        load(text)
    assert_array_equal(load(text, label=0).target, noise[:, 0])
    assert_array_equal(load(text, label=-1).data, noise[:, :-1])
    assert_array_equal(load(text, label=None).data, noise)
    assert_array_equal(load(text, label=3).data, np.delete(noise, 3, axis=1))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", ", ", " ; ", ",  "])
@pytest.mark.parametrize("names", [None, []])
@pytest.mark.parametrize("form", ["{}", '"{}"'])
@pytest.mark.parametrize("at", [0, -1])
def test_delimiters_and_quotes(load, delimiter, names, form, at):
    names = [form.format(f"pixel{i}") for i in range(64)] if names is None else names
    text = csv(
        names=names,
        name=form.format("label"),
        delimiter=delimiter,
        form=form.format,
        label=map(form.format, Y),
        at=at,
    )
    check(load(text))


def test_columns_aligned_by_spaces(load):
    check(load(csv(names=[], form="{:>3}".format, delimiter=" ")))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_trailing_delimiters(load, delimiter):
    lines = csv(delimiter=delimiter).splitlines()
    check(load("\n".join(line + delimiter for line in lines)))
    rows = [line + delimiter for line in lines[1:]]
    check(load("\n".join([lines[0], *rows])))
    check(load("\n".join(rows)))
    rows[105] += "9"
    with pytest.raises(ValueError, match="line 107: .* must be empty.*; got '9'"):
        load("\n".join([lines[0] + delimiter, *rows]))


@pytest.mark.parametrize("names", [None, []])
@pytest.mark.parametrize("n_columns", [1, 3])
@pytest.mark.parametrize("n_rows", [0, 2])
def test_empty_columns_and_rows_of_excel(load, names, n_columns, n_rows):
    lines = [line + ";" * n_columns for line in csv(names=names, delimiter=";").split()]
    lines += [";" * (N_PIXELS + n_columns)] * n_rows
    check(load("\r\n".join(lines)))
    lines[110] += "9"
    with pytest.raises(ValueError, match="line 111: .* must be empty.*; got '9'"):
        load("\r\n".join(lines))


@pytest.mark.parametrize("line", ["sep={}", '"sep={}"', "\ufeffsep={}", "SEP={}"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("names", [None, []])
def test_sep_line_of_excel(load, line, delimiter, names):
    text = csv(names=names, delimiter=delimiter)
    start = line.format(delimiter) + "\n"
    check(load(start + text))
    n_lines = text.count("\n") + 1
    with pytest.raises(ValueError, match=f"line {n_lines + 1}: .*; got 1 cell"):
        load(start + text + "7")


@pytest.mark.parametrize(
    "header", ["Digits of load_digits", "Digits, small\nlabel first, then pixels"]
)
@pytest.mark.parametrize("with_names", [True, False])
def test_comments_of_numpy(load, tmp_path, header, with_names):
    if with_names:
        header += "\nlabel " + " ".join(f"pixel{i}" for i in range(64))
    path = tmp_path / "digits.txt"
    np.savetxt(path, np.column_stack([Y, X]), fmt="%d", header=header)
    check(load_pixel_csv(path))
    path.write_text(path.read_text().replace(" 16 ", " 1x ", 1))
    line = 1 + path.read_text().partition(" 1x ")[0].count("\n")
    with pytest.raises(ValueError, match=f"line {line}, column .*'1x"):
        load_pixel_csv(path)


@pytest.mark.parametrize("row_names", [range(1, 121), range(300, 180, -1)])
@pytest.mark.parametrize("delimiter", [" ", ",", "\t"])
@pytest.mark.parametrize("label", [Y, None])
def test_row_names_of_r(load, row_names, delimiter, label):
    """write.table writes row names without a name in the header."""
    header, *rows = csv(label=label, delimiter=delimiter).splitlines()
    rows = [f'"{n}"{delimiter}{row}' for n, row in zip(row_names, rows, strict=True)]
    check(load("\n".join([header, *rows])), label=label)


def test_header_that_lacks_a_name(load):
    header, *rows = csv().splitlines()
    text = "\n".join([header.rpartition(",")[0], *rows])
    with pytest.raises(
        ValueError, match="line 2: the row must have 64 cells.*; got 65"
    ):
        load(text)


@pytest.mark.parametrize("start", [0, 1, 1000])
def test_index_column_of_pandas(load, tmp_path, start):
    frame = pd.DataFrame(X, columns=grid("pixel_{}_{}", 0))
    frame.insert(0, "label", Y)
    frame.index += start
    path = tmp_path / "frame.csv"
    frame.to_csv(path)
    check(load_pixel_csv(path))
    pd.read_csv(path).to_csv(path)
    assert path.read_text().startswith(",Unnamed: 0,label")
    check(load_pixel_csv(path))
    frame.drop(columns="label").to_csv(path)
    check(load_pixel_csv(path), label=None)
    frame.sample(frac=1, random_state=0).sort_values("label").to_csv(path)
    assert_array_equal(load_pixel_csv(path).target, np.sort(Y))
    frame.reset_index(names="id").to_csv(path, index=False)
    check(load_pixel_csv(path))


def test_label_must_be_given_if_a_column_has_no_name(load):
    text = csv(name="")
    with pytest.raises(
        ValueError, match="column 1 must have a name.*label=0.*label=None"
    ):
        load(text)
    check(load(text, label=0))
    check(load(text, label=None), label=None)


@pytest.mark.parametrize("names", [[], [str(i) for i in range(65)]])
@pytest.mark.parametrize("n_rows", [11, 120])
@pytest.mark.parametrize(
    "form", ["{}", "digit_{}.png"], ids=["row numbers", "names of files"]
)
@pytest.mark.parametrize("at", [0, -1])
def test_row_numbers_are_not_labels(load, names, n_rows, form, at):
    numbers = [form.format(n) for n in np.random.default_rng(0).permutation(n_rows)]
    text = csv(np.column_stack([X[:n_rows]]), names[1:], label=numbers, at=at, name="0")
    position = "1" if at == 0 else "65"
    with pytest.raises(ValueError, match=rf"column {position} .*each row.*label="):
        load(text if not names or at == 0 else text.partition("\n")[2])


def test_labels_of_one_image_of_each_digit(load):
    rows = [np.flatnonzero(digit == Y)[0] for digit in range(10)]
    check(load(csv(X[rows], [], label=range(10))), X[rows], np.arange(10))


@pytest.mark.parametrize("at", [0, -1])
def test_label_must_be_given_if_a_corner_has_a_speck(load, at):
    zeros = X[Y == 0].copy()
    zeros[3, 0 if at == -1 else -1] = 9
    text = csv(zeros, [], label=Y[Y == 0], at=at)
    with pytest.raises(
        ValueError, match="label must be given, since the first or the last"
    ):
        load(text)
    check(load(text, label=at), zeros, Y[Y == 0])


@pytest.mark.parametrize("names", [[], [str(i) for i in range(64)]])
@pytest.mark.parametrize("at", [0, -1])
def test_label_must_be_given_if_it_completes_a_square(load, names, at):
    """Images lack one pixel, and the label takes its place."""
    images = np.delete(X, 0, axis=1)
    parts = [Y, images] if at == 0 else [images, Y]
    text = csv(np.column_stack(parts), names, label=None)
    with pytest.raises(
        ValueError, match=rf"looks like labels.*label={at} .*label=None"
    ):
        load(text)
    table = load(text, label=at)
    assert_array_equal(table.data, images)
    assert_array_equal(table.target, Y)
    assert_array_equal(load(text, label=None).data, np.column_stack(parts))


def test_first_row_that_pandas_read_as_a_header(load, tmp_path):
    for table in (np.column_stack([Y, X]), np.column_stack([Y % 2, X / 16])):
        path = tmp_path / "digits.csv"
        pd.DataFrame(table).to_csv(path, index=False, header=False, float_format="%g")
        pd.read_csv(path).to_csv(path, index=False)
        with pytest.raises(ValueError, match="line 1: .*header=None"):
            load_pixel_csv(path)


@pytest.mark.parametrize("at", [0, -1])
def test_one_of_two_label_columns_must_be_given(load, at):
    """The files of DACON have the columns id, digit, letter, and numbered pixels."""
    frame = pd.DataFrame(X, columns=[str(i) for i in range(64)])
    frame.insert(0 if at == 0 else 64, "letter", LETTERS)
    frame.insert(0 if at == 0 else 64, "digit", Y)
    frame.insert(0, "id", range(1, 121))
    text = frame.to_csv(index=False)
    with pytest.raises(ValueError, match="label must be given.*'digit' and 'letter'"):
        load(text)
    check(load(text, label="digit"))
    assert_array_equal(load(text, label="letter").target, LETTERS)
    with pytest.raises(
        ValueError, match=r"column \d+ must be .*; got '(digit|letter)'"
    ):
        load(text, label=None)


def test_frame_of_load_digits(load, tmp_path):
    frame = load_digits(as_frame=True).frame
    frame.to_csv(tmp_path / "frame.csv", index=False)
    table = load_pixel_csv(tmp_path / "frame.csv")
    assert table.data.dtype == np.uint8
    assert_array_equal(table.data, frame.drop(columns="target"))
    assert_array_equal(table.target, frame.target)


@pytest.mark.parametrize(
    "form",
    [repr, *(f"{{:{f}}}".format for f in (".6f", "9.4f", ".18f", ".18e", ".3E"))],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_floats_from_0_to_1(load, form, delimiter):
    X_float = np.random.default_rng(0).random(X.shape) * (X > 0)
    X_float[0, 0], X_float[1, 1] = 1, 1e-7
    text = csv(X_float, form=form, delimiter=delimiter)
    table = load(text)
    assert table.data.dtype == np.float64
    expected = [[float(form(value)) for value in row] for row in X_float.tolist()]
    assert_array_equal(table.data, expected)
    assert_array_equal(table.target, Y)
    if delimiter == ";":
        assert_array_equal(load(text.replace(".", ",")).data, expected)


@pytest.mark.parametrize(
    "form", ["{}.0", "{}.", "{}.000", "{:6.2f}", "{}e0", "+{}", "{:.18e}"]
)
def test_whole_numbers_written_as_floats(load, form):
    check(load(csv(form=form.format)))


@pytest.mark.parametrize("value", ["0.5", "1.5", "-0.5", "1e-3"])
def test_fractions_among_whole_numbers_are_rejected(load, value):
    lines = csv().splitlines()
    cells = lines[100].split(",")
    cells[7] = value
    lines[100] = ",".join(cells)
    with pytest.raises(
        ValueError, match="line 101, column 'pixel6': .*0 to 255.*; got"
    ):
        load("\n".join(lines))


def test_large_numbers_among_fractions_are_rejected(load):
    lines = csv(X / 16).splitlines()
    lines[100] = lines[100].replace("1.0", "7", 1)
    with pytest.raises(ValueError, match="line 101, column 'pixel.*: .*0 to 1; got 7"):
        load("\n".join(lines))


@pytest.mark.parametrize("names", [None, []])
@pytest.mark.parametrize("at", [0, -1])
@pytest.mark.parametrize(
    "labels",
    [
        LETTERS,
        [f"class {value}" for value in Y],
        [f'"{value}, quoted"' for value in LETTERS],
        np.where(Y < 5, Y.astype(str), LETTERS),
    ],
    ids=["letters", "names", "quoted", "letters and digits"],
)
def test_labels_of_text(load, names, labels, at):
    table = load(csv(names=names, label=labels, at=at))
    assert table.target.dtype.kind == "U"
    assert_array_equal(table.target, [str(label).strip('"') for label in labels])
    assert_array_equal(table.data, X)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_labels_in_another_encoding(load, tmp_path, encoding):
    labels = np.where(Y < 5, "é", "ß")
    with pytest.raises(ValueError, match="line 2, .*Pass a file that was opened with"):
        load(csv(label=labels).encode(encoding))
    with (tmp_path / "digits.csv").open(encoding=encoding) as file:
        assert_array_equal(load_pixel_csv(file).target, labels)


def zipped(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/digits.csv", content)
        archive.writestr("__MACOSX/train/._digits.csv", b"\0")
    return buffer.getvalue()


def tarred(content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("digits.csv")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


COMPRESSIONS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
    ".tar.gz": tarred,
}


@pytest.mark.parametrize("suffix", [*COMPRESSIONS, ".csv"])
@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_compressed(load, suffix, kind):
    content = COMPRESSIONS[kind](csv().encode())
    check(load(content, f"digits.csv{suffix}"))
    check(load_pixel_csv(io.BytesIO(content)))


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_damaged_archive(load, kind):
    content = COMPRESSIONS[kind](csv().encode())
    with pytest.raises(ValueError, match=r"digits\.csv"):
        load(content[: len(content) // 2])
    damaged = bytearray(content)
    damaged[len(content) // 2 : len(content) // 2 + 20] = bytes(20)
    with pytest.raises(ValueError, match=r"digits\.csv"):
        load(bytes(damaged))


def test_archive_of_several_files(load):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("train.csv", csv())
        archive.writestr("test.csv", csv(label=None))
    with pytest.raises(ValueError, match="one file; got 2.*train.csv"):
        load(buffer.getvalue())
    with zipfile.ZipFile(buffer) as archive, archive.open("train.csv") as file:
        check(load_pixel_csv(file))


@pytest.mark.parametrize("name", ["._digits.csv", ".DS_Store", "a/.DS_Store"])
def test_hidden_files_of_an_archive(load, name):
    content = csv().encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for file, data in {name: b"\0", "./digits.csv": content}.items():
            info = tarfile.TarInfo(file)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    check(load(buffer.getvalue()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"\0")
        archive.writestr("digits.csv", content)
    check(load(buffer.getvalue()))


def test_workbook_of_excel(load):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<x/>")
    with pytest.raises(
        ValueError, match=r"digits\.csv' must be .* got an Excel workbook"
    ):
        load(buffer.getvalue())


class Download(io.RawIOBase):
    """A stream like that of a network, which can't seek and returns few bytes."""

    def __init__(self, content, error=None):
        self.content, self.error = io.BytesIO(content), error

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.content.read(min(len(buffer), 1000))
        if not data and self.error:
            raise self.error
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_stream_that_cannot_seek(kind):
    check(load_pixel_csv(Download(COMPRESSIONS[kind](csv().encode()))))


@pytest.mark.parametrize("kind", [*COMPRESSIONS, ""])
@pytest.mark.parametrize("error", [ConnectionError("gone"), TimeoutError("late")])
def test_network_errors_are_not_changed(kind, error):
    content = COMPRESSIONS.get(kind, bytes)(csv().encode())
    with pytest.raises(type(error), match=str(error)):
        load_pixel_csv(Download(content[: len(content) // 2], error))


def test_max_bytes_limits_labels(load):
    numbers = gzip.compress(b"label,pixel0\n" + b"7,0\n" * 20_000)
    letters = gzip.compress(b"label,pixel0\n" + b"A,0\n" * 19_999 + b"B" * 50 + b",0\n")
    with pytest.raises(ValueError, match="too large.*max_bytes=100000"):
        load(numbers, max_bytes=100_000)
    assert len(load(numbers, max_bytes=200_000).target) == 20_000
    with pytest.raises(ValueError, match="too large"):
        load(letters, max_bytes=1_000_000)


def test_max_bytes_limits_pixels(load):
    content = gzip.compress(csv(np.zeros((2000, 64), int), label=None).encode())
    with pytest.raises(ValueError, match="too large.*max_bytes=100000"):
        load(content, max_bytes=100_000)
    assert load(content, max_bytes=200_000).data.shape == (2000, 64)


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["", "last", "blank"])
def test_encodings_and_line_ends(load, encoding, newline, end):
    text = {"": csv().rstrip("\n"), "last": csv(), "blank": csv() + "\n \n"}[end]
    mark = "\ufeff" if encoding[-2:] in ("le", "be") else ""
    check(load((mark + text.replace("\n", newline)).encode(encoding)))


@pytest.mark.parametrize("names", [None, []])
def test_file_objects(tmp_path, names):
    text = csv(names=names)
    path = tmp_path / "digits.csv"
    path.write_text(text)
    for mode in ("r", "rb"):
        with path.open(mode) as file:
            table = load_pixel_csv(file)
            check(table)
            assert not file.closed
            assert table.filename == str(path)
    for file in (
        io.StringIO(text),
        io.BytesIO(text.encode()),
        io.StringIO("\ufeff" + text),
    ):
        check(load_pixel_csv(file))
        assert not file.closed
    with path.open() as file:
        file.readline()
        assert len(load_pixel_csv(file, label=0).target) == len(text.splitlines()) - 1
    check(load_pixel_csv(str(path)))


def test_errors_name_the_file_object():
    with pytest.raises(
        ValueError, match="<BytesIO>', line 2, column 'pixel0': .*; got 'x'"
    ):
        load_pixel_csv(io.BytesIO(b"label,pixel0\n7,x\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html>\n<html></html>", "got a web page.*log in"),
        (b"\n\n<html>", "line 1: .*; got an empty line"),
        (b"<html lang='en'><head>", "got a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull"),
        (b"\x93NUMPY\x01\0v\0", "line 1: .*; got null bytes"),
        (csv().encode("utf-16-le"), "line 1: .*byte order mark; got null bytes"),
        (b'{"label": [7]}', "line 1: "),
        (b"@RELATION mnist\n\n@ATTRIBUTE pixel0 REAL\n", "line 1: "),
    ],
)
def test_other_kinds_of_files(load, content, message):
    with pytest.raises(ValueError, match=rf"digits\.csv'.*{message}"):
        load(content)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("kind", "label must name one column.*got 'kind'.*pixel63"),
        ("pixel64", "label must .*got 'pixel64'"),
        (65, "label must .*from 0 to 64.*got 65"),
        (-66, "label must .*-65 to -1; got -66"),
    ],
)
def test_bad_label(load, label, message):
    with pytest.raises(ValueError, match=message):
        load(csv(), label=label)


def test_name_of_the_label_requires_a_header(load):
    with pytest.raises(
        ValueError, match="label must be a position.*no header; got 'class'"
    ):
        load(csv(names=[]), label="class")


@pytest.mark.parametrize("label", [True, 1.5, ["label"], b"label"])
def test_label_of_another_type(load, label):
    with pytest.raises(TypeError, match="label must be the name or position"):
        load(csv(), label=label)


@pytest.mark.parametrize("path", [3, None, [b"digits.csv"]])
def test_path_of_another_type(path):
    with pytest.raises(TypeError, match="path must be a path or a file object"):
        load_pixel_csv(path)


def test_zstandard(load):
    zstandard = pytest.importorskip("zstandard")
    text = csv().encode()
    content = zstandard.compress(text)
    check(load(content, "digits.csv.zst"))
    frames = [zstandard.compress(part) for part in (text[:5000], text[5000:])]
    check(load(b"".join(frames)))
    for damaged in (content[: len(content) // 2], content[:50] + bytes(50), frames[0]):
        with pytest.raises(ValueError, match=r"digits\.csv"):
            load(damaged)


def test_missing_zstandard(load, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(ImportError, match=r"digits\.csv.*pip install zstandard"):
        load(b"\x28\xb5\x2f\xfd rest")
