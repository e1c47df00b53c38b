"""Arrays to batches whose order depends on our seed alone."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import tensorflow as tf

from skdigits.estimators._keras.learning_rates import one_cycle

_T = TypeVar("_T")

# A stack is what one call of the training step works through. Ten or more of them
# an epoch keep the progress bar moving and Ctrl-C quick. On fewer rows than the
# smaller bound a call costs more than it does; the larger one keeps the copies small.
_STACKS_PER_EPOCH = 10
_FEWEST_ROWS, _MOST_ROWS = 512, 8192


def stack_layout(
    n_rows: int, batch_size: int, *, stacked: bool = True
) -> tuple[int, int]:
    """Return the number of stacks in an epoch and of batches in a stack.

    Without ``stacked`` each batch is a stack of its own.

    Examples
    --------
    >>> stack_layout(60_000, 32)
    (10, 188)
    >>> stack_layout(50, 32)
    (1, 2)
    """
    n_batches = -(-n_rows // batch_size)
    if not stacked:
        return n_batches, 1
    wanted = min(max(1, n_rows // _FEWEST_ROWS), _STACKS_PER_EPOCH)
    wanted = max(wanted, -(-n_rows // _MOST_ROWS))
    batches_per_stack = -(-n_batches // wanted)
    return -(-n_batches // batches_per_stack), batches_per_stack


def training_stacks(
    arrays: Sequence[np.ndarray],
    *,
    batch_size: int,
    epochs: range,
    seed: int | None,
    stacked: bool = True,
    rates: np.ndarray | None = None,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield stacks of batches, shuffled anew each epoch, for all the epochs.

    The arrays are ``x``, ``y`` and ``weight``. Each stack is a tuple of ``x``, ``y``
    and ``weight`` of the shapes ``(k, batch_size, ...)``. The shapes never vary, so
    that nothing is traced twice: the places left over in the last stack are filled with
    other rows, whose weight is 0. The order depends on ``seed`` and the number of the
    epoch alone; ``seed=None`` keeps the order of the rows. Without ``stacked`` the
    batches are the same, and each is in a stack with nothing else. With ``rates``,
    learning rates of the shape of the layout for each epoch, each stack has a fourth
    array, the rates of its batches.
    """
    n_rows, dtype = len(arrays[0]), arrays[2].dtype
    n_stacks, n_batches = stack_layout(n_rows, batch_size, stacked=stacked)
    is_lone = n_batches < stack_layout(n_rows, batch_size)[1]
    layout = (n_stacks, n_batches, batch_size)
    places = np.arange(n_stacks * n_batches * batch_size)
    is_row = (places < n_rows).astype(dtype).reshape(layout)
    row_of = (places % n_rows).reshape(layout)
    rows = np.arange(n_rows)
    for number, epoch in enumerate(epochs):
        its_rates = () if rates is None else (rates[number],)
        if seed is not None:
            rows = np.random.default_rng([seed, epoch]).permutation(n_rows)
        for i in range(n_stacks):
            x, y, weight = (array[rows[row_of[i]]] for array in arrays)
            stack = x, y, weight * is_row[i], *(rate[i] for rate in its_rates)
            yield tuple(map(with_empty_batch, stack)) if is_lone else stack


def with_empty_batch(stack: np.ndarray) -> np.ndarray:
    """Return a stack of one batch more, of nothing but 0.

    XLA makes other code of a stack of one batch, and rounds in another way in it.
    """
    return np.concatenate([stack, np.zeros_like(stack[:1])])


def cycle_rates(
    n_epochs: int, n_rows: int, batch_size: int, layout: tuple[int, int], peak: float
) -> np.ndarray:
    """Return for each epoch the learning rates of its stacks, which make one cycle."""
    cycle = one_cycle(n_epochs * -(-n_rows // batch_size))
    by_epoch = (peak * cycle).reshape(n_epochs, -1)
    missing = layout[0] * layout[1] - by_epoch.shape[1]
    padded = np.pad(by_epoch, ((0, 0), (0, missing))).astype("float32")
    return padded.reshape(n_epochs, *layout)


def made_ahead(items: Iterator[_T]) -> Generator[_T, None, None]:
    """Yield the items, while a thread makes the one that comes next."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, items, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, items, None)
            yield item


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
    return _untuned(rows.batch(batch_size, drop_remainder=True))


def counter(n: int) -> tf.data.Dataset:
    """Return a dataset of the numbers from 0 to ``n`` - 1."""
    return _untuned(tf.data.Dataset.range(n))


def _untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Return the dataset without TensorFlow's tuning of it.

    The thread that tunes sleeps twice as long each time, and deleting an iterator now
    and then fails to wake it and waits: the end of a fit took as long as all before.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
