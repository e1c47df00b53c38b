"""What is kept with a trial, and what the finished trials of a search say together."""

import ast
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState
from sklearn.exceptions import FitFailedWarning

from skdigits.model_selection._fingerprint import key_of
from skdigits.model_selection._fit_and_score import Outcome, Scores
from skdigits.model_selection._misread_samples import kept_misread

# Before a training is called hopeless, this many others must have come to their end.
_FEWEST_TO_COMPARE = 5
_DONE = TrialState.COMPLETE, TrialState.PRUNED
_ORIGIN, _TWIN, _PARAMS = "origin", "duplicate_of", "estimator_params"


def kept_of_all(number: int, params: dict[str, Any], search: str) -> dict[str, Any]:
    """Return what is kept with every trial of a search.

    The origin is what no trial added by hand has. Parameters are kept if a text has
    all of them.

    Examples
    --------
    >>> kept_of_all(3, {"hidden_layer_sizes": (16,)}, "ab12")
    {'origin': ['ab12', 3], 'estimator_params': "{'hidden_layer_sizes': (16,)}"}
    >>> kept_of_all(4, {"scaler": object()}, "ab12")
    {'origin': ['ab12', 4]}
    """
    kept: dict[str, Any] = {_ORIGIN: [search, number]}
    text = repr(params)
    with suppress(Exception):  # most objects are not printed as they are made
        if key_of(ast.literal_eval(text)) == key_of(params):
            kept[_PARAMS] = text
    return kept


def params_kept(trial: FrozenTrial) -> dict[str, Any] | None:
    """Return the parameters that are kept with a trial, if they are."""
    text = trial.user_attrs.get(_PARAMS)
    return None if text is None else ast.literal_eval(text)


def finished_trials(trials: Iterable[FrozenTrial], search: str) -> list[FrozenTrial]:
    """Return the trials of a search that came to their end, even if by an error.

    Trials that were added by hand, or copied from another search, are none.
    """
    return [
        trial
        for trial in trials
        if trial.user_attrs.get(_ORIGIN) == [search, trial.number]
        # One that was lost has failed, too, and without an error.
        and (trial.state in _DONE or "error" in trial.user_attrs)
        and trial.state.is_finished()
    ]


def was_skipped(trial: FrozenTrial) -> bool:
    """Return whether the space has pruned a trial before any fit."""
    return trial.state is TrialState.PRUNED and not trial.user_attrs["fit_times"]


def twin_of(trial: FrozenTrial) -> int | None:
    """Return the number of the trial whose outcome this one has taken, if any."""
    return trial.user_attrs.get(_TWIN)


def kept_of_twin(trial: FrozenTrial) -> dict[str, Any]:
    """Return what is kept with a trial that has the same parameters as another."""
    return {**trial.user_attrs, _TWIN: trial.number}


def kept_of(outcomes: Sequence[Outcome], error_score: Any) -> dict[str, Any]:
    """Return what is kept with a trial, as JSON has it."""
    kept: dict[str, Any] = {
        "test_scores": scores_by_metric(outcomes, "test_scores", error_score),
        "train_scores": scores_by_metric(outcomes, "train_scores", error_score),
        "fit_times": [outcome.fit_time for outcome in outcomes],
        "score_times": [outcome.score_time for outcome in outcomes],
    }
    if outcomes:
        kept["fit_time"] = float(np.mean(kept["fit_times"]))
    if any(outcome.has_named_scores for outcome in outcomes):
        kept["has_named_scores"] = True
    times = [o.predict_time for o in outcomes if o.predict_time is not None]
    if times:
        kept["predict_time"] = float(np.median(times))
    matrices = [o.confusion for o in outcomes if o.confusion is not None]
    if matrices:
        kept["confusion_matrix"] = np.sum(matrices, axis=0).tolist()
    misread = [o.misread for o in outcomes if o.misread is not None]
    if misread:
        kept["misread"] = kept_misread(misread)
    sizes = [o.n_weights for o in outcomes if o.n_weights is not None]
    if sizes:
        kept["n_weights"] = max(sizes)
    curves = [o.history for o in outcomes if o.history is not None]
    if curves:
        kept["learning_curves"] = curves
    reasons = [reason for o in outcomes for reason in reasons_of(o)]
    if reasons:
        kept["error"] = reasons[0]
    return kept


def reasons_of(outcome: Outcome) -> list[str]:
    """Return what has failed in a fold, in one line each.

    Examples
    --------
    >>> reasons_of(Outcome({}, {}, 1.0, 0.0, error=ValueError("too few rows")))
    ["ValueError('too few rows')"]
    """
    if outcome.error:
        return [repr(outcome.error)]
    return [text.strip().splitlines()[-1] for text in outcome.scorer_errors]


def warn_of_errors(outcome: Outcome, where: str, error_score: Any) -> None:
    """Warn of a fit or of scorers that failed, as scikit-learn does."""
    if outcome.error and not outcome.scorer_errors:
        warnings.warn(
            f"{where}: the fit failed: {outcome.error!r}",
            FitFailedWarning,
            stacklevel=3,
        )
    for error in outcome.scorer_errors:
        warnings.warn(
            "Scoring failed. The score on this train-test partition for these "
            f"parameters will be set to {error_score}. {where}. Details: \n{error}",
            stacklevel=3,
        )
    scores = outcome.test_scores
    if not (outcome.scorer_errors or np.isfinite(list(scores.values())).all()):
        warnings.warn(
            f"One or more of the test scores are non-finite: {scores}. {where}.",
            stacklevel=3,
        )


def scores_by_metric(
    outcomes: Sequence[Outcome], kind: str, error_score: Any
) -> dict[str, list[float]]:
    """Return the scores of the folds by metric, and the error score where one failed.

    They are none where nothing was scored, so that no metric is known.
    """
    scores: list[Scores] = [getattr(outcome, kind) for outcome in outcomes]
    names = dict.fromkeys(name for of_fold in scores for name in of_fold)
    missing = [error_score if outcome.error else np.nan for outcome in outcomes]
    return {
        name: [
            of_fold.get(name, other)
            for of_fold, other in zip(scores, missing, strict=True)
        ]
        for name in names
    }


def ceiling_of(
    trials: Sequence[FrozenTrial], *, of_better_half: bool
) -> list[float] | None:
    """Return the highest training loss of completed trials, epoch by epoch.

    The better half of them is that of the highest scores. It is None where there are
    few trials, or they were trained for other numbers of epochs.
    """
    trained = [
        trial
        for trial in trials
        if "learning_curves" in trial.user_attrs and twin_of(trial) is None
    ]
    completed = [trial for trial in trained if trial.state is TrialState.COMPLETE]
    if of_better_half:
        completed.sort(key=lambda trial: trial.values[0], reverse=True)
        completed = completed[: (len(completed) + 1) // 2]
    curves = [
        history["loss"]
        for trial in completed
        for history in trial.user_attrs["learning_curves"]
    ]
    if len(trained) < _FEWEST_TO_COMPARE or len({len(curve) for curve in curves}) != 1:
        return None
    return np.max(curves, axis=0).tolist()


def means_of(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the mean score over the folds, by metric."""
    return {name: float(np.mean(values)) for name, values in scores.items()}
