"""The tables of a report, which its text and its page share."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from skdigits.reports._render._formatting import count, percent, sureness
from skdigits.reports._scores import Scores

_MOST_CLASSES, _N_WORST = 100, 20
_UNKNOWN = "-"
PROMISES = "Errors that can be promised, with 95 % confidence"
OF_PROMISES = (
    "Digits that are read with at least the confidence shown are accepted. The last "
    "column is the fewest digits that such a promise needs, if all of them are read "
    "correctly. There is no threshold if there are fewer, or if too many of the surest "
    "are misread."
)


def title_of(scores: Scores) -> str:
    """Return a heading."""
    n = scores.n_digits_
    return f"{scores.name} on {n:,} digit{'s' if n != 1 else ''}"


def overview(scores: Scores) -> list[tuple[str, str]]:
    """Return the name and the value of each figure that sums it up."""
    low, high = (100 * bound for bound in scores.accuracy_interval_)
    matrix = scores.confusion_matrix_
    figures = [
        (
            "Accuracy",
            f"{percent(scores.accuracy_)} (95 % interval {low:.2f} to {high:.2f})",
        ),
        ("Errors", count(matrix.sum() - matrix.trace())),
    ]
    if scores.log_loss_ is not None:
        figures.append(("Log loss", f"{scores.log_loss_:.4f}"))
    if (error := scores.expected_calibration_error_) is not None:
        figures.append(("Calibration error", percent(error)))
    if (area := scores.roc_auc_macro_) is not None:
        figures.append(("ROC AUC, mean", f"{area:.5f}"))
    return figures


def class_table(scores: Scores) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the table of classes."""
    heads = ["class", "precision", "recall", "F1", "digits"]
    columns: list[Iterable[str]] = [
        map(str, scores.classes_.tolist()),
        map(_share, scores.precision_),
        map(_share, scores.recall_),
        map(_share, scores.f1_),
        map(count, scores.support_),
    ]
    if scores.roc_auc_ is not None:
        heads.append("ROC AUC")
        columns.append([_share(area, 5) for area in scores.roc_auc_])
    return heads, [list(row) for row in zip(*columns, strict=True)]


def worst_classes(scores: Scores) -> list[int] | None:
    """Return the positions of the classes to show, or None to show all of them."""
    if len(scores.classes_) <= _MOST_CLASSES:
        return None
    return np.lexsort((-scores.support_, scores.f1_))[:_N_WORST].tolist()


def words_of_worst(scores: Scores) -> str:
    """Return what `worst_classes` are."""
    return f"{_N_WORST} of {len(scores.classes_):,} classes, those with the lowest F1"


def matrix_table(scores: Scores) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the confusion matrix."""
    names = [str(label) for label in scores.classes_.tolist()]
    rows = [
        [name, *map(count, row)]
        for name, row in zip(names, scores.confusion_matrix_, strict=True)
    ]
    return ["", *names], rows


def refusal_table(scores: Scores) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the errors left."""
    rows = [["none", _UNKNOWN, percent(1 - scores.accuracy_)]]
    rows += [
        [f"{100 * refused:g} %", sureness(threshold), percent(error)]
        for refused, threshold, error in scores.refusals_ or ()
    ]
    return ["refused", "least confidence", "error left"], rows


def words_of_ties(scores: Scores) -> str:
    """Return how little a threshold refuses where digits are equally sure, if so."""
    curve, refusals = scores.coverage_curve_, scores.refusals_
    if curve is None or refusals is None:
        return ""
    last = refusals[-1]
    by_threshold = curve.refused_by(last.threshold)
    lacking = last.refused - by_threshold
    if lacking < last.refused / 2 or lacking * scores.n_digits_ < 1:
        return ""
    return (
        f"Many digits are equally sure: a threshold of {sureness(last.threshold)} "
        f"refuses {percent(by_threshold)} of the digits, not {100 * last.refused:g} %. "
        "The errors left assume that the rest to refuse are drawn at random from these."
    )


def promise_table(scores: Scores) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the thresholds that promise an error."""
    rows = [
        [
            f"{100 * p.max_error:g} %",
            _UNKNOWN if p.threshold is None else sureness(p.threshold, 2),
            _UNKNOWN if p.accepted is None else percent(p.accepted),
            f"{p.fewest_digits:,}",
        ]
        for p in scores.promises_ or ()
    ]
    return ["errors at most", "least confidence", "accepted", "digits needed"], rows


def losses_table(scores: Scores) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the rows of the digits with the highest loss."""
    rows = [
        [
            str(top.row),
            str(top.true),
            str(top.predicted),
            f"{100 * top.confidence:.1f} %",
            f"{top.loss:.2f}",
        ]
        for top in scores.top_losses()
    ]
    return ["row", "label", "read as", "confidence", "loss"], rows


def _share(value: Any, n_decimals: int = 4) -> str:
    return _UNKNOWN if np.isnan(value) else f"{value:.{n_decimals}f}"
