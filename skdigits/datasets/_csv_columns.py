"""What the columns of a table of pixels mean, as far as that is certain."""

import math
import re
from itertools import takewhile
from typing import NamedTuple

from skdigits.datasets._csv_lines import all_differ, is_number, shown

_LABELS = {
    *("label", "labels", "class", "classes", "target", "targets", "y"),
    *("digit", "digits", "letter", "letters", "character", "category"),
}
_INDEXES = {"index", "id", "imageid", "image_id", "image id"}

_UNNAMED = re.compile(r"(unnamed: \d+.*)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)
_GRID = re.compile(r"(\D*)(\d+)(\D+)(\d+)(\D*)", re.DOTALL)
# Such a prefix says that all columns of that name are pixels.
_PIXEL = re.compile(r"p(ixels?|ix|x)?[ _.-]*", re.IGNORECASE)


class Layout(NamedTuple):
    """What the columns of a table are, by their positions from 0."""

    names: list[str] | None
    """The names of the columns, or None if line 1 is a row of the table."""

    n_columns: int

    n_empty: int
    """How many columns at the end have neither a name nor a cell."""

    pixels: list[int]

    label: int | None
    """The column of the labels, or None."""

    one_end_is_label: bool
    """Whether either the first or the last of `pixels` holds the labels."""


def _is_sequence(cells: list[str]) -> bool:
    """Return whether these are the numbers from 0 or 1 on, as names of columns."""
    if len(cells) < 2 or cells[0] not in ("0", "1"):
        return False
    start = int(cells[0])
    return all(cell == str(start + i) for i, cell in enumerate(cells))


def _is_header(cells: list[str]) -> bool:
    """Return whether line 1 holds names.

    >>> _is_header(["label", "0", "1", "2"]), _is_header(["A", "0", "9", "2"])
    (True, False)
    """
    numbers = [cell for cell in cells if is_number(cell)]
    return _is_sequence(numbers) or 2 * len(numbers) < len(cells)


def _due_names(names: list[str]) -> list[str] | None:
    """Return the names of as many pixels in order, in the manner of the first name.

    >>> _due_names(["pixel1", "b", "c"])
    ['pixel1', 'pixel2', 'pixel3']
    >>> _due_names(["1x1", "1x2", "2x1", "d"])
    ['1x1', '1x2', '2x1', '2x2']
    >>> _due_names(["a", "b"])
    """
    grid = [_GRID.fullmatch(name) for name in names]
    if (first := grid[0]) and int(first[2]) == int(first[4]) <= 1:
        before, row, between, column, after = first.groups()
        start = int(row)
        # The first row ends where the number of the row changes.
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
    """Refuse columns that are not all pixels, each in its place."""
    expected = (
        "expected pixels in order, such as pixel0, pixel1, ... or 1x1, 1x2, ..., and "
        "at most one column of labels"
    )
    due = _due_names([names[i] for i in positions])
    if due is None:
        first = positions[0]
        raise ValueError(
            f"column {first + 1} is {shown(names[first])}, {expected}. If it holds the "
            f"labels, pass label={first}; otherwise remove it."
        )
    for position, name in zip(positions, due, strict=False):
        if names[position] != name:
            raise ValueError(
                f"column {position + 1} is {shown(names[position])} where {name!r} was "
                f"due, {expected}. If it holds the labels, pass label={position}; "
                "otherwise remove it."
            )
    if len(due) > len(positions):
        raise ValueError(
            f"the last column of pixels is {due[len(positions) - 1]!r} where "
            f"{due[-1]!r} was due, {expected}."
        )


def _label_position(
    label: str | int | None, names: list[str] | None, n_columns: int
) -> int | None:
    """Return the column that the parameter `label` names, or that is named so."""
    if label is None:
        return None
    if isinstance(label, int):
        if not -n_columns <= label < n_columns:
            raise ValueError(
                f"The 'label' parameter must be a column from 0 to {n_columns - 1}, "
                f"or from -{n_columns} to -1; got {label}."
            )
        return label % n_columns
    if label == "auto":
        found = [i for i, name in enumerate(names or []) if name.lower() in _LABELS]
        if len(found) > 1:
            columns = " and ".join(repr(names[i]) for i in found) if names else ""
            raise ValueError(
                f"both {columns} may be labels. Pass one as the parameter 'label'."
            )
        return found[0] if found else None
    if names is None:
        raise ValueError(
            f"The 'label' parameter must be a position, such as 0 or -1, where a "
            f"table has no header; got {label!r}."
        )
    if names.count(label) != 1:
        raise ValueError(
            f"The 'label' parameter must name one column of the header; got {label!r}, "
            f"which names {names.count(label)} of {', '.join(names[:3])}, ..., "
            f"{names[-1]}."
        )
    return names.index(label)


def _n_index_columns(
    names: list[str], rows: list[list[str]], label: int | None, is_told: bool
) -> int:
    """Return up to which column there is nothing but labels and row numbers."""
    for position, name in enumerate(names):
        is_other_label = label is not None and name.lower() in _LABELS
        if position == label or is_other_label or name.lower() in _INDEXES:
            continue
        if not _UNNAMED.fullmatch(name):
            return position
        # Without a label elsewhere, a column without a name may hold just that.
        cells = [row[position] for row in rows if len(row) > position]
        if not is_told and len({*cells}) < len(cells):
            raise ValueError(
                f"column {position + 1} has no name. Pass label={position} if it holds "
                "the labels, or label=None if it numbers the rows."
            )
    return len(names)


def _n_empty_columns(first: list[str], rows: list[list[str]]) -> int:
    """Return how many columns at the end are empty, as where a delimiter ends a row."""
    if any(len(row) != len(first) for row in rows):
        return 0
    columns = zip(*map(reversed, [first, *rows]), strict=True)
    is_empty = (
        _UNNAMED.fullmatch(name) is not None and not any(cells)
        for name, *cells in columns
    )
    return min(len([*takewhile(bool, is_empty)]), len(first) - 1)


def _with_all_columns(first: list[str], rows: list[list[str]]) -> list[str]:
    """Return line 1 with the column that it may lack.

    Either the rows end in a delimiter and the header does not, or R wrote the names of
    the rows, which are all different, and none above them.
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
    """Return what the columns of a table are, or refuse to guess.

    Parameters
    ----------
    first : list of str
        The cells of line 1, a header or not.
    rows : list of list of str
        The cells of the lines that follow, as many as are at hand.
    label : str, int or None, default="auto"
        The column of the labels by its name or position, or None if there is none.

    Raises
    ------
    ValueError
        If the meaning of a column is not certain. The message says what to pass.

    Examples
    --------
    Labels are known by their name, an index by having none:

    >>> layout_of(["", "Label", "1x1", "1x2"], [["0", "7", "0", "255"]])[3:]
    ([2, 3], 1, False)
    >>> layout_of(["pixel_0_0", "pixel_0_1", "target"], [])[3:]
    ([0, 1], 2, False)

    Where columns have no names that say so, their number may do: pixels alone are a
    square, and with a label they are one more. At which end it is, the values tell.

    >>> layout_of(["0", "9", "0", "5"], [])[3:]
    ([0, 1, 2, 3], None, False)
    >>> layout_of(["7", "0", "9", "0", "5"], [])[3:]
    ([0, 1, 2, 3, 4], None, True)
    >>> layout_of(["A", "0", "9", "0", "5"], [])[3:]
    ([1, 2, 3, 4], 0, False)
    >>> layout_of(["7", "0", "9"], [])
    Traceback (most recent call last):
        ...
    ValueError: nothing says which of the 3 columns holds the labels. ...
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
            "got a row of pixels that pandas took for a header and made unique, as in "
            "0, 0.1, ..., 0.9, 0.10. Read the original with header=None."
        )
    position = _label_position(label, names, len(cells))
    n_index = 0
    if names is not None:
        is_told = position is not None or label is None
        n_index = _n_index_columns(names, rows, position, is_told)
    pixels = [i for i in range(n_index, len(cells)) if i != position]
    if names is not None and position is not None and label != "auto":
        # The user has chosen among the columns of labels.
        pixels = [i for i in pixels if names[i].lower() not in _LABELS]
    if not pixels:
        raise ValueError("got no pixel column.")
    if names is not None:
        _check_pixel_names(names, pixels)
    elif label == "auto":
        position = _text_end([first, *rows], pixels)
        pixels = [i for i in pixels if i != position]
    one_end_is_label = False
    if label == "auto" and position is None and not are_named_pixels(names, pixels):
        one_end_is_label = _is_square(len(pixels) - 1) and len(pixels) > 2
        if not one_end_is_label and not _is_square(len(pixels)):
            raise ValueError(
                f"nothing says which of the {len(pixels)} columns holds the labels. "
                "Pass label=0 or label=-1 if it is the first or the last, or "
                "label=None if all are pixels."
            )
    return Layout(names, n_columns, n_empty, pixels, position, one_end_is_label)


def _is_square(number: int) -> bool:
    return math.isqrt(number) ** 2 == number


def _text_end(rows: list[list[str]], pixels: list[int]) -> int | None:
    """Return the column at one end that holds text, and so labels."""
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
            f"column {end + 1} holds another text in each row. Pass label={end} if "
            "these are the labels; remove it if they name the rows."
        )
    return end


def are_named_pixels(names: list[str] | None, pixels: list[int]) -> bool:
    """Return whether the names say that these columns are pixels, and none a label."""
    if names is None:
        return False
    first = names[pixels[0]]
    numbered = _NUMBERED.fullmatch(first)
    is_pixel = numbered is not None and _PIXEL.fullmatch(numbered[1]) is not None
    return is_pixel or _GRID.fullmatch(first) is not None
