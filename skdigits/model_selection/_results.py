"""Turn finished trials into the fitted attributes of a search."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._objectives import Objective, directions, metric_names
from skdigits.model_selection._scheduler import TrialScheduler
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._storage import one_line_reason
from skdigits.model_selection._study import in_memory_study
from skdigits.model_selection._trial_attrs import original_of


class ResultOptions(NamedTuple):
    """The parameters and the methods of a search on which its results depend.

    ``format_results`` and ``select_best_index`` are scikit-learn's own.
    """

    scoring: Any
    refit: Any
    n_splits: int
    error_score: Any
    format_results: Callable[..., dict[str, Any]]
    select_best_index: Callable[..., int]


def fitted_attributes(
    scheduler: TrialScheduler, options: ResultOptions
) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of each fitted attribute.

    Those yielded before an error stay available.

    Raises
    ------
    Exception
        The first error of a fit, or a ValueError without one, if no trial can be the
        best.
    """
    trials = scheduler.shared.finished
    objectives = scheduler.rules.objectives
    params = [scheduler.params.of(trial) for trial in trials]
    results = cv_results(trials, params, options)
    yield "cv_results_", results
    is_multimetric = has_named_scores(trials, options.scoring)
    yield "multimetric_", is_multimetric
    candidates = candidate_indices(trials)
    needs_best = options.refit or not is_multimetric
    if not candidates and (needs_best or scheduler.first_error):
        message = why_none_is_best(trials)
        if scheduler.first_error:
            scheduler.first_error.add_note(message)
            raise scheduler.first_error
        raise ValueError(message)
    front = pareto_front(candidates, trials, objectives)
    yield "best_trials_", [trials[i] for i in front]
    if not needs_best:
        return
    if not callable(options.refit):
        candidates = front
    metric = options.refit if is_multimetric else "score"
    of_candidates = cv_results(
        [trials[i] for i in candidates], [params[i] for i in candidates], options
    )
    selected = options.select_best_index(options.refit, metric, of_candidates)
    best = candidates[selected]
    if len(objectives) == 1:
        yield "best_trials_", [trials[best]]
    yield "best_index_", best
    if not callable(options.refit):
        yield "best_score_", results[f"mean_test_{metric}"][best]
    yield "best_params_", results["params"][best]
    yield "confusion_matrix_", results["confusion_matrix"][best]


def no_finished_trial(
    scheduler: TrialScheduler, timeout: float | None
) -> BaseException:
    """Return the error to raise if no trial was finished."""
    if error := scheduler.shared.storage_error:
        return ConnectionError(
            "The storage became unavailable before any trial was finished: "
            f"{one_line_reason(error)}"
        )
    if scheduler.is_stopped:
        return KeyboardInterrupt("before any trial was finished")
    return ValueError(
        f"At least one trial must be finished in time; got none with timeout={timeout}."
    )


def cv_results(
    trials: Sequence[FrozenTrial], params: Sequence[Params], options: ResultOptions
) -> dict[str, Any]:
    """Return the ``cv_results_`` of trials, made by scikit-learn's own function."""
    is_function = callable(options.scoring)
    metrics = metrics_of(trials) if is_function else metric_names(options.scoring)
    with warnings.catch_warnings():
        # A pruned trial has no score on the folds that were left out.
        warnings.filterwarnings("ignore", "One or more of the t")
        return options.format_results(
            list(params),
            options.n_splits,
            fold_results(trials, options.n_splits, metrics, options.error_score),
            additional_results(trials),
        )


def fold_results(
    trials: Sequence[FrozenTrial],
    n_splits: int,
    metrics: Sequence[str],
    error_score: Any,
) -> list[dict[str, Any]]:
    """Return a dict for each fold of each trial, with NaN for a fold that was left out.

    If every fit of a trial failed, each metric has the score for errors.
    """
    return [
        {
            "fit_time": _get(trial.user_attrs["fit_times"], i),
            "score_time": _get(trial.user_attrs["score_times"], i),
            "test_scores": _scores(trial, "test_scores", metrics, i, error_score),
            "train_scores": _scores(trial, "train_scores", metrics, i, error_score),
        }
        for trial in trials
        for i in range(n_splits)
    ]


