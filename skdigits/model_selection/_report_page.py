"""What a search found, as a page that a browser shows, complete in one file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from skdigits.model_selection._misread_samples import shown_misread
from skdigits.reports._plot._axes import BLUE, check_matplotlib
from skdigits.reports._render._formatting import count, percent
from skdigits.reports._render._html import report_parts
from skdigits.reports._render._html_elements import (
    beside,
    fragment,
    images_of_mistakes,
    overview_of,
    page,
    section,
    table,
)
from skdigits.reports._render._svg_plots import SvgPlot, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from skdigits.model_selection._report import SearchReport

MATTERED = "What mattered for the best tenth of the scores"


def as_page(report: SearchReport) -> str:
    """Return a whole document."""
    return page(report.title, as_fragment(report))


def as_fragment(report: SearchReport) -> str:
    """Return the report as a part of a page, with the style that it needs."""
    return fragment(
        f"<h1>{escape(report.title)}</h1>",
        overview_of(_overview(report)),
        _best(report),
        _importances(report),
        _course(report),
        _front(report),
        report_parts(report.digits) if report.digits else "",
        _misread(report),
    )


def _overview(report: SearchReport) -> list[tuple[str, str]]:
    mean, spread = np.mean(report.fold_scores), np.std(report.fold_scores)
    name = "Score" if report.metric == "score" else f"Score ({report.metric})"
    return [
        (f"{name}, mean of {len(report.fold_scores)} folds", f"{mean:.4f}"),
        ("Standard deviation", f"{spread:.4f}"),
        ("Best trial", str(report.best_trial)),
        *((f"Trials {status}", f"{n:,}") for status, n in report.counts.items()),
    ]


def _best(report: SearchReport) -> str:
    params = [[name, repr(value)] for name, value in report.best_params.items()]
    scores = [[str(i), f"{score:.4f}"] for i, score in enumerate(report.fold_scores)]
    folds = table(["fold", "score"], scores)
    return section(
        "Best parameters",
        table(["parameter", "value"], params),
        f"<details><summary>The score of each fold</summary>{folds}</details>",
    )


def _importances(report: SearchReport) -> str:
    if not report.importances:
        return ""
    bars = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{percent(share)}</td>'
        f'<td class="bar"><div style="width: {100 * share:.1f}%"></div></td></tr>'
        for name, share in report.importances.items()
    )
    return section(
        MATTERED,
        "<p>As Optuna estimates it: roughly, where fewer than some 50 trials are "
        "complete.</p>",
        f'<table class="bars"><tbody>{bars}</tbody></table>',
    )


def _course(report: SearchReport) -> str:
    if not report.course:
        return ""
    rows = [[str(n), f"{s:,.1f} s", f"{value:.4g}"] for n, s, value in report.course]
    found = table(["trial", "finished after", "value"], rows)
    return section(
        "How the search went",
        "<p>Each trial that was better than all before it.</p>",
        beside(found, _figures(report), "course"),
    )


def _figures(report: SearchReport) -> dict[str, SvgPlot]:
    """Return the course of the search as a figure; none without Matplotlib."""
    try:
        check_matplotlib("A figure")
    except ImportError:
        return {}
    words = "The best value so far, by the time that the search had taken."
    return {"course": SvgPlot(svg_of(lambda ax: _draw_course(ax, report)), words)}


def _draw_course(ax: Axes, report: SearchReport) -> None:
    # In seconds, since trials that run side by side don't end in the order of numbers.
    _, seconds, values = zip(*report.course, strict=True)
    ax.step(seconds, values, "o-", where="post", color=BLUE)
    ax.set(xlabel="Seconds since the first trial began", ylabel="Best value so far")
    ax.grid(alpha=0.3)


def _front(report: SearchReport) -> str:
    if not report.front:
        return ""
    heads = ["trial", *report.front[0][1]]
    rows = [
        [str(trial), *(f"{value:.4g}" for value in reached.values())]
        for trial, reached in report.front
    ]
    return section(
        "Pareto front",
        "<p>The trials that no other one beats in everything.</p>",
        table(heads, rows),
    )


def _misread(report: SearchReport) -> str:
    if not report.misread or report.digits is None:
        return ""
    matrix, labels = report.digits.confusion_matrix_, report.digits.classes_.tolist()
    cells = []
    for (true, predicted), rows in shown_misread(report.misread).items():
        n = count(matrix[labels.index(true), labels.index(predicted)])
        images = [report.images.get(row) for row in rows]
        cells.append((f"{true} read as {predicted}", n, rows, images))
    return section(
        "Misread out of fold",
        "<p>Digits that the best trial misread, each by a classifier that was not "
        "fitted on it.</p>",
        images_of_mistakes(cells),
    )
