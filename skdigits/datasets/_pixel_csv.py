"""Loading of CSV files with one image in each row and one pixel in each column.

A file passes through these modules:

- ``_text_source`` opens a path or a file object, decompresses and decodes it;
- ``_csv_table`` reads the table in blocks of rows;
- ``_csv_lines`` finds the header and the delimiter, and splits lines into cells;
- ``_csv_columns`` decides which columns are pixels, labels or row numbers;
- ``_csv_numbers`` parses the cells of a block into pixels, and ``_csv_decimals`` those
  with decimals;
- ``_csv_labels`` parses the cells of the label column.
"""

import os
from numbers import Integral
from typing import IO, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

from skdigits.datasets._csv_columns import are_named_pixels
from skdigits.datasets._csv_labels import (
    LabelError,
    end_like_digits,
    end_with_labels,
    labels_of,
)
from skdigits.datasets._csv_lines import all_differ
from skdigits.datasets._csv_table import (
    Table,
    narrowed,
    open_table,
    outside_range,
    parse_pixel,
    read_head,
    read_rows,
)
from skdigits.datasets._text_source import open_text


def _read_labels(cells: list[str], table: Table, column: int) -> NDArray[Any]:
    try:
        return labels_of(cells)
    except LabelError as error:
        location = table.location(table.first_line + error.row, column)
        raise ValueError(f"{location}: {error}.") from None


def _read_table(
    table: Table, head: bytes, max_bytes: int
) -> tuple[NDArray[Any], NDArray[Any] | None, list[int]]:
    """Return the pixels, the labels or None, and the positions of the pixel columns."""
    blocks, columns, pixel_range = read_rows(table, head, max_bytes)
    if not table.layout.one_end_is_label:
        target = _read_labels(columns[0], table, table.texts[0]) if columns else None
        return np.concatenate(blocks), target, table.numbers
    end = end_with_labels(columns[0], columns[1], (pixel_range.low, pixel_range.high))
    if end is None:
        raise ValueError(
            f"{table.source}: label must be given, since the first or the last of the "
            f"{len(table.numbers) + 2} columns may hold the labels. Pass label=0 or "
            "label=-1, or label=None if both are pixels."
        )
    if all_differ(columns[end]):
        raise ValueError(
            f"{table.source}: column {table.texts[end] + 1} must have repeated values "
            "to be recognized as labels; got a different number in each row. Pass "
            f"label={end} if it holds the labels, or remove it if it numbers the rows."
        )
    target = _read_labels(columns[end], table, table.texts[end])
    other = -1 - end
    column = table.texts[other]
    lines = range(table.first_line, table.first_line + len(target))
    values = np.array(
        [
            parse_pixel(cell, table, line, column)
            for line, cell in zip(lines, columns[other], strict=True)
        ]
    )
    values = narrowed(values)
    outside = pixel_range.first_outside(values)
    if outside is not None:
        raise outside_range(values[outside], table, lines[outside], column)
    dtype = np.float64 if pixel_range.has_fractions else np.uint8
    data = np.empty((len(target), len(table.numbers) + 1), dtype)
    data[:, other] = values
    np.concatenate(blocks, out=data[:, 1:] if other == 0 else data[:, :-1])
    pixels = [i for i in table.layout.pixels if i != table.texts[end]]
    return data, target, pixels


def _check_no_label_column(data: NDArray[Any], table: Table) -> None:
    """Raise an error if a column without a name may hold labels and not pixels."""
    end = end_like_digits(data)
    if end is not None and not are_named_pixels(table.layout.names, table.numbers):
        raise ValueError(
            f"{table.source}: label must be given, since column "
            f"{table.numbers[end] + 1} looks like labels, but all {data.shape[1]} "
            f"columns form a square image. Pass label={end} if it holds the labels, or "
            "label=None if all columns are pixels."
        )


