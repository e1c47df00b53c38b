"""How networks are built: one to train, or a plain one of Keras."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import keras
import tensorflow as tf

from skdigits.estimators._keras.devices import heed_omp_num_threads
from skdigits.estimators._keras.dropout import HashDropout
from skdigits.estimators._keras.network import DigitNetwork
from skdigits.estimators._keras.optimizers import make_optimizer, set_learning_rate
from skdigits.estimators._keras.variables import write_state
from skdigits.estimators._spec import Architecture, Layer, OptimizerRecipe, State

# The loss is scaled by an optimizer that says so, and not by Keras' global policy.
_HOW = {"loss": "categorical_crossentropy", "auto_scale_loss": False}

if keras.config.backend() != "tensorflow":
    raise ImportError(
        "skdigits needs Keras with its TensorFlow backend, and Keras was imported with "
        f"the backend {keras.config.backend()!r}: unset KERAS_BACKEND, or set it to "
        "'tensorflow', before Keras is imported."
    )
heed_omp_num_threads()


def variables_of_one_name() -> AbstractContextManager[None]:
    """Name all of TensorFlow's variables alike; those of Keras keep their names.

    TensorFlow keeps 36 kB for each pair of a name and a shape that a variable had.
    """

    def renamed(make: Callable[..., tf.Variable], **kwargs: Any) -> tf.Variable:
        with tf.name_scope("all/"):
            return make(**{**kwargs, "name": "variable"})

    return tf.variable_creator_scope(renamed)


def make_layers(
    architecture: Architecture,
    hidden_dtype: str | None = None,
    dropout: type[keras.layers.Dropout] = keras.layers.Dropout,
) -> list[Any]:
    """Return new layers, whose kernels are all 0, for a ``keras.Sequential``.

    The hidden layers may be computed in another dtype than the output, and dropout may
    be another layer than Keras' own.
    """
    kinds = {"Dropout": dropout}

    def made(layers: Sequence[Layer], dtype: str) -> list[keras.Layer]:
        return [
            (kinds.get(kind) or getattr(keras.layers, kind))(
                dtype=dtype, **dict(settings)
            )
            for kind, settings in layers
        ]

    hidden, output = architecture.layers[:-2], architecture.layers[-2:]
    dtype = architecture.dtype
    pixels = keras.Input(architecture.input_shape, dtype=dtype, name="pixels")
    return [pixels, *made(hidden, hidden_dtype or dtype), *made(output, dtype)]


def name_origins(network: keras.Sequential) -> None:
    """Have the layers say how their first numbers were drawn, of which they have none.

    Whoever builds the network anew, from its configuration, can then train it.
    """
    before = random.getstate()  # from which Keras draws a seed for each
    for layer in network.layers:
        if hasattr(layer, "kernel_initializer"):
            layer.kernel_initializer = keras.initializers.GlorotUniform()
        if isinstance(layer, keras.layers.Dropout):
            layer.seed = None
    random.setstate(before)


def make_trainee(
    architecture: Architecture,
    recipe: OptimizerRecipe,
    *,
    precision: str,
    jit_compile: bool,
    is_unseen: bool,
) -> DigitNetwork:
    """Return a new network to train; the learning rate is the default one."""
    hidden_dtype = "mixed_bfloat16" if precision == "bfloat16" else None
    dropout = HashDropout if jit_compile else keras.layers.Dropout
    with variables_of_one_name():
        layers = make_layers(architecture, hidden_dtype, dropout)
        network = DigitNetwork(layers, name="digit_network")
        name_origins(network)
        optimizer = make_optimizer(recipe, fused=True)
        network.compile(optimizer, jit_compile=jit_compile, **_HOW)
        optimizer.build(network.trainable_variables)
    network.is_unseen = is_unseen
    return network


def make_plain_network(
    architecture: Architecture, recipe: OptimizerRecipe, state: State
) -> keras.Sequential:
    """Return a trained network as anyone would have written it in Keras."""
    network = keras.Sequential(make_layers(architecture))
    name_origins(network)
    optimizer = make_optimizer(recipe)
    set_learning_rate(optimizer, recipe)
    network.compile(optimizer, metrics=["accuracy"], **_HOW)
    optimizer.build(network.trainable_variables)
    write_state(network, state)
    return network
