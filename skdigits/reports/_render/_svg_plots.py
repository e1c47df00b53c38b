"""Plots of scores as SVG."""

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

_INCHES, _WIDE_INCHES = (5.0, 3.8), (7.6, 7.2)
_MAX_CLASSES_NARROW = 12
_MAX_POINTS, _N_INTERPOLATED = 500, 100
_MAX_COLORS, _MAX_CURVES = 10, 100
# With fewer digits in a bin, the accuracy is too uncertain to read anything from it.
_MIN_DIGITS_IN_BIN = 10
_STYLE: Any = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "skdigits",
    "font.size": 9,
}


class SvgPlot(NamedTuple):
    """A plot as SVG, its alternative text, and whether it takes the full width."""

    svg: str
    alt: str
    is_wide: bool = False


def svg_plots_of(scores: Scores) -> dict[str, SvgPlot]:
    """Return all plots that the scores allow, by name; none without Matplotlib."""
    try:
        check_matplotlib("A plot")
    except ImportError:
        return {}
    predictions, areas = scores.predictions, scores.roc_auc_
    plots = {"confusion": _plot_confusion(scores)}
    if (curve := scores.coverage_curve_) is not None:
        plots["coverage"] = SvgPlot(
            svg_of(CoverageDisplay(curve.coverage, curve.error).plot),
            "Error rate of the accepted digits by the share of rejected digits.",
        )
    if (bins := scores.reliability_) is not None:
        plots["calibration"] = SvgPlot(
            svg_of(lambda ax: _draw_calibration(ax, predictions, *bins)),
            "Accuracy by mean confidence for bins of confidence, with 95 % intervals. "
            "Bins with few digits are marked.",
        )
    proba = predictions.proba
    if proba is not None and areas is not None and not np.isnan(areas).all():
        plots["roc"] = SvgPlot(
            svg_of(lambda ax: _draw_roc(ax, predictions, proba, areas)),
            "ROC curve of each class against the rest, with a logarithmic scale of the "
            "false positive rate.",
        )
    return plots


def _plot_confusion(scores: Scores) -> SvgPlot:
    display = ConfusionDisplay(scores.confusion_matrix_, display_labels=scores.classes_)
    is_wide = len(scores.classes_) > _MAX_CLASSES_NARROW
    return SvgPlot(
        svg_of(display.plot, _WIDE_INCHES if is_wide else _INCHES),
        "Heat map of the confusion matrix: true classes by row, predicted classes by "
        "column.",
        is_wide,
    )


def svg_of(draw: Callable[[Axes], Any], inches: tuple[float, float] = _INCHES) -> str:
    """Return what a function draws on new axes, as SVG."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # The browser draws the text, with its own fonts.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        canvas = Figure(figsize=inches, layout="constrained")
        draw(canvas.subplots())
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _draw_calibration(
    ax: Axes,
    predictions: Predictions,
    accuracy: np.ndarray,
    confidence: np.ndarray,
    share: np.ndarray,
) -> None:
    """Draw the accuracy of each bin with its interval, and mark bins of few digits."""
    n_digits = share * predictions.effective_sample_size
    bounds = [wilson_interval(*bin_) for bin_ in zip(accuracy, n_digits, strict=True)]
    error_bars = np.abs(np.transpose(bounds) - accuracy)
    is_enough = n_digits > _MIN_DIGITS_IN_BIN - 1e-6
    ax.plot([0, 1], [0, 1], ":", color="black", label="perfectly calibrated")
    for shown, style, color, text in (
        (~is_enough, "none", "gray", f"fewer than {_MIN_DIGITS_IN_BIN} digits"),
        (is_enough, "full", BLUE, f"{_MIN_DIGITS_IN_BIN} digits or more"),
    ):
        if shown.any():
            ax.errorbar(
                confidence[shown],
                accuracy[shown],
                error_bars[:, shown],
                fmt="o-" if style == "full" else "o",
                fillstyle=style,
                color=color,
                elinewidth=1,
                markersize=5,
                label=text,
            )
    ax.set(xlabel="Mean confidence", ylabel="Accuracy, with 95 % interval")
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    ax.grid(alpha=0.3)
    ax.legend(fontsize=7, loc="best")


def _draw_roc(
    ax: Axes, predictions: Predictions, proba: np.ndarray, areas: np.ndarray
) -> None:
    """Draw the curves of the classes, on a scale that shows small rates."""
    import matplotlib

    colors = matplotlib.colormaps["tab10"](range(_MAX_COLORS))
    worst_first = np.argsort(areas, kind="stable")[: np.isfinite(areas).sum()]
    named = worst_first[:_MAX_COLORS]
    names = dict(
        zip(named, short_labels(predictions.classes[named].tolist()), strict=True)
    )
    drawn = worst_first if len(worst_first) <= _MAX_CURVES else named
    smallest = max(1e-6, 1 / len(predictions.true))
    # In reverse order, the named curves end up on top, and the best comes first in the
    # legend.
    for i in drawn[::-1]:
        fpr, tpr, _ = roc_curve(
            predictions.true == i, proba[:, i], sample_weight=predictions.weights
        )
        style: dict[str, Any] = {"color": "lightgray", "lw": 0.8}
        if i in names:
            color = colors[np.flatnonzero(np.sort(named) == i)[0]]
            style = {"color": color, "label": f"{names[i]}: {areas[i]:.5f}"}
        ax.plot(*_interpolated(fpr, tpr, smallest), **style)
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
    title = "class: AUC"
    if len(drawn) > len(named):
        title = f"{len(named)} lowest AUCs,\nothers in gray"
    elif len(worst_first) > len(named):
        title = f"{len(named)} lowest AUCs\nof {len(worst_first):,} classes"
    ax.legend(
        title=title,
        fontsize=7,
        title_fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 1),
    )


def _interpolated(
    fpr: np.ndarray, tpr: np.ndarray, smallest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return points of a ROC curve, with additional points on its straight segments.

    Ties in probability give segments that are straight on a linear scale, and thus
    curved on a logarithmic one.
    """
    shown = np.unique(np.linspace(0, len(fpr) - 1, _MAX_POINTS).astype(int))
    added = np.geomspace(smallest, 1, _N_INTERPOLATED)
    x = np.append(fpr[shown], added)
    y = np.append(tpr[shown], np.interp(added, fpr, tpr))
    order = np.lexsort([y, x])
    return x[order], y[order]
