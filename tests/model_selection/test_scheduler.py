"""Which fold of which trial is next."""

import math
import socket

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState
from sklearn.tree import DecisionTreeClassifier

from skdigits.model_selection import _scheduler
from skdigits.model_selection._fit_and_score import Outcome
from skdigits.model_selection._heartbeat import LostTrials, others_are_at_work
from skdigits.model_selection._objectives import Objective
from skdigits.model_selection._scheduler import Trials
from skdigits.model_selection._spaces import make_space
from skdigits.model_selection._study import StoppableStudy
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_attrs import ceiling_of
from skdigits.model_selection._trial_outcome import Rules


def depth(trial):
    return {"max_depth": trial.suggest_int("max_depth", 1, 99)}


@pytest.fixture
def trials():
    tree = DecisionTreeClassifier()
    storage = optuna.storages.InMemoryStorage()
    optuna.create_study(study_name="mine", storage=storage, direction="maximize")
    study = StoppableStudy("mine", storage)
    study.sampler = optuna.samplers.RandomSampler(seed=0)
    return Trials(
        study,
        storage,
        Suggestions(make_space(depth, tree), tree, None),
        search="mine",
        n_trials=3,
        n_jobs=2,
        deadline=math.inf,
        rules=Rules(
            n_splits=2,
            objectives=[Objective("score")],
            deciding=[Objective("score")],
            constraints={},
            has_pruner=False,
            error_score=math.nan,
        ),
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


def test_duplicates_of_a_trial_under_way_wait_for_it(trials):
    trials.n_trials = None
    trials.study.sampler = optuna.samplers.GridSampler({"max_depth": [5]})
    trials.study.stop = lambda: None
    candidates = trials.candidates()
    first = next(candidates)
    for _ in range(9):
        assert next(candidates) is None
    assert len(trials.study.trials) == 1 + trials.n_jobs
    for _ in range(2):
        finish_a_fold(trials, first)
    assert [trial.values for trial in trials.finished] == [[0.5]] * 3


def test_duplicate_of_a_trial_that_failed_is_fitted(trials):
    trials.study.sampler = optuna.samplers.GridSampler({"max_depth": [5]})
    candidates = trials.candidates()
    first = next(candidates)
    assert next(candidates) is None
    trials.record(first.trial.number, Outcome({"score": math.nan}, {}, 1.0, 0.0))
    second = next(candidates)
    for _ in range(2):
        finish_a_fold(trials, second)
    states = [trial.state.name for trial in trials.study.trials]
    assert states == ["FAIL", "COMPLETE", "COMPLETE"]


def test_trial_that_another_worker_gave_up_is_left_to_it(trials):
    candidates = trials.candidates()
    lost, kept = next(candidates), next(candidates)
    trials.study.tell(lost.trial.number, state=TrialState.FAIL)
    for candidate in (lost, kept) * 2:
        finish_a_fold(trials, candidate)
    assert [trial.number for trial in trials.finished] == [kept.trial.number]
    assert trials.go_on()


def test_trials_given_up_elsewhere_can_be_given_up(trials):
    candidate = next(trials.candidates())
    trials.study.tell(candidate.trial.number, state=TrialState.FAIL)
    trials.give_up()
    assert trials.finished == []


def test_storage_that_is_away_for_a_moment_makes_no_second_trial(trials, monkeypatch):
    monkeypatch.setattr(_scheduler, "_PAUSES", (0.01, 0.01))
    sign, n_failures = _scheduler.sign, iter([True])

    def sign_and_fail(trial):
        sign(trial)
        if next(n_failures, False):
            raise StorageInternalError("away")

    monkeypatch.setattr(_scheduler, "sign", sign_and_fail)
    assert next(trials.candidates()).trial.number == 0
    assert len(trials.study.trials) == 1


def test_trial_given_up_before_it_was_signed_makes_room_for_another(
    trials, monkeypatch
):
    sign, is_first = _scheduler.sign, iter([True])

    def give_up_and_sign(trial):
        if next(is_first, False):
            trials.study.tell(trial.number, state=TrialState.FAIL)
        sign(trial)

    monkeypatch.setattr(_scheduler, "sign", give_up_and_sign)
    assert next(trials.candidates()).trial.number == 1


def test_trial_that_is_tried_again_has_no_worker_yet(trials):
    trial = trials.study.ask()
    trial.set_user_attr("worker", [socket.gethostname(), 2**22 + 1])  # no such process
    LostTrials(trials.study).retry()
    lost, again = trials.study.trials
    assert (lost.state, again.state) == (TrialState.FAIL, TrialState.WAITING)
    assert again.user_attrs == {}


def test_outcome_is_kept_once_where_the_storage_fails_after_it(trials, monkeypatch):
    monkeypatch.setattr(_scheduler, "_PAUSES", (0.01, 0.01))
    seen = []
    trials.callbacks = [lambda study, trial: seen.append(trial.number)]
    tell, n_failures = trials.study.tell, iter([True])

    def tell_and_fail(*args, **kwargs):
        tell(*args, **kwargs)
        if next(n_failures, False):
            raise StorageInternalError("away")

    monkeypatch.setattr(trials.study, "tell", tell_and_fail)
    candidate = next(trials.candidates())
    for _ in range(2):
        finish_a_fold(trials, candidate)
    assert seen == [0]
    assert [trial.state.name for trial in trials.finished] == ["COMPLETE"]


def test_database_without_heartbeat_is_not_waited_for(tmp_path):
    address = f"sqlite:///{tmp_path / 'study.db'}"
    dead = optuna.trial.create_trial(
        state=TrialState.RUNNING, user_attrs={"worker": ["elsewhere", 1]}
    )
    for interval in (None, 5):
        storage = optuna.storages.RDBStorage(address, heartbeat_interval=interval)
        assert others_are_at_work([dead], storage) == (interval is not None)


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
