"""A report as a page that a browser shows, complete in one file."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from skdigits.reports._figures import Figure, figures_of
from skdigits.reports._labels import short_labels
from skdigits.reports._pairs_display import confused_cells
from skdigits.reports._plotting import as_grey, enlargement
from skdigits.reports._text import (
    PROMISES,
    class_table,
    count,
    losses_table,
    matrix_table,
    overview,
    promise_table,
    refusal_table,
    title_of,
    words_of_worst,
    worst_classes,
)

if TYPE_CHECKING:
    from skdigits.reports._report import DigitReport

_N_CELLS, _N_IMAGES = 5, 8
_N_LOSSES = 16
_MOST_COLUMNS = 100
_WITHOUT_FIGURES = (
    '<p class="note">With Matplotlib there are figures here: '
    "<code>pip install matplotlib</code>.</p>"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
</head>
<body class="skdigits-page">
<main>
{body}
</main>
</body>
</html>
"""


def as_page(report: DigitReport) -> str:
    """Return a whole document."""
    return _PAGE.format(title=escape(title_of(report)), body=as_fragment(report))


def as_fragment(report: DigitReport) -> str:
    """Return the report as a part of a page, with the style that it needs."""
    style = files("skdigits.reports").joinpath("_report.css").read_text("utf-8")
    figures = figures_of(report)
    sections = [
        _classes(report, figures),
        _confusion(report, figures),
        _refusals(report, figures),
        _losses(report),
    ]
    return (
        f'<style>{style}</style><div class="skdigits-report">'
        f"<h1>{escape(title_of(report))}</h1>{_overview(report)}"
        f"{'' if figures else _WITHOUT_FIGURES}{''.join(sections)}</div>"
    )


def _overview(report: DigitReport) -> str:
    tiles = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in overview(report)
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in report.notes_)
    return f'<dl class="overview">{tiles}</dl>{notes}'


def _classes(report: DigitReport, figures: dict[str, Figure]) -> str:
    heads, rows = class_table(report)
    worst = worst_classes(report)
    if worst is None:
        return _section("By class", _beside(_table(heads, rows), figures, "roc"))
    shown = _table(heads, [rows[i] for i in worst])
    return _section(
        "By class",
        _beside(
            f"<p>{words_of_worst(report)}</p>{shown}",
            figures,
            "roc",
        ),
        f"<details><summary>All classes</summary>{_table(heads, rows)}</details>",
    )


def _confusion(report: DigitReport, figures: dict[str, Figure]) -> str:
    pairs = [
        [f"{pair.a} and {pair.b}", *map(count, (pair.total, pair.a_as_b, pair.b_as_a))]
        for pair in report.most_confused()
    ]
    heads = ["pair", "confused", "first as second", "second as first"]
    matrix = ""
    if len(report.classes_) <= _MOST_COLUMNS:
        matrix = (
            "<details><summary>The matrix as a table</summary>"
            f"{_table(*matrix_table(report))}</details>"
        )
    return _section(
        "What is confused",
        _beside(
            _table(heads, pairs) if pairs else "<p>No digit was read as another.</p>",
            figures,
            "confusion",
        ),
        matrix,
        _confused_images(report),
    )


def _confused_images(report: DigitReport) -> str:
    known = report.predictions
    if known.images is None or known.is_right.all():
        return ""
    cells = confused_cells(known, _N_CELLS, _N_IMAGES)
    shades = iter(as_grey(known.images[np.concatenate([cell.rows for cell in cells])]))
    rows = []
    for cell in cells:
        words = f"{cell.true} read as {cell.predicted}"
        images = "".join(
            _digit(next(shades), f"{words}, row {known.row_of(row)}")
            for row in cell.rows
        )
        title = f"{words}: {cell.n_digits:,}"
        rows.append(f'<h3>{escape(title)}</h3><div class="digits">{images}</div>')
    return "".join(rows)


def _refusals(report: DigitReport, figures: dict[str, Figure]) -> str:
    if report.coverage_curve_ is None:
        return ""
    return _section(
        "If the least sure are refused",
        _beside(_table(*refusal_table(report)), figures, "coverage"),
        _beside(
            "<p>How often it is right, by how sure it is. On the dotted line a "
            "confidence of 90 % means nine of ten.</p>",
            figures,
            "calibration",
        ),
        _promises(report),
    )


def _promises(report: DigitReport) -> str:
    if not report.promises_:
        return ""
    return (
        f"<h3>{escape(PROMISES)}</h3>"
        "<p>Digits of at least this confidence are accepted. The last column is how "
        "many digits it takes to promise as much, if all of them are read correctly: "
        "with fewer, and where the surest are too often misread, there is no "
        f"threshold.</p>{_table(*promise_table(report))}"
    )


def _losses(report: DigitReport) -> str:
    if report.coverage_curve_ is None:
        return ""
    return _section(
        "Hardest to believe",
        "<p>The rows whose label was held to be the least probable. Some are hard to "
        "read, and of some the label may be wrong.</p>",
        _table(*losses_table(report)),
        _loss_images(report),
    )


def _loss_images(report: DigitReport) -> str:
    images = report.predictions.images
    if images is None:
        return ""
    losses = report.top_losses(_N_LOSSES)
    shades = as_grey(images[[top.row for top in losses]])
    labels = report.classes_.tolist()
    names = dict(zip(labels, map(escape, short_labels(labels)), strict=True))
    digits = [
        f"<figure>{_digit(shade, f'row {top.row}')}<figcaption>row {top.row}<br>"
        f"{names[top.true]} read as {names[top.predicted]}</figcaption>"
        "</figure>"
        for shade, top in zip(shades, losses, strict=True)
    ]
    return f'<div class="digits">{"".join(digits)}</div>'


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in others)
        + "</tr>"
        for first, *others in rows
    )
    return (
        '<div class="scroll"><table><thead><tr>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _beside(content: str, figures: dict[str, Figure], name: str) -> str:
    """Return something with a figure to the right of it, if there is that figure."""
    if name not in figures:
        return content
    svg, words, is_wide = figures[name]
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<div class="beside"><div>{content}</div><img '
        f'class="figure{" wide" if is_wide else ""}" '
        f'alt="{escape(words)}" src="data:image/svg+xml;base64,{data}"></div>'
    )


def _digit(shade: np.ndarray, words: str) -> str:
    buffer = io.BytesIO()
    grey = np.rint(255 * (1 - shade)).astype(np.uint8)
    Image.fromarray(grey).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    height, width = (round(enlargement(grey.shape) * side) for side in grey.shape)
    return (
        f'<img alt="{escape(words)}" width="{width}" height="{height}" '
        f'src="data:image/png;base64,{data}">'
    )
