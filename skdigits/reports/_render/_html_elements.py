"""Elements of HTML pages."""

import base64
import io
from collections.abc import Sequence
from html import escape
from importlib.resources import files

import numpy as np
from PIL import Image

from skdigits.reports._plot._tiles import as_gray, enlargement
from skdigits.reports._render._svg_plots import SvgPlot

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


def page(title: str, body: str) -> str:
    """Return a page that needs no other file."""
    return _PAGE.format(title=escape(title), body=body)


def fragment(*parts: str) -> str:
    """Return parts of a page with their style sheet."""
    css = files("skdigits.reports._render").joinpath("_report.css").read_text("utf-8")
    return f'<style>{css}</style><div class="skdigits-report">{"".join(parts)}</div>'


def section(title: str, *parts: str) -> str:
    """Return parts below a heading."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column names the rows."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in header)
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


def overview_of(values: Sequence[tuple[str, str]]) -> str:
    """Return names and values as tiles."""
    tiles = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in values
    )
    return f'<dl class="overview">{tiles}</dl>'


def beside(content: str, plots: dict[str, SvgPlot], name: str) -> str:
    """Return content with a plot to its right, if there is a plot of this name."""
    if name not in plots:
        return content
    svg, alt, is_wide = plots[name]
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<div class="beside"><div>{content}</div><img '
        f'class="figure{" wide" if is_wide else ""}" '
        f'alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}"></div>'
    )


def images_of_mistakes(
    cells: Sequence[tuple[str, str, list[int], Sequence[np.ndarray | None]]],
) -> str:
    """Return the images of misread digits below a title for each kind of mistake.

    A kind is given by its name, its number of mistakes, the sample indices of some
    digits, and their images. A digit without an image is replaced by its index.
    """
    images = [image for *_, of_cell in cells for image in of_cell if image is not None]
    shades = iter(as_gray(np.array(images)) if images else ())
    parts = []
    for kind, n, indices, of_cell in cells:
        digits = "".join(
            f"<span>sample {index}</span>"
            if image is None
            else digit_image(next(shades), f"{kind}, sample {index}")
            for index, image in zip(indices, of_cell, strict=True)
        )
        parts.append(
            f'<h3>{escape(kind)} ({n}&times;)</h3><div class="digits">{digits}</div>'
        )
    return "".join(parts)


def digit_image(shade: np.ndarray, alt: str) -> str:
    buffer = io.BytesIO()
    pixels = np.rint(255 * (1 - shade)).astype(np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    height, width = (round(enlargement(pixels.shape) * side) for side in pixels.shape)
    return (
        f'<img alt="{escape(alt)}" width="{width}" height="{height}" '
        f'src="data:image/png;base64,{data}">'
    )
