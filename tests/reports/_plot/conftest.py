"""Fixtures of the tests of displays."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, PixelScaler


@pytest.fixture(autouse=True)
def closed_figures():
    """Draw without a window, and close all figures after each test."""
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def network(digits):
    """Return a fitted pipeline with a network."""
    X, _, y, _ = digits
    ann = ANNClassifier(16, epochs=3, validation_split=0.2, random_state=0)
    return make_pipeline(PixelScaler(), ann).fit(X, y)
