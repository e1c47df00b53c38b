"""Axes to draw on, and the colors of all displays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Readers with color blindness can distinguish blue and vermilion.
BLUE, VERMILION = "#0072B2", "#D55E00"


def check_matplotlib(caller: str) -> None:
    """Raise an ImportError that says what to install if Matplotlib is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ImportError(
            f"{caller} requires Matplotlib. Install it with: "
            'pip install "skdigits[plot]"'
        ) from None


def get_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the given axes, or those of a new figure of this size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def draw_message(ax: Axes | None, text: str) -> Axes:
    """Draw a sentence in place of a plot."""
    ax = get_axes(ax, 5, 1)
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
    return ax
