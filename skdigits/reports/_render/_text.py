"""A report as a page of text."""

import textwrap
from collections.abc import Iterable, Sequence

from skdigits.reports._render._formatting import count
from skdigits.reports._render._tables import (
    OF_PROMISES,
    PROMISES,
    class_table,
    losses_table,
    matrix_table,
    overview,
    promise_table,
    refusal_table,
    title_of,
    words_of_ties,
    words_of_worst,
    worst_classes,
)
from skdigits.reports._scores import Scores

_MOST_COLUMNS = 20
_WIDTH = 88


def as_text(scores: Scores) -> str:
    """Return the page."""
    title = title_of(scores)
    parts = [[title, "=" * len(title), *_aligned(overview(scores))]]
    parts += [textwrap.wrap(note, _WIDTH) for note in scores.notes_]
    heads, rows = class_table(scores)
    worst = worst_classes(scores)
    parts.append(
        [
            "By class" if worst is None else f"By class: {words_of_worst(scores)}",
            *aligned_table(heads, rows if worst is None else [rows[i] for i in worst]),
        ]
    )
    if len(scores.classes_) <= _MOST_COLUMNS:
        matrix = aligned_table(*matrix_table(scores))
        parts.append(
            ["Confusion matrix: classes by row, what they were read as", *matrix]
        )
    if pairs := scores.most_confused():
        lines = [
            f"  {pair.a} and {pair.b}: {count(pair.total)} ({pair.a} read as {pair.b}: "
            f"{count(pair.a_as_b)}, {pair.b} read as {pair.a}: {count(pair.b_as_a)})"
            for pair in pairs
        ]
        parts.append(["Most confused", *lines])
    if scores.coverage_curve_ is not None:
        refusals = aligned_table(*refusal_table(scores))
        parts.append(["If the least sure are refused", *refusals])
        if note := words_of_ties(scores):
            parts.append(textwrap.wrap(note, _WIDTH))
        if scores.promises_:
            promises = aligned_table(*promise_table(scores))
            parts += [[PROMISES, *promises], textwrap.wrap(OF_PROMISES, _WIDTH)]
        parts.append(
            [
                "Hardest to believe (is the label right?)",
                *aligned_table(*losses_table(scores)),
            ]
        )
    return "\n\n".join("\n".join(part) for part in parts)


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
