"""A report as a page that a browser shows, complete in one file."""

import base64
import io
from collections.abc import Sequence
from html import escape
from importlib.resources import files

import numpy as np
from PIL import Image

from skdigits.reports._plot._confused_pairs import confused_cells
from skdigits.reports._plot._tiles import as_grey, enlargement
from skdigits.reports._render._formatting import count
from skdigits.reports._render._svg_plots import SvgPlot, svg_plots_of
from skdigits.reports._render._tables import (
    OF_PROMISES,
    PROMISES,
    class_table,
    losses_table,
    matrix_table,
    overview,
    promise_table,
    refusal_table,
    title_of,
    words_of_ties,
    words_of_worst,
    worst_classes,
)
from skdigits.reports._scores import Scores
from skdigits.reports._short_labels import short_labels

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


def as_page(scores: Scores) -> str:
    """Return a whole document."""
    return page(title_of(scores), as_fragment(scores))


def as_fragment(scores: Scores) -> str:
    """Return the report as a part of a page, with the style that it needs."""
    return fragment(report_parts(scores))


def page(title: str, body: str) -> str:
    """Return a document that needs no other file."""
    return _PAGE.format(title=escape(title), body=body)


def fragment(*parts: str) -> str:
    """Return parts of a page with the style that they need."""
    style = files("skdigits.reports._render").joinpath("_report.css").read_text("utf-8")
    return f'<style>{style}</style><div class="skdigits-report">{"".join(parts)}</div>'


def report_parts(scores: Scores) -> str:
    """Return the report without a style."""
    figures = svg_plots_of(scores)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in scores.notes_)
    return "".join(
        [
            f"<h1>{escape(title_of(scores))}</h1>",
            overview_of(overview(scores)),
            notes,
            "" if figures else _WITHOUT_FIGURES,
            _classes(scores, figures),
            _confusion(scores, figures),
            _refusals(scores, figures),
            _losses(scores),
        ]
    )


def overview_of(figures: Sequence[tuple[str, str]]) -> str:
    """Return names and values as tiles."""
    tiles = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in figures
    )
    return f'<dl class="overview">{tiles}</dl>'


def _classes(scores: Scores, figures: dict[str, SvgPlot]) -> str:
    heads, rows = class_table(scores)
    worst = worst_classes(scores)
    if worst is None:
        return section("By class", beside(table(heads, rows), figures, "roc"))
    shown = table(heads, [rows[i] for i in worst])
    return section(
        "By class",
        beside(
            f"<p>{words_of_worst(scores)}</p>{shown}",
            figures,
            "roc",
        ),
        f"<details><summary>All classes</summary>{table(heads, rows)}</details>",
    )


def _confusion(scores: Scores, figures: dict[str, SvgPlot]) -> str:
    pairs = [
        [f"{pair.a} and {pair.b}", *map(count, (pair.total, pair.a_as_b, pair.b_as_a))]
        for pair in scores.most_confused()
    ]
    heads = ["pair", "confused", "first as second", "second as first"]
    matrix = ""
    if len(scores.classes_) <= _MOST_COLUMNS:
        matrix = (
            "<details><summary>The matrix as a table</summary>"
            f"{table(*matrix_table(scores))}</details>"
        )
    return section(
        "What is confused",
        beside(
            table(heads, pairs) if pairs else "<p>No digit was read as another.</p>",
            figures,
            "confusion",
        ),
        matrix,
        _confused_images(scores),
    )


def _confused_images(scores: Scores) -> str:
    known = scores.predictions
    if known.images is None or known.is_right.all():
        return ""
    cells = [
        (
            f"{cell.true} read as {cell.predicted}",
            f"{cell.n_digits:,}",
            list(map(known.row_of, cell.rows)),
            list(known.images[cell.rows]),
        )
        for cell in confused_cells(known, _N_CELLS, _N_IMAGES)
    ]
    return images_of_mistakes(cells)


def images_of_mistakes(
    cells: Sequence[tuple[str, str, list[int], Sequence[np.ndarray | None]]],
) -> str:
    """Return digits under a title for each kind of mistake.

    A kind is what it is called, how often it was made, rows and their images. Where
    there is no image, the row is named.
    """
    images = [image for *_, of_cell in cells for image in of_cell if image is not None]
    shades = iter(as_grey(np.array(images)) if images else ())
    parts = []
    for words, n, rows, of_cell in cells:
        digits = "".join(
            f"<span>row {row}</span>"
            if image is None
            else _digit(next(shades), f"{words}, row {row}")
            for row, image in zip(rows, of_cell, strict=True)
        )
        parts.append(f'<h3>{escape(words)}: {n}</h3><div class="digits">{digits}</div>')
    return "".join(parts)


def _refusals(scores: Scores, figures: dict[str, SvgPlot]) -> str:
    if scores.coverage_curve_ is None:
        return ""
    note = "".join(f"<p>{text}</p>" for text in [words_of_ties(scores)] if text)
    return section(
        "If the least sure are refused",
        beside(f"{table(*refusal_table(scores))}{note}", figures, "coverage"),
        beside(
            "<p>How often it is right, by how sure it is. On the dotted line a "
            "confidence of 90 % means nine of ten.</p>",
            figures,
            "calibration",
        ),
        _promises(scores),
    )


def _promises(scores: Scores) -> str:
    if not scores.promises_:
        return ""
    return (
        f"<h3>{escape(PROMISES)}</h3>"
        f"<p>{OF_PROMISES}</p>{table(*promise_table(scores))}"
    )


def _losses(scores: Scores) -> str:
    if scores.coverage_curve_ is None:
        return ""
    return section(
        "Hardest to believe",
        "<p>The rows whose label was held to be the least probable. Some are hard to "
        "read, and of some the label may be wrong.</p>",
        table(*losses_table(scores)),
        _loss_images(scores),
    )


def _loss_images(scores: Scores) -> str:
    known = scores.predictions
    if known.images is None:
        return ""
    losses = scores.top_losses(_N_LOSSES)
    positions = np.searchsorted(known.rows_judged, [top.row for top in losses])
    shades = as_grey(known.images[positions])
    labels = scores.classes_.tolist()
    names = dict(zip(labels, map(escape, short_labels(labels)), strict=True))
    digits = [
        f"<figure>{_digit(shade, f'row {top.row}')}<figcaption>row {top.row}<br>"
        f"{names[top.true]} read as {names[top.predicted]}</figcaption>"
        "</figure>"
        for shade, top in zip(shades, losses, strict=True)
    ]
    return f'<div class="digits">{"".join(digits)}</div>'


def section(title: str, *parts: str) -> str:
    """Return parts under a heading."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose rows begin with what they are about."""
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


def beside(content: str, figures: dict[str, SvgPlot], name: str) -> str:
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
