"""Which fold of which trial is next."""

import math

import optuna
import pytest

from skdigits.model_selection._folds import Outcome
from skdigits.model_selection._trials import Trials, ceiling_of


@pytest.fixture
def trials():
    study = optuna.create_study(direction="maximize")
    return Trials(
        study,
        study._storage,
        lambda trial: {"max_depth": trial.suggest_int("max_depth", 1, 9)},
        n_trials=3,
        n_splits=2,
        n_jobs=2,
        deadline=math.inf,
        objectives=["score"],
        pruned_by=None,
        constraints={},
        callbacks=[],
    )


def finish_a_fold(trials, candidate):
    trials.record(candidate.trial.number, Outcome({"score": 0.5}, {}, 1.0, 0.0))


def test_a_trial_goes_on_before_another_begins(trials):
    candidates = trials.candidates()
    first, second = next(candidates), next(candidates)
    assert next(candidates) is None  # the outcome of one is on its way
    finish_a_fold(trials, second)
    assert next(candidates) is second
    finish_a_fold(trials, first)
    assert next(candidates) is first


def test_another_trial_begins_where_one_has_ended(trials):
    candidates = trials.candidates()
    first, second = next(candidates), next(candidates)
    for _ in range(2):
        finish_a_fold(trials, first)
        third = next(candidates)
    assert third not in (first, second)
    finish_a_fold(trials, second)
    assert next(candidates) is second
    finish_a_fold(trials, second)
    assert list(candidates) == []


@pytest.mark.parametrize(
    ("of_better_half", "ceiling"), [(True, [7.0, 3.0]), (False, [9.0, 8.0])]
)
def test_ceiling_is_the_worst_training_of_the_completed_trials(of_better_half, ceiling):
    losses = {0.9: [7, 1], 0.8: [5, 3], 0.7: [2, 2], 0.2: [9, 8], 0.1: [8, 8]}
    trials = [
        optuna.trial.create_trial(
            value=score, user_attrs={"learning_curves": [{"loss": curve}]}
        )
        for score, curve in losses.items()
    ]
    assert ceiling_of(trials, of_better_half=of_better_half) == ceiling
    assert ceiling_of(trials[1:], of_better_half=of_better_half) is None
