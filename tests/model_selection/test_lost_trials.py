"""Trials whose workers are gone."""

import socket

import optuna
from optuna.trial import TrialState

from skdigits.model_selection import _lost_trials
from skdigits.model_selection._lost_trials import LostTrials, others_are_at_work


def test_trial_without_a_recorded_worker_is_lost_after_a_while(
    make_search, digits, storage, monkeypatch
):
    monkeypatch.setattr(_lost_trials, "_SECONDS_TO_RECORD_WORKER", 1)

    def leave_one_behind(study, trial):
        if trial.number == 2:
            study.ask()

    search = make_search(storage=storage, callbacks=[leave_one_behind]).fit(*digits)
    states = [trial.state.name for trial in search.study_.get_trials()]
    assert states == ["COMPLETE"] * 3 + ["FAIL"] + ["COMPLETE"] * 3


def test_trial_that_is_enqueued_again_has_no_worker(scheduler):
    study = scheduler.shared.study
    trial = study.ask()
    trial.set_user_attr("worker", [socket.gethostname(), 2**22 + 1])  # no such process
    LostTrials(study).retry()
    lost, again = study.trials
    assert (lost.state, again.state) == (TrialState.FAIL, TrialState.WAITING)
    assert again.user_attrs == {}


def test_other_machines_are_not_waited_for_without_a_heartbeat(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    dead = optuna.trial.create_trial(
        state=TrialState.RUNNING, user_attrs={"worker": ["elsewhere", 1]}
    )
    for interval in (None, 5):
        storage = optuna.storages.RDBStorage(url, heartbeat_interval=interval)
        assert others_are_at_work([dead], storage) == (interval is not None)
