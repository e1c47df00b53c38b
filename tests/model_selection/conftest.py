"""Small searches that the tests share."""

import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier

from skdigits.model_selection import OptunaSearchCV


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
