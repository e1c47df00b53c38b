"""The classifiers that ``bench_classifiers.py`` compares: the same networks."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from _machine import PRECISION, TENSORFLOW_ALONE

HIDDEN = (128, 64)


def keras_layers(kind, n_pixels):
    """Return the layers of a network, written as in tutorials."""
    import keras

    dense = [keras.layers.Dense(n, activation="relu") for n in HIDDEN]
    if kind == "cnn":
        side = round(n_pixels**0.5)
        dense = [
            keras.layers.Reshape((side, side, 1)),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
        ]
    last = keras.layers.Dense(10, activation="softmax")
    return [keras.Input((n_pixels,)), *dense, last]


def make_skdigits(kind, n_pixels, batch_size, epochs, seed):
    from skdigits import ANNClassifier, CNNClassifier

    params = {"batch_size": batch_size, "epochs": epochs, "random_state": seed}
    params["learning_rate_schedule"] = "constant"  # like the other libraries
    if kind == "cnn":
        return CNNClassifier(dropout=0, precision=PRECISION, **params)
    return ANNClassifier(HIDDEN, **params)


def make_scikeras(kind, n_pixels, batch_size, epochs, seed):
    import keras
    from scikeras.wrappers import KerasClassifier

    def build():
        return keras.Sequential(keras_layers(kind, n_pixels))

    return KerasClassifier(
        build,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
    )


class KerasTutorial:
    """Keras code as in tutorials, with the methods of a classifier."""

    def __init__(self, kind, n_pixels, batch_size, epochs, seed):
        import keras

        self.model = keras.Sequential(keras_layers(kind, n_pixels))
        self.model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        self.settings = {"batch_size": batch_size, "epochs": epochs, "verbose": 0}

    def fit(self, X, y):
        self.model.fit(X, np.eye(10)[y], **self.settings)
        return self

    def predict(self, X):
        return self.model.predict(X, verbose=0).argmax(axis=1)


def make_mlp(kind, n_pixels, batch_size, epochs, seed):
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        HIDDEN,
        batch_size=batch_size,
        max_iter=epochs,
        n_iter_no_change=epochs,
        random_state=seed,
    )


def make_skorch(kind, n_pixels, batch_size, epochs, seed):
    import torch
    from skorch import NeuralNetClassifier

    torch.manual_seed(seed)
    sizes = (n_pixels, *HIDDEN)
    layers = [
        layer
        for n_in, n_out in pairwise(sizes)
        for layer in (torch.nn.Linear(n_in, n_out), torch.nn.ReLU())
    ]
    return NeuralNetClassifier(
        torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 10)),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.001,
        batch_size=batch_size,
        max_epochs=epochs,
        train_split=None,
        iterator_train__shuffle=True,
        verbose=0,
    )


class PyTorch:
    """A convolutional network and a training loop, with the methods of a classifier."""

    def __init__(self, kind, n_pixels, batch_size, epochs, seed, memory_format):
        import torch
        from torch import nn

        torch.manual_seed(seed)
        side = round(n_pixels**0.5)
        self.memory_format = getattr(torch, memory_format)
        self.shape = (-1, 1, side, side)
        self.batch_size, self.epochs = batch_size, epochs
        self.model = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding="same"),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * (side // 4) ** 2, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        ).to(memory_format=self.memory_format)

    def images(self, X):
        """Return images as a tensor in the memory format of the network."""
        import torch

        images = torch.from_numpy(X).reshape(self.shape)
        return images.contiguous(memory_format=self.memory_format)

    def fit(self, X, y):
        import torch

        images, labels = self.images(X), torch.from_numpy(y).long()
        optimizer = torch.optim.Adam(self.model.parameters(), lr=0.001)
        self.model.train()
        for _ in range(self.epochs):
            for batch in torch.randperm(len(images)).split(self.batch_size):
                optimizer.zero_grad()
                logits = self.model(images[batch])
                torch.nn.functional.cross_entropy(logits, labels[batch]).backward()
                optimizer.step()
        return self

    def predict(self, X):
        import torch

        self.model.eval()
        with torch.inference_mode():
            parts = [self.model(part) for part in self.images(X).split(1_024)]
        return torch.cat(parts).argmax(dim=1).numpy()


class Peer(NamedTuple):
    """How to make a classifier, of what kinds, in what process, and with what package.

    The function takes the kind of the network ("ann" or "cnn"), the number of pixels,
    the batch size, the number of epochs and a seed.
    """

    make: Callable[..., Any]
    kinds: tuple[str, ...] = ("ann", "cnn")
    environment: Mapping[str, str] = {}
    package: str = "skdigits"


PEERS = {
    "skdigits": Peer(make_skdigits),
    "scikeras": Peer(make_scikeras, environment=TENSORFLOW_ALONE),
    "Keras tutorial": Peer(KerasTutorial, environment=TENSORFLOW_ALONE),
    "Keras with oneDNN": Peer(KerasTutorial, ("cnn",), {"TF_ENABLE_ONEDNN_OPTS": "1"}),
    "MLPClassifier": Peer(make_mlp, ("ann",)),
    "skorch": Peer(make_skorch, ("ann",), package="skorch"),
    **{
        name: Peer(partial(PyTorch, memory_format=form), ("cnn",), package="torch")
        for name, form in {
            "PyTorch": "contiguous_format",
            "PyTorch, channels_last": "channels_last",
        }.items()
    },
}
