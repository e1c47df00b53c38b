"""
Warning rates of PixelScaler
============================

This benchmark counts for how many batches and for how many single images
``PixelScaler.transform`` raises a warning, if the images have the fitted range, another
range or inverted ink. ``python examples/benchmarks/bench_image_warnings.py --help``
lists the options.

The digits are those of :func:`sklearn.datasets.load_digits`, and those of MNIST
(``mnist.npz``) and USPS (``usps_train.gz``, with a label and 256 pixels per line) if
the folder in the environment variable ``SKDIGITS_DATA`` contains them. The scaler is
fitted on one half of the images, and the other half is transformed.
"""

# sphinx_gallery_thumbnail_path = "auto_examples/images/sphx_glr_plot_scaling_002.png"

import argparse
import os
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from scipy import ndimage
from sklearn.datasets import load_digits

from skdigits.preprocessing import PixelScaler


def load_data():
    """Return square float32 images of 0-255 of the available data sets."""
    data = {"load_digits": load_digits().images * np.float32(255 / 16)}
    folder = Path(os.environ.get("SKDIGITS_DATA", "."))
    if (folder / "mnist.npz").exists():
        with np.load(folder / "mnist.npz") as file:
            data["MNIST"] = file["x_test"].astype(np.float32)
    if (folder / "usps_train.gz").exists():
        pixels = np.loadtxt(folder / "usps_train.gz", dtype=np.float32)[:, 1:]
        data["USPS"] = (pixels.reshape(-1, 16, 16) + 1) * np.float32(127.5)
    return data


def to_uint8(X):
    return np.clip(np.rint(X), 0, 255).astype(np.uint8)


def standardize(X, fitted):
    deviation = fitted.std(axis=0)
    return (X - fitted.mean(axis=0)) / np.where(deviation == 0, 1, deviation)


# Each function takes images of 0-255, the images of `fit` and a random generator.
RANGES = {
    "0-255": lambda X, fitted, rng: to_uint8(X),
    "0-1": lambda X, fitted, rng: X / 255,
    "0-16": lambda X, fitted, rng: np.rint(X * 16 / 255),
    "[-1, 1]": lambda X, fitted, rng: X / 127.5 - 1,
    "[-0.5, 0.5]": lambda X, fitted, rng: X / 255 - 0.5,
    "(x - 0.1307) / 0.3081": lambda X, fitted, rng: (X / 255 - 0.1307) / 0.3081,
    "each pixel standardized": lambda X, fitted, rng: standardize(X, fitted),
    "binarized, 0 and 1": lambda X, fitted, rng: to_uint8(X > 127),
}
VALID = {
    "as fitted": lambda X, rng: X,
    "a quarter as bright": lambda X, rng: X / 4,
    "a twentieth as bright": lambda X, rng: X / 20,
    "low contrast around gray": lambda X, rng: 128 + (X - 128) / 5,
    "on gray paper": lambda X, rng: 80 + X * 0.3,
    "noise, standard deviation 40": lambda X, rng: X + rng.normal(0, 40, X.shape),
    "blurred": lambda X, rng: ndimage.gaussian_filter(X, (0, 1, 1)),
    "bold": lambda X, rng: ndimage.grey_dilation(X, (1, 3, 3)),
    "blank with noise": lambda X, rng: abs(rng.normal(0, 2, X.shape)),
    "uniform noise": lambda X, rng: rng.uniform(0, 255, X.shape),
}
INVERTED = {
    "inverted": lambda X, rng: 255 - X,
    "inverted, half as bright": lambda X, rng: (255 - X) / 2,
    "inverted, noise, standard deviation 40": lambda X, rng: (
        255 - X + rng.normal(0, 40, X.shape)
    ),
    "photographed": lambda X, rng: 180 - X / 2 + rng.normal(0, 8, X.shape),
}


def warns(scaler, X):
    with warnings.catch_warnings(record=True) as record:
        warnings.simplefilter("always")
        scaler.transform(X)
    return bool(record)


def rates(scaler, make, X, rng, n_rounds):
    """Return the percentages of batches of 100 and of single images with a warning."""
    percentages = []
    for size in (100, 1):
        batches = (X[rng.choice(len(X), size, replace=False)] for _ in range(n_rounds))
        share = np.mean([warns(scaler, make(batch)) for batch in batches])
        percentages.append(f"{100 * share:.1f}")
    return " / ".join(percentages)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)

    for name, images in load_data().items():
        images = images[rng.permutation(len(images))]
        fitted, rest = images[::2], images[1::2]
        print(f"\n{name}: {len(fitted):,} images to fit, {len(rest):,} to transform")
        for fitted_as in ("0-255", "0-1", "0-16", "[-1, 1]"):
            scaler = PixelScaler().fit(RANGES[fitted_as](fitted, fitted, rng))
            for given, change in RANGES.items():
                make = partial(change, fitted=fitted, rng=rng)
                warned = rates(scaler, make, rest, rng, arguments.rounds)
                print(f"fitted on {fitted_as}, given {given}: {warned}")
        scaler = PixelScaler().fit(to_uint8(fitted))
        for kind, change in (VALID | INVERTED).items():
            make = partial(change, rng=rng)
            warned = rates(
                scaler,
                lambda X, make=make: to_uint8(make(X)),
                rest,
                rng,
                arguments.rounds,
            )
            print(f"{kind}: {warned}")
    print(
        f"\nPercentage with a warning, of {arguments.rounds} batches of 100 images / "
        f"of {arguments.rounds} single images. Seed {arguments.seed}."
    )


if __name__ == "__main__":
    main()
