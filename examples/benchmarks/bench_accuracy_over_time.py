"""
Accuracy against training time
==============================

This benchmark trains the recipes and other classifiers on MNIST for various times: for
more epochs, with more trees, or on more of the 60,000 training images. It prints the
accuracy on the test images that each has after so many seconds, predictions included
in neither, and with ``--plot FILE`` draws it. ``python
examples/benchmarks/bench_accuracy_over_time.py --quick`` takes about two minutes;
``--help`` lists the options.

Times are those of ``fit`` in a process of its own, after TensorFlow was imported.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "_static/accuracy_over_time.svg"

import argparse
import multiprocessing
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from _learners import LEARNERS
from _machine import TENSORFLOW_ALONE, load_mnist, parse_arguments, print_run
from _tables import print_table

SECONDS = 5, 15, 45, 150
COLORS = (*(f"C{i}" for i in range(10)), "black")
OURS = (
    "fast_cnn",
    "accurate_cnn",
    "robust_cnn",
    "accurate_ann",
    "dense-128-64",
    "cnn-basic",
)


def measure(name, sizes, seed, n_samples):
    """Return the seconds and the test accuracy of a learner for each of its sizes."""
    warnings.filterwarnings("ignore")
    if name not in OURS:
        os.environ.update(TENSORFLOW_ALONE)
    learner = LEARNERS[name]
    X, y = (array[:n_samples] for array in load_mnist("train"))
    X_test, y_test = load_mnist("test")
    learner.make(1, seed).fit(X[:300], y[:300])  # what is imported, and compiled once
    points = []
    for size in sizes:
        n = min(size, n_samples) if learner.counts_samples else n_samples
        model = learner.make(size, seed)
        start = time.perf_counter()
        model.fit(X[:n], y[:n])
        seconds = time.perf_counter() - start
        points.append((seconds, float(np.mean(model.predict(X_test) == y_test))))
    return points


def best_within(points, seconds):
    """Return the accuracy in percent of the longest training within some seconds."""
    done = [accuracy for needed, accuracy in sorted(points) if needed <= seconds]
    return f"{100 * done[-1]:.2f}" if done else ""


def plot(curves, path):
    """Draw the error rate of each learner against its time."""
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(8, 5), layout="constrained")
    for i, (name, points) in enumerate(curves.items()):
        seconds, accuracies = zip(*sorted(points), strict=True)
        errors = [100 * (1 - accuracy) for accuracy in accuracies]
        style = {"ls": "-" if name in OURS else "--", "marker": "os^vDP"[i % 6]}
        ax.plot(seconds, errors, label=name, color=COLORS[i], **style)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="Training time in seconds",
        ylabel="Errors on the test images of MNIST in %",
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:g}")
    ax.set_yticks([0.2, 0.3, 0.5, 1, 2, 3, 5, 10])
    ax.yaxis.set_minor_formatter("")
    errors = [
        100 * (1 - accuracy) for points in curves.values() for _, accuracy in points
    ]
    ax.set_ylim(0.9 * min(errors), 1.1 * max(errors))
    ax.grid(alpha=0.3)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    fig.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="CLASSIFIER", default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", metavar="FILE", help="a plot to write, such as x.png")
    parser.add_argument(
        "--quick", action="store_true", help="the smallest size, 3,000 images"
    )
    arguments = parse_arguments(parser)
    print_run("keras", "tensorflow")
    curves = {}
    for name in arguments.names or LEARNERS:
        sizes, n_samples = LEARNERS[name].sizes, 60_000
        if arguments.quick:
            sizes, n_samples = sizes[:1], 3_000
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, context) as process:
            task = process.submit(measure, name, sizes, arguments.seed, n_samples)
            curves[name] = task.result()
        print(f".. {name}: {curves[name]}", flush=True)
    header = ["classifier", *(f"{n} s" for n in SECONDS), "longest", "its accuracy"]
    rows = []
    for name, points in curves.items():
        seconds, accuracy = max(points)
        within = [best_within(points, n) for n in SECONDS]
        rows.append([name, *within, f"{seconds:.1f} s", f"{100 * accuracy:.2f}"])
    print_table("Test accuracy in % after so many seconds of training", [header, *rows])
    if arguments.plot:
        plot(curves, arguments.plot)


if __name__ == "__main__":
    main()
