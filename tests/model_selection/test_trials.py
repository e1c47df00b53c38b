"""Which fold of which trial is next."""

import math

import optuna
import pytest

from skdigits.model_selection._folds import Outcome
from skdigits.model_selection._trials import Trials


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
