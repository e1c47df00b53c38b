"""
Speed of PixelScaler and MinMaxScaler
=====================================

This benchmark measures the time of both scalers on 60,000 images of 28 x 28 ``uint8``
pixels. The scalers take turns. ``python examples/benchmarks/bench_pixel_scaler.py
--help`` lists the options.

The images are the training set of MNIST if the environment variable ``SKDIGITS_DATA``
is set, and otherwise random noise: the times do not depend on the pixel values.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_pixel_scaler.png"

import argparse
import os
import time

import numpy as np
from _machine import load_mnist, print_run
from _tables import print_table, spread
from sklearn.preprocessing import MinMaxScaler

from skdigits.preprocessing import PixelScaler


def load_pixels(seed):
    """Return 60,000 x 784 uint8 pixels and a description of them."""
    if os.environ.get("SKDIGITS_DATA"):
        return load_mnist("train")[0], "MNIST, training set"
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 256, size=(60_000, 784), dtype=np.uint8)
    return X, f"uniform noise, seed {seed}"


def interleave(calls, rounds):
    """Return the times of each call, which take turns, after a warm-up round."""
    seconds = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    X, origin = load_pixels(arguments.seed)
    ours, theirs = PixelScaler().fit(X), MinMaxScaler().fit(X)
    jobs = {
        "transform": (ours.transform, theirs.transform),
        "fit_transform": (ours.fit_transform, theirs.fit_transform),
    }
    calls = {
        (job, which): lambda method=method: method(X)
        for job, methods in jobs.items()
        for which, method in zip(("ours", "theirs"), methods, strict=True)
    }
    seconds = interleave(calls, arguments.rounds)

    print_run()
    rows = [["call", "PixelScaler, ms", "MinMaxScaler, ms", "ratio"]]
    for job in jobs:
        mine, other = seconds[job, "ours"], seconds[job, "theirs"]
        milliseconds = [[1000 * value for value in values] for values in (mine, other)]
        ratios = [b / a for a, b in zip(mine, other, strict=True)]
        rows.append([f"``{job}``", *map(spread, milliseconds), spread(ratios)])
    print_table(f"{X.shape[0]:,} x {X.shape[1]} {X.dtype} pixels, {origin}", rows)
    print(f"\nMedian (smallest-largest); rounds: {arguments.rounds}.")


if __name__ == "__main__":
    main()
