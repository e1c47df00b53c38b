"""What the displays share: axes to draw on, and digits side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Blue and vermilion are told apart by colour-blind readers too.
RIGHT, WRONG = "#0072B2", "#D55E00"
_HEADER = 0.45  # of the height of a digit: two lines of text
_GAP = 0.25  # of the width of a tile
_TILE_INCHES, _TITLE_INCHES = 1.6, 1.4


def check_matplotlib(what: str) -> None:
    """Raise an error that says what to install, if Matplotlib is not there."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ImportError(
            f'{what} needs Matplotlib: pip install "skdigits[plot]", or matplotlib.'
        ) from None


def axes_of_size(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the axes, or those of a new figure of so many inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def as_grey(images: np.ndarray) -> np.ndarray:
    """Return images as shades from 0, the paper, to 1, the most ink of all of them.

    Examples
    --------
    >>> as_grey(np.array([[[0, 51], [102, 255]]], np.uint8)).tolist()
    [[[0.0, 0.2], [0.4, 1.0]]]
    """
    images = np.asarray(images, np.float64)
    low = min(0.0, images.min(initial=0.0))
    high = images.max(initial=low)
    return (images - low) / ((high - low) or 1.0)


def as_ink(images: np.ndarray) -> np.ndarray:
    """Return images of shape (n, height, width, 3): dark digits on white paper."""
    return 1 - np.repeat(as_grey(images)[..., None], 3, axis=3)


class Tile(NamedTuple):
    """A picture of shape (height, width, 3), what to write above it, and its colour."""

    picture: np.ndarray
    caption: str
    color: str


def draw_tiles(
    ax: Axes | None, rows: Sequence[Sequence[Tile]], *, titles: Sequence[str] = ()
) -> Axes:
    """Draw rows of pictures of one size under their captions."""
    height, width, _ = rows[0][0].picture.shape
    header, gap = ceil(_HEADER * height), ceil(_GAP * width)
    step_y, step_x = height + header, width + gap
    n_columns = max(map(len, rows))
    canvas = np.ones((len(rows) * step_y + gap // 2, n_columns * step_x, 3))
    placed = [
        (tile, i * step_y + header, j * step_x + gap // 2)
        for i, row in enumerate(rows)
        for j, tile in enumerate(row)
    ]
    for tile, y, x in placed:
        canvas[y : y + height, x : x + width] = tile.picture
    inches = _TILE_INCHES / step_y
    margin = _TITLE_INCHES if titles else 0.0
    ax = axes_of_size(ax, canvas.shape[1] * inches + margin, canvas.shape[0] * inches)
    ax.imshow(canvas, interpolation="nearest")
    ax.set_axis_off()
    lines = [line for tile, *_ in placed for line in tile.caption.splitlines()]
    size = _font_size(ax, canvas.shape, step_x, max(map(len, lines)))
    for tile, y, x in placed:
        ax.text(
            x + (width - 1) / 2,
            y - 0.5 - 0.03 * height,
            tile.caption,
            color=tile.color,
            size=size,
            ha="center",
            va="bottom",
            linespacing=1.1,
            parse_math=False,
        )
    for i, text in enumerate(titles):
        y = i * step_y + header + (height - 1) / 2
        ax.text(-0.5, y, text, ha="right", va="center", size=size + 1, parse_math=False)
    return ax


def draw_note(ax: Axes | None, text: str) -> Axes:
    """Write a sentence where there is nothing to draw."""
    ax = axes_of_size(ax, 5, 1)
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
    return ax


def _font_size(
    ax: Axes, canvas: tuple[int, ...], step_x: int, n_characters: int
) -> float:
    """Return the size, in points, at which a caption is no wider than its tile."""
    box = ax.get_window_extent()
    scale = min(box.width / canvas[1], box.height / canvas[0]) * 72 / ax.figure.dpi
    return float(np.clip(scale * step_x / (0.6 * n_characters), 2, 11))
