"""
Digits from paper and screens
=============================

This benchmark trains a pipeline with a :class:`~skdigits.DigitNormalizer` on the 60,000
training images of MNIST, and reads digits that are not like those of MNIST. It reads
the same images without the normalizer, too: *resized* to 28 x 28 pixels, with light ink
on black; and *centered* by the few lines that most tutorials have, which take the
median of the borders for paper, scale the box into 20 x 20 pixels and move it by its
center of mass. ``python examples/benchmarks/bench_reader.py --quick`` takes a minute;
``--help`` lists the options.

``--usps FILE`` also reads postal digits of USPS, in the format of the file
``zip.train.gz`` of "The Elements of Statistical Learning", and ``--checks FILE`` the
digits of check amounts. Digits drawn with thin lines need scikit-image.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_reader.png"

import argparse
import importlib.util
import time
import warnings

import cv2
import numpy as np
from _elsewhere import load_usps_images
from _machine import load_mnist, parse_arguments, print_run
from _other_digits import (
    drawn,
    enlarged_digits,
    in_black_and_white,
    load_check_digits,
    on_forms,
    stretched,
)
from _tables import mean_spread, print_table

from skdigits import make_reader_pipeline, recipes


def test_sets(arguments):
    """Return images and labels by the names of the sets."""
    X, y = load_mnist("test")
    images = X.reshape(-1, 28, 28)
    sets = {"MNIST": (images, y)}
    if arguments.usps:
        sets["postal digits, USPS"] = load_usps_images(arguments.usps)
    if arguments.checks:
        sets["digits of check amounts"] = load_check_digits(arguments.checks)
    sets |= {
        "8 x 8 pixels, enlarged": enlarged_digits(),
        "black and white, 32 x 32": (in_black_and_white(images), y),
        "black and white, stretched to 16 x 16": (stretched(images), y),
        "on ruled paper": (on_forms(images, "ruled"), y),
        "in a box of a form": (on_forms(images, "box"), y),
    }
    if importlib.util.find_spec("skimage"):
        sets["thin lines on a large canvas"] = (drawn(images), y)
    if arguments.quick:
        sets = {name: (X[:300], y[:300]) for name, (X, y) in sets.items()}
    return sets


def light_on_black(image):
    """Return an image in [0, 1] whose paper, the median of its borders, is 0."""
    image = np.asarray(image, np.float32)
    borders = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    contrast = np.abs(image - np.median(borders))
    return contrast / max(1e-6, contrast.max())


def resized(image):
    """Return an image of 28 x 28 pixels."""
    small = cv2.resize(light_on_black(image), (28, 28), interpolation=cv2.INTER_AREA)
    return np.rint(255 * small).astype(np.uint8)


def centered(image):
    """Return an image with its box in 20 x 20 pixels, centered by its mass."""
    ink = light_on_black(image)
    rows, columns = (np.flatnonzero((ink > 0.3).any(axis=axis)) for axis in (1, 0))
    result = np.zeros((28, 28), np.uint8)
    if not len(rows):
        return result
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shape = [max(1, round(20 * side / max(box.shape))) for side in box.shape[::-1]]
    box = cv2.resize(box, shape, interpolation=cv2.INTER_AREA)
    first = []
    for axis, size in enumerate(box.shape):
        center = np.average(np.arange(size), weights=box.sum(axis=1 - axis))
        first.append(min(max(0, round(14 - center)), 28 - size))
    top, left = first
    height, width = box.shape
    result[top : top + height, left : left + width] = np.rint(255 * box)
    return result


def accuracies(reader, X, y):
    """Return the percentages read without the normalizer, and with it."""
    classifier = reader[1:]
    plain = [np.stack([prepare(x) for x in X]) for prepare in (resized, centered)]
    predicted = [*map(classifier.predict, plain), reader.predict(X)]
    return [100 * float(np.mean(y_pred == y)) for y_pred in predicted]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--recipe", default="robust_cnn", help="that is trained")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--usps", metavar="FILE", help="digits of USPS")
    parser.add_argument("--checks", metavar="FILE", help="amounts of checks")
    parser.add_argument(
        "--quick", action="store_true", help="1 seed, 1 epoch, 300 images of each set"
    )
    arguments = parse_arguments(parser)
    warnings.filterwarnings("ignore")
    X, y = load_mnist("train")
    X, changes = X.reshape(-1, 28, 28), {}
    if arguments.quick:
        X, y, arguments.seeds, changes = X[:6000], y[:6000], 1, {"epochs": 1}
    print_run("keras", "tensorflow", "opencv-python-headless")
    sets = test_sets(arguments)
    measured = {name: [] for name in sets}
    for seed in range(arguments.seeds):
        reader = make_reader_pipeline(getattr(recipes, arguments.recipe)(seed))
        reader[-1].set_params(**changes)
        start = time.perf_counter()
        reader.fit(X, y)
        print(f".. seed {seed}: {time.perf_counter() - start:.0f} s", flush=True)
        for name, (images, labels) in sets.items():
            measured[name].append(accuracies(reader, images, labels))
            print(f".. {name}: {measured[name][-1]}", flush=True)
    rows = [
        [name, f"{len(sets[name][1]):,}", *map(mean_spread, zip(*shares, strict=True))]
        for name, shares in measured.items()
    ]
    print_table(
        f"Percentage of digits read; {arguments.recipe}, {arguments.seeds} seeds",
        [["digits", "n", "resized", "centered", "DigitNormalizer"], *rows],
    )
    print("\nMeans, and the smallest and the largest.")


if __name__ == "__main__":
    main()
