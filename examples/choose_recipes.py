"""
How the recipes were chosen
===========================

This program trains the candidates for :mod:`skdigits.recipes` on the first 50,000
training images of MNIST, and counts their errors on the last 10,000. It does not read
the test images.

.. code-block:: console

   $ python examples/choose_recipes.py
   $ python examples/choose_recipes.py two-pairs one-and-pair --seeds 3
   $ python examples/choose_recipes.py --quick

``--usps FILE`` also reads postal digits of USPS, in the format of the file
``zip.train.gz`` of "The Elements of Statistical Learning": a label and 256 gray values
in a row.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "_static/digits_light.png"

import argparse
import sys
import time
from typing import Any, NamedTuple

import numpy as np
from benchmarks._elsewhere import load_usps
from benchmarks._machine import load_mnist, parse_arguments, print_run
from benchmarks._tables import mean_spread, print_table, spread

from skdigits import DigitAugmenter, make_digit_pipeline

DEEP = {
    "hidden_layer_sizes": (256,),
    "dropout": (0.1, 0.2, 0.4),
    "learning_rate": 0.003,
    "epochs": 14,
    "batch_size": 128,
    "label_smoothing": 0.05,
    "augmentation": 0.5,
}
PAIRS = {**DEEP, "filters": ((32, 32), (64, 64))}
ONE_AND_PAIR = {
    **DEEP,
    "filters": (32, (64, 64)),
    "kernel_size": (5, 3, 3),
}
ONE_PAIR_ONE = {
    **DEEP,
    "filters": (32, (64, 64), 128),
    "kernel_size": (5, 3, 3, 3),
    "dropout": (0.0, 0.1, 0.2, 0.4),
}
DENSE = {
    "hidden_layer_sizes": (1024, 512),
    "dropout": 0.2,
    "learning_rate": 0.002,
    "batch_size": 128,
    "augmentation": 0.5,
}


class Candidate(NamedTuple):
    """A network to try, and what it was tried for."""

    kind: str
    params: dict[str, Any]
    idea: str


CANDIDATES = {
    "two-pairs": Candidate("cnn", PAIRS, "two pairs of 3 x 3 convolutions, as in VGG"),
    "no-augmentation": Candidate(
        "cnn", {**ONE_PAIR_ONE, "augmentation": None}, "what augmentation is worth"
    ),
    "strength-0.3": Candidate(
        "cnn", {**PAIRS, "augmentation": 0.3}, "weaker augmentation"
    ),
    "strength-0.7": Candidate(
        "cnn", {**PAIRS, "augmentation": 0.7}, "stronger augmentation"
    ),
    "robust-0.8": Candidate(
        "cnn",
        {**PAIRS, "augmentation": DigitAugmenter(0.8, erasing=0.2)},
        "for digits from elsewhere",
    ),
    "no-smoothing": Candidate(
        "cnn", {**ONE_PAIR_ONE, "label_smoothing": 0.0}, "what label smoothing is worth"
    ),
    "averaging": Candidate(
        "cnn",
        {**ONE_PAIR_ONE, "weight_averaging": 0.999},
        "what weight averaging is worth",
    ),
    "cosine": Candidate(
        "cnn",
        {**ONE_PAIR_ONE, "learning_rate_schedule": "cosine"},
        "no rise of the rate",
    ),
    "one-and-pair": Candidate(
        "cnn", ONE_AND_PAIR, "one 5 x 5 convolution, and a pair after the pool"
    ),
    "one-pair-one": Candidate(
        "cnn",
        ONE_PAIR_ONE,
        "the same, and one more convolution after the second pool",
    ),
    "three-pairs": Candidate(
        "cnn",
        {
            **DEEP,
            "filters": ((32, 32), (64, 64), (128, 128)),
            "hidden_layer_sizes": (128,),
            "dropout": (0.1, 0.1, 0.2, 0.4),
            "learning_rate": 0.002,
        },
        "a third pair",
    ),
    "average-pooling": Candidate(
        "cnn",
        {
            **DEEP,
            "filters": ((32, 32), (64, 64), (128, 128)),
            "hidden_layer_sizes": (),
            "dropout": (0.1, 0.1, 0.2),
            "global_average_pooling": True,
        },
        "global average pooling, no dense layer",
    ),
    "batch-normalization": Candidate(
        "cnn",
        {**PAIRS, "batch_normalization": True, "epochs": 8},
        "normalized convolutions, for which training in bfloat16 is slow",
    ),
    "dense-128-64": Candidate(
        "ann",
        {**DENSE, "hidden_layer_sizes": (128, 64), "dropout": 0.0, "epochs": 60},
        "how far the network of the tutorials gets",
    ),
    "dense-1024-512": Candidate("ann", {**DENSE, "epochs": 20}, "wide layers"),
    "dense-1500-1000-500": Candidate(
        "ann",
        {
            **DENSE,
            "hidden_layer_sizes": (1500, 1000, 500),
            "dropout": (0.1, 0.3, 0.3),
            "learning_rate": 0.0015,
            "label_smoothing": 0.05,
            "epochs": 40,
        },
        "still wider, more dropout, label smoothing",
    ),
    "dense-1024-1024-512": Candidate(
        "ann",
        {
            **DENSE,
            "hidden_layer_sizes": (1024, 1024, 512),
            "dropout": (0.1, 0.2, 0.2),
            "epochs": 35,
        },
        "three wide layers, for longer",
    ),
}


class Outcome(NamedTuple):
    """The measurements of one training."""

    seconds: float
    errors: int
    errors_of_copies: int | None
    elsewhere: float | None


def measure(candidate, samples, usps, seed, **changes):
    """Train a candidate on all but the last samples, and read those."""
    X, y = samples
    params = candidate.params | changes
    pipe = make_digit_pipeline(candidate.kind, random_state=seed, **params)
    classifier = pipe[-1]
    n_train = len(X) * 5 // 6
    start = time.perf_counter()
    pipe.fit(X[:n_train], y[:n_train])
    seconds = time.perf_counter() - start

    def errors():
        return int((pipe.predict(X[n_train:]) != y[n_train:]).sum())

    alone, averaged, elsewhere = errors(), None, None
    if usps is not None:
        elsewhere = float(np.mean(pipe.predict(usps[0]) == usps[1]))
    if classifier.augmentation is not None:
        classifier.set_params(test_time_augmentation=8)
        averaged = errors()
    return Outcome(seconds, alone, averaged, elsewhere)


def row_of(name, outcomes):
    """Return the cells of a candidate."""
    columns = list(zip(*outcomes, strict=True))
    copies = [n for n in columns[2] if n is not None]
    usps = [100 * share for share in columns[3] if share is not None]
    return [
        name,
        CANDIDATES[name].idea,
        spread(columns[0]),
        mean_spread(columns[1]),
        mean_spread(copies) if copies else "",
        mean_spread(usps) if usps else "",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="CANDIDATE", default=[])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--usps", metavar="FILE", help="digits of USPS to read, too")
    parser.add_argument(
        "--quick", action="store_true", help="one epoch, 6,000 images of MNIST"
    )
    arguments = parse_arguments(parser)
    unknown = set(arguments.names) - set(CANDIDATES)
    if unknown:
        sys.exit(f"CANDIDATE must be among {list(CANDIDATES)}; got {sorted(unknown)}.")
    X, y = load_mnist("train")
    usps = load_usps(arguments.usps) if arguments.usps else None
    changes = {}
    if arguments.quick:
        X, y, changes = X[:6000], y[:6000], {"epochs": 1}
    print_run("keras", "tensorflow")
    rows = []
    for name in arguments.names or CANDIDATES:
        outcomes = []
        for seed in range(arguments.seeds):
            outcome = measure(CANDIDATES[name], (X, y), usps, seed, **changes)
            print(f".. {name}, seed {seed}: {outcome}", flush=True)
            outcomes.append(outcome)
        rows.append(row_of(name, outcomes))
    print_table(
        f"Errors on the last {len(X) - len(X) * 5 // 6:,} training images",
        [
            ["candidate", "idea", "fit, s", "errors", "with copies", "USPS, %"],
            *rows,
        ],
    )


if __name__ == "__main__":
    main()
