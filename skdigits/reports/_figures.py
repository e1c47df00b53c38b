"""The figures of a report as pictures that a page can hold."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.calibration import CalibrationDisplay
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, roc_curve

from skdigits.reports._coverage_display import CoverageDisplay
from skdigits.reports._plotting import RIGHT, check_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from skdigits.reports._report import DigitReport

_MOST_CLASSES = 30
_MOST_POINTS = 500
_MOST_CURVES_NAMED = 12
_STYLE = {
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
    figures = {}
    if len(report.classes_) <= _MOST_CLASSES:
        figures["confusion"] = Figure(
            _svg(_draw_confusion, report),
            "Heat map of the confusion matrix: true classes by row, predicted ones by "
            "column.",
        )
    if report.coverage_curve_ is not None:
        figures["coverage"] = Figure(
            _svg(_draw_coverage, report),
            "Errors left among the digits accepted, as the least sure are refused.",
        )
        figures["calibration"] = Figure(
            _svg(_draw_calibration, report),
            "Accuracy against mean confidence, in bins of the confidence.",
        )
    if report.roc_auc_ is not None and not np.isnan(report.roc_auc_).all():
        figures["roc"] = Figure(
            _svg(_draw_roc, report), "ROC curve of each class against the rest."
        )
    return figures


def _svg(draw: Callable[[Axes, DigitReport], None], report: DigitReport) -> str:
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(_STYLE):
        canvas = Canvas(figsize=(4.6, 3.8), layout="constrained")
        draw(canvas.subplots(), report)
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return buffer.getvalue()


def _draw_confusion(ax: Axes, report: DigitReport) -> None:
    from matplotlib.colors import PowerNorm

    labels = [str(label) for label in report.classes_.tolist()]
    matrix = report.confusion_matrix_
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


def _draw_coverage(ax: Axes, report: DigitReport) -> None:
    curve = report.coverage_curve_
    CoverageDisplay(curve.coverage, curve.error).plot(ax)


def _draw_calibration(ax: Axes, report: DigitReport) -> None:
    accuracy, confidence, _ = report.reliability_
    CalibrationDisplay(accuracy, confidence, report.predictions.confidence).plot(
        ax=ax, color=RIGHT
    )
    ax.set(xlabel="Mean confidence", ylabel="Accuracy")
    ax.grid(alpha=0.3)


def _draw_roc(ax: Axes, report: DigitReport) -> None:
    import matplotlib

    known = report.predictions
    colors = matplotlib.colormaps["viridis"](np.linspace(0, 0.95, len(known.classes)))
    for i, (label, area) in enumerate(
        zip(known.classes.tolist(), report.roc_auc_, strict=True)
    ):
        if np.isnan(area):
            continue
        fpr, tpr, _ = roc_curve(
            known.true == i, known.proba[:, i], sample_weight=known.weights
        )
        shown = np.unique(np.linspace(0, len(fpr) - 1, _MOST_POINTS).astype(int))
        RocCurveDisplay(fpr=fpr[shown], tpr=tpr[shown]).plot(ax=ax)
        ax.lines[-1].set(color=colors[i], label=f"{label}: {area:.5f}")
    ax.set(
        xlabel="False positive rate",
        ylabel="True positive rate",
        xscale="symlog",
    )
    ax.grid(alpha=0.3)
    if len(known.classes) <= _MOST_CURVES_NAMED:
        ax.legend(title="class: area", fontsize=7, loc="lower right")
    elif ax.get_legend():
        ax.get_legend().remove()
