"""Finished trials as the results of a search."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState


def fold_results(
    trials: Sequence[FrozenTrial], n_splits: int, metrics: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a dict for each fold of each trial, with NaN where it was not run."""
    return [
        {
            "fit_time": _ith(trial.user_attrs["fit_times"], i),
            "score_time": _ith(trial.user_attrs["score_times"], i),
            "test_scores": _scores(trial, "test_scores", metrics, i),
            "train_scores": _scores(trial, "train_scores", metrics, i),
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
        "status": np.array([trial.state.name.lower() for trial in trials]),
        "is_feasible": np.array([is_feasible(trial) for trial in trials]),
        "n_weights": np.array(of_all("n_weights", np.nan)),
        "predict_time": np.array(of_all("predict_time", np.nan)),
        "confusion_matrix": _objects(matrices),
        "learning_curves": _objects(of_all("learning_curves")),
    }


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
    return (
        f"None of {len(trials)} finished trials can be the best: "
        f"{states.count(TrialState.PRUNED)} were pruned, "
        f"{states.count(TrialState.FAIL)} failed, and {len(over)} broke a constraint"
        f"{f' ({smallest})' if smallest else ''}."
    )


def metrics_of(trials: Iterable[FrozenTrial]) -> list[str]:
    """Return the names of the metrics that the trials were scored by."""
    names = dict.fromkeys(n for t in trials for n in t.user_attrs["test_scores"])
    return list(names) or ["score"]


def _scores(
    trial: FrozenTrial, kind: str, metrics: Sequence[str], i: int
) -> dict[str, float]:
    scores = trial.user_attrs[kind]
    return {name: _ith(scores.get(name, ()), i) for name in metrics}


def _ith(values: Sequence[float], i: int) -> float:
    return values[i] if i < len(values) else np.nan


def _objects(values: Iterable[Any]) -> np.ndarray:
    listed = list(values)
    array = np.empty(len(listed), object)
    array[:] = listed
    return array
