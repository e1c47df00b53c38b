"""What a search found, as a page of text."""

import html
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.importance import get_param_importances
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

_MOST_PAIRS = 5


@dataclass(frozen=True)
class SearchReport:
    """The outcome of a search. Printed, it is a page of text.

    Attributes
    ----------
    best_params : dict
        The best parameters.
    fold_scores : list of float
        The scores of the best trial.
    confusion_matrix : ndarray of shape (n_classes, n_classes) or None
        Its confusion matrix, pooled over the test folds.
    labels : ndarray of shape (n_classes,) or None
        The classes, in the order of the matrix.
    confused : list of (label, label, int)
        True class, predicted class and how often, the most frequent errors first.
    importances : dict of str to float
        How much of what varies in the scores each suggestion explains, most first.
    course : list of (int, float, float)
        Trial, seconds since the first one began and score, wherever a trial was better
        than all before it.
    counts : dict of str to int
        Number of trials by their status.
    """

    best_params: dict[str, Any]
    fold_scores: list[float]
    confusion_matrix: np.ndarray | None
    labels: np.ndarray | None
    confused: list[tuple[Any, Any, int]]
    importances: dict[str, float]
    course: list[tuple[int, float, float]]
    counts: dict[str, int]

    def __str__(self) -> str:
        mean, spread = np.mean(self.fold_scores), np.std(self.fold_scores)
        folds = ", ".join(f"{score:.4f}" for score in self.fold_scores)
        counts = ", ".join(f"{n} {status}" for status, n in self.counts.items())
        parts = [
            "Best parameters",
            *(f"  {name} = {value!r}" for name, value in self.best_params.items()),
            "",
            f"Score {mean:.4f}, standard deviation {spread:.4f} (folds: {folds})",
            f"Trials: {counts}",
        ]
        if self.confusion_matrix is not None:
            parts += ["", "Confusion matrix, rows by true class"]
            parts += _table(self.confusion_matrix, self.labels)
        if self.confused:
            parts += ["", "Most confused"]
            parts += [f"  {a} read as {b}: {n} times" for a, b, n in self.confused]
        if self.importances:
            parts += ["", "What mattered"]
            parts += [
                f"  {100 * share:3.0f} %  {name}"
                for name, share in self.importances.items()
                if share >= 0.005
            ]
        parts += ["", "How the search went"]
        parts += [f"  trial {n}, {s:.0f} s: {score:.4f}" for n, s, score in self.course]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def make_report(search: Any, labels: np.ndarray | None) -> SearchReport:
    """Return the report of a fitted search."""
    results, best, study = search.cv_results_, search.best_index_, search.study_
    metric = search.refit if search.multimetric_ else "score"
    if not isinstance(metric, str):
        metric = next(iter(search.scorer_))
    has_one_objective = len(study.directions) == 1
    statuses, counts = np.unique(results["status"], return_counts=True)
    matrix = search.confusion_matrix_
    return SearchReport(
        best_params=search.best_params_,
        fold_scores=[
            float(results[f"split{i}_test_{metric}"][best])
            for i in range(search.n_splits_)
        ],
        confusion_matrix=matrix,
        labels=labels,
        confused=[] if labels is None else most_confused(matrix, labels),
        importances=importances_of(study) if has_one_objective else {},
        course=course_of(study.trials) if has_one_objective else [],
        counts=dict(zip(statuses.tolist(), counts.tolist(), strict=True)),
    )


def most_confused(matrix: np.ndarray, labels: np.ndarray) -> list[tuple[Any, Any, int]]:
    """Return true label, predicted label and count of the most frequent errors.

    Examples
    --------
    >>> most_confused(np.array([[9, 1], [3, 7]]), np.array(["a", "b"]))
    [('b', 'a', 3), ('a', 'b', 1)]
    """
    names = labels.tolist()
    errors = [
        (names[i], names[j], int(matrix[i, j]))
        for i, j in zip(*np.nonzero(matrix), strict=True)
        if i != j
    ]
    return sorted(errors, key=lambda error: -error[2])[:_MOST_PAIRS]


def course_of(trials: list[FrozenTrial]) -> list[tuple[int, float, float]]:
    """Return number, time and value of the trials better than all before them."""
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    starts = [t.datetime_start for t in trials if t.datetime_start is not None]
    course, best = [], -np.inf
    for trial in sorted(complete, key=lambda trial: str(trial.datetime_complete)):
        value = trial.values[0]
        if value > best and trial.datetime_complete is not None:
            best = value
            seconds = (trial.datetime_complete - min(starts)).total_seconds()
            course.append((trial.number, seconds, value))
    return course


def importances_of(study: Study) -> dict[str, float]:
    """Return Optuna's importance of each suggestion, none where too little is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that few trials have
        try:
            return get_param_importances(study)
        except (ValueError, RuntimeError):
            return {}


def _table(matrix: np.ndarray, labels: np.ndarray | None) -> list[str]:
    names = [str(label) for label in (range(len(matrix)) if labels is None else labels)]
    width = 2 + max(len(text) for text in (*names, str(matrix.max())))
    header = "".join(name.rjust(width) for name in ("", *names))
    rows = [
        "".join(str(cell).rjust(width) for cell in (name, *row))
        for name, row in zip(names, matrix, strict=True)
    ]
    return [header, *rows]
