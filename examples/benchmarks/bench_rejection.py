"""
Rejection of digits, and of what is no digit
============================================

This benchmark trains :func:`skdigits.recipes.accurate_cnn` and a
:class:`~skdigits.NonDigitDetector` on the first 50,000 training images of MNIST. On the
last 10,000, it finds the confidence below which 5 % of them are rejected, with and
without the detector, and then counts how many of the test images, and of images that
are no digits, are rejected. The second table has what a
:class:`~skdigits.RejectingClassifierCV` accepts of the test images. ``python
examples/benchmarks/bench_rejection.py --quick`` takes a minute.

``--cv N`` also fits a ``RejectingClassifierCV(accurate_cnn(), cv=N)`` on all training
images, which takes as long as about ``N`` fits.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_rejection.png"

import argparse
import warnings

import numpy as np
from _machine import load_mnist, parse_arguments, print_run
from _non_digits import (
    LETTERS,
    LIKE_DIGITS,
    SYMBOLS,
    blank_pages,
    changed,
    characters,
    crossed_out,
    noise,
    pairs,
    scribbles,
)
from _tables import print_table
from sklearn.frozen import FrozenEstimator

from skdigits import DigitNormalizer, NonDigitDetector, RejectingClassifierCV, recipes

SHARE = 0.05  # of the digits that are rejected


def images_by_kind(X, y, n):
    """Return the digits and the other images by name, normalized."""
    rng = np.random.default_rng(0)
    digits = X.reshape(-1, 28, 28)
    unlike = [letter for letter in LETTERS if letter not in LIKE_DIGITS]
    able = digits[~np.isin(y, (0, 7))]
    kinds = {
        "digits": digits,
        "letters": characters(rng, n, LETTERS),
        "letters unlike digits": characters(rng, n, unlike),
        "symbols": characters(rng, n, SYMBOLS),
        "scribbles": scribbles(rng, n),
        "two digits": pairs(rng, n, digits),
        "crossed-out digits": crossed_out(rng, n, able),
        "digits upside down": changed(digits[: 2 * n], y[: 2 * n], "upside down"),
        "mirrored digits": changed(digits[: 2 * n], y[: 2 * n], "mirrored"),
        "noise": noise(rng, n),
        "blank pages": blank_pages(rng, n),
    }
    normalizer = DigitNormalizer(on_blank="zeros")
    return {name: normalizer.transform(images) for name, images in kinds.items()}


def accepted_row(name, rejecting, X, y):
    """Return the coverage and the error of a fitted classifier."""
    y_pred = rejecting.predict(X)
    accepted = y_pred != rejecting.reject_label
    wrong = (y_pred != y)[accepted]
    return [
        name,
        f"{100 * rejecting.max_error:g}",
        f"{100 * rejecting.coverage_:.2f}",
        f"{100 * accepted.mean():.2f}",
        f"{100 * wrong.mean():.3f} ({wrong.sum()})" if len(wrong) else "",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--cv", type=int, default=0, help="folds of another fit")
    parser.add_argument(
        "--quick", action="store_true", help="1 epoch, 3,000 images, 60 of each kind"
    )
    arguments = parse_arguments(parser)
    warnings.filterwarnings("ignore")
    X, y = load_mnist("train")
    X_test, y_test = load_mnist("test")
    pipe, detector = recipes.accurate_cnn(0), NonDigitDetector(random_state=0)
    n = 2000
    if arguments.quick:
        X, y, X_test, y_test, n = X[:3000], y[:3000], X_test[:300], y_test[:300], 60
        pipe[-1].set_params(epochs=1)
    print_run("keras", "tensorflow")
    n_train = len(X) * 5 // 6
    pipe.fit(X[:n_train], y[:n_train])
    detector.fit(X[:n_train].reshape(-1, 28, 28), y[:n_train])
    held_out = X[n_train:], y[n_train:]
    kinds = images_by_kind(X_test, y_test, n)
    shares, rows = [], []
    detectors = {"network": None, "with detector": FrozenEstimator(detector)}
    for name, outlier_detector in detectors.items():
        rejecting = RejectingClassifierCV(
            FrozenEstimator(pipe), outlier_detector=outlier_detector
        )
        for max_error in (0.001, 0.002, 0.005):
            rejecting.set_params(max_error=max_error).fit(*held_out)
            rows.append(accepted_row(name, rejecting, X_test, y_test))
        lowest = np.quantile(rejecting.predict_confidence(held_out[0]), SHARE)
        shares.append(
            [
                100 * np.mean(rejecting.predict_confidence(images) < lowest)
                for images in kinds.values()
            ]
        )
    print_table(
        "Percentage that is rejected",
        [
            ["images", "n", *detectors],
            *(
                [name, f"{len(images):,}", *(f"{share:.1f}" for share in of_kind)]
                for (name, images), *of_kind in zip(kinds.items(), *shares, strict=True)
            ),
        ],
    )
    if arguments.cv:
        rejecting = RejectingClassifierCV(recipes.accurate_cnn(0), cv=arguments.cv)
        rejecting.fit(X, y)
        name = f"network, cv={arguments.cv}"
        rows.append(accepted_row(name, rejecting, X_test, y_test))
    header = ["classifier", "max_error, %", "in fit, %", "test, %", "error, %"]
    print_table("Test images that are accepted", [header, *rows])


if __name__ == "__main__":
    main()
