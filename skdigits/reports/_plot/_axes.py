"""Axes to draw on, and the colors of the displays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Color-blind readers can tell blue from vermilion.
BLUE, VERMILION = "#0072B2", "#D55E00"


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


def draw_note(ax: Axes | None, text: str) -> Axes:
    """Write a sentence where there is nothing to draw."""
    ax = axes_of_size(ax, 5, 1)
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
    return ax
