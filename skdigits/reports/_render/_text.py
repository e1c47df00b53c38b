"""Scores as text."""

import textwrap
from collections.abc import Iterable, Sequence

from skdigits.reports._render._formatting import count
from skdigits.reports._render._tables import (
    ABOUT_GUARANTEES,
    CONFUSED_TITLE,
    GUARANTEES_TITLE,
    LOSSES_TITLE,
    REJECTION_TITLE,
    about_ties,
    class_table,
    guarantee_table,
    losses_table,
    matrix_table,
    overview,
    rejection_table,
    report_title,
    worst_classes,
)
from skdigits.reports._scores import Scores

_MAX_MATRIX_CLASSES = 20
_WIDTH = 88


def as_text(scores: Scores) -> str:
    """Return the text of a report."""
    title = report_title(scores)
    parts = [[title, "=" * len(title), *_aligned_pairs(overview(scores))]]
    parts += [textwrap.wrap(note, _WIDTH) for note in scores.notes_]
    if (worst := worst_classes(scores)) is not None:
        caption, table = worst
        parts.append([f"By class: {caption}", *_aligned_table(*table)])
    else:
        parts.append(["By class", *_aligned_table(*class_table(scores))])
    if len(scores.classes_) <= _MAX_MATRIX_CLASSES:
        heading = "Confusion matrix (rows: true labels, columns: predicted labels)"
        parts.append([heading, *_aligned_table(*matrix_table(scores))])
    if pairs := scores.most_confused():
        lines = [
            f"  {pair.a} and {pair.b}: {count(pair.total)} ({pair.a} read as {pair.b}: "
            f"{count(pair.a_as_b)}, {pair.b} read as {pair.a}: {count(pair.b_as_a)})"
            for pair in pairs
        ]
        parts.append([CONFUSED_TITLE, *lines])
    if scores.coverage_curve_ is not None:
        parts += _rejection_parts(scores)
        heading = f"{LOSSES_TITLE} (these labels may be wrong)"
        parts.append([heading, *_aligned_table(*losses_table(scores))])
    return "\n\n".join("\n".join(part) for part in parts)


def _rejection_parts(scores: Scores) -> list[list[str]]:
    parts = [[REJECTION_TITLE, *_aligned_table(*rejection_table(scores))]]
    if note := about_ties(scores):
        parts.append(textwrap.wrap(note, _WIDTH))
    if scores.guarantees_:
        parts.append([GUARANTEES_TITLE, *_aligned_table(*guarantee_table(scores))])
        parts.append(textwrap.wrap(ABOUT_GUARANTEES, _WIDTH))
    return parts


def _aligned_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table with right-aligned columns."""
    lines = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  " + "  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True))
        for line in lines
    ]


def _aligned_pairs(pairs: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(pairs)
    width = max(len(name) for name, _ in pairs)
    return [f"{name.ljust(width)}  {value}" for name, value in pairs]
