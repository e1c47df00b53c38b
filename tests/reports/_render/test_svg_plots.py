"""Plots of reports, as SVG."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import auc

from skdigits.reports import DigitReport
from skdigits.reports._render._svg_plots import _draw_roc, svg_plots_of

FEW, ENOUGH = "fewer than 10 digits", "10 digits or more"


def texts_of(svg):
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def colors_of_curves(svg):
    """Return the colors of the lines of more than two points."""
    lines = re.findall(r'<path d="([^"]*)"[^>]*style="fill: none;[^"]*: (#\w+)', svg)
    return {color for path, color in lines if path.count("L") > 2}


@pytest.mark.parametrize("n_classes", [2, 10])
def test_roc_curves_have_distinct_colors(random_predictions, n_classes):
    y, proba = random_predictions(400, n_classes)
    report = DigitReport.from_predictions(y, proba)
    svg = svg_plots_of(report)["roc"].svg
    assert len(colors_of_curves(svg)) == n_classes
    named = [f"{label}: {area:.5f}" for label, area in enumerate(report.roc_auc_)]
    assert {*named, "False positive rate (logarithmic scale)"} <= set(texts_of(svg))


@pytest.mark.parametrize("n_levels", [1, 2, 5, 1000])
def test_roc_curves_have_the_areas_in_the_legend(random_predictions, n_levels):
    y, proba = random_predictions(300, 2)
    # A tree also predicts few distinct probabilities.
    first = np.round(proba[:, 0] * n_levels) / n_levels
    report = DigitReport.from_predictions(y, np.c_[first, 1 - first])
    ax = Figure().subplots()
    _draw_roc(ax, report.predictions, report.predictions.proba, report.roc_auc_)
    drawn = [auc(*line.get_data()) for line in ax.lines]
    assert drawn == pytest.approx(report.roc_auc_.tolist(), abs=1e-3)
    # The points are dense enough on the logarithmic scale.
    steps = [np.diff(np.log(line.get_xdata()[1:])) for line in ax.lines]
    assert all(step[np.isfinite(step)].max() < 0.1 for step in steps)


def test_names_with_a_common_prefix_are_distinct(random_predictions):
    y, proba = random_predictions(800, 60)
    labels = np.array([f"handwritten sign {i:02}" for i in range(60)])
    report = DigitReport.from_predictions(labels[y], proba, labels=labels)
    plots = svg_plots_of(report)
    names = [text for text in texts_of(plots["confusion"].svg) if "…" in text]
    assert len(names) == 2 * len(set(names)) == 40
    # Ten curves have a name and a color, the others are gray.
    worst = labels[np.argsort(report.roc_auc_)[:10]]
    svg = plots["roc"].svg
    assert len(colors_of_curves(svg)) == 11
    named = [text.split(":")[0] for text in texts_of(svg) if "…" in text]
    assert {name[-2:] for name in named} == {name[-2:] for name in worst}
    assert "others in gray" in texts_of(svg)


def test_roc_curves_of_many_classes_are_those_of_the_worst(random_predictions):
    y, proba = random_predictions(300, 120)
    report = DigitReport.from_predictions(y, proba, labels=range(120))
    svg = svg_plots_of(report)["roc"].svg
    assert len(colors_of_curves(svg)) == 10
    n_known = np.isfinite(report.roc_auc_).sum()
    assert {"10 lowest AUCs", f"of {n_known} classes"} <= set(texts_of(svg))


@pytest.mark.parametrize(
    ("n_digits", "expected"),
    [([9, 10], {FEW, ENOUGH}), ([10, 50], {ENOUGH}), ([1, 9], {FEW})],
)
def test_calibration_bins_of_few_digits_are_marked(n_digits, expected):
    confidence = np.repeat([0.55, 0.95], n_digits)
    proba = np.column_stack([confidence, 1 - confidence])
    report = DigitReport.from_predictions(np.arange(len(proba)) % 2, proba)
    texts = texts_of(svg_plots_of(report)["calibration"].svg)
    assert {FEW, ENOUGH} & set(texts) == expected
