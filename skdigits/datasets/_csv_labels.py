"""Labels of a CSV file, from the text of their cells."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdigits.datasets._csv_lines import is_number, shown
from skdigits.datasets._csv_numbers import MAX_CELL, parse_cell

# Labels may be ASCII codes of characters.
_MAX_CODE = 127


class LabelError(ValueError):
    """The error of a cell that is not a label, with its position in the column."""

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.row = row


def _as_label(cell: str) -> int | str | None:
    """Return a cell as a whole number or text, or None if it is not a label."""
    try:
        return int(parse_cell(cell)) if parse_cell(cell) in range(256) else None
    except ValueError:
        text = cell
    if is_number(cell) or len(cell) > MAX_CELL:
        return None
    if len(cell) > 2 and cell[0] == cell[-1] == "'":
        text = cell[1:-1]
    return (
        text if text.strip() and text.isprintable() and "\ufffd" not in text else None
    )


def labels_of(cells: list[str]) -> NDArray[np.int64] | NDArray[np.str_]:
    """Return the labels: int64 if all of them are whole numbers, otherwise str.

    Text among numbers is an error, unless all labels are single characters, such as the
    digits and letters of EMNIST.

    >>> labels_of(["7", "2.0"])
    array([7, 2])
    >>> labels_of(["A", "7", "b"])
    array(['A', '7', 'b'], dtype='<U1')
    >>> labels_of(["7", "x", "2"])
    Traceback (most recent call last):
        ...
    skdigits.datasets._csv_labels.LabelError: the label must be a whole number ...
    """
    labels = {cell: _as_label(cell) for cell in set(cells)}
    numbers = [cell for cell, label in labels.items() if isinstance(label, int)]
    texts = {label for label in labels.values() if isinstance(label, str)}
    are_characters = len(texts) > 1 and all(len(c) == 1 for c in [*texts, *numbers])
    for row, cell in enumerate(cells):
        label = labels[cell]
        if label is None or (isinstance(label, str) and numbers and not are_characters):
            got = shown(cell) if cell.strip() else "an empty cell"
            expected = "a whole number from 0 to 255"
            expected += ", as in other rows" if numbers else " or text"
            hint = ""
            if "\ufffd" in cell:
                hint = ". Pass a file that was opened with its own encoding"
            raise LabelError(f"the label must be {expected}; got {got}{hint}", row)
    if texts:
        texts_of = {c: c if isinstance(v, int) else v for c, v in labels.items()}
        return np.array([texts_of[cell] for cell in cells], dtype=np.str_)
    return np.array([labels[cell] for cell in cells], dtype=np.int64)


def end_with_labels(
    first: list[str], last: list[str], paper: tuple[float, float]
) -> int | None:
    """Return 0 or -1 if the first or the last column holds labels, or None if unclear.

    The other column is a pixel in a corner of the image. In most images it is paper,
    one of the two values of `paper`, whereas no label is that frequent. Labels are
    small or consecutive numbers.

    >>> end_with_labels(["7", "2", "1"], ["0", "0", "0"], (0, 255))
    0
    >>> end_with_labels(["0", "0", "0"], ["7", "2", "2"], (0, 255))
    -1
    >>> end_with_labels(["7", "2", "1"], ["0", "9", "5"], (0, 255))
    >>> end_with_labels(["0", "0", "0"], ["0", "0", "190"], (0, 255))
    """
    are_paper, are_constant = [], []
    for cells in (first, last):
        cell, count = Counter(cells).most_common(1)[0]
        is_paper = isinstance(value := _as_label(cell), int) and value in paper
        are_paper.append(is_paper and 2 * count > len(cells))
        are_constant.append(count == len(cells))
    for is_pixel in (are_paper, are_constant):
        if is_pixel[0] != is_pixel[1]:
            end = 0 if is_pixel[1] else -1
            limit = 0 if all(are_paper) else _MAX_CODE
            return end if _may_be_classes((first, last)[end], limit) else None
    return None


def _may_be_classes(cells: list[str], limit: int) -> bool:
    """Return whether no number exceeds `limit`, or all numbers are consecutive."""
    values = [v for cell in {*cells} if isinstance(v := _as_label(cell), int)]
    return not values or max(values) <= max(limit, min(values) + len(values) - 1)


def end_like_digits(pixels: NDArray[Any]) -> int | None:
    """Return 0 or -1 if the first or the last column seems to hold digits, or None.

    The column at the other end must be blank in most rows, like the corner of an image,
    and there must be too many rows for a coincidence.

    >>> end_like_digits(np.array([[7, 9, 0], [2, 255, 0], [0, 80, 0]] * 4))
    0
    >>> end_like_digits(np.array([[0, 9, 0], [0, 255, 0], [1, 80, 0]] * 4))
    """
    first, last = pixels[:, 0], pixels[:, -1]
    are_blank = [2 * np.count_nonzero(end) < len(pixels) for end in (first, last)]
    if len(pixels) <= 10 or are_blank[0] == are_blank[1]:
        return None
    column, end = (last, -1) if are_blank[0] else (first, 0)
    return end if column.max() in range(2, 10) else None
