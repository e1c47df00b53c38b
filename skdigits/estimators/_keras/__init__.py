"""Networks in Keras: the only package that imports Keras and TensorFlow.

Nothing outside of it imports it at module level, so that TensorFlow is loaded by the
first training, without its start-up messages.
"""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from skdigits._utils import unchanged_search_paths
from skdigits.estimators._tensorflow import (
    onednn_turned_on,
    paused_garbage_collection,
    quiet_tensorflow,
)

with (
    quiet_tensorflow(),
    onednn_turned_on(),
    paused_garbage_collection(),
    unchanged_search_paths(),  # Keras imports OpenCV if it is installed
):
    # Exceptions that are caught during the import can keep the frames below it, with
    # all samples in them, until garbage is collected. A thread has no such frames.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(import_module, "keras").result()
    from skdigits.estimators._keras.devices import (
        check_backend,
        use_omp_num_threads,
    )
check_backend()
use_omp_num_threads()
