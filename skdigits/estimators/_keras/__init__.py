"""Networks in Keras: the only package that imports Keras and TensorFlow.

Nothing outside of it imports it at module level, so that TensorFlow is loaded by the
first training, without its start-up messages.
"""

from skdigits.estimators._tensorflow import quiet_tensorflow

with quiet_tensorflow():
    from skdigits.estimators._keras.devices import (
        check_backend,
        use_omp_num_threads,
    )
check_backend()
use_omp_num_threads()
