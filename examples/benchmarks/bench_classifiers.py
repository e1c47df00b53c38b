"""
The classifiers against their peers
===================================

Times whole calls of ``fit`` and ``predict`` of the same networks, trained on the same
rows in batches of the same size, and prints a table with the accuracy beside each time.
``python examples/benchmarks/bench_classifiers.py --quick`` takes less than two minutes,
most of which the peers need to start; ``--help`` lists the options.

Every peer lives in a process of its own, in which it has been imported and has trained
a small network, and only one of them works at a time, in rounds that take turns. The
first fit of the network that is timed is shown by itself. The peers are scikeras'
``KerasClassifier``, Keras as tutorials write it, scikit-learn's ``MLPClassifier``, and
skorch where it and torch are installed (``pip install skdigits[benchmark]``).

The images are those of MNIST, from where the environment variable ``SKDIGITS_DATA``
tells or else by download.
"""

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


def load_rows(name, n_rows):
    """Return pixels in [0, 1] and labels, to train and to test on."""
    if name == "digits":
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        X, y = load_digits(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(
            X.astype("float32") / 16, y, stratify=y, random_state=0
        )
        return X_train, y_train, X_test, y_test
    (X_train, y_train), (X_test, y_test) = map(load_mnist, ("train", "test"))
    n_test = min(len(X_test), n_rows)
    X_train, X_test = X_train[:n_rows] / 255, X_test[:n_test] / 255
    X_train, X_test = X_train.astype("float32"), X_test.astype("float32")
    return X_train, y_train[:n_rows], X_test, y_test[:n_test]


def keras_layers(kind, n_pixels):
    """Return the layers of either network, as tutorials write them."""
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
    params["learning_rate_schedule"] = "constant"  # as the others have it
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
    """The lines that tutorials write, behind two methods."""

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
    """Return the median time of calls with each of the arguments."""
    seconds = []
    for argument in arguments:
        start = time.perf_counter()
        function(argument)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def warm_up(peer, kind, X, y):
    """Let a peer import and set up what it needs, by another network than is timed."""
    X, y = X[:2_000, :N_PIXELS_TO_WARM_UP], y[:2_000]
    PEERS[peer](kind, N_PIXELS_TO_WARM_UP, 32, 1, 0).fit(X, y).predict(X)


def work(peer, connection):
    """Time what comes through the connection, in a process of its own."""
    warnings.filterwarnings("ignore")
    data = {}
    while True:
        kind, source, batch_size, epochs, n_rows, seed = connection.recv()
        if (source, n_rows) not in data:
            data[source, n_rows] = load_rows(source, n_rows)
        X, y, X_test, y_test = data[source, n_rows]
        if seed == 0:
            warm_up(peer, kind, X, y)
        start = time.perf_counter()
        model = PEERS[peer](kind, X.shape[1], batch_size, epochs, seed).fit(X, y)
        seconds = {"fit": time.perf_counter() - start}
        labels = model.predict(X_test)
        seconds["predict all"] = median_seconds(model.predict, [X_test] * 3)
        rows = [X_test[i : i + 1] for i in range(15)]
        seconds["predict 1"] = median_seconds(model.predict, rows)
        connection.send((seconds, float((labels == y_test).mean())))


def spread(values, unit):
    """Return the median and the extremes, in seconds or milliseconds."""
    if unit == "ms":
        values = [1000 * value for value in values]
    digits = 2 if unit == "s" or max(values) < 10 else 0
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def run(job, peers, arguments):
    """Return the times and the accuracies of each peer, in rounds that take turns."""
    kind, source, batch_size, epochs = JOBS[job]
    n_rows = arguments.rows
    times = {peer: [] for peer in peers}
    accuracies = {peer: [] for peer in peers}
    epochs = min(epochs, arguments.epochs)
    for seed in range(arguments.rounds):
        for peer, connection in peers.items():
            connection.send((kind, source, batch_size, epochs, n_rows, seed))
            seconds, accuracy = connection.recv()
            times[peer].append(seconds)
            accuracies[peer].append(accuracy)
    return times, accuracies


def gigaflops():
    """Return the rate of a product of matrices in float32, the best of several."""
    a, b = np.random.default_rng(0).random((2, 1024, 1024), dtype="float32")
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * 1024**3 / min(seconds) / 1e9


def floor_of_fit(job, arguments):
    """Return the seconds that the products of a fit take at the rate of the machine.

    Each weight is multiplied once forward and twice backward for each row (and each
    place of the filter), but for the first layer, which passes nothing back.
    """
    kind, source, _, epochs = JOBS[job]
    n_pixels, n_rows = (784, arguments.rows) if source == "mnist" else (64, 1_347)
    sizes = (n_pixels, *HIDDEN, 10)
    products = [n_in * n_out for n_in, n_out in pairwise(sizes)]
    if kind == "cnn":
        products = [28**2 * 9 * 32, 14**2 * 9 * 32 * 64, 7**2 * 64 * 128, 128 * 10]
    flop = 2 * (3 * sum(products) - products[0])
    return flop * n_rows * min(epochs, arguments.epochs) / gigaflops() / 1e9


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
        f"\nFloor of the fit {floor:.2f} s, {100 * share:.0f} % of that of skdigits.",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=10, help="epochs at most")
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument(
        "--quick", action="store_true", help="dense, 2 rounds of 1 epoch on 2,000 rows"
    )
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.rows, arguments.epochs = 2, 2_000, 1
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
        f"\nMedian (smallest-largest) of {arguments.rounds} rounds; ratios are to "
        "skdigits. "
        f"{arguments.rows:,} rows of MNIST to train on, {arguments.epochs} epochs at "
        "most. A product of matrices runs here at "
        f"{gigaflops():.0f} GFLOP/s, by which the floor is counted: the time that the "
        "products of a fit take at that rate. "
        + machine_and_versions("scikeras", "keras", "tensorflow", *skorch)
    )


if __name__ == "__main__":
    main()
