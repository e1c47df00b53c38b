"""
load_pixel_csv against pandas.read_csv and numpy.loadtxt
========================================================

The table is the one of Kaggle's "Digit Recognizer" in size and layout, made of the
first 42,000 training images of MNIST. The readers take turns, so that a change in the
load of the machine meets all of them.

Run it with ``python examples/benchmarks/bench_pixel_csv.py``; it needs pandas and
MNIST, which is downloaded if it is missing.
"""

import argparse
import platform
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from skdigits.datasets import fetch_mnist, load_pixel_csv


def write_table(path, n_rows):
    X, y = fetch_mnist(subset="train", return_X_y=True)
    header = ",".join(["label", *(f"pixel{i}" for i in range(X.shape[1]))])
    table = np.column_stack([y[:n_rows], X[:n_rows]]).tolist()
    with path.open("w", newline="\n") as file:
        file.write(header + "\n")
        file.writelines(",".join(map(str, row)) + "\n" for row in table)


def read_with_loadtxt(path):
    return np.loadtxt(path, dtype=np.uint8, delimiter=",", skiprows=1, comments=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=42_000)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()

    readers = {
        "pandas.read_csv": pd.read_csv,
        "numpy.loadtxt": read_with_loadtxt,
        "load_pixel_csv": load_pixel_csv,
    }
    seconds = {name: [] for name in readers}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.csv"
        write_table(path, options.rows)
        for read in readers.values():
            read(path)
        for _ in range(options.repeats):
            for name, read in readers.items():
                start = time.perf_counter()
                read(path)
                seconds[name].append(time.perf_counter() - start)

    print(f"{options.rows} rows, {options.repeats} repeats, {platform.platform()}")
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, "
        f"pandas {pd.__version__}"
    )
    for name, times in seconds.items():
        ratios = [t / p for t, p in zip(times, seconds["pandas.read_csv"], strict=True)]
        print(
            f"{name:>16}: median {statistics.median(times):.2f} s "
            f"({min(times):.2f} to {max(times):.2f}), ratio to pandas "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
