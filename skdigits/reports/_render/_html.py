"""Scores as HTML: a fragment for notebooks, or a self-contained page."""

from html import escape

import numpy as np

from skdigits.reports._confused_cells import confused_cells
from skdigits.reports._plot._tiles import as_gray
from skdigits.reports._render._formatting import count
from skdigits.reports._render._html_elements import (
    beside,
    digit_image,
    fragment,
    images_of_mistakes,
    overview_of,
    page,
    section,
    table,
)
from skdigits.reports._render._svg_plots import SvgPlot, svg_plots_of
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
from skdigits.reports._short_labels import short_labels

_N_CELLS, _N_IMAGES = 5, 8
_N_LOSSES = 16
_MAX_MATRIX_CLASSES = 100
_WITHOUT_PLOTS = (
    '<p class="note">Install Matplotlib to see plots here: '
    "<code>pip install matplotlib</code></p>"
)


def as_page(scores: Scores) -> str:
    """Return the scores as a complete page."""
    return page(report_title(scores), as_fragment(scores))


def as_fragment(scores: Scores) -> str:
    """Return the scores as a part of a page, with its style sheet."""
    return fragment(report_parts(scores))


def report_parts(scores: Scores) -> str:
    """Return the scores as a part of a page, without a style sheet."""
    plots = svg_plots_of(scores)
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in scores.notes_)
    return "".join(
        [
            f"<h1>{escape(report_title(scores))}</h1>",
            overview_of(overview(scores)),
            notes,
            "" if plots else _WITHOUT_PLOTS,
            _classes(scores, plots),
            _confusion(scores, plots),
            _rejection(scores, plots),
            _calibration(plots),
            _losses(scores),
        ]
    )


def _classes(scores: Scores, plots: dict[str, SvgPlot]) -> str:
    all_classes = table(*class_table(scores))
    worst = worst_classes(scores)
    if worst is None:
        return section("By class", beside(all_classes, plots, "roc"))
    caption, shown = worst
    return section(
        f"By class: {caption}",
        beside(table(*shown), plots, "roc"),
        f"<details><summary>All classes</summary>{all_classes}</details>",
    )


def _confusion(scores: Scores, plots: dict[str, SvgPlot]) -> str:
    pairs = [
        [f"{pair.a} and {pair.b}", *map(count, (pair.total, pair.a_as_b, pair.b_as_a))]
        for pair in scores.most_confused()
    ]
    header = ["pair", "confused", "first as second", "second as first"]
    confused = f"<h3>{CONFUSED_TITLE}</h3>{table(header, pairs)}"
    matrix = ""
    if len(scores.classes_) <= _MAX_MATRIX_CLASSES:
        matrix = (
            "<details><summary>Confusion matrix as a table</summary>"
            f"{table(*matrix_table(scores))}</details>"
        )
    return section(
        "Confusion matrix",
        beside(
            confused if pairs else "<p>No digit was misread.</p>", plots, "confusion"
        ),
        matrix,
        _confused_images(scores),
    )


def _confused_images(scores: Scores) -> str:
    predictions = scores.predictions
    if predictions.images is None or predictions.is_correct.all():
        return ""
    cells = [
        (
            f"{cell.true} read as {cell.predicted}",
            f"{cell.n_digits:,}",
            predictions.sample_indices[cell.indices].tolist(),
            list(predictions.images[cell.indices]),
        )
        for cell in confused_cells(predictions, _N_CELLS, _N_IMAGES)
    ]
    return images_of_mistakes(cells)


def _rejection(scores: Scores, plots: dict[str, SvgPlot]) -> str:
    if scores.coverage_curve_ is None:
        return ""
    note = about_ties(scores)
    return section(
        REJECTION_TITLE,
        beside(
            table(*rejection_table(scores)) + (f"<p>{note}</p>" if note else ""),
            plots,
            "coverage",
        ),
        _guarantees(scores),
    )


def _guarantees(scores: Scores) -> str:
    if not scores.guarantees_:
        return ""
    return (
        f"<h3>{escape(GUARANTEES_TITLE)}</h3>"
        f"{table(*guarantee_table(scores))}<p>{ABOUT_GUARANTEES}</p>"
    )


def _calibration(plots: dict[str, SvgPlot]) -> str:
    if "calibration" not in plots:
        return ""
    text = (
        "<p>Accuracy of the digits in each bin of confidence. If the classifier is "
        "perfectly calibrated, 90 % of the digits with a confidence of 90 % are read "
        "correctly, and all points lie on the dotted line.</p>"
    )
    return section("Calibration", beside(text, plots, "calibration"))


def _losses(scores: Scores) -> str:
    if scores.coverage_curve_ is None:
        return ""
    return section(
        LOSSES_TITLE,
        "<p>Digits whose label has the lowest probability. Some are hard to read, and "
        "some may be mislabeled.</p>",
        table(*losses_table(scores)),
        _loss_images(scores),
    )


def _loss_images(scores: Scores) -> str:
    predictions = scores.predictions
    if predictions.images is None:
        return ""
    losses = scores.top_losses(_N_LOSSES)
    indices = [top.sample_index for top in losses]
    positions = np.searchsorted(predictions.sample_indices, indices)
    shades = as_gray(predictions.images[positions])
    labels = scores.classes_.tolist()
    names = dict(zip(labels, map(escape, short_labels(labels)), strict=True))
    digits = [
        f"<figure>{digit_image(shade, f'sample {index}')}<figcaption>sample {index}<br>"
        f"{names[top.true]} read as {names[top.predicted]}</figcaption>"
        "</figure>"
        for index, shade, top in zip(indices, shades, losses, strict=True)
    ]
    return f'<div class="digits">{"".join(digits)}</div>'
