"""What a search found, as text, as a page and as data."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.importance import get_param_importances
from optuna.trial import FrozenTrial, TrialState
from sklearn.base import clone

from skdigits.model_selection._misread_samples import (
    Misread,
    misread_rows,
    shown_misread,
)
from skdigits.model_selection._objectives import Objective, directions
from skdigits.model_selection._report_page import MATTERED, as_fragment, as_page
from skdigits.model_selection._results import metrics_of
from skdigits.model_selection._study import study_in_memory
from skdigits.reports import DigitReport
from skdigits.reports._classifiers import classifier_name
from skdigits.reports._predictions import predictions_from_counts
from skdigits.reports._render._dict import to_json_types
from skdigits.reports._saving import save_report


@dataclass(frozen=True, repr=False)
class SearchReport:
    """What a search found, and how.

    It is made by `OptunaSearchCV.report`. Printed, it is a page of text; a notebook
    shows it as a page with figures, and `save` writes that page to a file.

    Attributes
    ----------
    name : str
        The name of the estimator whose parameters were searched, without the pipeline
        around it.
    best_trial : int
        The number of the best trial.
    best_params : dict
        The best parameters.
    metric : str
        The name of the scores.
    fold_scores : list of float
        The scores of the best trial.
    digits : skdigits.reports.DigitReport or None
        What its confusion matrix, pooled over the test folds, tells; None if the
        estimator is no classifier. Where rows are in several test folds, the matrix is
        divided by their number, on average, so that its sum and the confidence interval
        are those of the distinct rows.
    misread : list of Misread
        Rows that the best trial misread out of fold, the most frequent mistakes first:
        named tuples of ``row``, ``true`` and ``predicted``. A trial keeps a thousand of
        them at most.
    images : dict of int to ndarray of shape (height, width)
        The images of some of them, by row, if the rows searched on can be images: eight
        of each of the five most frequent mistakes. A search keeps no other rows.
    importances : dict of str to float
        How much each suggestion mattered for reaching the best tenth of the scores,
        most first, by :func:`optuna.importance.get_param_importances`. They add up to
        1, and are a rough estimate where fewer than some 50 trials are complete. Empty
        if all of these scored alike.
    course : list of (int, float, float)
        Trial, seconds since the first one began and what is optimized, wherever a trial
        was better than all before it; empty for several objectives.
    front : list of (int, dict of str to float)
        Trials of the Pareto front of several objectives, and what they reached.
    counts : dict of str to int
        Number of trials by their status.

    Examples
    --------
    >>> from optuna.distributions import IntDistribution
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdigits.model_selection import OptunaSearchCV
    >>> X, y = load_digits(return_X_y=True)
    >>> space = {"max_depth": IntDistribution(1, 12)}
    >>> search = OptunaSearchCV(DecisionTreeClassifier(), space, n_trials=3, cv=3)
    >>> report = search.fit(X, y).report()
    >>> print(report)
    Search for the parameters of DecisionTreeClassifier
    ...
    >>> report.save("search.html")  # doctest: +SKIP
    """

    name: str
    best_trial: int
    best_params: dict[str, Any]
    metric: str
    fold_scores: list[float]
    digits: DigitReport | None
    misread: list[Misread]
    images: dict[int, np.ndarray]
    importances: dict[str, float]
    course: list[tuple[int, float, float]]
    front: list[tuple[int, dict[str, float]]]
    counts: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it but the images, as JSON has it.

        Returns
        -------
        found : dict
            The keys are the attributes', without "images". "course" has dicts of
            "trial", "seconds" and "value", "front" of "trial" and "reached", "misread"
            of "row", "true" and "predicted", and "digits" is what
            `skdigits.reports.DigitReport.to_dict` returns, or None. Parameters that
            JSON does not have, such as estimators, are written as text.
        """
        return to_json_types(
            {
                "name": self.name,
                "best_trial": self.best_trial,
                "best_params": self.best_params,
                "metric": self.metric,
                "fold_scores": self.fold_scores,
                "counts": self.counts,
                "importances": self.importances,
                "course": [
                    {"trial": trial, "seconds": seconds, "value": value}
                    for trial, seconds, value in self.course
                ],
                "front": [
                    {"trial": trial, "reached": reached}
                    for trial, reached in self.front
                ],
                "misread": [row._asdict() for row in self.misread],
                "digits": self.digits.to_dict() if self.digits else None,
            }
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write the report to a file.

        Parameters
        ----------
        path : str or path
            Where to. A name that ends in ".html" gets a page that needs no other file
            and no network, and one in ".json" what `to_dict` returns. A file that is
            there is replaced when the new one is complete.

        Raises
        ------
        ValueError
            If the name ends otherwise.
        FileNotFoundError
            If the folder is not there.
        """
        save_report(path, lambda: as_page(self), self.to_dict)

    def _of_the_search(self) -> str:
        mean, spread = np.mean(self.fold_scores), np.std(self.fold_scores)
        folds = ", ".join(f"{score:.4f}" for score in self.fold_scores)
        counts = ", ".join(f"{n} {status}" for status, n in self.counts.items())
        parts = [
            self.title,
            "=" * len(self.title),
            f"Best parameters, of trial {self.best_trial}",
            *(f"  {name} = {value!r}" for name, value in self.best_params.items()),
            "",
            f"Score {mean:.4f}, standard deviation {spread:.4f} (folds: {folds})",
            f"Trials: {counts}",
        ]
        if self.importances:
            parts += ["", MATTERED]
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
        if self.misread:
            parts += ["", "Misread out of fold"]
            parts += [
                f"  {true} read as {predicted}: rows {', '.join(map(str, rows))}"
                for (true, predicted), rows in shown_misread(self.misread).items()
            ]
        return "\n".join(parts)

    @property
    def title(self) -> str:
        """The first line."""
        return f"Search for the parameters of {self.name}"

    def __str__(self) -> str:
        return self._of_the_search() + (f"\n\n{self.digits}" if self.digits else "")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_fragment(self)


def make_report(search: Any) -> SearchReport:
    """Return the report of a fitted search, from its finished trials."""
    trials, objectives = search._finished, search._objectives
    results, best = search.cv_results_, search.best_index_
    metric = search.refit if search.multimetric_ else "score"
    if not isinstance(metric, str):
        metric = metrics_of(trials)[0]
    has_one_objective = len(objectives) == 1
    statuses, counts = np.unique(results["status"], return_counts=True)
    name = _searched(search)
    return SearchReport(
        name=name,
        best_trial=int(results["trial"][best]),
        best_params=search.best_params_,
        metric=metric,
        fold_scores=[
            float(results[f"split{i}_test_{metric}"][best])
            for i in range(search.n_splits_)
        ],
        digits=_digits(search, f"{name}, cross-validated"),
        misread=misread_of(search),
        images=search._misread_images,
        importances=importances_of(trials, objectives) if has_one_objective else {},
        course=course_of(trials, objectives[0]) if has_one_objective else [],
        front=[] if has_one_objective else front_of(search.best_trials_, objectives),
        counts=dict(zip(statuses.tolist(), counts.tolist(), strict=True)),
    )


def misread_of(search: Any) -> list[Misread]:
    """Return what the best trial misread, as far as is known."""
    if not hasattr(search, "best_index_") or search._labels is None:
        return []
    kept = search._finished[search.best_index_].user_attrs.get("misread")
    return misread_rows(kept, search._labels, search.confusion_matrix_)


def _searched(search: Any) -> str:
    """Return the name of the estimator whose parameters were searched."""
    best = getattr(search, "best_estimator_", None)
    if best is None:
        # A space may put another estimator in the place of a step.
        params = clone(search.best_params_, safe=False)
        best = clone(search.estimator).set_params(**params)
    return classifier_name(best)


def _digits(search: Any, name: str) -> DigitReport | None:
    """Return what the confusion matrix of the best trial tells."""
    matrix, notes = search.confusion_matrix_, []
    if matrix is None:
        return None
    n_judgments, n_judged = int(matrix.sum()), search._n_judged
    if n_judged < search._n_rows:
        notes.append(
            f"{n_judged:,} of {search._n_rows:,} rows were judged: the others are in "
            "no test fold."
        )
    if n_judgments > n_judged:
        matrix = matrix * (n_judged / n_judgments)
        notes.append(
            f"Digits were judged {n_judgments / n_judged:.3g} times, on average, and "
            "count once: by the shares of what they were read as."
        )
    return DigitReport(
        predictions_from_counts(matrix, search._labels, *notes), name=name
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
    if len({t.values[0] for t in trials if t.state is TrialState.COMPLETE}) < 2:
        return {}  # which Optuna tells of a single parameter nevertheless
    study = study_in_memory(trials, directions(objectives))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that few trials have
        try:
            return get_param_importances(study)
        except (ValueError, RuntimeError):
            return {}
