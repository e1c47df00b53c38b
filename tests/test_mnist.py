"""Accuracy on the real MNIST; no parameter was chosen on the test images."""

import os

import pytest
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, PixelScaler, datasets, make_digit_pipeline
from skdigits.recipes import fast_cnn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("SKDIGITS_DATA"),
        reason="the environment variable SKDIGITS_DATA is not set",
    ),
]


@pytest.fixture(scope="module")
def train():
    return datasets.fetch_mnist(
        subset="train", return_X_y=True, download_if_missing=False
    )


@pytest.fixture(scope="module")
def test():
    return datasets.fetch_mnist(
        subset="test", return_X_y=True, download_if_missing=False
    )


def test_ann(train, test):
    X, y = (a[:10_000] for a in train)
    pipe = make_digit_pipeline("ann", epochs=5, random_state=0).fit(X, y)
    assert len(test[0]) == 10_000
    assert pipe.score(*test) >= 0.93


def test_ann_on_images(train, test):
    X, y = (a[:10_000] for a in train)
    X = X.reshape(-1, 28, 28)
    assert X.dtype == "uint8"
    pipe = make_pipeline(PixelScaler(), ANNClassifier(epochs=5, random_state=0))
    pipe.fit(X, y)
    assert pipe[-1].image_shape_ == (28, 28)
    assert pipe.score(test[0].reshape(-1, 28, 28), test[1]) >= 0.93


def test_cnn(train, test):
    X, y = (a[:3_000] for a in train)
    pipe = make_digit_pipeline("cnn", epochs=4, random_state=0).fit(X, y)
    assert pipe.score(*test) >= 0.92


def test_fast_cnn(train, test):
    assert fast_cnn(random_state=0).fit(*train).score(*test) >= 0.985
