"""Classifiers of raw pixels that are compared by their accuracy."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from _machine import PRECISION
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skdigits import PixelScaler, make_digit_pipeline, recipes

BATCH_SIZE = 128


class KerasExample(ClassifierMixin, BaseEstimator):
    """The network of Keras' MNIST example, with the methods of a classifier."""

    def __init__(self, epochs, seed=0):
        self.epochs = epochs
        self.seed = seed

    def fit(self, X, y):
        import keras

        keras.utils.set_random_seed(self.seed)
        layers = keras.layers
        self.model = keras.Sequential(
            [
                keras.Input((X.shape[1],)),
                layers.Reshape((28, 28, 1)),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Conv2D(64, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dropout(0.5),
                layers.Dense(10, activation="softmax"),
            ]
        )
        self.model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        self.model.fit(
            X, np.eye(10)[y], batch_size=BATCH_SIZE, epochs=self.epochs, verbose=0
        )
        self.classes_ = np.arange(10)
        return self

    def predict(self, X):
        return self.model.predict(X, verbose=0).argmax(axis=1)


def lightgbm(n_trees, seed):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=n_trees, random_state=seed, verbose=-1)


def recipe(name):
    """Return a function of the epochs and a seed that makes a recipe."""

    def make(epochs, seed):
        pipe = getattr(recipes, name)(random_state=seed)
        precision = {"precision": PRECISION} if "cnn" in name else {}
        pipe[-1].set_params(epochs=epochs, **precision)
        return pipe

    return make


class Learner(NamedTuple):
    """How to make a classifier, given what its time of training grows with and a seed.

    ``sizes`` are the values of that on all of MNIST: epochs, trees, or training
    samples, which a classifier without a size of its own is given fewer of.
    """

    make: Callable[[int, int], Any]
    sizes: Sequence[int]
    counts_samples: bool = False


def scaled(make):
    """Return a function that makes a pipeline of a scaler and a classifier."""
    return lambda size, seed: make_pipeline(PixelScaler(), make(size, seed))


LEARNERS = {
    "fast_cnn": Learner(recipe("fast_cnn"), (1, 2, 4, 8)),
    "accurate_cnn": Learner(recipe("accurate_cnn"), (2, 5, 13)),
    "robust_cnn": Learner(recipe("robust_cnn"), (4, 13)),
    "accurate_ann": Learner(recipe("accurate_ann"), (4, 12, 28)),
    "dense-128-64": Learner(
        lambda epochs, seed: make_digit_pipeline(
            "ann", epochs=epochs, random_state=seed
        ),
        (2, 8, 20, 60),
    ),
    "cnn-basic": Learner(
        lambda epochs, seed: make_digit_pipeline(
            "cnn",
            filters=(32,),
            padding="valid",
            dropout=0,
            epochs=epochs,
            precision=PRECISION,
            random_state=seed,
        ),
        (1, 3, 10),
    ),
    "Keras' example": Learner(scaled(KerasExample), (1, 3, 6, 12)),
    "MLPClassifier": Learner(
        scaled(
            lambda epochs, seed: MLPClassifier(
                (128, 64),
                batch_size=BATCH_SIZE,
                max_iter=epochs,
                n_iter_no_change=epochs,
                random_state=seed,
            )
        ),
        (2, 8, 30),
    ),
    "support vectors, RBF": Learner(
        scaled(lambda size, seed: SVC(C=5, gamma=0.02)),
        (5_000, 15_000, 60_000),
        counts_samples=True,
    ),
    "nearest neighbors": Learner(
        scaled(lambda size, seed: KNeighborsClassifier(3, weights="distance")),
        (10_000, 60_000),
        counts_samples=True,
    ),
    "LightGBM": Learner(scaled(lightgbm), (20, 60, 200)),
}
