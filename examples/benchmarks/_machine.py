"""Helpers of the benchmarks: description of the machine, versions and images."""

import os
import platform
from importlib.metadata import version

import numpy as np


def processor():
    """Return the name of the processor, or its architecture if unknown."""
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine_and_versions(*packages):
    """Return the names and versions of the processor, Python and packages."""
    names = ("numpy", "scikit-learn", "skdigits", *packages)
    return (
        f"{processor()}, {os.cpu_count()} cores. Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in names)
        + "."
    )


def load_mnist(subset):
    """Return uint8 images of shape (n_samples, 784), and their labels."""
    from skdigits.datasets import fetch_mnist

    X, y = fetch_mnist(subset=subset, return_X_y=True)
    return np.asarray(X).reshape(len(X), -1), np.asarray(y)
