"""What a search found, as a page of text."""

import html
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.importance import get_param_importances
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._objectives import Objective, directions
from skdigits.model_selection._results import metrics_of
from skdigits.model_selection._study import study_in_memory
from skdigits.reports import DigitReport


@dataclass(frozen=True, repr=False)
class SearchReport:
    """The outcome of a search. Printed, it is a page of text.

    Attributes
    ----------
    best_params : dict
        The best parameters.
    fold_scores : list of float
        The scores of the best trial.
    digits : skdigits.reports.DigitReport or None
        What its confusion matrix, pooled over the test folds, tells.
    importances : dict of str to float
        How much of what varies in the scores each suggestion explains, most first.
    course : list of (int, float, float)
        Trial, seconds since the first one began and what is optimized, wherever a trial
        was better than all before it; empty for several objectives.
    front : list of (int, dict of str to float)
        Trials of the Pareto front of several objectives, and what they reached.
    counts : dict of str to int
        Number of trials by their status.
    """

    best_params: dict[str, Any]
    fold_scores: list[float]
    digits: DigitReport | None
    importances: dict[str, float]
    course: list[tuple[int, float, float]]
    front: list[tuple[int, dict[str, float]]]
    counts: dict[str, int]

    def _of_the_search(self) -> str:
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
        if self.importances:
            parts += ["", "What mattered"]
            parts += [
                f"  {100 * share:3.0f} %  {name}"
                for name, share in self.importances.items()
                if share >= 0.005
            ]
        if self.course:
            parts += ["", "How the search went"]
            parts += [f"  trial {n}, {s:.0f} s: {v:.4g}" for n, s, v in self.course]
        if self.front:
            parts += ["", "Pareto front"]
            parts += [
                f"  trial {n}: "
                + ", ".join(f"{name} {value:.4g}" for name, value in reached.items())
                for n, reached in self.front
            ]
        return "\n".join(parts)

    def __str__(self) -> str:
        return self._of_the_search() + (f"\n\n{self.digits}" if self.digits else "")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        text = (
            '<div class="skdigits-report"><h1>Search</h1>'
            f"<pre>{html.escape(self._of_the_search())}</pre></div>"
        )
        return text + (self.digits._repr_html_() if self.digits else "")


def make_report(
    search: Any,
    trials: Sequence[FrozenTrial],
    objectives: Sequence[Objective],
    labels: np.ndarray | None,
) -> SearchReport:
    """Return the report of a fitted search, from its finished trials."""
    results, best = search.cv_results_, search.best_index_
    metric = search.refit if search.multimetric_ else "score"
    if not isinstance(metric, str):
        metric = metrics_of(trials)[0]
    has_one_objective = len(objectives) == 1
    statuses, counts = np.unique(results["status"], return_counts=True)
    matrix = search.confusion_matrix_
    return SearchReport(
        best_params=search.best_params_,
        fold_scores=[
            float(results[f"split{i}_test_{metric}"][best])
            for i in range(search.n_splits_)
        ],
        digits=DigitReport.from_confusion_matrix(
            matrix, labels=labels, name="The best trial, out of fold,"
        )
        if matrix is not None
        else None,
        importances=importances_of(trials, objectives) if has_one_objective else {},
        course=course_of(trials, objectives[0]) if has_one_objective else [],
        front=[] if has_one_objective else front_of(search.best_trials_, objectives),
        counts=dict(zip(statuses.tolist(), counts.tolist(), strict=True)),
    )


def course_of(
    trials: Sequence[FrozenTrial], objective: Objective
) -> list[tuple[int, float, float]]:
    """Return number, time and value of the trials better than all before them."""
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    starts = [t.datetime_start for t in trials if t.datetime_start is not None]
    sign = 1 if directions([objective]) == ["maximize"] else -1
    course, best = [], -np.inf
    for trial in sorted(complete, key=lambda trial: str(trial.datetime_complete)):
        value = trial.values[0]
        if sign * value > best and trial.datetime_complete is not None:
            best = sign * value
            seconds = (trial.datetime_complete - min(starts)).total_seconds()
            course.append((trial.number, seconds, value))
    return course


def front_of(
    trials: Sequence[FrozenTrial], objectives: Sequence[Objective]
) -> list[tuple[int, dict[str, float]]]:
    """Return number and values of the trials of a Pareto front."""
    names = [objective.name for objective in objectives]
    return [
        (trial.number, dict(zip(names, trial.values, strict=True))) for trial in trials
    ]


def importances_of(
    trials: Sequence[FrozenTrial], objectives: Sequence[Objective]
) -> dict[str, float]:
    """Return Optuna's importance of each suggestion, none where too little is known."""
    study = study_in_memory(trials, directions(objectives))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that few trials have
        try:
            return get_param_importances(study)
        except (ValueError, RuntimeError):
            return {}