@overload
def load_pixel_csv(
    path: str | os.PathLike[str] | IO[Any],
    *,
    label: str | int | None = ...,
    max_bytes: int = ...,
    return_X_y: Literal[False] = ...,
) -> Bunch: ...
@overload
def load_pixel_csv(
    path: str | os.PathLike[str] | IO[Any],
    *,
    label: str | int | None = ...,
    max_bytes: int = ...,
    return_X_y: Literal[True],
) -> tuple[NDArray[Any], NDArray[Any] | None]: ...
def load_pixel_csv(
    path: str | os.PathLike[str] | IO[Any],
    *,
    label: str | int | None = "auto",
    max_bytes: int = 2**30,
    return_X_y: bool = False,
) -> Bunch | tuple[NDArray[Any], NDArray[Any] | None]:
    r"""Load digits from a CSV file with one image in each row.

    Each pixel has its own column. The function recognizes the layouts of Kaggle,
    OpenML, pandas and NumPy; see the :ref:`User Guide <datasets>`. If the meaning of a
    column is ambiguous, it raises a ValueError that says which parameter to pass.

    Cells are separated by commas, semicolons, tabs, vertical bars or spaces, with or
    without quotes. The number of pixels is not limited to 784.

    Parameters
    ----------
    path : str, path-like or file object
        The file to read. Its compression (gzip, bz2, xz, zip or tar with one file, and
        Zstandard if the package zstandard is installed) and its encoding (UTF-8, or
        UTF-16 or UTF-32 with a byte order mark) are detected from its content, not from
        its name. A file object may return text or bytes, and is left open.
    label : str, int or None, default="auto"
        The label column: its name in the header, or its position (negative positions
        count from the end). None means that the file has no labels.

        "auto" selects the column named ``label``, ``class``, ``target``, ``y``,
        ``digit``, ``letter`` or similar, in upper or lower case. If no column has such
        a name, it selects the first or the last column, provided that the number of
        columns is one more than a square and the values show clearly which of the two
        holds the labels. If there are several label columns, name one of them; the
        others are ignored.
    max_bytes : int, default=2**30
        Total size of the largest arrays to accept from a compressed file, in bytes
        (1 GiB by default; 42,000 images of MNIST take 32 MiB).
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : ndarray of shape (n_samples, n_features), dtype uint8 or float64
            The pixels as they are stored, with one image in each row: uint8 from 0 to
            255 if all of them are whole numbers (which may be written as ``7.0``),
            otherwise float64 from 0 to 1.
        target : ndarray of shape (n_samples,), dtype int64 or str, or None
            The labels: integers if all of them are whole numbers from 0 to 255,
            otherwise str. None if the file has no labels.
        feature_names : list of str
            The names of the pixel columns in the header, or ``pixel0``, ``pixel1`` and
            so on if the file has no header.
        filename : str
            The path of the file, or the name of the file object.

    (data, target) : tuple if ``return_X_y`` is True
        The arrays `data` and `target`.

    Raises
    ------
    ValueError
        If the meaning of a column is ambiguous; if `label` is not a column; if a row
        and the header differ in their number of cells; if a cell is empty, not a number
        or outside of the range of the others; if a pixel column is missing, repeated or
        out of order; if there are no rows; or if a compressed file is damaged or larger
        than `max_bytes`. The message names the file and the line, counted from 1.
    TypeError
        If `path` or `label` has an invalid type.
    ImportError
        If the file is compressed with Zstandard and the package zstandard is not
        installed.
    OSError
        If the file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    fetch_mnist : Load MNIST, from which the CSV files of Kaggle [1]_ are taken.
    load_images : Load digits from image files.
    save_submission : Save predicted digits as a submission to Kaggle.

    Notes
    -----
    The file is read in blocks. The peak memory is about twice the size of the result.

    References
    ----------
    .. [1] Kaggle, "Digit Recognizer",
           https://www.kaggle.com/competitions/digit-recognizer/data

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdigits.datasets import load_pixel_csv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "train.csv"
    ...     _ = path.write_text("label,pixel0,pixel1\n7,0,255\n2,128,0\n")
    ...     X, y = load_pixel_csv(path, return_X_y=True)
    >>> X
    array([[  0, 255],
           [128,   0]], dtype=uint8)
    >>> y
    array([7, 2])

    A file without a header whose last column holds letters as labels:

    >>> import io
    >>> file = io.StringIO("0,255,9,0,B\n0,128,0,31,Q\n")
    >>> load_pixel_csv(file).target
    array(['B', 'Q'], dtype='<U1')
    """
    if label is not None and not isinstance(label, str):
        if not isinstance(label, Integral) or isinstance(label, bool):
            raise TypeError(
                "label must be the name or position of a column, 'auto' or None; got "
                f"{label!r}."
            )
        label = int(label)
    with open_text(path) as source:
        head = read_head(source.stream)
        table = open_table(source, head, label)
        data, target, pixels = _read_table(table, head, max_bytes)
    if label == "auto" and target is None:
        _check_no_label_column(data, table)
    if return_X_y:
        return data, target
    names = [f"pixel{i}" for i in range(data.shape[1])]
    if table.layout.names is not None:
        names = [table.layout.names[i] for i in pixels]
    return Bunch(
        data=data,
        target=target,
        feature_names=names,
        filename=source.filename,
    )
