"""Quick searches and their data, shared by the tests."""

import math

import joblib
import optuna
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from sqlalchemy import event
from sqlalchemy.engine import Engine

from skdigits.model_selection import OptunaSearchCV
from skdigits.model_selection._fold_result import FoldResult
from skdigits.model_selection._objectives import Objective
from skdigits.model_selection._scheduler import TrialScheduler
from skdigits.model_selection._shared_study import SharedStudy
from skdigits.model_selection._spaces import make_space
from skdigits.model_selection._study import StoppableStudy
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_outcome import OutcomeRules


@event.listens_for(Engine, "connect")
def do_not_wait_for_the_disk(connection, record):
    """Let SQLite leave its writes to the operating system, which saves most time."""
    if hasattr(connection, "executescript"):  # only the connections of SQLite have it
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def in_threads():
    """Fit the folds of several jobs in threads, which start at once."""
    with joblib.parallel_config("threading"):
        yield


@pytest.fixture(scope="session")
def digits():
    """Return 400 digits of scikit-learn and their labels."""
    X, y = load_digits(return_X_y=True)
    return X[:400], y[:400]


@pytest.fixture(scope="session")
def make_search():
    """Return a function that makes a quick search."""

    def make(**params):
        space = {
            "max_depth": IntDistribution(1, 12),
            "ccp_alpha": FloatDistribution(0, 0.1),
        }
        defaults = {"n_trials": 6, "cv": 3, "pruner": None, "random_state": 0}
        return OptunaSearchCV(
            DecisionTreeClassifier(random_state=0),
            **{"space": space, **defaults, **params},
        )

    return make


@pytest.fixture(scope="session")
def fitted(make_search, digits):
    """Return a fitted search."""
    return make_search(n_trials=8).fit(*digits)


@pytest.fixture(scope="session")
def depth_and_accuracy():
    """Return a function that scores a tree by two metrics."""

    def score(tree, X, y):
        return {"accuracy": tree.score(X, y), "depth": -tree.get_depth()}

    return score


@pytest.fixture(scope="session")
def suggest():
    """Return a function that returns parameters suggested by a space."""

    def suggest(space, n=30):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        return [space.suggest(study.ask()) for _ in range(n)]

    return suggest


@pytest.fixture
def storages(tmp_path):
    """Return the storages of a database and of a journal file."""
    return f"sqlite:///{tmp_path / 'study.db'}", str(tmp_path / "study.journal")


@pytest.fixture(params=["sqlite", "journal"])
def storage(request, storages):
    """Return each kind of storage in a file."""
    return storages[request.param == "journal"]


@pytest.fixture(scope="session")
def as_optuna_storage():
    """Return a function that makes of a storage what Optuna takes."""

    def convert(storage):
        if "://" in storage:
            return storage
        backend = optuna.storages.journal.JournalFileBackend(storage)
        return optuna.storages.JournalStorage(backend)

    return convert


@pytest.fixture
def scheduler():
    """Return a scheduler of three trials of two folds, for two jobs."""
    tree = DecisionTreeClassifier()

    def space(trial):
        return {"max_depth": trial.suggest_int("max_depth", 1, 99)}

    storage = optuna.storages.InMemoryStorage()
    optuna.create_study(study_name="trees", storage=storage, direction="maximize")
    study = StoppableStudy("trees", storage)
    study.sampler = optuna.samplers.RandomSampler(seed=0)
    return TrialScheduler(
        SharedStudy(study, storage, search_id="search", n_trials=3),
        Suggestions(make_space(space, tree), tree, None),
        OutcomeRules(
            n_splits=2,
            objectives=[Objective("score")],
            required=[Objective("score")],
            constraints={},
            has_pruner=False,
            error_score=math.nan,
        ),
        n_jobs=2,
        deadline=math.inf,
        callbacks=[],
    )


@pytest.fixture
def record(scheduler):
    """Return a function that records the result of a fold."""

    def record(active, score=0.5):
        scheduler.record(
            active.trial.number, FoldResult({"score": score}, {}, 1.0, 0.0)
        )

    return record
