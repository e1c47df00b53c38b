"""Ctrl-C ends a search and keeps the best trial so far."""

import os
import re
import signal
import subprocess
import sys

import pytest


@pytest.mark.usefixtures("ctrl_c")
class TestInOneProcess:
    def test_keeps_the_best_trial_so_far(self, make_search, digits):
        def interrupt(study, trial):
            if trial.number == 2:
                os.kill(os.getpid(), signal.SIGINT)

        before = signal.getsignal(signal.SIGINT)
        search = make_search(callbacks=[interrupt], n_trials=50)
        with pytest.warns(UserWarning, match="The search was interrupted"):
            search.fit(*digits)
        assert len(search.cv_results_["params"]) == 3
        assert search.predict(digits[0]).shape == (400,)
        assert signal.getsignal(signal.SIGINT) is before

    def test_before_any_trial_is_finished(self, make_search, digits):
        def interrupt(trial):
            os.kill(os.getpid(), signal.SIGINT)
            return {"max_depth": trial.suggest_int("max_depth", 1, 9)}

        with (
            pytest.warns(UserWarning, match="The search was interrupted"),
            pytest.raises(KeyboardInterrupt),
        ):
            make_search(space=interrupt).fit(*digits)


INTERRUPTED = """
import os, signal, warnings
from optuna.distributions import IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from skdigits.model_selection import OptunaSearchCV

signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupt(study, trial):
    if trial.number == 4:
        os.killpg(0, signal.SIGINT)  # a terminal also signals the workers

X, y = load_digits(return_X_y=True)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    search = OptunaSearchCV(
        DecisionTreeClassifier(), {"max_depth": IntDistribution(1, 12)}, cv=3,
        n_trials=10_000, n_jobs=2, pruner=None, callbacks=[interrupt], random_state=0,
    ).fit(X[:400], y[:400])
print(sum("interrupted" in str(warning.message) for warning in caught))
print(len(search.cv_results_["params"]), len(search.predict(X)))
"""


@pytest.mark.slow
def test_in_a_terminal_with_two_workers_keeps_the_best_trial_so_far():
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


BETWEEN_FOLDS = """
import os, signal, sys, time, warnings
from pathlib import Path
from optuna.distributions import IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from skdigits.model_selection import OptunaSearchCV

signal.signal(signal.SIGINT, signal.default_int_handler)
pressed, main = Path(sys.argv[1], "pressed"), os.getpid()

class Interrupted(DecisionTreeClassifier):
    def fit(self, X, y):
        time.sleep(0.3)
        if pressed.exists() and os.getpid() != main:
            pressed.rename(pressed.with_name("seen"))
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
    Interrupted(), {"max_depth": IntDistribution(1, 12)}, cv=3, n_trials=10_000,
    n_jobs=2, pruner=None, callbacks=[interrupt], random_state=0,
).fit(X[:400], y[:400])
print(len(search.cv_results_["params"]), os.listdir(sys.argv[1]))
"""


@pytest.mark.slow
def test_in_a_worker_between_two_folds(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", BETWEEN_FOLDS, tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d \['seen'\]\n", done.stdout)
