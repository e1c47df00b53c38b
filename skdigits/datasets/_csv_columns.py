"""Which columns of a CSV file are pixels, labels or row numbers."""

import math
import re
from itertools import takewhile
from typing import NamedTuple

from skdigits._images import square_shape
from skdigits.datasets._csv_lines import all_differ, is_number, shown

_LABELS = {
    *("label", "labels", "class", "classes", "target", "targets", "y"),
    *("digit", "digits", "letter", "letters", "character", "category"),
}
_INDEXES = {"index", "id", "imageid", "image_id", "image id"}

_UNNAMED = re.compile(r"(unnamed: \d+.*)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)
_GRID = re.compile(r"(\D*)(\d+)(\D+)(\d+)(\D*)", re.DOTALL)
# All columns with such a prefix are pixels.
_PIXEL = re.compile(r"p(ixels?|ix|x)?[ _.-]*", re.IGNORECASE)


class Layout(NamedTuple):
    """The meaning of the columns of a table, by their positions from 0."""

    names: list[str] | None
    """The names of the columns, or None if the table has no header."""

    n_columns: int

    n_empty: int
    """The number of columns at the end that have neither a name nor values."""

    pixels: list[int]

    label: int | None
    """The label column, or None."""

    one_end_is_label: bool
    """Whether the first or the last column of `pixels` holds the labels."""


def _is_sequence(cells: list[str]) -> bool:
    """Return whether the cells count up from 0 or 1, as numbered columns do."""
    if len(cells) < 2 or cells[0] not in ("0", "1"):
        return False
    start = int(cells[0])
    return all(cell == str(start + i) for i, cell in enumerate(cells))


def _is_header(cells: list[str]) -> bool:
    """Return whether the first line is a header.

    >>> _is_header(["label", "0", "1", "2"]), _is_header(["A", "0", "9", "2"])
    (True, False)
    """
    numbers = [cell for cell in cells if is_number(cell)]
    return _is_sequence(numbers) or 2 * len(numbers) < len(cells)


def _expected_names(names: list[str]) -> list[str] | None:
    """Return the names that the pixels must have, given the pattern of the first name.

    Return None if the first name is not that of a first pixel.

    >>> _expected_names(["pixel1", "b", "c"])
    ['pixel1', 'pixel2', 'pixel3']
    >>> _expected_names(["1x1", "1x2", "2x1", "d"])
    ['1x1', '1x2', '2x1', '2x2']
    >>> _expected_names(["a", "b"])
    """
    grid = [_GRID.fullmatch(name) for name in names]
    if (first := grid[0]) and int(first[2]) == int(first[4]) <= 1:
        before, row, between, column, after = first.groups()
        start = int(row)
        # The first row of the image ends where the row number changes.
        changes = (i for i, name in enumerate(grid) if name and int(name[2]) != start)
        width = next(changes, len(names))
        if width > 1 or len(names) == 1:
            return [
                f"{before}{start + i // width:0{len(row)}}{between}"
                f"{start + i % width:0{len(column)}}{after}"
                for i in range(math.ceil(len(names) / width) * width)
            ]
    numbered = _NUMBERED.fullmatch(names[0])
    if not numbered or int(numbered[2]) > 1:
        return None
    before, number, after = numbered.groups()
    return [
        f"{before}{int(number) + i:0{len(number)}}{after}" for i in range(len(names))
    ]


def _check_pixel_names(names: list[str], positions: list[int]) -> None:
    """Raise an error unless all columns are pixels, in their order."""
    hint = (
        "Columns must be pixels in order, such as pixel0, pixel1, ... or 1x1, 1x2, "
        "..., and at most one column of labels."
    )
    expected = _expected_names([names[i] for i in positions])
    if expected is None:
        first = positions[0]
        raise ValueError(
            f"column {first + 1} must be the first pixel, such as pixel0 or 1x1; got "
            f"{shown(names[first])}. {hint} If column {first + 1} holds the labels, "
            f"pass label={first}; otherwise remove it."
        )
    for position, name in zip(positions, expected, strict=False):
        if names[position] != name:
            raise ValueError(
                f"column {position + 1} must be {name!r}; got "
                f"{shown(names[position])}. {hint} If column {position + 1} holds the "
                f"labels, pass label={position}; otherwise remove it."
            )
    if len(expected) > len(positions):
        raise ValueError(
            f"the last column of pixels must be {expected[-1]!r}; got "
            f"{expected[len(positions) - 1]!r}. {hint}"
        )


def _label_position(
    label: str | int | None, names: list[str] | None, n_columns: int
) -> int | None:
    """Return the column that `label` selects, or for "auto" the one named as labels."""
    if label is None:
        return None
    if isinstance(label, int):
        if not -n_columns <= label < n_columns:
            raise ValueError(
                f"label must be a column from 0 to {n_columns - 1}, or from "
                f"-{n_columns} to -1; got {label}."
            )
        return label % n_columns
    if label == "auto":
        found = [i for i, name in enumerate(names or []) if name.lower() in _LABELS]
        if len(found) > 1:
            columns = " and ".join(repr(names[i]) for i in found) if names else ""
            raise ValueError(
                f"label must be given, since the columns {columns} may all hold the "
                "labels. Pass one of them."
            )
        return found[0] if found else None
    if names is None:
        raise ValueError(
            "label must be a position, such as 0 or -1, if the table has no header; "
            f"got {label!r}."
        )
    if names.count(label) != 1:
        raise ValueError(
            f"label must name one column of the header; got {label!r}, which names "
            f"{names.count(label)} of {', '.join(names[:3])}, ..., {names[-1]}."
        )
    return names.index(label)


def _n_index_columns(
    names: list[str], rows: list[list[str]], label: int | None, is_label_known: bool
) -> int:
    """Return the number of leading columns that hold only labels or row numbers."""
    for position, name in enumerate(names):
        is_other_label = label is not None and name.lower() in _LABELS
        if position == label or is_other_label or name.lower() in _INDEXES:
            continue
        if not _UNNAMED.fullmatch(name):
            return position
        # If no other column holds the labels, one without a name may hold them.
        cells = [row[position] for row in rows if len(row) > position]
        if not is_label_known and len({*cells}) < len(cells):
            raise ValueError(
                f"column {position + 1} must have a name; got none. Pass "
                f"label={position} if it holds the labels, or label=None if it numbers "
                "the rows."
            )
    return len(names)


def _n_empty_columns(first: list[str], rows: list[list[str]]) -> int:
    """Return the number of empty columns at the end, as after a trailing delimiter."""
    if any(len(row) != len(first) for row in rows):
        return 0
    columns = zip(*map(reversed, [first, *rows]), strict=True)
    is_empty = (
        _UNNAMED.fullmatch(name) is not None and not any(cells)
        for name, *cells in columns
    )
    return min(len([*takewhile(bool, is_empty)]), len(first) - 1)


def _with_all_columns(first: list[str], rows: list[list[str]]) -> list[str]:
    """Return the first line with the column that it may lack.

    Either the rows end with a delimiter and the header does not, or R wrote a column of
    row names, which are all different, without a name in the header.
    """
    if not rows or {len(row) for row in rows} != {len(first) + 1}:
        return first
    if _n_empty_columns([*first, ""], rows):
        return [*first, ""]
    row_names = [row[0] for row in rows]
    are_numbered = row_names == [str(i) for i in range(1, len(rows) + 1)]
    if _is_header(first) and (are_numbered or all_differ(row_names)):
        return ["", *first]
    return first


def layout_of(
    first: list[str], rows: list[list[str]], label: str | int | None = "auto"
) -> Layout:
    """Return the meaning of the columns of a table.

    Parameters
    ----------
    first : list of str
        The cells of the first line, which may be a header.
    rows : list of list of str
        The cells of some of the lines that follow.
    label : str, int or None, default="auto"
        The name or position of the label column, or None if there is none.

    Raises
    ------
    ValueError
        If the meaning of a column is ambiguous. The message says what to pass.

    Examples
    --------
    Labels are recognized by their name, and an index by its lack of a name:

    >>> layout_of(["", "Label", "1x1", "1x2"], [["0", "7", "0", "255"]])[3:]
    ([2, 3], 1, False)
    >>> layout_of(["pixel_0_0", "pixel_0_1", "target"], [])[3:]
    ([0, 1], 2, False)

    If the names are ambiguous, the number of columns decides: it is a square if all of
    them are pixels, and one more than a square if one of them holds the labels. The
    values then show whether that is the first or the last column.

    >>> layout_of(["0", "9", "0", "5"], [])[3:]
    ([0, 1, 2, 3], None, False)
    >>> layout_of(["7", "0", "9", "0", "5"], [])[3:]
    ([0, 1, 2, 3, 4], None, True)
    >>> layout_of(["A", "0", "9", "0", "5"], [])[3:]
    ([1, 2, 3, 4], 0, False)
    >>> layout_of(["7", "0", "9"], [])
    Traceback (most recent call last):
        ...
    ValueError: label must be given, since any of the 3 columns may hold the labels. ...
    >>> layout_of(["7", "0", "9"], [], label=0)[3:]
    ([1, 2], 0, False)
    """
    if not isinstance(label, int):
        first = _with_all_columns(first, rows)
    n_columns = len(first)
    n_empty = _n_empty_columns(first, rows)
    cells = first[: n_columns - n_empty]
    names = cells if _is_header(cells) else None
    if names is None and {"0.1", "0.10"} <= {*cells}:
        raise ValueError(
            "the first line must be a header or a row of pixels; got a row of pixels "
            "that pandas read as a header, with numbers made unique as in 0, 0.1, ..., "
            "0.9, 0.10. Read the original file with header=None."
        )
    position = _label_position(label, names, len(cells))
    n_index = 0
    if names is not None:
        is_label_known = position is not None or label is None
        n_index = _n_index_columns(names, rows, position, is_label_known)
    pixels = [i for i in range(n_index, len(cells)) if i != position]
    if names is not None and position is not None and label != "auto":
        # The user chose one of the label columns.
        pixels = [i for i in pixels if names[i].lower() not in _LABELS]
    if not pixels:
        raise ValueError("the table must have at least one pixel column; got none.")
    if names is not None:
        _check_pixel_names(names, pixels)
    elif label == "auto":
        position = _text_end([first, *rows], pixels)
        pixels = [i for i in pixels if i != position]
    one_end_is_label = False
    if label == "auto" and position is None and not are_named_pixels(names, pixels):
        one_end_is_label = square_shape(len(pixels) - 1) is not None and len(pixels) > 2
        if not one_end_is_label and square_shape(len(pixels)) is None:
            raise ValueError(
                f"label must be given, since any of the {len(pixels)} columns may hold "
                "the labels. Pass label=0 or label=-1 if the first or the last column "
                "holds them, or label=None if all columns are pixels."
            )
    return Layout(names, n_columns, n_empty, pixels, position, one_end_is_label)


def _text_end(rows: list[list[str]], pixels: list[int]) -> int | None:
    """Return the first or the last column if it holds text, and therefore labels."""
    ends = {
        end
        for end in (pixels[0], pixels[-1])
        for row in rows
        if len(row) > end and not is_number(row[end])
    }
    if len(ends) != 1 or len(pixels) == 1:
        return None
    end = ends.pop()
    if all_differ([row[end] for row in rows if len(row) > end]):
        raise ValueError(
            f"column {end + 1} must have repeated values to be recognized as labels; "
            f"got a different text in each row. Pass label={end} if it holds the "
            "labels, or remove it if it names the rows."
        )
    return end


def are_named_pixels(names: list[str] | None, pixels: list[int]) -> bool:
    """Return whether the names show that all of these columns are pixels."""
    if names is None:
        return False
    first = names[pixels[0]]
    numbered = _NUMBERED.fullmatch(first)
    is_pixel = numbered is not None and _PIXEL.fullmatch(numbered[1]) is not None
    return is_pixel or _GRID.fullmatch(first) is not None
