"""Draw the measured tables of the documentation as charts.

The gallery shows them for the benchmarks, which take too long to be run with the
documentation and so have no figures of their own.
"""

import re
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure


class Chart(NamedTuple):
    """The columns and rows of a table to draw."""

    columns: list[str]
    rows: slice = slice(None)


# By the name of the program that prints the table.
CHARTS = {
    "bench_classifiers": Chart(["fit, s"]),
    "bench_digit_normalizer": Chart(["images a second"]),
    "bench_few_labels": Chart(["100 labels", "1,000 labels"]),
    "bench_pixel_csv": Chart(["pandas, s", "skdigits, s"]),
    "bench_pixel_scaler": Chart(["MinMaxScaler, ms", "PixelScaler, ms"]),
    "bench_reader": Chart(["resized", "centered", "DigitNormalizer"]),
    "bench_recipes": Chart(["epochs of Keras"]),
    "bench_rejection": Chart(["network", "with detector"]),
    "bench_resources": Chart(["seconds"], rows=slice(-4, None)),
    "bench_search": Chart(["trials a minute"]),
    "bench_time_to_99": Chart(["fit, s"]),
}


def read_table(text):
    """Return the cells of the first table of a page, with the header first."""
    lines = text.splitlines()
    rules = [i for i, line in enumerate(lines) if set(line) == {" ", "="}]
    first, second, last = rules[:3]
    columns = [match.span() for match in re.finditer("=+", lines[first])]
    return [
        [line[start:end].strip() for start, end in columns]
        for line in [lines[first + 1], *lines[second + 1 : last]]
    ]


def draw(chart, path):
    """Return a figure of the size of a thumbnail with a bar for each number."""
    header, *table = read_table(path.read_text("utf-8"))
    columns, table = chart.columns, table[chart.rows]
    names = [row[0].strip("`") for row in table]
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
        figure = draw(chart, source / "benchmarks" / f"{name}.inc")
        figure.savefig(source / "charts" / f"{name}.png", dpi=200)


def setup(app):
    """Draw before Sphinx-Gallery looks for thumbnails."""
    app.connect("builder-inited", draw_all, priority=100)
    return {"parallel_read_safe": True}
