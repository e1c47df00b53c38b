"""End trials early: after a fold by their scores, or after an epoch by their loss."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.pruners import BasePruner, NopPruner, PercentilePruner
from optuna.trial import FrozenTrial, TrialState

from skdigits._utils import last_step
from skdigits.model_selection._objectives import Objective, single_score
from skdigits.model_selection._trial_attrs import original_of

# No trial is pruned before it can be compared with this many others.
_N_STARTUP_TRIALS = 5


def make_pruner(pruner: Any, objectives: Sequence[Objective]) -> BasePruner:
    """Return the Optuna pruner that judges the running mean of the fold scores.

    With several objectives, or with a measure such as the number of weights, there is
    no score to compare trials by, and only the training loss prunes.
    """
    if pruner is None or isinstance(pruner, NopPruner):
        return NopPruner()
    if single_score(objectives) is None:
        if pruner != "auto":
            names = [objective.name for objective in objectives]
            warnings.warn(
                "pruner is ignored: it needs a score as the only objective; got "
                f"objectives={names}.",
                stacklevel=6,
            )
        return NopPruner()
    if pruner == "auto":
        # The significance test of a WilcoxonPruner needs more than the usual three to
        # five folds: with three, p is never below 0.125.
        return PercentilePruner(25.0, n_startup_trials=_N_STARTUP_TRIALS)
    return pruner


class LossCeiling:
    """A callback that ends a training when its loss is above a ceiling.

    It compares from a third of the epochs on, but not after the last one, when no time
    would be saved. It knows only the loss on the training samples, so that the test
    samples play no part in the decision.

    Attributes
    ----------
    is_exceeded : bool
        Whether it has ended the training.
    """

    def __init__(self, ceiling: Sequence[float]) -> None:
        self.ceiling = ceiling
        self.is_exceeded = False

    def __call__(self, epoch: int, logs: Mapping[str, float]) -> bool:
        """Return whether to end the training after this epoch, counted from 0."""
        n_epochs, n_done = len(self.ceiling), epoch + 1
        is_compared = n_epochs <= 3 * n_done < 3 * n_epochs
        self.is_exceeded = is_compared and logs["loss"] > self.ceiling[epoch]
        return self.is_exceeded


def add_loss_ceiling(
    estimator: Any, ceiling: Sequence[float] | None
) -> LossCeiling | None:
    """Add the callback to a digit classifier, which may be the last step of a pipeline.

    None is returned for another estimator, or without a ceiling.
    """
    classifier = last_step(estimator)
    if ceiling is None or not hasattr(type(classifier), "n_weights_"):
        return None
    callback = LossCeiling(ceiling)
    classifier.set_params(callbacks=[*(classifier.callbacks or []), callback])
    return callback


def loss_ceiling(
    trials: Sequence[FrozenTrial], *, better_half_only: bool
) -> list[float] | None:
    """Return the highest training loss of completed trials, epoch by epoch.

    If one score is optimized, only the better half of the trials by this score counts:
    a trial above the ceiling is then expected to be in the worse half. The ceiling is
    None with few trials, or if their numbers of epochs differ.
    """
    trained = [
        trial
        for trial in trials
        if "learning_curves" in trial.user_attrs and original_of(trial) is None
    ]
    completed = [trial for trial in trained if trial.state is TrialState.COMPLETE]
    if better_half_only:
        completed.sort(key=lambda trial: trial.values[0], reverse=True)
        completed = completed[: (len(completed) + 1) // 2]
    curves = [
        history["loss"]
        for trial in completed
        for history in trial.user_attrs["learning_curves"]
    ]
    if len(trained) < _N_STARTUP_TRIALS or len({len(curve) for curve in curves}) != 1:
        return None
    return np.max(curves, axis=0).tolist()
