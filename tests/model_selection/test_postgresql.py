"""Workers that share a PostgreSQL server, which the tests start and stop."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
pytest.importorskip("psycopg")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(not BINARIES, reason="needs Debian's package postgresql"),
]


class Server:
    """A PostgreSQL server on the loopback interface."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.run("initdb", "--auth=trust", "--username=digits", f"--pgdata={folder}/db")

    @property
    def url(self):
        return f"postgresql+psycopg://digits:secret@127.0.0.1:{self.port}/postgres"

    def run(self, program, *arguments):
        # PostgreSQL refuses to run as root.
        user = "postgres" if os.geteuid() == 0 else None
        subprocess.run(
            [BINARIES[-1] / program, *arguments],
            check=True,
            user=user,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
        )

    def control(self, *action):
        settings = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -F"
        log = f"--log={self.folder}/log"
        self.run(
            "pg_ctl", f"--pgdata={self.folder}/db", "-w", "-o", settings, log, *action
        )


@pytest.fixture
def server():
    folder = tempfile.mkdtemp(prefix="skdigits-")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder)
    server.control("start")
    yield server
    server.control("stop", "-m", "immediate")
    shutil.rmtree(folder)


WORKER = """
import socket, sys, time
host = sys.argv[2]
socket.gethostname = lambda: host
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from skdigits.model_selection import OptunaSearchCV

class Slow(DecisionTreeClassifier):
    def fit(self, X, y, sample_weight=None, check_input=True):
        time.sleep(float(sys.argv[3]))
        return super().fit(X, y, sample_weight, check_input)

X, y = load_digits(return_X_y=True)
search = OptunaSearchCV(
    Slow(random_state=0),
    {"max_depth": IntDistribution(1, 12), "ccp_alpha": FloatDistribution(0, 0.1)},
    n_trials=8, cv=3, pruner=None, random_state=0, storage=sys.argv[1],
    study_name="trees",
).fit(X[:400], y[:400])
print(len(search.cv_results_["params"]), search.best_params_["max_depth"])
"""


def start(server, host, seconds_a_fit):
    command = [sys.executable, "-c", WORKER, server.url, host, str(seconds_a_fit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def study_of(server):
    return optuna.load_study(study_name="trees", storage=server.url)


def wait_for(condition, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (KeyError, ValueError, optuna.exceptions.StorageInternalError):
            pass
        time.sleep(0.2)
    raise AssertionError("the condition was not met in time")


def n_trials(server, state):
    return sum(trial.state.name == state for trial in study_of(server).trials)


def finished(server):
    return [(t.params, t.values) for t in study_of(server).trials if t.values]


def test_trial_of_a_killed_worker_is_repeated_by_another(server):
    victim = start(server, "elsewhere", 60)

    def is_at_work():
        (trial,) = study_of(server).trials
        return trial.user_attrs["worker"][0] == "elsewhere"

    wait_for(is_at_work)
    survivor = start(server, "here", 0)
    wait_for(lambda: n_trials(server, "COMPLETE") >= 1)
    victim.send_signal(signal.SIGKILL)
    output, _ = survivor.communicate(timeout=120)  # which waits for the lost trial
    victim.communicate()
    assert output.split()[0] == "8"
    states = [trial.state.name for trial in study_of(server).trials]
    assert sorted(states) == ["COMPLETE"] * 8 + ["FAIL"]


# Threads reset the warning filters of one another, unlike processes.
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_workers_can_start_together_on_an_empty_database(server, make_search, digits):
    searches = [
        make_search(n_trials=8, storage=server.url, study_name="trees")
        for _ in range(4)
    ]
    with ThreadPoolExecutor(len(searches)) as pool:
        for search in pool.map(lambda search: search.fit(*digits), searches):
            assert len(search.cv_results_["params"]) == 8


def test_search_continues_after_a_restart_of_the_server(server):
    worker = start(server, "here", 0.3)
    wait_for(lambda: n_trials(server, "COMPLETE") >= 2)
    before = finished(server)
    server.control("restart", "-m", "immediate")
    output, _ = worker.communicate(timeout=120)
    after = finished(server)
    assert after[: len(before)] == before
    assert len(after) == int(output.split()[0]) == 8


def test_server_that_stays_unavailable(server, make_search, digits):
    def stop(study, trial):
        if trial.number == 2:
            server.control("stop", "-m", "immediate")

    search = make_search(storage=server.url, callbacks=[stop])
    try:
        with pytest.warns(
            UserWarning, match="The storage became unavailable"
        ) as caught:
            search.fit(*digits)
    finally:
        server.control("start")
    assert len(search.cv_results_["params"]) == 3
    assert search.predict(digits[0]).shape == (400,)
    assert not any("secret" in str(warning.message) for warning in caught)


def test_server_that_cannot_be_reached(make_search, digits):
    url = "postgresql+psycopg://digits:secret@127.0.0.1:1/postgres"
    with pytest.raises(ConnectionError, match="cannot be reached") as caught:
        make_search(storage=url).fit(*digits)
    assert "secret" not in str(caught.value)
