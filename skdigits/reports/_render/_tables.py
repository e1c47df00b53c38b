"""Titles, tables, and explanations that the text and the HTML report share."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from skdigits.reports._render._formatting import confidence_percent, count, percent
from skdigits.reports._scores import Scores

_MAX_CLASSES, _N_WORST = 100, 20
_MISSING = "-"
CONFUSED_TITLE = "Most confused pairs"
REJECTION_TITLE = "Error rate after rejecting the least confident digits"
GUARANTEES_TITLE = "Thresholds that guarantee an error rate, with 95 % confidence"
ABOUT_GUARANTEES = (
    "Digits with at least the confidence shown are accepted. The last column is the "
    "number of digits required for the guarantee if there are no errors. A threshold "
    "is missing if this report has fewer digits, or if too many of the most confident "
    "ones are misread."
)
LOSSES_TITLE = "Highest losses"


class Table(NamedTuple):
    """Column names and rows of strings."""

    header: list[str]
    rows: list[list[str]]


def report_title(scores: Scores) -> str:
    """Return the title of a report."""
    n = scores.n_digits_
    return f"{scores.name} on {n:,} digit{'s' if n != 1 else ''}"


def overview(scores: Scores) -> list[tuple[str, str]]:
    """Return the names and values of the overall scores."""
    low, high = (100 * bound for bound in scores.accuracy_interval_)
    matrix = scores.confusion_matrix_
    found = [
        (
            "Accuracy",
            f"{percent(scores.accuracy_)} (95 % interval {low:.2f} to {high:.2f})",
        ),
        ("Errors", count(matrix.sum() - matrix.trace())),
    ]
    if scores.log_loss_ is not None:
        found.append(("Log loss", f"{scores.log_loss_:.4f}"))
    if (error := scores.expected_calibration_error_) is not None:
        found.append(("Calibration error", percent(error)))
    if (area := scores.roc_auc_macro_) is not None:
        found.append(("Mean ROC AUC", f"{area:.5f}"))
    return found


def class_table(scores: Scores) -> Table:
    """Return the scores of each class."""
    header = ["class", "precision", "recall", "F1", "digits"]
    columns: list[Iterable[str]] = [
        map(str, scores.classes_.tolist()),
        map(_score, scores.precision_),
        map(_score, scores.recall_),
        map(_score, scores.f1_),
        map(count, scores.support_),
    ]
    if scores.roc_auc_ is not None:
        header.append("ROC AUC")
        columns.append([_score(area, 5) for area in scores.roc_auc_])
    return Table(header, [list(row) for row in zip(*columns, strict=True)])


def worst_classes(scores: Scores) -> tuple[str, Table] | None:
    """Return the classes with the lowest F1 and a caption; None if there are few."""
    n_classes = len(scores.classes_)
    if n_classes <= _MAX_CLASSES:
        return None
    worst = np.lexsort((-scores.support_, scores.f1_))[:_N_WORST]
    header, rows = class_table(scores)
    caption = f"the {_N_WORST} of {n_classes:,} classes with the lowest F1"
    return caption, Table(header, [rows[i] for i in worst])


def matrix_table(scores: Scores) -> Table:
    """Return the confusion matrix."""
    labels = [str(label) for label in scores.classes_.tolist()]
    rows = [
        [label, *map(count, row)]
        for label, row in zip(labels, scores.confusion_matrix_, strict=True)
    ]
    return Table(["", *labels], rows)


def rejection_table(scores: Scores) -> Table:
    """Return the error rates after rejecting digits."""
    rows = [["none", _MISSING, percent(1 - scores.accuracy_)]]
    rows += [
        [f"{100 * rejected:g} %", confidence_percent(threshold), percent(error)]
        for rejected, threshold, error in scores.rejections_ or ()
    ]
    return Table(["rejected", "lowest confidence", "error rate"], rows)


def about_ties(scores: Scores) -> str:
    """Return how few digits a threshold rejects because of ties, "" if it does not."""
    curve, rejections = scores.coverage_curve_, scores.rejections_
    if curve is None or rejections is None:
        return ""
    last = rejections[-1]
    by_threshold = curve.rejected_by(last.threshold)
    lacking = last.rejected - by_threshold
    if lacking < last.rejected / 2 or lacking * scores.n_digits_ < 1:
        return ""
    return (
        "Many digits have the same confidence: a threshold of "
        f"{confidence_percent(last.threshold)} rejects {percent(by_threshold)} of the "
        f"digits, not {100 * last.rejected:g} %. The error rates assume that ties are "
        "broken at random."
    )


def guarantee_table(scores: Scores) -> Table:
    """Return the thresholds that guarantee an error rate."""
    rows = [
        [
            f"{100 * found.max_error:g} %",
            _MISSING
            if found.threshold is None
            else confidence_percent(found.threshold, 2),
            _MISSING if found.accepted is None else percent(found.accepted),
            f"{found.fewest_digits:,}",
        ]
        for found in scores.guarantees_ or ()
    ]
    header = ["maximum error rate", "threshold", "accepted", "digits required"]
    return Table(header, rows)


def losses_table(scores: Scores) -> Table:
    """Return the digits with the highest losses."""
    rows = [
        [
            str(top.sample_index),
            str(top.true),
            str(top.predicted),
            f"{100 * top.confidence:.1f} %",
            f"{top.loss:.2f}",
        ]
        for top in scores.top_losses()
    ]
    return Table(["sample", "label", "read as", "confidence", "loss"], rows)


def _score(value: Any, n_decimals: int = 4) -> str:
    return _MISSING if np.isnan(value) else f"{value:.{n_decimals}f}"
