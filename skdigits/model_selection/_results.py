"""Finished trials as the results of a search."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._objectives import Objective, directions, metric_names
from skdigits.model_selection._scheduler import Trials
from skdigits.model_selection._spaces import Params
from skdigits.model_selection._study import reason_of, study_in_memory
from skdigits.model_selection._trial_attrs import twin_of


def attributes_of(
    run: Trials,
    *,
    refit: Any,
    scoring: Any,
    format_results: Callable[..., dict[str, Any]],
    select_best_index: Callable[..., int],
) -> Iterator[tuple[str, Any]]:
    """Yield the fitted attributes of a search, as far as they can be told.

    Raises
    ------
    Exception
        The first error of a fit, if no trial can be the best; ValueError if there was
        none.
    """
    trials, rules = run.finished, run.rules
    make = partial(
        make_results,
        scoring=scoring,
        n_splits=rules.n_splits,
        error_score=rules.error_score,
        format_results=format_results,
    )
    params = [run.tried.params_of(trial) for trial in trials]
    results = make(trials, params)
    yield "cv_results_", results
    is_multimetric = has_named_scores(trials, scoring)
    yield "multimetric_", is_multimetric
    candidates = candidates_of(trials)
    needs_best = refit or not is_multimetric
    if not candidates and (needs_best or run.first_error):
        message = why_none_is_best(trials)
        if run.first_error:
            run.first_error.add_note(message)
            raise run.first_error
        raise ValueError(message)
    front = on_front(candidates, trials, rules.objectives)
    yield "best_trials_", [trials[i] for i in front]
    if not needs_best:
        return
    if not callable(refit):
        candidates = front
    metric = refit if is_multimetric else "score"
    seen = make([trials[i] for i in candidates], [params[i] for i in candidates])
    best = candidates[select_best_index(refit, metric, seen)]
    if len(rules.objectives) == 1:
        yield "best_trials_", [trials[best]]
    yield "best_index_", best
    if not callable(refit):
        yield "best_score_", results[f"mean_test_{metric}"][best]
    yield "best_params_", results["params"][best]
    yield "confusion_matrix_", results["confusion_matrix"][best]


def why_nothing_is_finished(run: Trials, timeout: float | None) -> BaseException:
    """Return what is raised where no trial is finished."""
    if run.lost_storage:
        return ConnectionError(
            "The storage went away before any trial was finished: "
            f"{reason_of(run.lost_storage)}"
        )
    if run.stopped:
        return KeyboardInterrupt("before any trial was finished")
    return ValueError(f"No trial was finished; timeout={timeout} seconds.")


def make_results(
    trials: Sequence[FrozenTrial],
    params: Sequence[Params],
    *,
    scoring: Any,
    n_splits: int,
    error_score: Any,
    format_results: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """Return the ``cv_results_`` of the trials, by scikit-learn's own function."""
    metrics = metrics_of(trials) if callable(scoring) else metric_names(scoring)
    with warnings.catch_warnings():
        # A trial that was pruned has no score on the folds that it never came to.
        warnings.filterwarnings("ignore", "One or more of the t")
        return format_results(
            list(params),
            n_splits,
            fold_results(trials, n_splits, metrics, error_score),
            more_results(trials),
        )


def fold_results(
    trials: Sequence[FrozenTrial],
    n_splits: int,
    metrics: Sequence[str],
    error_score: Any,
) -> list[dict[str, Any]]:
    """Return a dict for each fold of each trial, with NaN where it was not run.

    Where everything failed that was run, each metric has the score for errors.
    """
    return [
        {
            "fit_time": _ith(trial.user_attrs["fit_times"], i),
            "score_time": _ith(trial.user_attrs["score_times"], i),
            "test_scores": _scores(trial, "test_scores", metrics, i, error_score),
            "train_scores": _scores(trial, "train_scores", metrics, i, error_score),
        }
        for trial in trials
        for i in range(n_splits)
    ]


def more_results(trials: Sequence[FrozenTrial]) -> dict[str, np.ndarray]:
    """Return an array with an entry for each trial of what is known besides scores."""

    def of_all(name: str, default: Any = None) -> list[Any]:
        return [trial.user_attrs.get(name, default) for trial in trials]

    matrices = (m if m is None else np.array(m) for m in of_all("confusion_matrix"))
    return {
        "trial": np.array([trial.number for trial in trials]),
        "status": np.array([status_of(trial) for trial in trials]),
        "is_feasible": np.array([is_feasible(trial) for trial in trials]),
        "n_weights": np.array(of_all("n_weights", np.nan)),
        "predict_time": np.array(of_all("predict_time", np.nan)),
        "confusion_matrix": _objects(matrices),
        "learning_curves": _objects(of_all("learning_curves")),
    }


def status_of(trial: FrozenTrial) -> str:
    """Return what has become of a trial."""
    has_twin = twin_of(trial) is not None
    return "duplicate" if has_twin else trial.state.name.lower()


def candidates_of(trials: Sequence[FrozenTrial]) -> list[int]:
    """Return the indices of feasible trials that have an outcome of their own."""
    return [
        i
        for i, trial in enumerate(trials)
        if is_feasible(trial) and twin_of(trial) is None
    ]


def on_front(
    candidates: Sequence[int],
    trials: Sequence[FrozenTrial],
    objectives: Sequence[Objective],
) -> list[int]:
    """Return the candidates on the Pareto front; with one objective, all of them."""
    if len(objectives) == 1:
        return list(candidates)
    copies = study_in_memory(trials, directions(objectives))
    front = {trial.number for trial in copies.best_trials}
    return [i for i in candidates if i in front] or list(candidates)


def is_feasible(trial: FrozenTrial) -> bool:
    """Return whether a trial is complete and keeps to all the constraints."""
    is_complete = trial.state is TrialState.COMPLETE
    return is_complete and all(value <= 0 for value in trial.constraints.values())


def why_none_is_best(trials: Sequence[FrozenTrial]) -> str:
    """Return what has become of trials none of which is feasible."""
    states = [trial.state for trial in trials]
    over = [t.constraints for t in trials if t.state is TrialState.COMPLETE]
    smallest = ", ".join(
        f"{name} by {min(values[name] for values in over):.4g} at least"
        for name in (over[0] if over else ())
    )
    errors = [t.user_attrs["error"] for t in trials if "error" in t.user_attrs]
    reason = f" The first error: {errors[0]}" if errors else ""
    return (
        f"None of {len(trials)} finished trials can be the best: "
        f"{states.count(TrialState.PRUNED)} were pruned, "
        f"{states.count(TrialState.FAIL)} failed, and {len(over)} broke a constraint"
        f"{f' ({smallest})' if smallest else ''}.{reason}"
    )


def metrics_of(trials: Iterable[FrozenTrial]) -> list[str]:
    """Return the names of the metrics that the trials were scored by."""
    names = dict.fromkeys(n for t in trials for n in t.user_attrs["test_scores"])
    return list(names) or ["score"]


def has_named_scores(trials: Iterable[FrozenTrial], scoring: Any) -> bool:
    """Return whether the scores have names, even if there is one."""
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
    return {name: _ith(scores.get(name, ()), i) for name in metrics}


def _ith(values: Sequence[float], i: int) -> float:
    return values[i] if i < len(values) else np.nan


def _objects(values: Iterable[Any]) -> np.ndarray:
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array
