"""
OptunaSearchCV compared with the one of optuna_integration
==========================================================

This benchmark searches the widths, depth, dropout rate, learning rate and batch size of
a fully connected network on the first 10,000 training images of MNIST, with 3 folds and
10 epochs. Each of these searches gets the same time:

- :class:`skdigits.OptunaSearchCV`, also without pruning and with two jobs;
- two processes with half of the cores each, if ``--storage`` is the address of a
  database;
- ``optuna_integration.OptunaSearchCV`` on a pipeline with ``KerasClassifier`` of
  SciKeras (``pip install skdigits[benchmark]``).

The best network of each search is scored on the 10,000 test images, which the search
does not use.

The searches try different networks, which may be faster or slower to train. To measure
the speed-up of two jobs, the benchmark also runs random searches without pruning, which
try the same networks in the same order.

Run it with ``python examples/benchmarks/bench_search.py``; ``--quick`` takes two
minutes. The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_search.png"

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from importlib.util import find_spec

from _machine import TENSORFLOW_ALONE, load_mnist, parse_arguments, print_run
from _tables import mean_spread, print_table, spread
from joblib import cpu_count

EPOCHS = 10


def skdigits_search(seconds, seed, **params):
    from skdigits import OptunaSearchCV, make_digit_pipeline

    return OptunaSearchCV(
        make_digit_pipeline("ann", epochs=EPOCHS, random_state=seed),
        "ann",
        n_trials=100_000,
        cv=3,
        timeout=seconds,
        random_state=seed,
        **params,
    )


def random_search(seconds, seed, n_jobs):
    from optuna.samplers import RandomSampler

    sampler = RandomSampler(seed)
    return skdigits_search(seconds, seed, sampler=sampler, pruner=None, n_jobs=n_jobs)


def integration_search(seconds, seed):
    os.environ.update(TENSORFLOW_ALONE)
    import keras
    import optuna
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )
    from optuna_integration import OptunaSearchCV
    from scikeras.wrappers import KerasClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def build(depth=1, width=64, dropout=0.0, learning_rate=1e-3):
        layers = [keras.Input((784,))]
        for _ in range(depth):
            layers.append(keras.layers.Dense(width, activation="relu"))
            layers.append(keras.layers.Dropout(dropout))
        layers.append(keras.layers.Dense(10, activation="softmax"))
        model = keras.Sequential(layers)
        model.compile(
            keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy"
        )
        return model

    network = KerasClassifier(
        build,
        epochs=EPOCHS,
        verbose=0,
        depth=1,
        width=64,
        dropout=0.0,
        learning_rate=1e-3,
    )
    prefix = "kerasclassifier__"
    return OptunaSearchCV(
        make_pipeline(MinMaxScaler(), network),
        {
            f"{prefix}depth": IntDistribution(1, 4),
            f"{prefix}width": IntDistribution(16, 512, log=True),
            f"{prefix}dropout": FloatDistribution(0, 0.5, step=0.1),
            f"{prefix}learning_rate": FloatDistribution(5e-4, 2e-2, log=True),
            f"{prefix}batch_size": CategoricalDistribution([16, 32, 64, 128]),
        },
        n_trials=None,
        timeout=seconds,
        cv=3,
        random_state=seed,
    )


SEARCHES = {
    "skdigits": skdigits_search,
    "skdigits, no pruning": lambda s, seed: skdigits_search(s, seed, pruner=None),
    "skdigits, n_jobs=2": lambda s, seed: skdigits_search(s, seed, n_jobs=2),
    "optuna_integration": integration_search,
    "at random": lambda s, seed: random_search(s, seed, n_jobs=1),
    "at random, n_jobs=2": lambda s, seed: random_search(s, seed, n_jobs=2),
}


def measure(name, seconds, seed, n_samples, storage):
    """Print the number of trials, the seconds, the test accuracy and the memory."""
    warnings.filterwarnings("ignore")
    X, y = load_mnist("train")
    X_test, y_test = load_mnist("test")
    if storage:
        search = skdigits_search(seconds, seed, storage=storage, study_name=name)
    else:
        search = SEARCHES[name](seconds, seed)
    start = time.perf_counter()
    search.fit(X[:n_samples], y[:n_samples])
    elapsed = time.perf_counter() - start
    trials = search.study_.get_trials(deepcopy=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "trials": sum(trial.state.is_finished() for trial in trials),
                "seconds": elapsed,
                "accuracy": float((search.predict(X_test) == y_test).mean()),
                "peak": peak,
            }
        )
    )


def start(name, seconds, seed, n_samples, storage="", n_processes=1):
    environment = dict(os.environ)
    if n_processes > 1:
        environment["OMP_NUM_THREADS"] = str(max(1, cpu_count() // n_processes))
    command = [sys.executable, __file__, "--measure", name, "--seconds", str(seconds)]
    command += ["--samples", str(n_samples), "--seed", str(seed), "--storage", storage]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def outcome(process):
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{process.args} failed")
    return json.loads(output.splitlines()[-1])


def print_results(title, results):
    """Print a table of searches, with the ratio of each to the first."""
    rows = [["search", "trials a minute", "ratio", "test accuracy, %", "peak, MB"]]
    base = [rate(result) for result in next(iter(results.values()))]
    for name, outcomes in results.items():
        rates = [rate(result) for result in outcomes]
        accuracies = [100 * result["accuracy"] for result in outcomes]
        rows.append(
            [
                name,
                spread(rates),
                spread([a / b for a, b in zip(rates, base, strict=True)]),
                mean_spread(accuracies),
                f"{statistics.median(result['peak'] for result in outcomes):.0f}",
            ]
        )
    print_table(title, rows)


def rate(result):
    return 60 * result["trials"] / result["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--storage", default="", help="address of a database")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="three of the searches, one seed, 6 seconds, 2,000 samples",
    )
    parser.add_argument(
        "--searches", nargs="*", default=list(SEARCHES), choices=list(SEARCHES)
    )
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parse_arguments(parser)
    seconds, n_samples, n_seeds = arguments.seconds, arguments.samples, arguments.seeds
    if arguments.measure:
        measure(
            arguments.measure, seconds, arguments.seed, n_samples, arguments.storage
        )
        return
    if arguments.quick:
        seconds, n_samples, n_seeds = 6, 2_000, 1
        arguments.searches = ["skdigits", "skdigits, n_jobs=2", "optuna_integration"]

    print_run("optuna", "keras", "tensorflow")
    searches = [
        name
        for name in arguments.searches
        if name != "optuna_integration" or find_spec(name)
    ]
    results = {name: [] for name in searches}
    for seed in range(n_seeds):
        for name in searches:
            results[name].append(outcome(start(name, seconds, seed, n_samples)))
        if arguments.storage:
            study = f"benchmark-{time.time()}"
            two = [
                start(study, seconds, seed, n_samples, arguments.storage, n_processes=2)
                for _ in range(2)
            ]
            last = max(map(outcome, two), key=lambda result: result["trials"])
            results.setdefault("skdigits, two processes", []).append(last)
    at_random = {name: results.pop(name) for name in [*results] if "random" in name}
    if results:
        print_results("Searches", results)
    if at_random:
        print_results("Random searches without pruning", at_random)
    print(
        f"\nMedian (smallest-largest), and mean of the accuracies; seeds: {n_seeds}. "
        f"Each search had {seconds:.0f} seconds, which include the refit of the best "
        f"network: {n_samples:,} samples, 3 folds, {EPOCHS} epochs."
    )


if __name__ == "__main__":
    main()
