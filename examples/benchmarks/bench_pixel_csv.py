"""
Speed of load_pixel_csv and pandas.read_csv
===========================================

This benchmark reads CSV files with the first 42,000 training images of MNIST, as many
as in the "Digit Recognizer" competition of Kaggle. The files are written in several
common layouts: plain, quoted, as floats, compressed and so on. The two readers take
turns, so that changes in the load of the machine affect both.

Run it with ``python examples/benchmarks/bench_pixel_csv.py``. It needs pandas, and
downloads MNIST if it is missing.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_pixel_csv.png"

import argparse
import gzip
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _machine import load_mnist, print_run
from _tables import print_table, spread

from skdigits.datasets import load_pixel_csv


def write_plain(path, X, y, *, form="{}", fraction=1, sep=",", index=False):
    """Write a table with the labels in the first column."""
    names = [*([""] if index else []), "label", *map("pixel{}".format, range(784))]
    # Formatting each gray value only once saves time.
    cells = [form.format(value * fraction) for value in range(256)]
    with path.open("w", newline="\n") as file:
        file.write(sep.join(names) + "\n")
        for i, (label, row) in enumerate(zip(y.tolist(), X.tolist(), strict=True)):
            start = [str(i), str(label)] if index else [str(label)]
            file.write(sep.join([*start, *map(cells.__getitem__, row)]) + "\n")


def write_letters(path, X, y):
    write_plain(path, X, np.array(list("ABCDEFGHIJ"))[y])


def write_without_header(path, X, y):
    np.savetxt(path, np.column_stack([y, X]), fmt="%d", delimiter=",")


def write_dense_fractions(path, X, y):
    """Write fractions that are all different, like those of scans."""
    noise = np.random.default_rng(0).random(X.shape)
    frame = pd.DataFrame((X + noise) / 256)
    frame.insert(0, "label", y)
    frame.to_csv(path, index=False)


def write_gzip(path, X, y):
    write_plain(path, X, y)
    path.write_bytes(gzip.compress(path.read_bytes(), 6))


KINDS = {
    "plain": write_plain,
    "no header": write_without_header,
    "index": lambda *data: write_plain(*data, index=True),
    "letters": write_letters,
    "semicolons": lambda *data: write_plain(*data, sep=";"),
    "spaces": lambda *data: write_plain(*data, sep=", "),
    "quoted": lambda *data: write_plain(*data, form='"{}"'),
    "floats": lambda *data: write_plain(*data, form="{}.0"),
    "fractions": lambda *data: write_plain(*data, form="{!r}", fraction=1 / 255),
    "dense fractions": write_dense_fractions,
    "savetxt": lambda *data: write_plain(*data, form="{:.18e}", fraction=1 / 255),
    "gzip": write_gzip,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=42_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--kinds", nargs="*", choices=[*KINDS], default=[*KINDS])
    options = parser.parse_args()

    X, y = load_mnist("train")
    X, y = X[: options.rows], y[: options.rows]
    rows = [["layout", "pandas, s", "skdigits, s", "ratio"]]
    for kind in options.kinds:
        params = {
            "header": None if kind == "no header" else "infer",
            "sep": ";" if kind == "semicolons" else ",",
            "skipinitialspace": kind == "spaces",
            "compression": "gzip" if kind == "gzip" else None,
        }
        seconds = {"pandas": [], "skdigits": []}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            KINDS[kind](path, X, y)
            for repeat in range(options.repeats + 1):
                for name, times in seconds.items():
                    start = time.perf_counter()
                    if name == "pandas":
                        pd.read_csv(path, **params)
                    else:
                        load_pixel_csv(path)
                    # The first round is a warm-up.
                    if repeat:
                        times.append(time.perf_counter() - start)
        ours, theirs = seconds["skdigits"], seconds["pandas"]
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        rows.append([kind, spread(theirs), spread(ours), spread(ratios)])
    print_run("pandas")
    print_table(f"Reading {len(X):,} images", rows)
    print(
        f"\nMedian (smallest-largest); rounds: {options.repeats}. Ratios are those of "
        "skdigits to pandas in the same round."
    )


if __name__ == "__main__":
    main()
