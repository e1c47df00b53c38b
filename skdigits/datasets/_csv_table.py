"""Reading of a table of pixels in blocks of rows."""

import io
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdigits.datasets._csv_columns import Layout, layout_of
from skdigits.datasets._csv_lines import shown, split_line, start_of
from skdigits.datasets._csv_numbers import (
    MAX_CELL,
    parse_cell,
    parse_rows,
    regular_rows,
)
from skdigits.datasets._text_source import TextSource

# Limits the memory of the parsing; larger blocks are not faster.
_BLOCK = 1 << 19
# Size in bytes of the first chunk, from which the layout is inferred.
_HEAD = 1 << 19
_MAX_HEADER = 1 << 24
_MAX_SAMPLE = 100


def read_head(stream: io.BufferedReader) -> bytes:
    """Return the first bytes of a stream, with two lines at least."""
    head = bytearray()
    while chunk := stream.read(_HEAD):
        head += chunk
        lines = head.replace(b"\r", b"\n") if b"\n" not in head else head
        if lines.count(b"\n") > 1 or len(head) > _MAX_HEADER:
            break
    return bytes(head)


def _iter_blocks(
    head: bytes, stream: io.BufferedReader, delimiter: str, max_line: int
) -> Iterator[bytes]:
    """Yield `head` and the rest of the stream in blocks of whole lines.

    Each block ends with a newline. Lines at the end that are blank or have only
    delimiters, which Excel writes, are left out. The start of a line of more than
    `max_line` bytes is yielded as the last block, without a newline.
    """
    blank = b"\r\n " + delimiter.encode()
    # Only the line ends of classic Mac OS contain no newline.
    is_old_mac = b"\n" not in head
    rest, chunk = b"", head
    while chunk:
        text = rest + (chunk.replace(b"\r", b"\n") if is_old_mac else chunk)
        # The last line that is not blank may be incomplete.
        cut = text.rfind(b"\n", 0, len(text.rstrip(blank))) + 1
        rest = text[cut:]
        if cut:
            yield text[:cut]
        if len(rest) > max_line:
            yield rest[:max_line]
            return
        chunk = stream.read(_BLOCK)
    if rest.strip(blank):
        yield rest.partition(b"\n")[0].rstrip(b"\r ") + b"\n"


def _check_is_table(line: str, source: TextSource) -> None:
    """Raise an error for files that are often mistaken for tables."""
    start = line.lstrip().lower()
    if start.startswith("<"):
        raise ValueError(
            f"{source} must be a table; got a web page that starts with {shown(line)}. "
            "Download the file itself, for which you may have to log in."
        )
    if start.startswith("version https://git-lfs"):
        raise ValueError(
            f"{source} must be a table; got a Git LFS pointer. Download the file "
            "itself with 'git lfs pull'."
        )
    if "\0" in line:
        raise ValueError(
            f"{source}, line 1: the text must be UTF-8, or UTF-16 or UTF-32 with a "
            "byte order mark; got null bytes."
        )


class Table(NamedTuple):
    """A table whose layout is known and whose rows are yet to be read."""

    source: TextSource
    layout: Layout
    delimiter: str

    n_skipped: int
    """The number of lines before the header, or before the rows if there is none."""

    texts: list[int]
    """The columns that may hold labels, which are kept as text."""

    numbers: list[int]
    """The columns that hold only pixels."""

    @property
    def first_line(self) -> int:
        """The line number of the first row."""
        return self.n_skipped + (1 if self.layout.names is None else 2)

    def location(self, line: int, column: int | None = None) -> str:
        """Return the file, line and column for an error message."""
        names = self.layout.names
        place = f"{self.source}, line {line}"
        if column is None:
            return place
        name = str(column + 1) if names is None else repr(names[column])
        return f"{place}, column {name}"


