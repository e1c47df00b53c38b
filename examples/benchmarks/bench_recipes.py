"""
Accuracy of the recipes
=======================

This benchmark trains the pipelines of :mod:`skdigits.recipes` on the 60,000 training
images of MNIST, with several seeds, and reads the test images once. Times are those of
``fit``, and multiples of one epoch of Keras' own MNIST example, which is trained
before. The networks of the ensemble are also measured one by one. ``python
examples/benchmarks/bench_recipes.py --quick`` takes about a minute; ``--help`` lists
the options.

``--usps FILE`` also reads postal digits of USPS, in the format of the file
``zip.train.gz`` of "The Elements of Statistical Learning".

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_recipes.png"

import argparse
import multiprocessing
import os
import statistics
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from _elsewhere import load_usps
from _machine import (
    PRECISION,
    TENSORFLOW_ALONE,
    load_mnist,
    parse_arguments,
    print_run,
)
from _tables import mean_spread, print_table, spread

from skdigits import recipes

SINGLE = "fast_cnn", "accurate_ann", "accurate_cnn", "robust_cnn"
ENSEMBLE = "ensemble"


class Outcome(NamedTuple):
    """The measurements of one fit."""

    seconds: float
    accuracy: float
    elsewhere: float | None


def keras_epochs(X, y, n_epochs):
    """Return the seconds of each epoch of Keras' example."""
    os.environ.update(TENSORFLOW_ALONE)
    import keras

    layers = keras.layers
    X, Y = X.reshape(-1, 28, 28, 1).astype("float32") / 255, np.eye(10)[y]
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    seconds = []
    for _ in range(n_epochs):
        start = time.perf_counter()
        model.fit(X, Y, batch_size=128, epochs=1, verbose=0)
        seconds.append(time.perf_counter() - start)
    return seconds


def timed_fit(model, X, y):
    """Return the seconds of a fit."""
    start = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - start


def prepared(pipe, changes):
    """Return the scaler of a recipe and its classifiers, ready to train."""
    classifiers = [c for _, c in getattr(pipe[-1], "estimators", [("", pipe[-1])])]
    for classifier in classifiers:
        is_cnn = hasattr(classifier, "filters")
        precision = {"precision": PRECISION} if is_cnn else {}
        classifier.set_params(**precision, **changes)
    return pipe[0], classifiers


def measure(pipe, images, usps, changes):
    """Train the networks of a recipe, each by itself.

    Return an outcome for each, the probabilities of the test images from each, and
    those of the digits of USPS.
    """
    X, y, X_test, y_test = images
    scaler, classifiers = prepared(pipe, changes)
    outcomes, of_test, of_usps = [], [], []
    for classifier in classifiers:
        seconds = timed_fit(classifier, scaler.fit_transform(X), y)
        proba = classifier.predict_proba(scaler.transform(X_test))
        of_test.append(proba)
        elsewhere = None
        if usps is not None:
            of_usps.append(classifier.predict_proba(scaler.transform(usps[0])))
            elsewhere = accuracy(of_usps[-1], usps[1])
        outcomes.append(Outcome(seconds, accuracy(proba, y_test), elsewhere))
        print(f".. {classifier}: {outcomes[-1]}", flush=True)
    return outcomes, of_test, of_usps


def accuracy(proba, y):
    """Return the share of digits whose most probable class is the label."""
    return float((proba.argmax(axis=1) == y).mean())


def row_of(name, outcomes, epoch):
    """Return the cells of a recipe."""
    seconds, accuracies, elsewhere = zip(*outcomes, strict=True)
    usps = [100 * share for share in elsewhere if share is not None]
    return [
        name,
        f"{len(outcomes)}",
        mean_spread([100 * share for share in accuracies]),
        mean_spread(usps) if usps else "",
        spread(seconds),
        f"{statistics.median(seconds) / epoch:.1f}",
    ]


def voted(outcomes, of_test, of_usps, y_test, usps):
    """Return the outcome of the vote of networks."""
    seconds = sum(outcome.seconds for outcome in outcomes)
    share = accuracy(np.mean(of_test, axis=0), y_test)
    elsewhere = None
    if usps is not None:
        elsewhere = accuracy(np.mean(of_usps, axis=0), usps[1])
    return Outcome(seconds, share, elsewhere)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="RECIPE", default=[])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--networks", type=int, default=5, help="in the ensemble")
    parser.add_argument("--usps", metavar="FILE", help="digits of USPS to read, too")
    parser.add_argument(
        "--quick", action="store_true", help="2 seeds, 1 epoch, 6,000 images"
    )
    arguments = parse_arguments(parser)
    warnings.filterwarnings("ignore")
    images = *load_mnist("train"), *load_mnist("test")
    usps = load_usps(arguments.usps) if arguments.usps else None
    n_epochs, changes = 3, {}
    if arguments.quick:
        images = images[0][:6000], images[1][:6000], *images[2:]
        arguments.seeds = arguments.networks = 2
        n_epochs, changes = 1, {"epochs": 1}
    print_run("keras", "tensorflow")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        epochs = process.submit(keras_epochs, *images[:2], n_epochs).result()
    epoch = statistics.median(epochs)
    rows = []
    for name in arguments.names or (*SINGLE, ENSEMBLE):
        if name == ENSEMBLE:
            pipe = recipes.ensemble(arguments.networks, random_state=0)
            trained = measure(pipe, images, usps, changes)
            rows.append(row_of("one network of it", trained[0], epoch))
            vote = voted(*trained, images[3], usps)
            rows.append(row_of(f"ensemble({arguments.networks})", [vote], epoch))
        else:
            outcomes = []
            for seed in range(arguments.seeds):
                pipe = getattr(recipes, name)(random_state=seed)
                outcomes += measure(pipe, images, usps, changes)[0]
            rows.append(row_of(name, outcomes, epoch))
    print_table(
        f"Trained on {len(images[0]):,} images of MNIST",
        [["recipe", "n", "test, %", "USPS, %", "fit, s", "epochs of Keras"], *rows],
    )
    print(
        f"\nMean (smallest-largest) of the accuracies, and median of the times. One "
        f"epoch of Keras' example took {spread(epochs)} s."
    )


if __name__ == "__main__":
    main()
