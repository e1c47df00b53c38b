"""Make the report of a fitted search from its finished trials."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from optuna.importance import get_param_importances
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._check_params import clone_with_params
from skdigits.model_selection._misread_samples import Misread, load_misread
from skdigits.model_selection._objectives import Objective, directions
from skdigits.model_selection._report import SearchReport
from skdigits.model_selection._results import metrics_of
from skdigits.model_selection._study import in_memory_study
from skdigits.reports import DigitReport
from skdigits.reports._classifiers import classifier_name
from skdigits.reports._predictions import predictions_from_counts


def make_report(search: Any) -> SearchReport:
    """Return the report of a fitted search."""
    trials, objectives = search._finished_trials, search._objectives
    results, best = search.cv_results_, search.best_index_
    metric = search.refit if search.multimetric_ else "score"
    if not isinstance(metric, str):
        metric = metrics_of(trials)[0]
    has_one_objective = len(objectives) == 1
    statuses, counts = np.unique(results["status"], return_counts=True)
    name = _name_of_tuned(search)
    return SearchReport(
        name=name,
        best_trial=int(results["trial"][best]),
        best_params=search.best_params_,
        metric=metric,
        fold_scores=[
            float(results[f"split{i}_test_{metric}"][best])
            for i in range(search.n_splits_)
        ],
        digits=_digit_report(search, f"{name}, cross-validated"),
        misread=misread_of_best(search),
        images=search._misread_images,
        importances=param_importances(trials, objectives) if has_one_objective else {},
        course=improvements(trials, objectives[0]) if has_one_objective else [],
        front=[]
        if has_one_objective
        else objective_values(search.best_trials_, objectives),
        counts=dict(zip(statuses.tolist(), counts.tolist(), strict=True)),
    )


def misread_of_best(search: Any) -> list[Misread]:
    """Return the samples that the best trial misread, as far as they are stored."""
    if not hasattr(search, "best_index_") or search._labels is None:
        return []
    trial = search._finished_trials[search.best_index_]
    stored = trial.user_attrs.get("misread")
    return load_misread(stored, search._labels, search.confusion_matrix_)


def _name_of_tuned(search: Any) -> str:
    """Return the name of the tuned estimator, which a space may have replaced."""
    best = getattr(search, "best_estimator_", None)
    if best is None:
        best = clone_with_params(search.estimator, search.best_params_)
    return classifier_name(best)


def _digit_report(search: Any, name: str) -> DigitReport | None:
    """Return a report on the confusion matrix of the best trial."""
    matrix, notes = search.confusion_matrix_, []
    if matrix is None:
        return None
    n_predictions, n_tested = int(matrix.sum()), search._n_tested
    if n_tested < search._n_samples:
        notes.append(
            f"{n_tested:,} of {search._n_samples:,} samples were tested: the others "
            "are in no test fold."
        )
    if n_predictions > n_tested:
        matrix = matrix * (n_tested / n_predictions)
        notes.append(
            f"Each sample was tested {n_predictions / n_tested:.3g} times on average "
            "and counts once, divided among its predictions."
        )
    predictions = predictions_from_counts(matrix, search._labels, *notes)
    return DigitReport(predictions, name=name)


def improvements(
    trials: Sequence[FrozenTrial], objective: Objective
) -> list[tuple[int, float, float]]:
    """Return number, seconds and value of each trial that was better than all before.

    The seconds are counted from the start of the first trial to the end of each.
    """
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    starts = [t.datetime_start for t in trials if t.datetime_start is not None]
    sign = 1 if directions([objective]) == ["maximize"] else -1
    found, best = [], -np.inf
    for trial in sorted(complete, key=lambda trial: str(trial.datetime_complete)):
        value = trial.values[0]
        if sign * value > best and trial.datetime_complete is not None:
            best = sign * value
            seconds = (trial.datetime_complete - min(starts)).total_seconds()
            found.append((trial.number, seconds, value))
    return found


def objective_values(
    trials: Sequence[FrozenTrial], objectives: Sequence[Objective]
) -> list[tuple[int, dict[str, float]]]:
    """Return the number of each trial, and its values by objective."""
    names = [objective.name for objective in objectives]
    return [
        (trial.number, dict(zip(names, trial.values, strict=True))) for trial in trials
    ]


def param_importances(
    trials: Sequence[FrozenTrial], objectives: Sequence[Objective]
) -> dict[str, float]:
    """Return Optuna's importance of each suggestion, if it can be estimated."""
    if len({t.values[0] for t in trials if t.state is TrialState.COMPLETE}) < 2:
        return {}  # where Optuna would still give a single parameter importance 1
    study = in_memory_study(trials, directions(objectives))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that few trials have
        try:
            return get_param_importances(study)
        except (ValueError, RuntimeError):
            return {}
