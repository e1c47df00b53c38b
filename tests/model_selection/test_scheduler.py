"""Which fold of which trial is next."""

import math

import optuna
from optuna.trial import TrialState


def test_trial_continues_before_another_begins(scheduler, record):
    folds = scheduler.next_folds()
    first, second = next(folds), next(folds)
    assert next(folds) is None  # a result is on its way
    record(second)
    assert next(folds) is second
    record(first)
    assert next(folds) is first


def test_trial_begins_when_another_has_ended(scheduler, record):
    folds = scheduler.next_folds()
    first, second = next(folds), next(folds)
    for _ in range(2):
        record(first)
        third = next(folds)
    assert third not in (first, second)
    record(second)
    assert next(folds) is second
    record(second)
    assert list(folds) == []


def test_duplicates_of_an_active_trial_wait_for_it(scheduler, record):
    shared = scheduler.shared
    shared.n_trials = None
    shared.study.sampler = optuna.samplers.GridSampler({"max_depth": [5]})
    shared.study.stop = lambda: None
    folds = scheduler.next_folds()
    first = next(folds)
    for _ in range(9):
        assert next(folds) is None
    assert len(shared.study.trials) == 1 + scheduler.n_jobs
    for _ in range(2):
        record(first)
    assert [trial.values for trial in shared.finished] == [[0.5]] * 3


def test_duplicate_of_a_failed_trial_is_fitted(scheduler, record):
    study = scheduler.shared.study
    study.sampler = optuna.samplers.GridSampler({"max_depth": [5]})
    folds = scheduler.next_folds()
    first = next(folds)
    assert next(folds) is None
    record(first, score=math.nan)
    second = next(folds)
    for _ in range(2):
        record(second)
    states = [trial.state.name for trial in study.trials]
    assert states == ["FAIL", "COMPLETE", "COMPLETE"]


def test_results_of_a_trial_that_another_worker_gave_up_are_ignored(scheduler, record):
    folds = scheduler.next_folds()
    lost, kept = next(folds), next(folds)
    scheduler.shared.study.tell(lost.trial.number, state=TrialState.FAIL)
    for active in (lost, kept) * 2:
        record(active)
    finished = [trial.number for trial in scheduler.shared.finished]
    assert finished == [kept.trial.number]
    assert scheduler.has_more()


def test_trial_that_another_worker_gave_up_can_be_given_up(scheduler):
    active = next(scheduler.next_folds())
    scheduler.shared.study.tell(active.trial.number, state=TrialState.FAIL)
    scheduler.give_up()
    assert scheduler.shared.finished == []
