"""
Memory, start-up, scaling and parallel cross-validation
=======================================================

This benchmark measures

- the peak memory of a fit, compared with Keras on the same images;
- the time to load a pickled pipeline and predict one digit in a new process, compared
  with ``import tensorflow``;
- the time of a fit for different numbers of samples;
- the time of a cross-validation with ``n_jobs=2``.

Each measurement has its own process, and the measurements take turns.
``python examples/benchmarks/bench_resources.py --quick`` takes about two minutes.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_resources.png"

import argparse
import pickle
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from _machine import load_mnist, machine_and_versions

START = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
folder, n_samples = sys.argv[1], int(sys.argv[2])
def samples():
    X, y = np.load(f"{folder}/X.npy"), np.load(f"{folder}/y.npy")
    return np.resize(X, (n_samples, 784)), np.resize(y, n_samples)
def peak():
    with open("/proc/self/status") as lines:
        return next(int(l.split()[1]) / 1024 for l in lines if l.startswith("VmHWM"))
"""
SCRIPTS = {
    "fit, skdigits": """
import keras
from skdigits import make_digit_pipeline
X, y = samples()
pipe = make_digit_pipeline("ann", epochs=1, batch_size=128)
start = time.perf_counter()
pipe.fit(X, y)
print(json.dumps([time.perf_counter() - start, peak()]))
""",
    "fit, Keras": """
import keras
X, y = samples()
dense = [keras.layers.Dense(n, activation="relu") for n in (128, 64)]
last = keras.layers.Dense(10, activation="softmax")
model = keras.Sequential([keras.Input((784,)), *dense, last])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
start = time.perf_counter()
model.fit(X.astype("float32") / 255, np.eye(10)[y], batch_size=128, verbose=0)
print(json.dumps([time.perf_counter() - start, peak()]))
""",
    "load and predict one": """
import pickle
X, y = samples()
start = time.perf_counter()
with open(f"{folder}/pipe.pickle", "rb") as file:
    pipe = pickle.load(file)
pipe.predict(X[:1])
print(json.dumps([time.perf_counter() - start, peak()]))
""",
    "import skdigits": """
start = time.perf_counter()
import skdigits
print(json.dumps([time.perf_counter() - start, peak()]))
""",
    "import tensorflow": """
start = time.perf_counter()
import tensorflow
print(json.dumps([time.perf_counter() - start, peak()]))
""",
    **{
        f"cross_val_score, n_jobs={n_jobs}": f"""
from sklearn.model_selection import cross_val_score
from skdigits import make_digit_pipeline
X, y = samples()
pipe = make_digit_pipeline("ann", epochs=5, batch_size=32, random_state=0)
cross_val_score(pipe, X, y, cv=4, n_jobs={n_jobs})
start = time.perf_counter()
cross_val_score(pipe, X, y, cv=4, n_jobs={n_jobs})
print(json.dumps([time.perf_counter() - start, peak()]))
"""
        for n_jobs in (1, 2)
    },
}


def measure(script, folder, n_samples):
    """Return the seconds that the script prints, and its peak memory in MB."""
    command = [sys.executable, "-c", START + SCRIPTS[script], folder, str(n_samples)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(result.stderr)
    seconds, peak = result.stdout.strip().strip("[]").split(",")
    return float(seconds), float(peak)


def spread(values, digits):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="1 round, fewer samples")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds = 1
    factor = 10 if arguments.quick else 1
    sizes = [n // factor for n in (6_000, 60_000, 600_000)]
    jobs = [
        *((script, 60_000 // factor) for script in ("fit, skdigits", "fit, Keras")),
        *(("fit, skdigits", n) for n in sizes if n != 60_000 // factor),
        *((f"cross_val_score, n_jobs={n}", 12_000 // factor) for n in (1, 2)),
        *((script, 1) for script in SCRIPTS if script.startswith(("import", "load"))),
    ]
    X, y = load_mnist("train")
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/X.npy", X)
        np.save(f"{folder}/y.npy", y)
        from skdigits import make_digit_pipeline

        pipe = make_digit_pipeline("ann", epochs=1).fit(X[:2_000], y[:2_000])
        Path(folder, "pipe.pickle").write_bytes(pickle.dumps(pipe))
        results = {job: [] for job in jobs}
        for _ in range(arguments.rounds):
            for script, n_samples in jobs:
                results[script, n_samples].append(measure(script, folder, n_samples))

    print("| task | samples | seconds | samples per second | peak, MB |")
    print("|---|---|---|---|---|")
    for (script, n_samples), rounds in results.items():
        seconds, peaks = zip(*rounds, strict=True)
        rate = f"{n_samples / statistics.median(seconds):,.0f}" if n_samples > 1 else ""
        print(
            f"| {script} | {n_samples:,} | {spread(seconds, 2)} | {rate} "
            f"| {spread(peaks, 0)} |"
        )
    print(
        f"\nMedian (smallest-largest) of {arguments.rounds} rounds. A fit is one epoch "
        "of the network 784-128-64-10 in batches of 128, including the scaling of the "
        "pixels. The cross-validation has 4 folds and 5 epochs in batches of 32, and "
        "follows one to warm up. " + machine_and_versions("keras", "tensorflow")
    )


if __name__ == "__main__":
    main()
