"""
Speed and accuracy compared with other libraries
================================================

This benchmark measures the time of ``fit`` and ``predict`` for the same networks,
trained on the same samples with the same batch size, and prints tables of times and
accuracies. ``python examples/benchmarks/bench_classifiers.py --quick`` takes less than
two minutes, most of which is the start of the libraries; ``--help`` lists the options.

skdigits is compared with ``KerasClassifier`` of SciKeras, Keras code as in tutorials,
and ``MLPClassifier`` of scikit-learn. With ``pip install skdigits[benchmark]``, dense
networks are also compared with skorch, and convolutional ones with a training loop of
PyTorch. "Keras with oneDNN" is the code of the tutorials with
``TF_ENABLE_ONEDNN_OPTS=1``, for processors on which TensorFlow does not choose oneDNN
itself.

Each library has its own process, which imports it and trains a small network before the
measurement. The libraries take turns, so only one of them works at a time. The first
timed fit is listed separately.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_classifiers.png"

import argparse
import multiprocessing
import os
import statistics
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from importlib.util import find_spec
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from _machine import load_mnist, parse_arguments, print_run
from _peers import HIDDEN, PEERS
from _tables import mean_spread, print_table, spread

N_PIXELS_TO_WARM_UP = 16


class Job(NamedTuple):
    """A kind of network, and the samples and the settings of its training."""

    kind: str
    data: str
    n_samples: int
    batch_size: int
    epochs: int

    @property
    def title(self):
        network = {"ann": "dense", "cnn": "convolutional"}[self.kind]
        return (
            f"A {network} network, {self.epochs} epoch{'s' * (self.epochs > 1)} of "
            f"{self.n_samples:,} samples of {self.data} in batches of {self.batch_size}"
        )


JOBS = {
    "ann, batch 32": Job("ann", "MNIST", 60_000, 32, 10),
    "ann, batch 128": Job("ann", "MNIST", 60_000, 128, 10),
    "ann, small data": Job("ann", "load_digits", 1_347, 32, 10),
    "cnn, batch 128": Job("cnn", "MNIST", 60_000, 128, 1),
}


@lru_cache(1)
def load_samples(job):
    """Return X_train, y_train, X_test and y_test, with pixels in [0, 1]."""
    if job.data == "load_digits":
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        X, y = load_digits(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(
            X.astype("float32") / 16,
            y,
            train_size=job.n_samples,
            stratify=y,
            random_state=0,
        )
        return X_train, y_train, X_test, y_test
    (X_train, y_train), (X_test, y_test) = map(load_mnist, ("train", "test"))
    n = job.n_samples
    X_train, X_test = X_train[:n] / 255, X_test[:n] / 255
    X_train, X_test = X_train.astype("float32"), X_test.astype("float32")
    return X_train, y_train[:n], X_test, y_test[:n]


def median_seconds(function, arguments):
    """Return the median time of a call over the arguments."""
    seconds = []
    for argument in arguments:
        start = time.perf_counter()
        function(argument)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def warm_up(make, kind, X, y):
    """Fit another network than the timed one, so that a library is loaded."""
    X, y = X[:2_000, :N_PIXELS_TO_WARM_UP], y[:2_000]
    make(kind, N_PIXELS_TO_WARM_UP, 32, 1, 0).fit(X, y).predict(X)


def prepare(peer):
    """Prepare the process of a library."""
    os.environ.update(PEERS[peer].environment)
    warnings.filterwarnings("ignore")


def measure(peer, job, seed):
    """Return the seconds of a library, and the accuracy of its network."""
    X, y, X_test, y_test = load_samples(job)
    make = PEERS[peer].make
    if seed == 0:
        warm_up(make, job.kind, X, y)
    start = time.perf_counter()
    model = make(job.kind, X.shape[1], job.batch_size, job.epochs, seed).fit(X, y)
    seconds = {"fit": time.perf_counter() - start}
    labels = model.predict(X_test)
    seconds["predict all"] = median_seconds(model.predict, [X_test] * 3)
    images = [X_test[i : i + 1] for i in range(15)]
    seconds["predict 1"] = median_seconds(model.predict, images)
    return seconds, float((labels == y_test).mean())


def run(job, processes, n_rounds):
    """Return the times and accuracies of each library, which take turns."""
    times = {peer: [] for peer in processes}
    accuracies = {peer: [] for peer in processes}
    for seed in range(n_rounds):
        for peer, process in processes.items():
            seconds, accuracy = process.submit(measure, peer, job, seed).result()
            times[peer].append(seconds)
            accuracies[peer].append(accuracy)
    return times, accuracies


def gigaflops():
    """Return the best rate of several float32 matrix products."""
    a, b = np.random.default_rng(0).random((2, 1024, 1024), dtype="float32")
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * 1024**3 / min(seconds) / 1e9


def floor_of_fit(job, rate):
    """Return the time of the matrix products of a fit at a rate in GFLOP/s.

    For each sample (and each position of a filter), each weight takes part in one
    multiplication in the forward pass and two in the backward pass, or one in the first
    layer.
    """
    sizes = (784 if job.data == "MNIST" else 64, *HIDDEN, 10)
    products = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    if job.kind == "cnn":
        products = [28**2 * 9 * 32, 14**2 * 9 * 32 * 64, 7**2 * 64 * 128, 128 * 10]
    flop = 2 * (3 * sum(products) - products[0])
    return flop * job.n_samples * job.epochs / rate / 1e9


def with_ratio(rounds, ours, what, unit=1):
    """Return the spread of a time, and that of its ratio to ours in each round."""
    seconds = [of_round[what] for of_round in rounds]
    ratios = [a / b[what] for a, b in zip(seconds, ours, strict=True)]
    return spread([unit * value for value in seconds]), spread(ratios)


def print_results(job, times, accuracies, rate):
    """Print the tables of a job, and the floor of its fit."""
    training = [["library", "first fit, s", "fit, s", "ratio", "accuracy, %"]]
    prediction = [["library", "1 image, ms", "ratio", "all test images, ms", "ratio"]]
    for peer, rounds in times.items():
        ratio_to_ours = partial(with_ratio, rounds, times["skdigits"])
        percent = [100 * accuracy for accuracy in accuracies[peer]]
        first = f"{rounds[0]['fit']:.2f}"
        training.append([peer, first, *ratio_to_ours("fit"), mean_spread(percent)])
        one, many = (ratio_to_ours(f"predict {n}", unit=1000) for n in (1, "all"))
        prediction.append([peer, *one, *many])
    print_table(job.title, training)
    floor = floor_of_fit(job, rate)
    share = floor / statistics.median(seconds["fit"] for seconds in times["skdigits"])
    print(
        f"\nThe floor of the fit is {floor:.2f} s, {100 * share:.0f} % of the time of "
        f"skdigits: matrix products ran at {rate:.0f} GFLOP/s."
    )
    print_table("Prediction by these networks", prediction)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--samples", type=int, default=60_000, help="maximum number of samples"
    )
    parser.add_argument(
        "--epochs", type=int, default=10, help="maximum number of epochs"
    )
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument(
        "--quick",
        action="store_true",
        help="dense network only, 2 rounds of 1 epoch on 2,000 samples",
    )
    arguments = parse_arguments(parser)
    if arguments.quick:
        arguments.rounds, arguments.samples, arguments.epochs = 2, 2_000, 1
        arguments.jobs = ["ann, batch 32"]

    processes = {
        peer: ProcessPoolExecutor(
            1,
            multiprocessing.get_context("spawn"),
            initializer=prepare,
            initargs=(peer,),
        )
        # The times of skdigits are needed for the ratios.
        for peer in {"skdigits": None} | dict.fromkeys(arguments.peers)
        if find_spec(PEERS[peer].package)
    }
    installed = {PEERS[peer].package for peer in processes} - {"skdigits"}
    print_run("scikeras", "keras", "tensorflow", *sorted(installed))
    for name in arguments.jobs:
        job = JOBS[name]
        job = job._replace(
            n_samples=min(job.n_samples, arguments.samples),
            epochs=min(job.epochs, arguments.epochs),
        )
        chosen = {
            peer: process
            for peer, process in processes.items()
            if job.kind in PEERS[peer].kinds
        }
        outcome = run(job, chosen, arguments.rounds)
        print_results(job, *outcome, gigaflops())
    print(
        f"\nMedian (smallest-largest), and mean of the accuracies; rounds: "
        f"{arguments.rounds}. Ratios are to skdigits in the same round."
    )


if __name__ == "__main__":
    main()
