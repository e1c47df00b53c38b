"""Folds that are fitted in other processes."""

import re
import subprocess
import sys

import joblib
import pytest
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from skdigits import OptunaSearchCV, make_digit_pipeline


def check_scores(search, digits):
    """Compare the best score with that of scikit-learn on the same folds."""
    seed = search.study_.user_attrs["skdigits"]["seed"]
    folds = StratifiedKFold(search.n_splits_, shuffle=True, random_state=seed)
    best = search.estimator.set_params(**search.best_params_)
    scores = cross_val_score(best, *digits, cv=folds)
    assert search.best_score_ == pytest.approx(scores.mean())


@pytest.mark.slow
def test_networks_in_two_processes(digits):
    pipe = make_digit_pipeline("ann", epochs=3, random_state=0)
    search = OptunaSearchCV(pipe, "ann", n_trials=4, cv=2, n_jobs=2, random_state=0)
    search.fit(*digits)
    assert len(search.cv_results_["params"]) == 4
    check_scores(search, digits)


INTERRUPTED = """
import os, signal, warnings
from optuna.distributions import IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from skdigits.model_selection import OptunaSearchCV

signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupt(study, trial):
    if trial.number == 4:
        os.killpg(0, signal.SIGINT)  # as a terminal does, to the workers, too

X, y = load_digits(return_X_y=True)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    search = OptunaSearchCV(
        DecisionTreeClassifier(), {"max_depth": IntDistribution(1, 12)}, cv=3,
        n_trials=10_000, n_jobs=2, pruner=None, callbacks=[interrupt], random_state=0,
    ).fit(X[:400], y[:400])
print(sum("interrupted" in str(warning.message) for warning in told))
print(len(search.cv_results_["params"]), len(search.predict(X)))
"""


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_leaves_the_best_so_far():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    n_warnings, n_trials, n_predicted = map(int, done.stdout.split())
    assert n_warnings == 1
    assert 3 <= n_trials <= 8
    assert n_predicted == 1797


STRUCK = """
import os, signal, sys, time, warnings
from pathlib import Path
from optuna.distributions import IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from skdigits.model_selection import OptunaSearchCV

signal.signal(signal.SIGINT, signal.default_int_handler)
pressed, main = Path(sys.argv[1], "pressed"), os.getpid()

class Struck(DecisionTreeClassifier):
    def fit(self, X, y):
        time.sleep(0.3)
        if pressed.exists() and os.getpid() != main:
            pressed.rename(pressed.with_name("struck"))
            raise KeyboardInterrupt
        return super().fit(X, y)

def interrupt(study, trial):
    pressed.touch()
    until = time.monotonic() + 1
    while pressed.exists() and time.monotonic() < until:
        time.sleep(0.01)
    if pressed.exists():  # no worker was in a fold
        pressed.unlink()
    else:
        os.kill(main, signal.SIGINT)

X, y = load_digits(return_X_y=True)
warnings.simplefilter("ignore")
search = OptunaSearchCV(
    Struck(), {"max_depth": IntDistribution(1, 12)}, cv=3, n_trials=10_000, n_jobs=2,
    pruner=None, callbacks=[interrupt], random_state=0,
).fit(X[:400], y[:400])
print(len(search.cv_results_["params"]), os.listdir(sys.argv[1]))
"""


@pytest.mark.slow
def test_ctrl_c_that_strikes_a_worker_between_two_folds(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", STRUCK, tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d \['struck'\]\n", done.stdout)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.filterwarnings("ignore")
def test_dask_cluster(make_search, digits):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        search = make_search(n_trials=8, n_jobs=2).fit(*digits)
    assert len(search.cv_results_["params"]) == 8
    check_scores(search, digits)
    assert isinstance(search.best_estimator_, DecisionTreeClassifier)