def additional_results(trials: Sequence[FrozenTrial]) -> dict[str, np.ndarray]:
    """Return the columns that scikit-learn's ``cv_results_`` do not have."""

    def column(name: str, default: Any = None) -> list[Any]:
        return [trial.user_attrs.get(name, default) for trial in trials]

    matrices = (m if m is None else np.array(m) for m in column("confusion_matrix"))
    return {
        "trial": np.array([trial.number for trial in trials]),
        "status": np.array([status_of(trial) for trial in trials]),
        "is_feasible": np.array([is_feasible(trial) for trial in trials]),
        "n_weights": np.array(column("n_weights", np.nan)),
        "predict_time": np.array(column("predict_time", np.nan)),
        "confusion_matrix": _object_array(matrices),
        "learning_curves": _object_array(column("learning_curves")),
    }


def status_of(trial: FrozenTrial) -> str:
    """Return the status of a finished trial."""
    is_duplicate = original_of(trial) is not None
    return "duplicate" if is_duplicate else trial.state.name.lower()


def candidate_indices(trials: Sequence[FrozenTrial]) -> list[int]:
    """Return the indices of the trials that may be the best."""
    return [
        i
        for i, trial in enumerate(trials)
        if is_feasible(trial) and original_of(trial) is None
    ]


def pareto_front(
    candidates: Sequence[int],
    trials: Sequence[FrozenTrial],
    objectives: Sequence[Objective],
) -> list[int]:
    """Return the candidates on the Pareto front; with one objective, all of them."""
    if len(objectives) == 1:
        return list(candidates)
    study = in_memory_study(trials, directions(objectives))
    front = {trial.number for trial in study.best_trials}
    return [i for i in candidates if i in front] or list(candidates)


def is_feasible(trial: FrozenTrial) -> bool:
    """Return whether a trial is complete and meets all constraints."""
    is_complete = trial.state is TrialState.COMPLETE
    return is_complete and all(value <= 0 for value in trial.constraints.values())


def why_none_is_best(trials: Sequence[FrozenTrial]) -> str:
    """Return a message that explains why none of the trials can be the best."""
    states = [trial.state for trial in trials]
    excesses = [t.constraints for t in trials if t.state is TrialState.COMPLETE]
    smallest = ", ".join(
        f"{name} by at least {min(excess[name] for excess in excesses):.4g}"
        for name in (excesses[0] if excesses else ())
    )
    errors = [t.user_attrs["error"] for t in trials if "error" in t.user_attrs]
    reason = f" The first error: {errors[0]}" if errors else ""
    return (
        f"None of the {len(trials)} finished trials can be the best: "
        f"{states.count(TrialState.PRUNED)} were pruned, "
        f"{states.count(TrialState.FAIL)} failed, and {len(excesses)} violated a "
        f"constraint{f' ({smallest})' if smallest else ''}.{reason}"
    )


def metrics_of(trials: Iterable[FrozenTrial]) -> list[str]:
    """Return the names of the scores of the trials."""
    names = dict.fromkeys(n for t in trials for n in t.user_attrs["test_scores"])
    return list(names) or ["score"]


def has_named_scores(trials: Iterable[FrozenTrial], scoring: Any) -> bool:
    """Return whether the scores have names, even if there is only one."""
    if callable(scoring):
        return any("has_named_scores" in trial.user_attrs for trial in trials)
    return isinstance(scoring, list | tuple | dict)


def _scores(
    trial: FrozenTrial, kind: str, metrics: Sequence[str], i: int, error_score: Any
) -> dict[str, float]:
    scores = trial.user_attrs[kind]
    if not scores and "error" in trial.user_attrs and error_score != "raise":
        failed = [error_score] * len(trial.user_attrs["fit_times"])
        scores = dict.fromkeys(metrics, failed)
    return {name: _get(scores.get(name, ()), i) for name in metrics}


def _get(values: Sequence[float], i: int) -> float:
    return values[i] if i < len(values) else np.nan


def _object_array(values: Iterable[Any]) -> np.ndarray:
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array