def open_table(source: TextSource, head: bytes, label: str | int | None) -> Table:
    """Return the table that starts with the bytes `head`."""
    lines = (head if b"\n" in head else head.replace(b"\r", b"\n")).split(b"\n")
    if len(lines) == 1 and len(head) > _MAX_HEADER:
        raise ValueError(
            f"{source}, line 1: the line must have at most {_MAX_HEADER} bytes; "
            "got more."
        )
    if lines[-1] and source.stream.peek(1):
        # The last line may be incomplete.
        lines.pop()
    sample = [line.decode(errors="replace") for line in lines[:_MAX_SAMPLE]]
    if not sample[0].strip():
        raise ValueError(
            f"{source}, line 1: the line must hold a header or pixels; "
            "got an empty line."
        )
    _check_is_table(sample[0].rstrip("\r"), source)
    n_skipped, delimiter = start_of(sample)
    first = "".join(sample[n_skipped : n_skipped + 1]).removeprefix("#")
    rows = [
        split_line(line, delimiter) for line in sample[n_skipped + 1 :] if line.strip()
    ]
    try:
        layout = layout_of(split_line(first, delimiter), rows, label)
    except ValueError as error:
        raise ValueError(f"{source}, line {n_skipped + 1}: {error}") from None
    texts = [] if layout.label is None else [layout.label]
    if layout.one_end_is_label:
        texts = [layout.pixels[0], layout.pixels[-1]]
    numbers = [i for i in layout.pixels if i not in texts]
    return Table(source, layout, delimiter, n_skipped, texts, numbers)


def _split_rows(rows: bytes, table: Table) -> tuple[bytes, list[list[str]]] | None:
    """Return rows with only the columns of numbers, and the columns of text."""
    layout, delimiter = table.layout, table.delimiter.encode()
    apart = {*range(layout.n_columns)} - {*table.numbers}
    if not apart:
        return rows, []
    n_right = 0
    while layout.n_columns - 1 - n_right in apart:
        n_right += 1
    n_left = max((i + 1 for i in apart if i < layout.n_columns - n_right), default=0)
    kept = [i for i in range(n_left) if i not in apart]
    bodies = []
    columns: list[list[bytes]] = [[] for _ in table.texts]
    for line in rows.split(b"\n")[:-1]:
        left = line.split(delimiter, n_left)
        right = left.pop().rsplit(delimiter, n_right)
        if (
            len(left) != n_left
            or len(right) != n_right + 1
            or any(right[n_right + 1 - layout.n_empty :])
        ):
            return None
        bodies.append(delimiter.join([*(left[i] for i in kept), right[0]]))
        for column, position in zip(columns, table.texts, strict=True):
            column.append(
                left[position]
                if position < n_left
                else right[position - layout.n_columns]
            )
    texts = [[c.decode(errors="replace").strip() for c in column] for column in columns]
    return b"\n".join([*bodies, b""]), texts


def _read_quickly(
    rows: bytes, table: Table
) -> tuple[NDArray[np.uint8] | NDArray[np.float64], list[list[str]]] | None:
    """Parse all rows at once, or return None if they are irregular."""
    delimiter = table.delimiter.encode()
    regular = regular_rows(rows, delimiter)
    split = None if regular is None else _split_rows(regular, table)
    if split is None:
        return None
    body, texts = split
    pixels = parse_rows(body, len(table.numbers), delimiter)
    return None if pixels is None else (pixels, texts)


def _read_exactly(
    rows: bytes, table: Table, first_line: int
) -> tuple[NDArray[np.uint8] | NDArray[np.float64], list[list[str]]]:
    """Parse rows cell by cell, and raise an error that locates the first bad cell."""
    layout, lines = table.layout, rows.removesuffix(b"\n").split(b"\n")
    pixels = np.empty((len(lines), len(table.numbers)))
    texts: list[list[str]] = [[] for _ in table.texts]
    for i, encoded in enumerate(lines):
        line = encoded.decode(errors="replace")
        cells = split_line(line, table.delimiter)
        if len(cells) != layout.n_columns:
            plural = "s" if len(cells) > 1 else ""
            got = f"{len(cells)} cell{plural}" if line.strip() else "a blank line"
            first = "first row" if layout.names is None else "header"
            raise ValueError(
                f"{table.location(first_line + i)}: the row must have "
                f"{layout.n_columns} cells, like the {first}; got {got}."
            )
        surplus = [cell for cell in cells[layout.n_columns - layout.n_empty :] if cell]
        if surplus:
            raise ValueError(
                f"{table.location(first_line + i)}: cells after column "
                f"{layout.n_columns - layout.n_empty} must be empty, as in the first "
                f"rows; got {shown(surplus[0])}."
            )
        for j, column in enumerate(table.numbers):
            pixels[i, j] = parse_pixel(cells[column], table, first_line + i, column)
        for text, column in zip(texts, table.texts, strict=True):
            text.append(cells[column])
    return narrowed(pixels), texts


