"""A report as a page of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from math import ceil, log10
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skdigits.reports._report import DigitReport

_MOST_COLUMNS = 20
_MOST_CLASSES, _N_WORST = 100, 20
_WIDTH = 88
_UNKNOWN = "-"
PROMISES = "Errors that can be promised, with 95 % confidence"
OF_PROMISES = (
    "Digits that are read with at least the confidence shown are accepted. The last "
    "column is the fewest digits that such a promise needs, if all of them are read "
    "correctly. There is no threshold if there are fewer, or if too many of the surest "
    "are misread."
)


def as_text(report: DigitReport) -> str:
    """Return the page."""
    title = title_of(report)
    parts = [[title, "=" * len(title), *_aligned(overview(report))]]
    parts += [textwrap.wrap(note, _WIDTH) for note in report.notes_]
    heads, rows = class_table(report)
    worst = worst_classes(report)
    parts.append(
        [
            "By class" if worst is None else f"By class: {words_of_worst(report)}",
            *aligned_table(heads, rows if worst is None else [rows[i] for i in worst]),
        ]
    )
    if len(report.classes_) <= _MOST_COLUMNS:
        matrix = aligned_table(*matrix_table(report))
        parts.append(
            ["Confusion matrix: classes by row, what they were read as", *matrix]
        )
    if pairs := report.most_confused():
        lines = [
            f"  {pair.a} and {pair.b}: {count(pair.total)} ({pair.a} read as {pair.b}: "
            f"{count(pair.a_as_b)}, {pair.b} read as {pair.a}: {count(pair.b_as_a)})"
            for pair in pairs
        ]
        parts.append(["Most confused", *lines])
    if report.coverage_curve_ is not None:
        refusals = aligned_table(*refusal_table(report))
        parts.append(["If the least sure are refused", *refusals])
        if note := words_of_ties(report):
            parts.append(textwrap.wrap(note, _WIDTH))
        if report.promises_:
            promises = aligned_table(*promise_table(report))
            parts += [[PROMISES, *promises], textwrap.wrap(OF_PROMISES, _WIDTH)]
        parts.append(
            [
                "Hardest to believe (is the label right?)",
                *aligned_table(*losses_table(report)),
            ]
        )
    return "\n\n".join("\n".join(part) for part in parts)


def title_of(report: DigitReport) -> str:
    """Return a heading."""
    n = report.n_digits_
    return f"{report.name} on {n:,} digit{'s' if n != 1 else ''}"


def overview(report: DigitReport) -> list[tuple[str, str]]:
    """Return the name and the value of each figure that sums it up."""
    low, high = (100 * bound for bound in report.accuracy_interval_)
    matrix = report.confusion_matrix_
    figures = [
        (
            "Accuracy",
            f"{percent(report.accuracy_)} (95 % interval {low:.2f} to {high:.2f})",
        ),
        ("Errors", count(matrix.sum() - matrix.trace())),
    ]
    if report.log_loss_ is not None:
        figures.append(("Log loss", f"{report.log_loss_:.4f}"))
    if (error := report.expected_calibration_error_) is not None:
        figures.append(("Calibration error", percent(error)))
    if (area := report.roc_auc_macro_) is not None:
        figures.append(("ROC AUC, mean", f"{area:.5f}"))
    return figures


def class_table(report: DigitReport) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the table of classes."""
    heads = ["class", "precision", "recall", "F1", "digits"]
    columns: list[Iterable[str]] = [
        map(str, report.classes_.tolist()),
        map(_share, report.precision_),
        map(_share, report.recall_),
        map(_share, report.f1_),
        map(count, report.support_),
    ]
    if report.roc_auc_ is not None:
        heads.append("ROC AUC")
        columns.append([_share(area, 5) for area in report.roc_auc_])
    return heads, [list(row) for row in zip(*columns, strict=True)]


def worst_classes(report: DigitReport) -> list[int] | None:
    """Return the positions of the classes to show, or None to show all of them."""
    if len(report.classes_) <= _MOST_CLASSES:
        return None
    return np.lexsort((-report.support_, report.f1_))[:_N_WORST].tolist()


def words_of_worst(report: DigitReport) -> str:
    """Return what `worst_classes` are."""
    return f"{_N_WORST} of {len(report.classes_):,} classes, those with the lowest F1"


def matrix_table(report: DigitReport) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the confusion matrix."""
    names = [str(label) for label in report.classes_.tolist()]
    rows = [
        [name, *map(count, row)]
        for name, row in zip(names, report.confusion_matrix_, strict=True)
    ]
    return ["", *names], rows


def refusal_table(report: DigitReport) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the errors left."""
    rows = [["none", _UNKNOWN, percent(1 - report.accuracy_)]]
    rows += [
        [f"{100 * refused:g} %", sureness(threshold), percent(error)]
        for refused, threshold, error in report.refusals_ or ()
    ]
    return ["refused", "least confidence", "error left"], rows


def words_of_ties(report: DigitReport) -> str:
    """Return how little a threshold refuses where digits are equally sure, if so."""
    curve, refusals = report.coverage_curve_, report.refusals_
    if curve is None or refusals is None:
        return ""
    last = refusals[-1]
    by_threshold = curve.refused_by(last.threshold)
    lacking = last.refused - by_threshold
    if lacking < last.refused / 2 or lacking * report.n_digits_ < 1:
        return ""
    return (
        f"Many digits are equally sure: a threshold of {sureness(last.threshold)} "
        f"refuses {percent(by_threshold)} of the digits, not {100 * last.refused:g} %. "
        "The errors left assume that the rest to refuse are drawn at random from these."
    )


def promise_table(report: DigitReport) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the thresholds that promise an error."""
    rows = [
        [
            f"{100 * p.max_error:g} %",
            _UNKNOWN if p.threshold is None else sureness(p.threshold, 2),
            _UNKNOWN if p.accepted is None else percent(p.accepted),
            f"{p.fewest_digits:,}",
        ]
        for p in report.promises_ or ()
    ]
    return ["errors at most", "least confidence", "accepted", "digits needed"], rows


def losses_table(report: DigitReport) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the digits with the highest loss."""
    rows = [
        [
            str(top.row),
            str(top.true),
            str(top.predicted),
            f"{100 * top.confidence:.1f} %",
            f"{top.loss:.2f}",
        ]
        for top in report.top_losses()
    ]
    return ["row", "label", "read as", "confidence", "loss"], rows


def sureness(probability: float, n_decimals: int = 1) -> str:
    """Return a probability in per cent, which is 100 % only if it is 1.

    Examples
    --------
    >>> sureness(0.98765), sureness(0.9999996), sureness(1.0)
    ('98.8 %', '99.99996 %', '100.0 %')
    """
    doubt = 1 - probability
    if doubt > 0:
        n_decimals = max(n_decimals, ceil(-log10(doubt)) - 2)
    return f"{100 * probability:.{n_decimals}f} %"


def percent(share: float) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> percent(0.98765)
    '98.77 %'
    """
    return f"{100 * share:.2f} %"


def count(number: float) -> str:
    """Return a count, or a sum of weights, in full or to four digits.

    Examples
    --------
    >>> count(12345), count(2.0), count(2 / 3)
    ('12,345', '2', '0.6667')
    """
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.4g}"


def aligned_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns are flush right."""
    lines = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  " + "  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True))
        for line in lines
    ]


def _aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(pairs)
    width = max(len(name) for name, _ in pairs)
    return [f"{name.ljust(width)}  {value}" for name, value in pairs]


def _share(value: Any, n_decimals: int = 4) -> str:
    return _UNKNOWN if np.isnan(value) else f"{value:.{n_decimals}f}"
