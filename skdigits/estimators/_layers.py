"""Keras layers with seeds and dtypes of their own, so that no global one counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np


def draw_seed(rng: np.random.RandomState) -> int:
    """Return a seed that TensorFlow accepts anywhere."""
    return int(rng.randint(np.iinfo(np.int32).max))


@dataclass(frozen=True)
class LayerBuilder:
    """Make the blocks of a network: weights, norm, activation, pool, dropout.

    The weights' and the dropout's seeds are drawn from ``rng``, in the order in
    which the layers are made.
    """

    activation: str
    batch_normalization: bool
    dtype: str
    rng: np.random.RandomState

    def dense(self, name: str, units: int, dropout: float) -> Iterator[keras.Layer]:
        """Yield a fully connected block."""
        yield self._weighted(
            keras.layers.Dense, name, units=units, use_bias=not self.batch_normalization
        )
        yield from self._nonlinear(name)
        yield from self._dropout(name, dropout)

    def convolution(
        self, name: str, filters: int, kernel_size: int, pool_size: int, dropout: float
    ) -> Iterator[keras.Layer]:
        """Yield a convolutional block; the pool alone makes the image smaller."""
        yield self._weighted(
            keras.layers.Conv2D,
            name,
            filters=filters,
            kernel_size=kernel_size,
            padding="same",
            use_bias=not self.batch_normalization,
        )
        yield from self._nonlinear(name)
        if pool_size > 1:
            yield keras.layers.MaxPooling2D(
                pool_size, dtype=self.dtype, name=f"{name}_pool"
            )
        yield from self._dropout(name, dropout)

    def output(self, n_classes: int) -> Iterator[keras.Layer]:
        """Yield what ends in one probability for each class."""
        yield self._weighted(keras.layers.Dense, "logits", units=n_classes)
        yield keras.layers.Softmax(dtype=self.dtype, name="probabilities")

    def _weighted(
        self, kind: type[keras.Layer], name: str, **kwargs: Any
    ) -> keras.Layer:
        initializer = keras.initializers.GlorotUniform(seed=draw_seed(self.rng))
        return kind(
            kernel_initializer=initializer, dtype=self.dtype, name=name, **kwargs
        )

    def _nonlinear(self, name: str) -> Iterator[keras.Layer]:
        if self.batch_normalization:
            yield keras.layers.BatchNormalization(
                dtype=self.dtype, name=f"{name}_normalization"
            )
        yield keras.layers.Activation(
            self.activation, dtype=self.dtype, name=f"{name}_activation"
        )

    def _dropout(self, name: str, rate: float) -> Iterator[keras.Layer]:
        if rate > 0:
            yield keras.layers.Dropout(
                rate, seed=draw_seed(self.rng), dtype=self.dtype, name=f"{name}_dropout"
            )
