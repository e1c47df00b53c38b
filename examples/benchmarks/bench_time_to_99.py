"""
Time to 99 % accuracy on MNIST
==============================

This benchmark fits :func:`skdigits.recipes.fast_cnn` on the 60,000 training images with
several seeds. For comparison, it trains the convolutional network of the MNIST example
of Keras until it classifies 99 % of the test images correctly. This favors Keras a
little, since the number of epochs is chosen on the test images. ``python
examples/benchmarks/bench_time_to_99.py --quick`` takes about two minutes; ``--help``
lists the options.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_time_to_99.png"

import argparse
import multiprocessing
import os
import statistics
import time
import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from _machine import (
    PRECISION,
    TENSORFLOW_ALONE,
    load_mnist,
    parse_arguments,
    print_run,
)
from _tables import mean_spread, print_table, spread

from skdigits.recipes import fast_cnn


def fit_fast_cnn(X, y, X_test, y_test, seed):
    """Return the seconds of a fit on raw pixels, the test accuracy and the epochs."""
    pipe = fast_cnn(random_state=seed).set_params(cnnclassifier__precision=PRECISION)
    start = time.perf_counter()
    pipe.fit(X, y)
    seconds = time.perf_counter() - start
    return seconds, pipe.score(X_test, y_test), pipe[-1].n_epochs_


def fit_keras_example(X, y, X_test, y_test, most_epochs):
    """Return the seconds of `fit`, the test accuracy and the number of epochs."""
    os.environ.update(TENSORFLOW_ALONE)
    import keras

    layers = keras.layers
    X, X_test = (a.reshape(-1, 28, 28, 1).astype("float32") / 255 for a in (X, X_test))
    Y = np.eye(10)[y]
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
    seconds, accuracy, epoch = 0.0, 0.0, 0
    while accuracy < 0.99 and epoch < most_epochs:
        start = time.perf_counter()
        model.fit(X, Y, batch_size=128, epochs=1, validation_split=0.1, verbose=0)
        seconds += time.perf_counter() - start
        epoch += 1
        labels = model.predict(X_test, verbose=0).argmax(axis=1)
        accuracy = float((labels == y_test).mean())
    return seconds, accuracy, epoch


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--epochs", type=int, default=15, help="maximum number of epochs of Keras"
    )
    parser.add_argument(
        "--quick", action="store_true", help="2 seeds, 1 epoch of Keras"
    )
    arguments = parse_arguments(parser)
    if arguments.quick:
        arguments.seeds, arguments.epochs = 2, 1
    warnings.filterwarnings("ignore")
    images = *load_mnist("train"), *load_mnist("test")

    print_run("keras", "tensorflow")
    outcomes = [fit_fast_cnn(*images, seed) for seed in range(arguments.seeds)]
    seconds, accuracies, own_epochs = zip(*outcomes, strict=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        keras_seconds, keras_accuracy, n_epochs = process.submit(
            fit_keras_example, *images, arguments.epochs
        ).result()
    percent = mean_spread([100 * accuracy for accuracy in accuracies])
    ratio = keras_seconds / statistics.median(seconds)
    print_table(
        "Training on the 60,000 images of MNIST",
        [
            ["network", "epochs", "fit, s", "ratio", "accuracy, %"],
            ["fast_cnn", f"{own_epochs[0]}", spread(seconds), "1.00", percent],
            [
                "example of Keras",
                f"{n_epochs}",
                f"{keras_seconds:.1f}",
                f"{ratio:.2f}",
                f"{100 * keras_accuracy:.2f}",
            ],
        ],
    )
    print(
        "\nMedian (smallest-largest) of the times, and mean of the accuracies; seeds: "
        f"{arguments.seeds} of fast_cnn, whose first fit also imports TensorFlow."
    )


if __name__ == "__main__":
    main()
