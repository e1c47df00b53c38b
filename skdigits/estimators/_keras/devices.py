"""The backend of Keras, and what TensorFlow computes on."""

import os
import sys
import warnings
from contextlib import suppress
from functools import cache

import keras
import tensorflow as tf

from skdigits.estimators._tensorflow import ONEDNN, is_x86


def check_backend() -> None:
    """Raise ImportError if Keras does not use TensorFlow."""
    if keras.config.backend() != "tensorflow":
        raise ImportError(
            "The backend of Keras must be 'tensorflow'; got "
            f"{keras.config.backend()!r}. Unset KERAS_BACKEND, or set it to "
            "'tensorflow', before Keras is imported."
        )


def use_omp_num_threads() -> None:
    """Let TensorFlow use ``OMP_NUM_THREADS`` threads, as NumPy's BLAS does.

    joblib and Dask set that variable in their worker processes, so that all workers
    together use as many threads as there are cores. By default, TensorFlow uses all
    cores in each worker. A number of threads that was set in TensorFlow takes
    precedence, and so does a TensorFlow that has started already.
    """
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    is_set = (
        tf.config.threading.get_intra_op_parallelism_threads() > 0
        or "TF_NUM_INTRAOP_THREADS" in os.environ
    )
    if limit.isdecimal() and not is_set:
        with suppress(RuntimeError):  # it has started
            tf.config.threading.set_intra_op_parallelism_threads(int(limit))


def has_gpu() -> bool:
    """Return whether TensorFlow finds a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def uses_onednn() -> bool | None:
    """Return whether TensorFlow uses oneDNN, or None if it does not tell."""
    module = sys.modules.get("tensorflow.python.util._pywrap_util_port")
    is_on = getattr(module, "IsMklEnabled", None)  # MKL was the name before oneDNN
    return None if is_on is None else bool(is_on())


@cache
def warn_without_onednn(stacklevel: int) -> None:
    """Warn, once in a process, if convolutions would be faster with oneDNN.

    A user who has set the variable is not warned.
    """
    if (
        uses_onednn() is False
        and ONEDNN not in os.environ
        and is_x86()
        and not has_gpu()
    ):
        warnings.warn(
            "TensorFlow was imported without oneDNN, with which convolutional networks "
            f"train up to 1.7 times as fast. Set the environment variable {ONEDNN}=1 "
            "before TensorFlow or Keras is imported, or import them after the first "
            f"fit, which turns oneDNN on. {ONEDNN}=0 keeps it off without a warning.",
            UserWarning,
            stacklevel=stacklevel,
        )
