"""What the benchmarks share: the machine, the versions, and the images."""

import os
import platform
from importlib.metadata import version

import numpy as np


def processor():
    """Return the name of the processor, where the system tells it."""
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine_and_versions(*packages):
    """Return a sentence on the processor, Python and the packages."""
    names = ("numpy", "scikit-learn", "skdigits", *packages)
    return (
        f"{processor()}, {os.cpu_count()} cores. Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in names)
        + "."
    )


def load_mnist(subset):
    """Return images as rows of 784 uint8 pixels, and their labels."""
    from skdigits.datasets import fetch_mnist

    X, y = fetch_mnist(subset=subset, return_X_y=True)
    return np.asarray(X).reshape(len(X), -1), np.asarray(y)
