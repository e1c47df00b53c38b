"""Arrays to TensorFlow data pipelines whose order depends on our seed alone."""

from typing import Any

import numpy as np
import tensorflow as tf

from skdigits.estimators._schedule import one_cycle

# A stack is what one call of the training step works through. Ten or more of them
# an epoch keep the progress bar moving and Ctrl-C quick. On fewer rows than the
# smaller bound a call costs more than it does; the larger one keeps the copies in the
# pipeline small.
_STACKS_PER_EPOCH = 10
_FEWEST_ROWS, _MOST_ROWS = 512, 8192


def stack_layout(n_rows: int, batch_size: int) -> tuple[int, int]:
    """Return the number of stacks in an epoch and of batches in a stack.

    Examples
    --------
    >>> stack_layout(60_000, 32)
    (10, 188)
    >>> stack_layout(50, 32)
    (1, 2)
    """
    n_batches = -(-n_rows // batch_size)
    wanted = min(max(1, n_rows // _FEWEST_ROWS), _STACKS_PER_EPOCH)
    wanted = max(wanted, -(-n_rows // _MOST_ROWS))
    batches_per_stack = -(-n_batches // wanted)
    return -(-n_batches // batches_per_stack), batches_per_stack


def training_stacks(
    arrays: list[np.ndarray],
    *,
    batch_size: int,
    epochs: range,
    seed: int | None,
    peak_rate: float | None = None,
) -> tuple[tf.data.Dataset, int]:
    """Return stacks of batches, shuffled anew each epoch, and their number an epoch.

    The arrays are ``x``, ``y`` and ``weight``. TensorFlow keeps the list until Python
    next looks for cycles of references: whoever empties it after the training frees
    them at once.

    Each stack is a tuple of ``x``, ``y`` and ``weight`` of the shapes
    ``(k, batch_size, ...)``. The shapes never vary, so that nothing is traced
    twice: the places left over in the last stack are filled with other rows, whose
    weight is 0. The order depends on ``seed`` and the number of the epoch alone;
    ``seed=None`` keeps the order of the rows. With a ``peak_rate`` each stack has a
    fourth array, the learning rates of its batches, which make one cycle of the epochs.
    """
    n_rows, dtype = len(arrays[0]), arrays[2].dtype
    n_stacks, n_batches = stack_layout(n_rows, batch_size)
    layout = (n_stacks, n_batches, batch_size)
    places = np.arange(n_stacks * n_batches * batch_size)
    is_row = (places < n_rows).astype(dtype).reshape(layout)
    row_of = (places % n_rows).astype(np.int32).reshape(layout)
    rates: tuple[np.ndarray, ...] = ()
    if peak_rate is not None:
        cycle = one_cycle(len(epochs) * -(-n_rows // batch_size))
        by_epoch = (peak_rate * cycle).reshape(len(epochs), -1)
        missing = n_stacks * n_batches - by_epoch.shape[1]
        padded = np.pad(by_epoch, ((0, 0), (0, missing)))
        rates = (padded.reshape(-1, n_stacks, n_batches).astype("float32"),)

    def one_epoch(epoch: tf.Tensor) -> tf.data.Dataset:
        rows = tf.range(n_rows)
        if seed is not None:
            key = [tf.constant(seed, tf.int64), epoch]
            rows = tf.random.experimental.stateless_shuffle(rows, seed=key)
        its_rates = tuple(tf.gather(r, epoch - epochs.start) for r in rates)
        return tf.data.Dataset.from_tensor_slices(
            (tf.gather(rows, row_of), is_row, *its_rates)
        )

    def gather(rows: np.ndarray) -> list[np.ndarray]:
        return [array[rows] for array in arrays]

    def filled(rows: tf.Tensor, is_row: tf.Tensor, *rates: tf.Tensor) -> Any:
        # NumPy reads the rows where they are; TensorFlow would copy all of them first.
        x_y_weight = tf.numpy_function(gather, [rows], [a.dtype for a in arrays])
        for tensor, array in zip(x_y_weight, arrays, strict=True):
            tensor.set_shape((n_batches, batch_size, *array.shape[1:]))
        x, y, weight = x_y_weight
        return x, y, weight * is_row, *rates

    stacks = tf.data.Dataset.range(epochs.start, epochs.stop).flat_map(one_epoch)
    return stacks.map(filled).prefetch(1), n_stacks


def evaluation_batches(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, batch_size: int = 1024
) -> tf.data.Dataset:
    """Return the rows in order, in batches of one size, padded with weight 0."""
    n_rows = len(x)
    batch_size = min(batch_size, n_rows)
    padding = -n_rows % batch_size

    def padded(array: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [array, np.zeros((padding, *array.shape[1:]), array.dtype)]
        )

    rows = tf.data.Dataset.from_tensor_slices((padded(x), padded(y), padded(weight)))
    return rows.batch(batch_size, drop_remainder=True)
