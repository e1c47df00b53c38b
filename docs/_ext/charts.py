"""Draw the measured tables of the documentation as charts.

The gallery shows them for the benchmarks, which take too long to be run with the
documentation and so have no figures of their own.
"""

import re
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure


class Chart(NamedTuple):
    """The page of a table, the columns and rows to draw, and another of its columns."""

    page: str
    columns: list[str]
    rows: slice = slice(None)
    beside: str = ""


# By the name of the program that measures them.
CHARTS = {
    "bench_classifiers": Chart("performance", ["fit, s"]),
    "bench_pixel_csv": Chart("performance", ["pandas, s", "skdigits, s"]),
    "bench_pixel_scaler": Chart(
        "user_guide/preprocessing", ["MinMaxScaler, ms", "PixelScaler, ms"]
    ),
    "bench_resources": Chart("performance", ["seconds"], rows=slice(-3, None)),
    "bench_search": Chart("performance", ["trials a minute"]),
    "bench_time_to_99": Chart("performance", ["fit, s"], beside="epochs"),
}


def read_tables(path):
    """Yield each ``list-table`` of a page as lists of cells, the header first."""
    for block in path.read_text("utf-8").split(".. list-table::")[1:]:
        table = re.search(r"\n   \* - (.*?)(\n\n|$)", block, re.DOTALL)[1]
        yield [
            [cell.strip() for cell in re.split(r"\n     -", row)]
            for row in table.split("\n   * - ")
        ]


def find_table(path, columns):
    """Return the header and the rows of the first table with these columns."""
    for header, *rows in read_tables(path):
        if set(columns) <= set(header):
            return header, rows
    raise ValueError(f"{path} has no table with the columns {columns}.")


def draw(chart, folder):
    """Return a figure of the size of a thumbnail with a bar for each number."""
    path = folder / f"{chart.page}.rst"
    columns = chart.columns
    header, table = find_table(path, [*columns, *filter(None, [chart.beside])])
    table = table[chart.rows]
    names = [row[0].split(",")[0].strip("`") for row in table]
    figure = Figure(figsize=(4, 2.8), layout="constrained")
    ax = figure.subplots()
    height = 0.8 / len(columns)
    for i, column in enumerate(columns):
        cells = [row[header.index(column)] for row in table]
        values = [float(re.match(r"[\d.]+", cell)[0]) for cell in cells]
        places = [j + i * height for j in range(len(values))]
        bars = ax.barh(places, values, height, label=column)
        ax.bar_label(bars, fmt="{:g}", padding=2)
    middle = (len(columns) - 1) * height / 2
    ax.set_yticks([j + middle for j in range(len(names))], names)
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.spines[["top", "right"]].set_visible(False)
    if len(columns) > 1:
        ax.legend()
    else:
        ax.set_xlabel(columns[0])
    return figure


def draw_all(app):
    """Draw every chart into the folder ``charts``."""
    source = Path(app.srcdir)
    (source / "charts").mkdir(exist_ok=True)
    for name, chart in CHARTS.items():
        draw(chart, source).savefig(source / "charts" / f"{name}.png", dpi=200)


def setup(app):
    """Draw before Sphinx-Gallery looks for thumbnails."""
    app.connect("builder-inited", draw_all, priority=100)
    return {"parallel_read_safe": True}
