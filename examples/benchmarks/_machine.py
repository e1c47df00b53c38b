"""The machine that a benchmark runs on, limits of its processor, and images."""

import os
import platform
import shlex
import sys
from importlib.metadata import version

import numpy as np

# What the libraries read when they are loaded; PyTorch reads the last two.
AVX2_ONLY = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
}
IS_LIMITED = AVX2_ONLY.items() <= os.environ.items()

# The limits hide no flags: TensorFlow and skdigits would still see a newer processor,
# and choose for it.
TENSORFLOW_ALONE = {"TF_ENABLE_ONEDNN_OPTS": "0"} if IS_LIMITED else {}
PRECISION = "float32" if IS_LIMITED else "auto"


def parse_arguments(parser):
    """Add the option ``--avx2``, with which the program starts again under limits."""
    parser.add_argument(
        "--avx2",
        action="store_true",
        help="compute as on a processor with AVX2, but no AVX-512 and no matrix units",
    )
    arguments = parser.parse_args()
    if arguments.avx2 and not IS_LIMITED:
        found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
        newer = [name for name in found if name.startswith(("AVX512", "X86_V4"))]
        limits = AVX2_ONLY | {"NPY_DISABLE_CPU_FEATURES": " ".join(newer)}
        command = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, command, os.environ | limits)
    return arguments


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


def print_run(*packages):
    """Print the command, the processor, and the versions of Python and of packages."""
    names = ("numpy", "scikit-learn", "skdigits", *packages)
    print(
        f".. code-block:: console\n\n   $ python {shlex.join(sys.argv)}\n\n"
        f"{processor()}, {os.cpu_count()} cores{', limited to AVX2' * IS_LIMITED}. "
        f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in names)
        + ".",
        flush=True,
    )


def load_mnist(subset):
    """Return uint8 images of shape (n_samples, 784), and their labels."""
    from skdigits.datasets import fetch_mnist

    X, y = fetch_mnist(subset=subset, return_X_y=True)
    return np.asarray(X).reshape(len(X), -1), np.asarray(y)
