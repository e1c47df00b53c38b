"""
The cost of data augmentation
=============================

This benchmark trains classifiers on MNIST with and without augmentation, in turns, and
compares the times of an epoch. The time of an epoch is the difference between a fit of
three epochs and a fit of one, divided by two, so that it is free of what comes before
the first update. It also measures how many images a second an augmenter changes by
itself. ``python examples/benchmarks/bench_augmentation.py --quick`` takes about a
minute; ``--help`` lists the options.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "auto_examples/images/sphx_glr_plot_augmentation_002.png"  # noqa: E501

import argparse
import time
import warnings

import numpy as np
from _machine import PRECISION, load_mnist, parse_arguments, print_run
from _tables import print_table, spread

from skdigits import ANNClassifier, CNNClassifier, DigitAugmenter

CLASSIFIERS = {
    "ANNClassifier, batches of 32": ANNClassifier(batch_size=32),
    "ANNClassifier, batches of 128": ANNClassifier(batch_size=128),
    "CNNClassifier, batches of 128": CNNClassifier(batch_size=128, precision=PRECISION),
}


def seconds_of_epoch(classifier, X, y):
    """Return the seconds of an epoch, without what comes before the first update."""
    seconds = []
    for epochs in (1, 3):
        classifier.set_params(epochs=epochs, random_state=0)
        start = time.perf_counter()
        classifier.fit(X, y)
        seconds.append(time.perf_counter() - start)
    return (seconds[1] - seconds[0]) / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="2 rounds, 20,000 images of MNIST"
    )
    arguments = parse_arguments(parser)
    warnings.filterwarnings("ignore")
    X, y = load_mnist("train")
    if arguments.quick:
        X, y, arguments.rounds = X[:20_000], y[:20_000], 2
    X = X.astype("float32") / 255
    print_run("keras", "tensorflow", "opencv-python-headless")
    rows = []
    for name, classifier in CLASSIFIERS.items():
        seconds_of_epoch(classifier.set_params(augmentation=0.5), X, y)  # compiles
        seconds_of_epoch(classifier.set_params(augmentation=None), X, y)
        times = [
            [
                seconds_of_epoch(classifier.set_params(augmentation=strength), X, y)
                for strength in (None, 0.5)
            ]
            for _ in range(arguments.rounds)
        ]
        without, augmented = zip(*times, strict=True)
        ratios = [b / a for a, b in times]
        rows.append([name, spread(without), spread(augmented), spread(ratios)])
    print_table(
        f"An epoch of {len(X):,} images",
        [["classifier", "plain, s", "augmented, s", "ratio"], *rows],
    )
    augment, rng = DigitAugmenter().prepare(X), np.random.default_rng(0)
    rates = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        augment(X[:20_000], rng)
        rates.append(20 / (time.perf_counter() - start))
    print(
        f"\nMedian (smallest-largest) of {arguments.rounds} rounds. By itself, the "
        f"augmenter changes {spread(rates)} thousand images a second."
    )


if __name__ == "__main__":
    main()
