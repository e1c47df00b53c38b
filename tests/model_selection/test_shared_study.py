"""Workers that are killed, and storages that become unavailable."""

import os

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState

from skdigits.model_selection import _shared_study

BEFORE = """
import os, shutil, signal, sys
import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from sqlalchemy import event
from sqlalchemy.engine import Engine
from skdigits.model_selection import OptunaSearchCV

def do_not_wait_for_the_disk(connection, record):
    connection.execute("PRAGMA synchronous = OFF")

event.listen(Engine, "connect", do_not_wait_for_the_disk)
X, y = load_digits(return_X_y=True)
X, y = X[:100], y[:100]
"""


KILLED = """
class Killed(DecisionTreeClassifier):
    n_fits_left = 5  # two trials of two folds, and one fold

    def fit(self, X, y, sample_weight=None, check_input=True):
        if not Killed.n_fits_left:
            os.kill(os.getpid(), signal.SIGKILL)
        Killed.n_fits_left -= 1
        return super().fit(X, y, sample_weight, check_input)

def run(storage):
    OptunaSearchCV(
        Killed(random_state=0),
        {"max_depth": IntDistribution(1, 12), "ccp_alpha": FloatDistribution(0, 0.1)},
        n_trials=4, cv=2, pruner=None, random_state=0, storage=storage,
        study_name="trees",
    ).fit(X, y)

for storage in sys.argv[1:]:
    worker = os.fork()
    if not worker:
        run(storage)
    status = os.waitpid(worker, 0)[1]
    assert os.WTERMSIG(status) == signal.SIGKILL
    path = storage.removeprefix("sqlite:///")
    shutil.copy(path, f"{path}.before")
Killed.n_fits_left = 100
for storage in sys.argv[1:]:
    run(storage)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_search_loses_one_trial(run_python, storages, as_optuna_storage):
    run_python(BEFORE + KILLED, *storages)
    for storage in storages:
        before, after = (
            optuna.load_study(study_name="trees", storage=as_optuna_storage(s)).trials
            for s in (f"{storage}.before", storage)
        )
        finished = [(t.params, t.values) for t in before if t.state.is_finished()]
        assert len(finished) == 2
        assert [(t.params, t.values) for t in after][:2] == finished
        states = [trial.state.name for trial in after]
        assert states.count("COMPLETE") == 4
        assert states.count("FAIL") == 1
        lost = next(trial for trial in after if trial.state.name == "FAIL")
        assert sum(trial.params == lost.params for trial in after) == 2


TOGETHER = """
def run(storage):
    np.random.seed()  # a forked process has the same state
    search = OptunaSearchCV(
        DecisionTreeClassifier(random_state=0), {"max_depth": IntDistribution(1, 99)},
        n_trials=9, cv=2, storage=storage, study_name="ours",
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 9

for _ in range(3):
    if not os.fork():
        for storage in sys.argv[1:]:
            run(storage)
        os._exit(0)
print([os.wait()[1] for _ in range(3)])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_workers_can_start_together(run_python, storages):
    assert run_python(BEFORE + TOGETHER, *storages)[0] == "[0, 0, 0]\n"


def test_storage_that_becomes_unavailable(make_search, digits, tmp_path, monkeypatch):
    monkeypatch.setattr(_shared_study, "_PAUSES", (0.01, 0.01))
    monkeypatch.setattr("random.random", lambda: 0.0)  # seconds that Optuna waits
    database = tmp_path / "study.db"
    search = make_search(
        storage=f"sqlite:///{database}",
        callbacks=[lambda study, trial: trial.number == 2 and database.unlink()],
    )
    with pytest.warns(UserWarning, match="The storage became unavailable"):
        search.fit(*digits)
    assert len(search.cv_results_["params"]) == 3
    assert search.predict(digits[0]).shape == (400,)
    assert "3 complete" in str(search.report())


def test_trial_is_begun_once_if_the_storage_fails_after_it(scheduler, monkeypatch):
    monkeypatch.setattr(_shared_study, "_PAUSES", (0.01, 0.01))
    record_worker, n_failures = _shared_study.record_worker, iter([True])

    def record_and_fail(trial):
        record_worker(trial)
        if next(n_failures, False):
            raise StorageInternalError("unavailable")

    monkeypatch.setattr(_shared_study, "record_worker", record_and_fail)
    assert next(scheduler.next_folds()).trial.number == 0
    assert len(scheduler.shared.study.trials) == 1


def test_trial_that_is_given_up_at_once_is_replaced(scheduler, monkeypatch):
    record_worker, is_first = _shared_study.record_worker, iter([True])

    def give_up_and_record(trial):
        if next(is_first, False):
            scheduler.shared.study.tell(trial.number, state=TrialState.FAIL)
        record_worker(trial)

    monkeypatch.setattr(_shared_study, "record_worker", give_up_and_record)
    assert next(scheduler.next_folds()).trial.number == 1


def test_outcome_is_stored_once_if_the_storage_fails_after_it(
    scheduler, record, monkeypatch
):
    monkeypatch.setattr(_shared_study, "_PAUSES", (0.01, 0.01))
    seen = []
    scheduler.callbacks = [lambda study, trial: seen.append(trial.number)]
    study = scheduler.shared.study
    tell, n_failures = study.tell, iter([True])

    def tell_and_fail(*args, **kwargs):
        tell(*args, **kwargs)
        if next(n_failures, False):
            raise StorageInternalError("unavailable")

    monkeypatch.setattr(study, "tell", tell_and_fail)
    active = next(scheduler.next_folds())
    for _ in range(2):
        record(active)
    assert seen == [0]
    states = [trial.state.name for trial in scheduler.shared.finished]
    assert states == ["COMPLETE"]
