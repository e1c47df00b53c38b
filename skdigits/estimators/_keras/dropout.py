"""Dropout whose random numbers XLA makes quickly."""

from typing import Any

import keras
import tensorflow as tf

_SIZE = 2**32
_GOLDEN = 0x9E3779B9  # 2**32 over the golden ratio: multiples are spread evenly


class HashDropout(keras.layers.Dropout):
    """Keras' Dropout, with another source of random numbers.

    XLA makes TensorFlow's generator ten times slower than it is without, and slower
    than all else in a dense network. Here a number is a hash of the place in the input,
    the seed and how often the layer was called: the finalizer of MurmurHash3, some six
    operations on whole numbers. What is saved has Keras' Dropout.
    """

    # Keras writes the class that it finds here into what is saved.
    __class__ = property(lambda self: keras.layers.Dropout)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Set a share of the inputs to 0, and scale up the others, while training."""
        if not training or self.rate == 0:
            return inputs
        seed, n_calls = tf.unstack(tf.cast(self.seed_generator.next(), tf.uint32))
        key = mixed(seed + n_calls * _number(_GOLDEN))
        places = tf.cast(tf.range(tf.size(inputs)), tf.uint32) * _number(_GOLDEN)
        hashes = mixed(tf.bitwise.bitwise_xor(places, key))
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
