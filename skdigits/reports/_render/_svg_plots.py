"""The figures of a report as pictures that a page can hold."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_curve

from skdigits.reports._metrics import wilson_interval
from skdigits.reports._plot._axes import BLUE, check_matplotlib
from skdigits.reports._plot._confusion import ConfusionDisplay
from skdigits.reports._plot._coverage import CoverageDisplay
from skdigits.reports._predictions import Predictions
from skdigits.reports._scores import Scores
from skdigits.reports._short_labels import short_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES = (5.0, 3.8)
_MOST_CLASSES_BESIDE = 12
_MOST_POINTS, _N_BETWEEN = 500, 100
_MOST_COLORS = 10
_MOST_CURVES = 100
# Of fewer digits in a bin, their accuracy may be almost anything.
_FEWEST_IN_BIN = 10
_STYLE: Any = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "skdigits",
    "font.size": 9,
}


class SvgPlot(NamedTuple):
    """A picture as SVG, what it shows in words, and whether it takes a whole line."""

    svg: str
    words: str
    is_wide: bool = False


def svg_plots_of(scores: Scores) -> dict[str, SvgPlot]:
    """Return the figures that there are data for, by name; none without Matplotlib."""
    try:
        check_matplotlib("A figure")
    except ImportError:
        return {}
    known, curve, areas = scores.predictions, scores.coverage_curve_, scores.roc_auc_
    figures = {}
    matrix = ConfusionDisplay(scores.confusion_matrix_, display_labels=known.classes)
    is_wide = len(known.classes) > _MOST_CLASSES_BESIDE
    figures["confusion"] = SvgPlot(
        svg_of(matrix.plot, (7.6, 7.2) if is_wide else _INCHES),
        "Heat map of the confusion matrix: true classes by row, predicted ones by "
        "column.",
        is_wide,
    )
    if curve is not None:
        figures["coverage"] = SvgPlot(
            svg_of(CoverageDisplay(curve.coverage, curve.error).plot),
            "Errors left among the digits accepted, as the least sure are refused.",
        )
    if (bins := scores.reliability_) is not None:
        figures["calibration"] = SvgPlot(
            svg_of(lambda ax: _draw_calibration(ax, known, *bins)),
            "Accuracy against mean confidence, in bins of the confidence, with 95 % "
            "intervals; bins of few digits are marked.",
        )
    proba = known.proba
    if proba is not None and areas is not None and not np.isnan(areas).all():
        figures["roc"] = SvgPlot(
            svg_of(lambda ax: _draw_roc(ax, known, proba, areas)),
            "ROC curve of each class against the rest, with a logarithmic scale of "
            "false positives.",
        )
    return figures


def svg_of(draw: Callable[[Axes], Any], inches: tuple[float, float] = _INCHES) -> str:
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # The browser writes the letters, with fonts of its own.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        canvas = Figure(figsize=inches, layout="constrained")
        draw(canvas.subplots())
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _draw_calibration(
    ax: Axes,
    known: Predictions,
    accuracy: np.ndarray,
    confidence: np.ndarray,
    share: np.ndarray,
) -> None:
    """Draw the accuracy of each bin with its interval, those of few digits apart."""
    n_digits = share * known.effective_n
    bounds = [wilson_interval(*bin_) for bin_ in zip(accuracy, n_digits, strict=True)]
    arms = np.abs(np.transpose(bounds) - accuracy)
    is_enough = n_digits > _FEWEST_IN_BIN - 1e-6
    ax.plot([0, 1], [0, 1], ":", color="black", label="perfectly calibrated")
    for shown, style, color, text in (
        (~is_enough, "none", "darkgray", f"fewer than {_FEWEST_IN_BIN} digits"),
        (is_enough, "full", BLUE, f"{_FEWEST_IN_BIN} digits or more"),
    ):
        if shown.any():
            ax.errorbar(
                confidence[shown],
                accuracy[shown],
                arms[:, shown],
                fmt="o-" if style == "full" else "o",
                fillstyle=style,
                color=color,
                elinewidth=1,
                markersize=5,
                label=text,
            )
    ax.set(xlabel="Mean confidence", ylabel="Accuracy, with its 95 % interval")
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    ax.grid(alpha=0.3)
    ax.legend(fontsize=7, loc="best")


def _draw_roc(
    ax: Axes, known: Predictions, proba: np.ndarray, areas: np.ndarray
) -> None:
    """Draw the curves of all classes, with room for the small rates that matter."""
    import matplotlib

    colors = matplotlib.colormaps["tab10"](range(_MOST_COLORS))
    worst_first = np.argsort(areas, kind="stable")[: np.isfinite(areas).sum()]
    named = worst_first[:_MOST_COLORS]
    names = dict(zip(named, short_labels(known.classes[named].tolist()), strict=True))
    drawn = worst_first if len(worst_first) <= _MOST_CURVES else named
    smallest = max(1e-6, 1 / len(known.true))
    # The named ones lie on top, and are named from top to bottom.
    for i in drawn[::-1]:
        fpr, tpr, _ = roc_curve(
            known.true == i, proba[:, i], sample_weight=known.weights
        )
        style: dict[str, Any] = {"color": "lightgray", "lw": 0.8}
        if i in names:
            color = colors[np.flatnonzero(np.sort(named) == i)[0]]
            style = {"color": color, "label": f"{names[i]}: {areas[i]:.5f}"}
        ax.plot(*_with_points_between(fpr, tpr, smallest), **style)
    ax.set(
        xlabel="False positive rate (logarithmic scale)",
        ylabel="True positive rate",
        xscale="log",
        xlim=(smallest, 1),
        ylim=(-0.02, 1.02),
    )
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.grid(alpha=0.3)
    title = "class: area"
    if len(drawn) > len(named):
        title = f"{len(named)} smallest areas,\nothers in gray"
    elif len(worst_first) > len(named):
        title = f"{len(named)} smallest areas\nof {len(worst_first):,} classes"
    ax.legend(
        title=title,
        fontsize=7,
        title_fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 1),
    )


def _with_points_between(
    fpr: np.ndarray, tpr: np.ndarray, smallest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return points of a ROC curve, also of those parts that are straight.

    Where digits are equally sure, a curve rises straight on a linear scale, and so is
    bent on a logarithmic one.
    """
    shown = np.unique(np.linspace(0, len(fpr) - 1, _MOST_POINTS).astype(int))
    between = np.geomspace(smallest, 1, _N_BETWEEN)
    x = np.append(fpr[shown], between)
    y = np.append(tpr[shown], np.interp(between, fpr, tpr))
    order = np.lexsort([y, x])
    return x[order], y[order]
