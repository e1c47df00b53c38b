"""The report of a search as an HTML page, complete in one file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from skdigits.model_selection._findings import SearchFindings
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


def as_page(found: SearchFindings) -> str:
    """Return the report as an HTML document."""
    return page(found.title, as_fragment(found))


def as_fragment(found: SearchFindings) -> str:
    """Return the report as a part of a page, with the style that it needs."""
    return fragment(
        f"<h1>{escape(found.title)}</h1>",
        overview_of(_overview(found)),
        _best_params(found),
        _importances(found),
        _history(found),
        _front(found),
        report_parts(found.digits) if found.digits else "",
        _misread(found),
    )


def _overview(found: SearchFindings) -> list[tuple[str, str]]:
    mean, std = np.mean(found.fold_scores), np.std(found.fold_scores)
    name = "Score" if found.metric == "score" else f"Score ({found.metric})"
    return [
        (f"{name}, mean of {len(found.fold_scores)} folds", f"{mean:.4f}"),
        ("Standard deviation", f"{std:.4f}"),
        ("Best trial", str(found.best_trial)),
        *((f"Trials {status}", f"{n:,}") for status, n in found.counts.items()),
    ]


def _best_params(found: SearchFindings) -> str:
    params = [[name, repr(value)] for name, value in found.best_params.items()]
    scores = [[str(i), f"{score:.4f}"] for i, score in enumerate(found.fold_scores)]
    folds = table(["fold", "score"], scores)
    return section(
        "Best parameters",
        table(["parameter", "value"], params),
        f"<details><summary>Score of each fold</summary>{folds}</details>",
    )


def _importances(found: SearchFindings) -> str:
    if not found.importances:
        return ""
    bars = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{percent(share)}</td>'
        f'<td class="bar"><div style="width: {100 * share:.1f}%"></div></td></tr>'
        for name, share in found.importances.items()
    )
    return section(
        "Parameter importances",
        "<p>Importance for reaching the best tenth of the scores, as estimated by "
        "Optuna. The estimate is rough with fewer than about 50 completed trials.</p>",
        f'<table class="bars"><tbody>{bars}</tbody></table>',
    )


def _history(found: SearchFindings) -> str:
    if not found.course:
        return ""
    rows = [[str(n), f"{s:,.1f} s", f"{value:.4g}"] for n, s, value in found.course]
    trials = table(["trial", "finished after", "value"], rows)
    return section(
        "Optimization history",
        "<p>The trials that were better than all before them.</p>",
        beside(trials, _plots(found), "history"),
    )


def _plots(found: SearchFindings) -> dict[str, SvgPlot]:
    """Return the plot of the history, none without Matplotlib."""
    try:
        check_matplotlib("A plot")
    except ImportError:
        return {}
    alt = "Best value so far against the time of the search."
    return {"history": SvgPlot(svg_of(lambda ax: _draw_history(ax, found)), alt)}


def _draw_history(ax: Axes, found: SearchFindings) -> None:
    # Over time, since trials that run in parallel do not end in the order of numbers.
    _, seconds, values = zip(*found.course, strict=True)
    ax.step(seconds, values, "o-", where="post", color=BLUE)
    ax.set(xlabel="Seconds since the first trial began", ylabel="Best value so far")
    ax.grid(alpha=0.3)


def _front(found: SearchFindings) -> str:
    if not found.front:
        return ""
    heads = ["trial", *found.front[0][1]]
    rows = [
        [str(trial), *(f"{value:.4g}" for value in values.values())]
        for trial, values in found.front
    ]
    return section(
        "Pareto front",
        "<p>No other trial is better in every objective.</p>",
        table(heads, rows),
    )


def _misread(found: SearchFindings) -> str:
    if not found.misread or found.digits is None:
        return ""
    matrix, labels = found.digits.confusion_matrix_, found.digits.classes_.tolist()
    cells = []
    for (true, predicted), indices in shown_misread(found.misread).items():
        n = count(matrix[labels.index(true), labels.index(predicted)])
        images = [found.images.get(index) for index in indices]
        cells.append((f"{true} read as {predicted}", n, indices, images))
    return section(
        "Misread out of fold",
        "<p>Digits that the best trial misread, each predicted by a classifier that "
        "was not fitted on it.</p>",
        images_of_mistakes(cells),
    )
