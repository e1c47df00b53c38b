"""Networks and their training as plain data, without Keras.

Two architectures that are equal describe networks that can share compiled code. The
layers are named as in Keras, and so are their settings.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skdigits.preprocessing._augmentation import Augmentation

if TYPE_CHECKING:
    import keras

Setting = int | float | str | bool

DATA_FORMAT = "channels_last"


class Layer(NamedTuple):
    """A Keras layer: the name of its class, and the arguments to make it with."""

    kind: str
    settings: tuple[tuple[str, Setting], ...]


class Architecture(NamedTuple):
    """A network without its weights."""

    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    dtype: str

    @property
    def layer_kinds(self) -> set[str]:
        """The kinds of layers in the network."""
        return {layer.kind for layer in self.layers}

    def count(self, *kinds: str) -> int:
        """Return the number of layers of some kinds."""
        return sum(layer.kind in kinds for layer in self.layers)

    def check_same(self, other: "Network") -> None:
        """Raise ValueError unless a training of another network can be resumed."""
        assert isinstance(other, Architecture)
        for i, (mine, theirs) in enumerate(
            zip(self.layers, other.layers, strict=False), 1
        ):
            settings, old_settings = dict(mine.settings), dict(theirs.settings)
            name, old_name = settings["name"], old_settings["name"]
            if mine.kind != theirs.kind or name != old_name:
                raise changed(f"layer {i}", old_name, name)
            for setting, value in settings.items():
                if value != old_settings.get(setting):
                    old_value = old_settings.get(setting)
                    raise changed(f"{setting} of the layer {name!r}", old_value, value)


class NetworkConfig(NamedTuple):
    """A network of the user's own: its configuration in Keras, as JSON.

    Names that Keras gave to layers are replaced by ones that do not depend on how many
    layers were made before.
    """

    input_shape: tuple[int, ...]
    config: str
    dtype: str

    @property
    def layer_kinds(self) -> set[str]:
        """The kinds of layers in the network, also within others."""
        return {
            layer["class_name"] for layer in configs_of_layers(json.loads(self.config))
        }

    def check_same(self, other: "Network") -> None:
        """Raise ValueError unless a training of another network can be resumed."""
        if self != other:
            raise changed("network", "the same", "another one")


Network = Architecture | NetworkConfig


def configs_of_layers(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the configuration of each layer of a model, and of those within it."""
    for layer in model["config"].get("layers", ()):
        yield layer
        yield from configs_of_layers(layer)
    for name, value in model["config"].items():
        if name != "layers":
            yield from _wrapped_layers(value)


def _wrapped_layers(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the layers in the arguments of a layer, as of Bidirectional."""
    if isinstance(value, list):
        for part in value:
            yield from _wrapped_layers(part)
    elif isinstance(value, dict):
        config = value.get("config")
        if "class_name" in value and isinstance(config, dict) and "trainable" in config:
            yield value
            yield from configs_of_layers(value)
        else:
            yield from _wrapped_layers(list(value.values()))


class NetworkState(NamedTuple):
    """The values of a network's variables, in the order in which Keras lists them.

    ``is_trained`` tells the weights from other variables, such as the seeds of dropout.
    The values of the optimizer are None where they are not kept. ``raw`` has the
    weights from which the training resumes, if those of the network are their averages.
    """

    variables: list[np.ndarray]
    is_trained: tuple[bool, ...]
    optimizer: list[np.ndarray] | None
    raw: list[np.ndarray] | None = None

    @property
    def weights(self) -> list[np.ndarray]:
        """The values that are trained."""
        pairs = zip(self.variables, self.is_trained, strict=True)
        return [value for value, is_trained in pairs if is_trained]


class OptimizerSpec(NamedTuple):
    """An optimizer: its name or class, the arguments, and a constant learning rate.

    The learning rate is separate since it can be set later, without compiling again.
    None stands for the optimizer's own default, or for a schedule among the arguments.
    """

    kind: "str | type[keras.Optimizer]"
    settings: dict[str, Any]
    learning_rate: float | None

    @property
    def is_named(self) -> bool:
        """Whether the user gave the name of an optimizer, and not an instance."""
        return isinstance(self.kind, str)

    @property
    def has_schedule(self) -> bool:
        """Whether the learning rate is one of Keras' schedules."""
        return "learning_rate" in self.settings

    @property
    def key(self) -> tuple[Any, str]:
        """A key that is equal for optimizers that differ only in the learning rate."""
        return self.kind, repr(self.settings)


class LearningRates(NamedTuple):
    """The schedule that a training followed, and the largest rate if it is known."""

    schedule: str
    peak: float | None


class TrainingOptions(NamedTuple):
    """How to train: the parameters of the estimator, with "auto" resolved.

    ``initial_epoch`` is the number of epochs before this training, which are not among
    its ``epochs``. ``patience`` is None without early stopping. ``augment`` returns
    changed copies of images, in any shape.
    """

    epochs: int
    initial_epoch: int
    batch_size: int
    precision: str
    schedule: str
    patience: int | None
    callbacks: Sequence[Any]
    verbose: int
    label_smoothing: float
    weight_averaging: float | None
    augment: Augmentation | None


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
    """Make the blocks of a network: weights, norm, pool, activation, dropout.

    Kernels and seeds are 0 in these layers, and are set when a training begins: Keras
    would draw them from random numbers that belong to the whole process.
    """

    batch_normalization: bool

    def dense(
        self, name: str, units: int, activation: str, dropout: float
    ) -> Iterator[Layer]:
        """Yield a fully connected block."""
        yield _weighted(
            "Dense", name, units=units, use_bias=not self.batch_normalization
        )
        yield from self._normalization(name)
        yield _activation(name, activation)
        yield from _dropout(name, dropout)

    def convolution(
        self,
        name: str,
        filters: int,
        kernel_size: int,
        padding: str,
        pool_size: int,
        activation: str,
        dropout: float,
    ) -> Iterator[Layer]:
        """Yield a convolutional block.

        The pool comes before the activation, which then has fewer values to compute.
        With an activation that never decreases, such as "relu", the result is the same.
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
        yield _activation(name, activation)
        yield from _dropout(name, dropout)

    def _normalization(self, name: str) -> Iterator[Layer]:
        if self.batch_normalization:
            yield layer("BatchNormalization", f"{name}_normalization", epsilon=1e-3)


def output(n_classes: int) -> Iterator[Layer]:
    """Yield the layers that end in one probability for each class."""
    yield _weighted("Dense", "logits", units=n_classes)
    yield layer("Softmax", "probabilities")


def _weighted(kind: str, name: str, **settings: Setting) -> Layer:
    return layer(kind, name, kernel_initializer="zeros", **settings)


def _activation(name: str, activation: str) -> Layer:
    return layer("Activation", f"{name}_activation", activation=activation)


def _dropout(name: str, rate: float) -> Iterator[Layer]:
    if rate > 0:
        yield layer("Dropout", f"{name}_dropout", rate=rate, seed=0)


def changed(what: str, expected: Any, got: Any) -> ValueError:
    """Return the error of a parameter with which a training cannot be resumed."""
    return ValueError(
        f"{what} must stay {expected!r}, since warm_start and partial_fit resume the "
        f"training of the same network; got {got!r}."
    )
