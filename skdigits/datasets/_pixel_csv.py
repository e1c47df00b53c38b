"""Tables of pixels in text, one image a row and one pixel a column."""

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
        where = table.where(table.first_line + error.row, column)
        raise ValueError(f"{where}: {error}.") from None


def _read_table(
    table: Table, head: bytes, max_bytes: int
) -> tuple[NDArray[Any], NDArray[Any] | None, list[int]]:
    """Return the pixels, the labels if there are any, and the columns of the pixels."""
    blocks, columns, pixel_range = read_rows(table, head, max_bytes)
    if not table.layout.one_end_is_label:
        target = _read_labels(columns[0], table, table.texts[0]) if columns else None
        return np.concatenate(blocks), target, table.numbers
    end = end_with_labels(columns[0], columns[1], (pixel_range.low, pixel_range.high))
    if end is None:
        raise ValueError(
            f"{table.source}: nothing says whether the first or the last of the "
            f"{len(table.numbers) + 2} columns holds the labels. Pass label=0 or "
            "label=-1, or label=None if both are pixels."
        )
    if all_differ(columns[end]):
        raise ValueError(
            f"{table.source}: column {table.texts[end] + 1} holds another number in "
            f"each row. Pass label={end} if these are the labels; remove it if they "
            "number the rows."
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


def _refuse_digits(data: NDArray[Any], table: Table) -> None:
    """Refuse a column of pixels that may be labels, where no name says what it is."""
    end = end_like_digits(data)
    if end is not None and not are_named_pixels(table.layout.names, table.numbers):
        raise ValueError(
            f"{table.source}: column {table.numbers[end] + 1} looks like labels, but "
            f"all {data.shape[1]} columns would make a square image. Pass label={end} "
            "if it holds the labels, or label=None if all are pixels."
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
    r"""Load digits from a CSV file with one image a row and one pixel a column.

    The file is read where the meaning of each column is certain, as in the tables of
    Kaggle and OpenML and those that pandas and NumPy write; otherwise a ValueError
    says what to pass. The user guide lists the layouts that are known.

    The delimiter may be a comma, a semicolon, a tab, a vertical bar or spaces, with or
    without quotes. Any number of pixels is read, not only 784.

    Parameters
    ----------
    path : str, path-like or file object
        The file. Whether it is compressed (gzip, bz2, xz, zip or tar with one file,
        and Zstandard if the package zstandard is installed), and whether it is UTF-8,
        or UTF-16 or UTF-32 with a byte order mark, is decided by its content and not
        by its name. A file object may give text or bytes, and stays open.
    label : str, int or None, default="auto"
        The column of the labels: its name in the header, its position from 0 or, if
        negative, from the end, or None if there is none. By default it is the column
        that is named ``label``, ``class``, ``target``, ``y``, ``digit``, ``letter`` or
        similar, in upper or lower case. Without such names it is the first or the last
        column, if the number of columns is one more than a square and the values
        leave no doubt which. If several columns hold labels, the others are ignored.
    max_bytes : int, default=2**30
        The largest arrays of pixels and labels that are accepted from a compressed
        file, in bytes (1 GiB by default; 42,000 images of MNIST take 32 MiB).
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : ndarray of shape (n, n_pixels), dtype uint8 or float64
            The pixels as they are stored, one image a row: uint8 from 0 to 255 if all
            are whole numbers, also if written as ``7.0``; float64 from 0 to 1 if any
            is a fraction.
        target : ndarray of shape (n,), dtype int64 or str, or None
            The labels: integers if all are whole numbers from 0 to 255, else str.
            None if there is no column of labels.
        feature_names : list of str
            The names of the pixel columns as in the header, or ``pixel0`` and so on if
            there is none.
        filename : str
            The file, or the name of a file object.

    (data, target) : tuple if ``return_X_y`` is True
        The two of that name.

    Raises
    ------
    ValueError
        If the meaning of a column is not certain; if `label` names no column; if a row
        has another number of cells than the header; if a cell is empty, no number, or
        not in the range of the others; if a pixel column is missing, repeated or out of
        order; if there are no rows; if a compressed file is damaged or larger than
        `max_bytes`. The message names the file and the line, counted from 1.
    TypeError
        If `path` or `label` has another type.
    ImportError
        If the file is compressed with Zstandard and the package zstandard is missing.
    OSError
        If the file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    fetch_mnist : The data set that the table of the competition is taken from.

    Notes
    -----
    The file is read in blocks, so that the memory needed is about twice that of the
    result.

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

    Letters as labels, at the end, and no header:

    >>> import io
    >>> file = io.StringIO("0,255,9,0,B\n0,128,0,31,Q\n")
    >>> load_pixel_csv(file).target
    array(['B', 'Q'], dtype='<U1')
    """
    if label is not None and not isinstance(label, str):
        if not isinstance(label, Integral) or isinstance(label, bool):
            raise TypeError(
                "The 'label' parameter must be the name or position of a column, "
                f"'auto' or None; got {label!r}."
            )
        label = int(label)
    with open_text(path) as source:
        head = read_head(source.stream)
        table = open_table(source, head, label)
        data, target, pixels = _read_table(table, head, max_bytes)
    if label == "auto" and target is None:
        _refuse_digits(data, table)
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
