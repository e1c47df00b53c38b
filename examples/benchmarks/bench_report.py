"""
Time and memory of reports
==========================

This benchmark measures the time of a report on the predictions for the 10,000 test
images of MNIST, with all figures and images, as a page and as JSON. It also measures
the time of a report on a million predictions, and the memory that it takes in addition
to the predictions. Each report is made in a new process, so the times include loading
Matplotlib.

Run it with ``python examples/benchmarks/bench_report.py``; it takes two minutes. The
images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set. The predictions are those of a
logistic regression, repeated up to a million.
"""

# sphinx_gallery_thumbnail_path = "auto_examples/images/sphx_glr_plot_reports_003.png"

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _machine import load_mnist, print_run
from _tables import print_table, spread


def measure(folder, n_samples):
    """Print the seconds of each format, the size of the page and the memory."""
    from skdigits import DigitReport

    X, y, proba = (np.load(f"{folder}/{name}.npy") for name in ("X", "y", "proba"))
    images = X if n_samples <= len(X) else None
    repeats = -(-n_samples // len(y))
    y, proba = np.tile(y, repeats)[:n_samples], np.tile(proba, (repeats, 1))[:n_samples]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    report = DigitReport.from_predictions(y, proba, images=images)
    report.save(f"{folder}/report.html")
    page = time.perf_counter() - start
    start = time.perf_counter()
    report.save(f"{folder}/report.html")
    again = time.perf_counter() - start
    start = time.perf_counter()
    DigitReport.from_predictions(y, proba).save(f"{folder}/report.json")
    data = time.perf_counter() - start
    size = Path(folder, "report.html").stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([page, again, data, size, peak - before]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="1 round")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--samples", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.samples)
        return
    from sklearn.linear_model import LogisticRegression

    n_rounds = 1 if arguments.quick else arguments.rounds
    rows = [
        ["samples", "page, s", "page again, s", "JSON, s", "page, MB", "memory, MB"]
    ]
    X, y = load_mnist("train")
    X_test, y_test = load_mnist("test")
    model = LogisticRegression(max_iter=20).fit(X[:5_000] / 255, y[:5_000])
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/X.npy", X_test)
        np.save(f"{folder}/y.npy", y_test)
        np.save(f"{folder}/proba.npy", model.predict_proba(X_test / 255))
        for n_samples in (10_000, 1_000_000):
            command = [sys.executable, __file__, "--measure", folder, "--samples"]
            rounds = [
                json.loads(subprocess.check_output([*command, str(n_samples)]))
                for _ in range(n_rounds)
            ]
            rows.append([f"{n_samples:,}", *map(spread, zip(*rounds, strict=True))])
    print_run("matplotlib")
    print_table("Reports on predictions for MNIST", rows)
    print(f"\nMedian (smallest-largest); rounds: {n_rounds}.")


if __name__ == "__main__":
    main()
