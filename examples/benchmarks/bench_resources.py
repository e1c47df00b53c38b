"""
Memory, start-up, scaling and parallel cross-validation
=======================================================

This benchmark measures

- the peak memory of a fit, compared with Keras on the same images;
- the time to load a pickled pipeline and predict one digit in a new process, compared
  with ``import tensorflow``;
- the time of the first fit in a new process, after ``import tensorflow``;
- the time of a fit for different numbers of samples;
- the times of a first and a second cross-validation with ``n_jobs=2``.

Each measurement has its own process, and the measurements take turns.
``python examples/benchmarks/bench_resources.py --quick`` takes about two minutes.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_resources.png"

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from _machine import (
    PRECISION,
    TENSORFLOW_ALONE,
    load_mnist,
    parse_arguments,
    print_run,
)
from _tables import print_table, spread

START = """
import json, os, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
folder, n_samples = sys.argv[1], int(sys.argv[2])
def samples():
    X, y = np.load(f"{folder}/X.npy"), np.load(f"{folder}/y.npy")
    return np.resize(X, (n_samples, 784)), np.resize(y, n_samples)
def peak():
    with open("/proc/self/status") as lines:
        return next(int(l.split()[1]) / 1024 for l in lines if l.startswith("VmHWM"))
def stop(what=""):
    print(json.dumps([what, time.perf_counter() - start, peak()]))
"""
# As skdigits does when it imports TensorFlow itself.
IMPORT_TENSORFLOW = """
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
import tensorflow
"""
SCRIPTS = {
    "fit, skdigits": """
import keras
from skdigits import make_digit_pipeline
X, y = samples()
pipe = make_digit_pipeline("ann", epochs=1, batch_size=128)
start = time.perf_counter()
pipe.fit(X, y)
stop()
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
stop()
""",
    **{
        f"cross_val_score, n_jobs={n_jobs}": f"""
from sklearn.model_selection import cross_val_score
from skdigits import make_digit_pipeline
X, y = samples()
pipe = make_digit_pipeline("ann", epochs=5, batch_size=32, random_state=0)
for call in "first", "second":
    start = time.perf_counter()
    cross_val_score(pipe, X, y, cv=4, n_jobs={n_jobs})
    stop(f", {{call}} call")
"""
        for n_jobs in (1, 2)
    },
    **{
        f"first fit, {kind}": f"""
from sklearn.datasets import load_digits
X, y = load_digits(return_X_y=True)
{IMPORT_TENSORFLOW}
start = time.perf_counter()
from skdigits import make_digit_pipeline
make_digit_pipeline("{kind}", precision="{PRECISION}").fit(X, y)
stop()
"""
        for kind in ("ann", "cnn")
    },
    "load and predict one": """
import pickle
X, y = samples()
start = time.perf_counter()
with open(f"{folder}/pipe.pickle", "rb") as file:
    pipe = pickle.load(file)
pipe.predict(X[:1])
stop()
""",
    "import skdigits": """
start = time.perf_counter()
import skdigits
stop()
""",
    **dict.fromkeys(
        ("import tensorflow", "import tensorflow, no bytecode stored"),
        """
start = time.perf_counter()
import tensorflow
stop()
""",
    ),
}
ENVIRONMENTS = {
    "fit, Keras": TENSORFLOW_ALONE,
    "import tensorflow, no bytecode stored": {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPYCACHEPREFIX": os.devnull,  # where nothing is found
    },
}


def measure(script, folder, n_samples):
    """Yield what the script measures, the seconds, and its peak memory in MB."""
    command = [sys.executable, "-c", START + SCRIPTS[script], folder, str(n_samples)]
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ENVIRONMENTS.get(script, {}),
    )
    if result.returncode:
        raise SystemExit(result.stderr)
    for line in result.stdout.splitlines():
        what, seconds, peak = json.loads(line)
        yield script + what, seconds, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="1 round, fewer samples")
    arguments = parse_arguments(parser)
    if arguments.quick:
        arguments.rounds = 1
    factor = 10 if arguments.quick else 1
    sizes = [n // factor for n in (6_000, 60_000, 600_000)]
    jobs = [
        *((script, 60_000 // factor) for script in ("fit, skdigits", "fit, Keras")),
        *(("fit, skdigits", n) for n in sizes if n != 60_000 // factor),
        *((f"cross_val_score, n_jobs={n}", 12_000 // factor) for n in (1, 2)),
        *((f"first fit, {kind}", 1_797) for kind in ("ann", "cnn")),
        *((script, 1) for script in SCRIPTS if script.startswith(("import", "load"))),
    ]
    X, y = load_mnist("train")
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/X.npy", X)
        np.save(f"{folder}/y.npy", y)
        from skdigits import make_digit_pipeline

        pipe = make_digit_pipeline("ann", epochs=1).fit(X[:2_000], y[:2_000])
        Path(folder, "pipe.pickle").write_bytes(pickle.dumps(pipe))
        results = defaultdict(list)
        for _ in range(arguments.rounds):
            for script, n_samples in jobs:
                for what, *values in measure(script, folder, n_samples):
                    results[what, n_samples].append(values)

    print_run("keras", "tensorflow")
    rows = [["task", "samples", "seconds", "samples a second", "peak, MB"]]
    for (what, n_samples), rounds in results.items():
        seconds, peaks = zip(*rounds, strict=True)
        rate = f"{n_samples / statistics.median(seconds):,.0f}" if n_samples > 1 else ""
        rows.append([what, f"{n_samples:,}", spread(seconds), rate, spread(peaks)])
    print_table("Seconds and peak memory of processes", rows)
    print(f"\nMedian (smallest-largest); rounds: {arguments.rounds}.")


if __name__ == "__main__":
    main()
