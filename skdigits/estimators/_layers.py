"""The layers of which the networks are made.

Kernels and seeds have to be set afterwards. Here they are 0, because Keras would draw
them from random numbers that belong to the whole process.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from skdigits.estimators._spec import Layer, Setting

DATA_FORMAT = "channels_last"


def layer(kind: str, name: str, **settings: Setting) -> Layer:
    """Return a layer of one of Keras' kinds.

    Examples
    --------
    >>> layer("Dense", "logits", units=10)
    Layer(kind='Dense', settings=(('name', 'logits'), ('units', 10)))
    """
    return Layer(kind, (("name", name), *settings.items()))


@dataclass(frozen=True)
class LayerBuilder:
    """Make the blocks of a network: weights, norm, pool, activation, dropout."""

    activation: str
    batch_normalization: bool

    def dense(self, name: str, units: int, dropout: float) -> Iterator[Layer]:
        """Yield a fully connected block."""
        yield _weighted(
            "Dense", name, units=units, use_bias=not self.batch_normalization
        )
        yield from self._normalization(name)
        yield from self._activation(name)
        yield from _dropout(name, dropout)

    def convolution(
        self,
        name: str,
        filters: int,
        kernel_size: int,
        padding: str,
        pool_size: int,
        dropout: float,
    ) -> Iterator[Layer]:
        """Yield a convolutional block.

        The pool comes before the activation, which then has less to do. Where the
        activation never falls, as "relu", the outcome is the same.
        """
        yield _weighted(
            "Conv2D",
            name,
            filters=filters,
            kernel_size=kernel_size,
            padding=padding,
            data_format=DATA_FORMAT,
            use_bias=not self.batch_normalization,
        )
        yield from self._normalization(name)
        if pool_size > 1:
            yield layer(
                "MaxPooling2D",
                f"{name}_pool",
                pool_size=pool_size,
                data_format=DATA_FORMAT,
            )
        yield from self._activation(name)
        yield from _dropout(name, dropout)

    def _normalization(self, name: str) -> Iterator[Layer]:
        if self.batch_normalization:
            yield layer("BatchNormalization", f"{name}_normalization")

    def _activation(self, name: str) -> Iterator[Layer]:
        yield layer("Activation", f"{name}_activation", activation=self.activation)


def output(n_classes: int) -> Iterator[Layer]:
    """Yield what ends in one probability for each class."""
    yield _weighted("Dense", "logits", units=n_classes)
    yield layer("Softmax", "probabilities")


def _weighted(kind: str, name: str, **settings: Setting) -> Layer:
    return layer(kind, name, kernel_initializer="zeros", **settings)


def _dropout(name: str, rate: float) -> Iterator[Layer]:
    if rate > 0:
        yield layer("Dropout", f"{name}_dropout", rate=rate, seed=0)
