"""
Speed and accuracy compared with other libraries
================================================

This benchmark measures the time of ``fit`` and ``predict`` for the same networks,
trained on the same samples with the same batch size, and prints tables of times and
accuracies. ``python examples/benchmarks/bench_classifiers.py --quick`` takes less than
two minutes, most of which is the start of the libraries; ``--help`` lists the options.

skdigits is compared with ``KerasClassifier`` of SciKeras, Keras code as in tutorials,
``MLPClassifier`` of scikit-learn, and skorch if it and torch are installed (``pip
install skdigits[benchmark]``). Each library has its own process, which imports it and
trains a small network before the measurement. The libraries take turns, so only one of
them works at a time. The first timed fit is listed separately.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_classifiers.png"

import argparse
import importlib.util
import multiprocessing
import statistics
import time
import warnings
from itertools import pairwise

import numpy as np
from _machine import load_mnist, machine_and_versions

HIDDEN = (128, 64)
N_PIXELS_TO_WARM_UP = 16


def load_samples(name, n_samples):
    """Return X_train, y_train, X_test and y_test, with pixels in [0, 1]."""
    if name == "digits":
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        X, y = load_digits(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(
            X.astype("float32") / 16, y, stratify=y, random_state=0
        )
        return X_train, y_train, X_test, y_test
    (X_train, y_train), (X_test, y_test) = map(load_mnist, ("train", "test"))
    n_test = min(len(X_test), n_samples)
    X_train, X_test = X_train[:n_samples] / 255, X_test[:n_test] / 255
    X_train, X_test = X_train.astype("float32"), X_test.astype("float32")
    return X_train, y_train[:n_samples], X_test, y_test[:n_test]


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
        return CNNClassifier(dropout=0, **params)
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


PEERS = {
    "skdigits": make_skdigits,
    "scikeras": make_scikeras,
    "Keras tutorial": KerasTutorial,
    "MLPClassifier": make_mlp,
    "skorch": make_skorch,
}
JOBS = {
    "ann, batch 32": ("ann", "mnist", 32, 10),
    "ann, batch 128": ("ann", "mnist", 128, 10),
    "ann, small data": ("ann", "digits", 32, 10),
    "cnn, batch 128": ("cnn", "mnist", 128, 1),
}
HAS_CNN = "skdigits", "scikeras", "Keras tutorial"


def median_seconds(function, arguments):
    """Return the median time of a call over the arguments."""
    seconds = []
    for argument in arguments:
        start = time.perf_counter()
        function(argument)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def warm_up(peer, kind, X, y):
    """Fit another network than the timed one, so that a library is loaded."""
    X, y = X[:2_000, :N_PIXELS_TO_WARM_UP], y[:2_000]
    PEERS[peer](kind, N_PIXELS_TO_WARM_UP, 32, 1, 0).fit(X, y).predict(X)


def work(peer, connection):
    """Run the jobs that arrive through the connection, and send back their times."""
    warnings.filterwarnings("ignore")
    data = {}
    while True:
        kind, source, batch_size, epochs, n_samples, seed = connection.recv()
        if (source, n_samples) not in data:
            data[source, n_samples] = load_samples(source, n_samples)
        X, y, X_test, y_test = data[source, n_samples]
        if seed == 0:
            warm_up(peer, kind, X, y)
        start = time.perf_counter()
        model = PEERS[peer](kind, X.shape[1], batch_size, epochs, seed).fit(X, y)
        seconds = {"fit": time.perf_counter() - start}
        labels = model.predict(X_test)
        seconds["predict all"] = median_seconds(model.predict, [X_test] * 3)
        images = [X_test[i : i + 1] for i in range(15)]
        seconds["predict 1"] = median_seconds(model.predict, images)
        connection.send((seconds, float((labels == y_test).mean())))


def spread(values, unit):
    """Return the median, minimum and maximum as text, in seconds or milliseconds."""
    if unit == "ms":
        values = [1000 * value for value in values]
    digits = 2 if unit == "s" or max(values) < 10 else 0
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def run(job, peers, arguments):
    """Return the times and accuracies of each library, which take turns."""
    kind, source, batch_size, epochs = JOBS[job]
    n_samples = arguments.samples
    times = {peer: [] for peer in peers}
    accuracies = {peer: [] for peer in peers}
    epochs = min(epochs, arguments.epochs)
    for seed in range(arguments.rounds):
        for peer, connection in peers.items():
            connection.send((kind, source, batch_size, epochs, n_samples, seed))
            seconds, accuracy = connection.recv()
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


def floor_of_fit(job, arguments):
    """Return the time of the matrix products of a fit at the rate of the machine.

    For each sample (and each position of a filter), each weight takes part in one
    multiplication in the forward pass and two in the backward pass, or one in the first
    layer.
    """
    kind, source, _, epochs = JOBS[job]
    n_pixels, n_samples = (784, arguments.samples) if source == "mnist" else (64, 1_347)
    sizes = (n_pixels, *HIDDEN, 10)
    products = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    if kind == "cnn":
        products = [28**2 * 9 * 32, 14**2 * 9 * 32 * 64, 7**2 * 64 * 128, 128 * 10]
    flop = 2 * (3 * sum(products) - products[0])
    return flop * n_samples * min(epochs, arguments.epochs) / gigaflops() / 1e9


def print_table(job, times, accuracies, floor):
    columns = ["first fit, s", "fit, s", "ratio", "predict 1, ms", "ratio"]
    columns += ["predict all, s", "ratio", "accuracy"]
    print(f"\n### {job}\n")
    print(f"| | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    ours = times["skdigits"]
    share = floor / statistics.median(seconds["fit"] for seconds in ours)
    for peer, rounds in times.items():
        cells = [f"{rounds[0]['fit']:.2f}"]
        for what, unit in (("fit", "s"), ("predict 1", "ms"), ("predict all", "s")):
            values = [seconds[what] for seconds in rounds]
            ratio = statistics.median(values) / statistics.median(
                seconds[what] for seconds in ours
            )
            cells += [spread(values, unit), f"{ratio:.2f}"]
        accuracy = 100 * statistics.mean(accuracies[peer])
        print(f"| {peer} | {' | '.join(cells)} | {accuracy:.2f} % |")
    print(
        f"\nThe floor of the fit is {floor:.2f} s, {100 * share:.0f} % of the time of "
        "skdigits.",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=60_000)
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
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.samples, arguments.epochs = 2, 2_000, 1
        arguments.jobs = ["ann, batch 32"]
    peers = ["skdigits", *(peer for peer in arguments.peers if peer != "skdigits")]
    if not importlib.util.find_spec("skorch"):
        peers = [peer for peer in peers if peer != "skorch"]

    context = multiprocessing.get_context("spawn")
    connections = {}
    for peer in peers:
        connections[peer], end = context.Pipe()
        context.Process(target=work, args=(peer, end), daemon=True).start()
    for job in arguments.jobs:
        chosen = {
            peer: connection
            for peer, connection in connections.items()
            if JOBS[job][0] == "ann" or peer in HAS_CNN
        }
        outcome = run(job, chosen, arguments)
        print_table(job, *outcome, floor_of_fit(job, arguments))

    skorch = ["skorch", "torch"] if "skorch" in peers else []
    print(
        f"\nMedian (smallest-largest) of {arguments.rounds} rounds; ratios are "
        f"relative to skdigits. {arguments.samples:,} training samples of MNIST, at "
        f"most {arguments.epochs} epochs. Matrix products run at {gigaflops():.0f} "
        "GFLOP/s on this machine; the floor is the time that the matrix products of a "
        "fit take at this rate. "
        + machine_and_versions("scikeras", "keras", "tensorflow", *skorch)
    )


if __name__ == "__main__":
    main()