def parse_pixel(cell: str, table: Table, line: int, column: int) -> float:
    """Return the value of a pixel, or raise an error that names the line and column."""
    if table.delimiter != ",":
        cell = cell.replace(",", ".")
    try:
        return parse_cell(cell)
    except ValueError as error:
        raise ValueError(f"{table.location(line, column)}: {error}.") from None


class PixelRange:
    """The range of all pixels: whole numbers from 0 to 255, or numbers from 0 to 1."""

    def __init__(self) -> None:
        self.low, self.high = np.inf, -np.inf
        self.has_fractions = False

    def first_outside(self, pixels: NDArray[Any]) -> int | None:
        """Add pixels and return the position of the first one out of range, or None.

        Pixels must have an integer dtype if all of them are whole numbers.
        """
        was_high, had_fractions = self.high > 1, self.has_fractions
        self.low = min(self.low, pixels.min())
        self.high = max(self.high, pixels.max())
        self.has_fractions |= pixels.dtype.kind == "f"
        if self.high <= 1 or not self.has_fractions:
            return None
        first_fraction = -1 if had_fractions else np.flatnonzero(pixels % 1)[0]
        first_high = -1 if was_high else np.flatnonzero(pixels > 1)[0]
        return int(max(first_fraction, first_high))


def narrowed(pixels: NDArray[np.float64]) -> NDArray[Any]:
    """Return pixels as uint8 if all of them are whole numbers."""
    whole = pixels.astype(np.uint8)
    return whole if (whole == pixels).all() else pixels


def read_rows(
    table: Table, head: bytes, max_bytes: int
) -> tuple[list[NDArray[Any]], list[list[str]], PixelRange]:
    """Return the pixels in blocks of rows, the columns of text, and the pixel range."""
    source, n_columns = table.source, table.layout.n_columns
    max_line = max(_BLOCK, MAX_CELL * n_columns)
    blocks: list[NDArray[Any]] = []
    columns: list[list[str]] = [[] for _ in table.texts]
    pixel_range = PixelRange()
    line, n_bytes, longest = 1, 0, 0
    for rows in _iter_blocks(head, source.stream, table.delimiter, max_line):
        while rows and line < table.first_line:
            _, _, rows = rows.partition(b"\n")
            line += 1
        if not rows:
            continue
        if not rows.endswith(b"\n"):
            line += rows.count(b"\n")
            raise ValueError(
                f"{table.location(line)}: the line must have {n_columns} cells, in at "
                f"most {max_line} bytes; got more."
            )
        pixels, texts = _read_quickly(rows, table) or _read_exactly(rows, table, line)
        outside = pixel_range.first_outside(pixels)
        if outside is not None:
            row, j = divmod(outside, len(table.numbers))
            raise outside_range(pixels[row, j], table, line + row, table.numbers[j])
        blocks.append(pixels)
        for column, text in zip(columns, texts, strict=True):
            # Few labels are different, so interning them saves memory.
            column.extend(map(sys.intern, text))
            longest = max(longest, *map(len, text))
        line += len(pixels)
        n_bytes += pixels.nbytes
        # A label takes 8 bytes as an integer, or 4 bytes per character as text.
        label_bytes = len(columns) * (line - table.first_line) * max(8, 4 * longest)
        if source.compressed and n_bytes + label_bytes > max_bytes:
            raise ValueError(
                f"{source} is too large: its pixels and labels must take at most "
                f"max_bytes={max_bytes} bytes; got more. Pass a larger max_bytes if "
                "you trust the file."
            )
    if not blocks:
        raise ValueError(
            f"{table.location(table.first_line)}: the table must have at least one "
            "row; got none."
        )
    return blocks, columns, pixel_range


def outside_range(value: float, table: Table, line: int, column: int) -> ValueError:
    """Return the error of a pixel that is outside of the range of the others."""
    return ValueError(
        f"{table.location(line, column)}: pixels must be whole numbers from 0 to 255, "
        f"or all be numbers from 0 to 1; got {value:g}."
    )
