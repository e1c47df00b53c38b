"""Data, a model, and predictions shared by the tests of reports."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skdigits.reports import DigitReport


@pytest.fixture(scope="session")
def digits():
    """Return scikit-learn's digits: X_train, X_test, y_train, y_test."""
    X, y = load_digits(return_X_y=True)
    return X[:900] / 16, X[900:] / 16, y[:900], y[900:]


@pytest.fixture(scope="session")
def model(digits):
    """Return a fitted classifier that makes some mistakes."""
    X, _, y, _ = digits
    return LogisticRegression(max_iter=200, C=0.05).fit(X, y)


@pytest.fixture(scope="session")
def report(model, digits):
    """Return the report of that classifier."""
    _, X, _, y = digits
    return DigitReport.from_estimator(model, X, y)


@pytest.fixture
def random_predictions():
    """Return a function that draws random labels and probabilities."""

    def draw(n_samples, n_classes, seed=0, dtype=np.float64):
        rng = np.random.default_rng(seed)
        proba = rng.dirichlet(np.full(n_classes, 0.3), n_samples).astype(dtype)
        return rng.integers(n_classes, size=n_samples), proba

    return draw
