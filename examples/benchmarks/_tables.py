"""Tables in reStructuredText, which the documentation includes as they are printed."""

import statistics


def spread(values):
    """Return the median of values and their bounds as text, for times and ratios."""
    digits = 2 if max(values) < 10 else 1 if max(values) < 100 else 0
    return _with_bounds(statistics.median(values), values, digits)


def mean_spread(values, digits=2):
    """Return the mean of values and their bounds as text, for accuracies."""
    return _with_bounds(statistics.mean(values), values, digits)


def _with_bounds(middle, values, digits):
    numbers = [f"{x:.{digits}f}" for x in (middle, min(values), max(values))]
    return "{} ({}-{})".format(*numbers) if len(values) > 1 else numbers[0]


def print_table(title, rows):
    """Print a table with the header in the first row."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    line = ["=" * width for width in widths]
    print(f"\n.. table:: {title}\n")
    for row in [line, rows[0], line, *rows[1:], line]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"   {'  '.join(cells)}".rstrip(), flush=True)
