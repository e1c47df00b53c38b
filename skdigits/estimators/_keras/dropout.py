"""Dropout with random numbers that are fast with XLA."""

from typing import Any

import keras
import tensorflow as tf

_SIZE = 2**32
_GOLDEN = 0x9E3779B9  # 2**32 / golden ratio, whose multiples are spread evenly


class HashDropout(keras.layers.Dropout):
    """Keras' Dropout, with another source of random numbers.

    With XLA, TensorFlow's generator is ten times slower than without, and slower than
    all the rest of a dense network. Here a random number is a hash of the position in
    the input, the seed and the number of calls of the layer so far: the finalizer of
    MurmurHash3, six integer operations. Saved files have Keras' Dropout.
    """

    # Keras writes this class into saved files.
    __class__ = property(lambda self: keras.layers.Dropout)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Set a share of the inputs to 0 in training, and scale up the others."""
        if not training or self.rate == 0:
            return inputs
        seed, n_calls = tf.unstack(tf.cast(self.seed_generator.next(), tf.uint32))
        key = mixed(seed + n_calls * _number(_GOLDEN))
        positions = tf.cast(tf.range(tf.size(inputs)), tf.uint32) * _number(_GOLDEN)
        hashes = mixed(tf.bitwise.bitwise_xor(positions, key))
        is_kept = hashes >= _number(int(self.rate * _SIZE))
        kept = inputs / (1 - self.rate)
        return tf.where(tf.reshape(is_kept, tf.shape(inputs)), kept, 0)


def mixed(bits: tf.Tensor) -> tf.Tensor:
    """Return a hash of each unsigned 32-bit number.

    References
    ----------
    .. [1] A. Appleby, "MurmurHash3", 2011, https://github.com/aappleby/smhasher.

    Examples
    --------
    >>> mixed(tf.constant([1, 2], tf.uint32)).numpy().tolist()
    [1364076727, 821347078]
    """
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        bits = _shifted_onto_itself(bits, shift) * _number(factor)
    return _shifted_onto_itself(bits, 16)


def _shifted_onto_itself(bits: tf.Tensor, n: int) -> tf.Tensor:
    return tf.bitwise.bitwise_xor(bits, tf.bitwise.right_shift(bits, _number(n)))


def _number(value: int) -> Any:
    return tf.constant(value, tf.uint32)
