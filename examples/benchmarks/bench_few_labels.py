"""
Accuracy with few labels
========================

This benchmark trains classifiers on 100 to 3,000 training images of MNIST, drawn
several times with the same number of each digit, and measures their accuracy on the
test images. Neural networks are trained for about the same number of updates however
few images there are. ``python examples/benchmarks/bench_few_labels.py --quick`` takes
about two minutes; ``--help`` lists the options.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_few_labels.png"

import argparse
import time
import warnings

import numpy as np
from _learners import LEARNERS
from _machine import load_mnist, parse_arguments, print_run
from _tables import mean_spread, print_table, spread
from sklearn.model_selection import train_test_split

SIZES = 100, 300, 1_000, 3_000
N_UPDATES = 1_500
BATCH_SIZE = 32
N_TREES = 100
NETWORKS = ("accurate_cnn", "accurate_ann", "dense-128-64", "cnn-basic")
OTHERS = (
    "Keras' example",
    "MLPClassifier",
    "support vectors, RBF",
    "nearest neighbors",
    "LightGBM",
)


def make(name, n_samples, seed):
    """Return a classifier for so many samples."""
    epochs = max(1, N_UPDATES // -(-n_samples // BATCH_SIZE))
    model = LEARNERS[name].make(N_TREES if name == "LightGBM" else epochs, seed)
    if name in NETWORKS:
        model[-1].set_params(batch_size=BATCH_SIZE)
    return model


def measure(name, images, n_samples, seed):
    """Return the seconds of a fit and the accuracy on the test images."""
    X, y, X_test, y_test = images
    X, _, y, _ = train_test_split(
        X, y, train_size=n_samples, stratify=y, random_state=seed
    )
    model = make(name, n_samples, seed)
    start = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - start
    return seconds, float(np.mean(model.predict(X_test) == y_test))


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="CLASSIFIER", default=[])
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="1 draw of 100 images")
    arguments = parse_arguments(parser)
    warnings.filterwarnings("ignore")
    images = *load_mnist("train"), *load_mnist("test")
    sizes, draws = (SIZES[:1], 1) if arguments.quick else (SIZES, arguments.draws)
    print_run("keras", "tensorflow")
    rows = []
    for name in arguments.names or (*NETWORKS, *OTHERS):
        row, seconds = [name], []
        for n_samples in sizes:
            outcomes = [measure(name, images, n_samples, seed) for seed in range(draws)]
            seconds, accuracies = zip(*outcomes, strict=True)
            row.append(mean_spread([100 * share for share in accuracies], 1))
        rows.append([*row, spread(seconds)])
        print(f".. {rows[-1]}", flush=True)
    header = ["classifier", *(f"{n:,} labels" for n in sizes), "fit, s"]
    print_table("Test accuracy in % with few labels", [header, *rows])
    print(
        f"\nMean (smallest-largest) of {draws} draws, and the time to fit the largest "
        "number of them."
    )


if __name__ == "__main__":
    main()
