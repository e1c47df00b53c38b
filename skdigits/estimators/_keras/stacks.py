"""Batches of samples, stacked, in an order that depends on a seed of ours only."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import tensorflow as tf

from skdigits.preprocessing._augmentation import Augmentation

_T = TypeVar("_T")

# One call of the training step works through a stack. With ten or more of them in an
# epoch, the progress bar keeps moving and Ctrl-C acts soon. With fewer samples than the
# lower bound, a call costs more than its work; the upper bound keeps the copies small.
_STACKS_PER_EPOCH = 10
_MIN_SAMPLES, _MAX_SAMPLES = 512, 8192

_AUGMENTATION = 1  # tells its random numbers from those of the order


def stack_layout(
    n_samples: int, batch_size: int, *, stacked: bool = True
) -> tuple[int, int]:
    """Return the number of stacks in an epoch and of batches in a stack.

    Unless ``stacked``, each batch is a stack of its own.

    Examples
    --------
    >>> stack_layout(60_000, 32)
    (10, 188)
    >>> stack_layout(50, 32)
    (1, 2)
    """
    n_batches = -(-n_samples // batch_size)
    if not stacked:
        return n_batches, 1
    wanted = min(max(1, n_samples // _MIN_SAMPLES), _STACKS_PER_EPOCH)
    wanted = max(wanted, -(-n_samples // _MAX_SAMPLES))
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
    augment: Augmentation | None = None,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield stacks of batches for all the epochs, shuffled anew in each.

    The arrays are ``x``, ``y`` and ``weight``, and each stack is a tuple of theirs, of
    the shapes ``(n_batches, batch_size, ...)``. With ``rates``, of the shape
    ``(n_epochs, n_stacks, n_batches)``, the learning rates of the batches come fourth.

    All stacks have one shape, so that nothing is traced twice: samples of weight 0 fill
    the last stack. The order depends only on ``seed`` and on the number of the epoch;
    with ``seed=None`` it is that of the arrays. Unless ``stacked``, each of the same
    batches is a stack of its own.

    ``augment`` changes the images of each stack. Its random numbers depend on what the
    order depends on.
    """
    n_samples, dtype = len(arrays[0]), arrays[2].dtype
    n_stacks, n_batches = stack_layout(n_samples, batch_size, stacked=stacked)
    is_lone = n_batches < stack_layout(n_samples, batch_size)[1]
    layout = (n_stacks, n_batches, batch_size)
    places = np.arange(n_stacks * n_batches * batch_size)
    is_sample = (places < n_samples).astype(dtype).reshape(layout)
    sample_at = (places % n_samples).reshape(layout)
    order = np.arange(n_samples)
    for number, epoch in enumerate(epochs):
        epoch_rates = () if rates is None else (rates[number],)
        rng = np.random.default_rng([seed or 0, epoch, _AUGMENTATION])
        if seed is not None:
            order = np.random.default_rng([seed, epoch]).permutation(n_samples)
        for i in range(n_stacks):
            x, y, weight = (array[order[sample_at[i]]] for array in arrays)
            if augment is not None:
                codes = y.reshape(-1, y.shape[-1]).argmax(axis=1)
                images = x.reshape(-1, *x.shape[2:])
                x = augment(images, rng, codes).reshape(x.shape)
            stack = x, y, weight * is_sample[i], *(rate[i] for rate in epoch_rates)
            yield tuple(map(with_empty_batch, stack)) if is_lone else stack


def with_empty_batch(stack: np.ndarray) -> np.ndarray:
    """Return a stack with one more batch, of zeros.

    For a stack of one batch, XLA makes other code, which rounds differently.
    """
    return np.concatenate([stack, np.zeros_like(stack[:1])])


def made_ahead(items: Iterator[_T]) -> Generator[_T, None, None]:
    """Yield the items, while a thread makes the next one."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, items, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, items, None)
            yield item


def evaluation_batches(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray | None, *, batch_size: int = 1024
) -> tf.data.Dataset:
    """Return the samples in order, in batches of one size, padded with weight 0."""
    n_samples = len(x)
    if weight is None:
        weight = np.ones(n_samples, x.dtype)
    batch_size = min(batch_size, n_samples)
    padding = -n_samples % batch_size

    def padded(array: np.ndarray) -> np.ndarray:
        return np.concatenate(
            [array, np.zeros((padding, *array.shape[1:]), array.dtype)]
        )

    arrays = padded(x), padded(y), padded(weight)
    samples = tf.data.Dataset.from_tensor_slices(arrays)
    return _untuned(samples.batch(batch_size, drop_remainder=True))


def counter(n: int) -> tf.data.Dataset:
    """Return a dataset of the numbers from 0 to ``n`` - 1."""
    return _untuned(tf.data.Dataset.range(n))


def _untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Return the dataset without autotuning.

    The autotuning thread sleeps twice as long each time. Deleting an iterator sometimes
    fails to wake it and waits, which doubled the time of a fit.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
