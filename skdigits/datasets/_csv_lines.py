"""Lines of a CSV file: the start of the table, the delimiter, and the cells."""

import csv
import re
from itertools import takewhile

_SEPARATOR = re.compile(r'"?sep=([,;\t| ])"?', re.IGNORECASE)


def delimiter_of(line: str) -> str:
    r"""Return the delimiter of a line.

    Commas may be decimal commas if the line has another delimiter.

    >>> [delimiter_of(line) for line in ("7, 0", "7;0,5", "7\t0", '"a;b",0', '"7" 0')]
    [',', ';', '\t', ',', ' ']
    """
    unquoted = re.sub(r'"[^"]*"', "q", line).strip(" ")
    return next((mark for mark in ";\t|, " if mark in unquoted), ",")


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line, without quotes and surrounding spaces.

    >>> split_line('"7", 0,"a, b"', ",")
    ['7', '0', 'a, b']
    >>> split_line("  7  0 255 ", " ")
    ['7', '0', '255']
    """
    line = line.rstrip("\r\n")
    if delimiter == " ":
        line = line.strip()
    try:
        if line.count('"') % 2:
            raise csv.Error("unclosed quote")
        reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
        cells = next(reader, [""])
    except csv.Error:
        # The csv module also rejects cells of more than 128 KiB.
        cells = line.split(delimiter)
    return [cell.strip() for cell in cells]


def start_of(lines: list[str]) -> tuple[int, str]:
    """Return the number of lines before the table, and its delimiter.

    These lines may be ``sep=;``, which Excel writes, or comments of NumPy. The last
    comment is the header if it has as many cells as the next line.

    >>> start_of(["sep=;", "label;pixel0", "7;255"])
    (1, ';')
    >>> start_of(["# label,pixel0", "7,255"])
    (0, ',')
    >>> start_of(["# Small digits", "# by hand, 1998", "7 255 0"])
    (2, ' ')
    """
    if match := _SEPARATOR.fullmatch(lines[0].rstrip("\r")):
        return 1, match[1]
    n_comments = len([*takewhile(lambda line: line.startswith("#"), lines)])
    if n_comments:
        header = lines[n_comments - 1].removeprefix("#")
        delimiter = delimiter_of(header)
        n_cells = {
            len(split_line(line, delimiter))
            for line in [header, *lines[n_comments : n_comments + 1]]
        }
        if len(n_cells) == 1:
            return n_comments - 1, delimiter
    return n_comments, delimiter_of(lines[n_comments])


def shown(text: str) -> str:
    """Return the representation of a cell for an error message, shortened if long.

    >>> shown("x" * 50)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    """
    return repr(text if len(text) <= 40 else text[:40] + "...")


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    # Python also parses "1_0" as 10, and digits of other scripts.
    return "_" not in cell and cell.isascii()


def all_differ(cells: list[str]) -> bool:
    """Return whether more than ten cells are all different, so they can't be labels.

    A table of ten rows or fewer may have one image of each digit.

    >>> all_differ([str(i) for i in range(10)]), all_differ([str(i) for i in range(11)])
    (False, True)
    """
    return len(cells) > 10 and len({*cells}) == len(cells)
