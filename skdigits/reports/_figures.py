"""The figures of a report as pictures that a page can hold."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, roc_curve

from skdigits.reports._coverage_display import CoverageDisplay
from skdigits.reports._plotting import RIGHT, check_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from skdigits.reports._predictions import Predictions
    from skdigits.reports._report import DigitReport

_MOST_CLASSES = 30
_MOST_POINTS = 500
_MOST_CURVES_NAMED = 12
_LONGEST_LABEL = 12
_STYLE: Any = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "skdigits",
    "font.size": 9,
}


class Figure(NamedTuple):
    """A picture as SVG, and what it shows in words."""

    svg: str
    words: str


def figures_of(report: DigitReport) -> dict[str, Figure]:
    """Return the figures that there are data for, by name; none without Matplotlib."""
    try:
        check_matplotlib("A figure")
    except ImportError:
        return {}
    known, curve, areas = report.predictions, report.coverage_curve_, report.roc_auc_
    figures = {}
    if len(known.classes) <= _MOST_CLASSES:
        figures["confusion"] = Figure(
            _svg(lambda ax: _draw_confusion(ax, known, report.confusion_matrix_)),
            "Heat map of the confusion matrix: true classes by row, predicted ones by "
            "column.",
        )
    if curve is not None:
        figures["coverage"] = Figure(
            _svg(CoverageDisplay(curve.coverage, curve.error).plot),
            "Errors left among the digits accepted, as the least sure are refused.",
        )
    if (bins := report.reliability_) is not None:
        figures["calibration"] = Figure(
            _svg(lambda ax: _draw_calibration(ax, known, *bins)),
            "Accuracy against mean confidence, in bins of the confidence.",
        )
    proba = known.proba
    if proba is not None and areas is not None and not np.isnan(areas).all():
        figures["roc"] = Figure(
            _svg(lambda ax: _draw_roc(ax, known, proba, areas)),
            "ROC curve of each class against the rest.",
        )
    return figures


def _svg(draw: Callable[[Axes], Any]) -> str:
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # The browser writes the letters, with fonts of its own.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        canvas = Canvas(figsize=(4.6, 3.8), layout="constrained")
        draw(canvas.subplots())
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _draw_confusion(ax: Axes, known: Predictions, matrix: np.ndarray) -> None:
    from matplotlib.colors import PowerNorm

    labels = list(map(_short, known.classes.tolist()))
    ConfusionMatrixDisplay(matrix, display_labels=labels).plot(
        ax=ax,
        cmap="Blues",
        colorbar=False,
        values_format="d" if matrix.dtype.kind == "i" else ".3g",
        xticks_rotation="horizontal" if max(map(len, labels)) < 3 else "vertical",
        # A few errors among thousands of digits can be seen.
        im_kw={"norm": PowerNorm(0.3, vmin=0)},
        text_kw={"size": max(3.5, 8 - 0.15 * len(labels))},
    )


def _draw_calibration(
    ax: Axes,
    known: Predictions,
    accuracy: np.ndarray,
    confidence: np.ndarray,
    share: np.ndarray,
) -> None:
    CalibrationDisplay(accuracy, confidence, known.confidence).plot(ax=ax, color=RIGHT)
    ax.set(xlabel="Mean confidence", ylabel="Accuracy")
    ax.grid(alpha=0.3)


def _draw_roc(
    ax: Axes, known: Predictions, proba: np.ndarray, areas: np.ndarray
) -> None:
    """Draw the curves of all classes, with room for the small rates that matter."""
    import matplotlib

    colors = matplotlib.colormaps["viridis"](np.linspace(0.05, 0.85, len(areas)))
    labels = map(_short, known.classes.tolist())
    for i, (label, area) in enumerate(zip(labels, areas, strict=True)):
        if np.isnan(area):
            continue
        fpr, tpr, _ = roc_curve(
            known.true == i, proba[:, i], sample_weight=known.weights
        )
        shown = np.unique(np.linspace(0, len(fpr) - 1, _MOST_POINTS).astype(int))
        RocCurveDisplay(fpr=fpr[shown], tpr=tpr[shown]).plot(ax=ax)
        ax.lines[-1].set(color=colors[i], label=f"{label}: {area:.5f}", clip_on=True)
    smallest = max(1e-6, 1 / len(known.true))
    ax.set(
        xlabel="False positive rate",
        ylabel="True positive rate",
        aspect="auto",
        xscale="log",
        xlim=(smallest, 1),
    )
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.grid(alpha=0.3)
    if len(areas) <= _MOST_CURVES_NAMED:
        ax.legend(title="class: area", fontsize=7, loc="lower right")
    elif legend := ax.get_legend():
        legend.remove()


def _short(label: Any) -> str:
    """Return a label that leaves room for the figure."""
    text = str(label)
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
