"""How many threads TensorFlow computes on."""

import os
from contextlib import suppress

import tensorflow as tf


def heed_omp_num_threads() -> None:
    """Let TensorFlow compute on ``OMP_NUM_THREADS`` threads, as NumPy's BLAS does.

    joblib and Dask set that variable in their worker processes, so that the workers
    together have as many threads as there are cores. TensorFlow takes all the cores in
    each worker. Whoever has told TensorFlow a number, or used it already, is obeyed.
    """
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    is_told = (
        tf.config.threading.get_intra_op_parallelism_threads() > 0
        or "TF_NUM_INTRAOP_THREADS" in os.environ
    )
    if limit.isdecimal() and not is_told:
        with suppress(RuntimeError):  # in use already
            tf.config.threading.set_intra_op_parallelism_threads(int(limit))
