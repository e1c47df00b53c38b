"""Small searches that the tests share."""

import joblib
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from sqlalchemy import event
from sqlalchemy.engine import Engine

from skdigits.model_selection import OptunaSearchCV


@event.listens_for(Engine, "connect")
def do_not_wait_for_the_disk(connection, record):
    """Let SQLite leave its writes to the operating system: most of the time is that."""
    if hasattr(connection, "executescript"):  # SQLite's own
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def in_threads():
    """Fit the folds of several jobs in threads, which need no time to start."""
    with joblib.parallel_config("threading"):
        yield


@pytest.fixture(scope="session")
def digits():
    """Some hundred digits of scikit-learn's."""
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
    """A search that is done."""
    return make_search(n_trials=8).fit(*digits)
