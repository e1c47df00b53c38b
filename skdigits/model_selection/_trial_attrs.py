"""The user attributes that a trial of a search has in its study."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from skdigits.model_selection._fingerprint import comparison_key
from skdigits.model_selection._fold_result import FoldResult, Scores, error_lines
from skdigits.model_selection._misread_samples import pool_misread

_ORIGIN, _ORIGINAL, _PARAMS = "origin", "duplicate_of", "estimator_params"


def search_attrs(number: int, params: dict[str, Any], search_id: str) -> dict[str, Any]:
    """Return the attributes that every trial of a search has.

    No trial that was added by hand has the origin. The parameters are stored if they
    can be written as Python literals.

    Examples
    --------
    >>> search_attrs(3, {"hidden_layer_sizes": (16,)}, "ab12")
    {'origin': ['ab12', 3], 'estimator_params': "{'hidden_layer_sizes': (16,)}"}
    >>> search_attrs(4, {"scaler": object()}, "ab12")
    {'origin': ['ab12', 4]}
    """
    attrs: dict[str, Any] = {_ORIGIN: [search_id, number]}
    text = repr(params)
    with suppress(Exception):  # the repr of most objects is not a literal
        if comparison_key(ast.literal_eval(text)) == comparison_key(params):
            attrs[_PARAMS] = text
    return attrs


def stored_params(trial: FrozenTrial) -> dict[str, Any] | None:
    """Return the parameters that are stored with a trial, None if they are not."""
    text = trial.user_attrs.get(_PARAMS)
    return None if text is None else ast.literal_eval(text)


def is_lost(trial: FrozenTrial) -> bool:
    """Return whether a trial was given up: it failed without an error of its own."""
    return trial.state is TrialState.FAIL and "error" not in trial.user_attrs


def finished_trials(trials: Iterable[FrozenTrial], search_id: str) -> list[FrozenTrial]:
    """Return the trials of a search that have results, or an error in their place.

    Trials that were added by hand, or copied from another search, are left out.
    """
    return [
        trial
        for trial in trials
        if trial.user_attrs.get(_ORIGIN) == [search_id, trial.number]
        and trial.state.is_finished()
        and not is_lost(trial)
    ]


def was_skipped(trial: FrozenTrial) -> bool:
    """Return whether the space pruned a trial before any fit."""
    return trial.state is TrialState.PRUNED and not trial.user_attrs["fit_times"]


def original_of(trial: FrozenTrial) -> int | None:
    """Return the number of the trial that this one duplicates, None if it does not."""
    return trial.user_attrs.get(_ORIGINAL)


def duplicate_attrs(original: FrozenTrial) -> dict[str, Any]:
    """Return the attributes of a duplicate, which has the results of the original."""
    return {**original.user_attrs, _ORIGINAL: original.number}


def result_attrs(results: Sequence[FoldResult], error_score: Any) -> dict[str, Any]:
    """Return the results of all folds as attributes that JSON can store."""
    attrs: dict[str, Any] = {
        "test_scores": scores_by_metric(results, "test_scores", error_score),
        "train_scores": scores_by_metric(results, "train_scores", error_score),
        "fit_times": [result.fit_time for result in results],
        "score_times": [result.score_time for result in results],
    }
    if results:
        attrs["fit_time"] = float(np.mean(attrs["fit_times"]))
    if any(result.has_named_scores for result in results):
        attrs["has_named_scores"] = True
    times = [r.predict_time for r in results if r.predict_time is not None]
    if times:
        attrs["predict_time"] = float(np.median(times))
    matrices = [r.confusion_matrix for r in results if r.confusion_matrix is not None]
    if matrices:
        attrs["confusion_matrix"] = np.sum(matrices, axis=0).tolist()
    misread = [r.misread for r in results if r.misread is not None]
    if misread:
        attrs["misread"] = pool_misread(misread)
    sizes = [r.n_weights for r in results if r.n_weights is not None]
    if sizes:
        attrs["n_weights"] = max(sizes)
    curves = [r.history for r in results if r.history is not None]
    if curves:
        attrs["learning_curves"] = curves
    errors = [line for result in results for line in error_lines(result)]
    if errors:
        attrs["error"] = errors[0]
    return attrs


def scores_by_metric(
    results: Sequence[FoldResult], kind: str, error_score: Any
) -> dict[str, list[float]]:
    """Return the scores of the folds by metric, with ``error_score`` for a failed fit.

    The dict is empty if no fold has scores.
    """
    scores: list[Scores] = [getattr(result, kind) for result in results]
    names = dict.fromkeys(name for of_fold in scores for name in of_fold)
    missing = [error_score if result.error else np.nan for result in results]
    return {
        name: [
            of_fold.get(name, other)
            for of_fold, other in zip(scores, missing, strict=True)
        ]
        for name in names
    }


def mean_scores(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the mean score over the folds, by metric."""
    return {name: float(np.mean(values)) for name, values in scores.items()}
