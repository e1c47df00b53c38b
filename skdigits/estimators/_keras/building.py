"""Networks built from an architecture: one to train, or an ordinary one of Keras."""

import random
from collections.abc import Sequence
from typing import Any

import keras

from skdigits.estimators._keras.dropout import HashDropout
from skdigits.estimators._keras.network import DigitNetwork
from skdigits.estimators._keras.optimizers import make_optimizer, set_learning_rate
from skdigits.estimators._keras.variables import (
    check_names,
    variables_of_one_name,
    write_state,
)
from skdigits.estimators._spec import Architecture, Layer, NetworkState, OptimizerSpec

# The loss is scaled if the optimizer says so, regardless of Keras' global policy.
_COMPILE = {"loss": "categorical_crossentropy", "auto_scale_loss": False}


def make_layers(
    architecture: Architecture,
    hidden_dtype: str | None = None,
    dropout: type[keras.layers.Dropout] = keras.layers.Dropout,
) -> list[Any]:
    """Return new layers for a ``keras.Sequential``, whose kernels are all 0.

    The hidden layers can be computed in another dtype than the output, and another
    class can take the place of Keras' ``Dropout``.
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


def set_initializers(network: keras.Sequential) -> None:
    """Set initializers with which a copy made from the configuration can be trained.

    The layers were made with kernels and seeds of 0.
    """
    before = random.getstate()  # Keras draws a seed for each initializer from it
    for layer in network.layers:
        if hasattr(layer, "kernel_initializer"):
            layer.kernel_initializer = keras.initializers.GlorotUniform()
        if isinstance(layer, keras.layers.Dropout):
            layer.seed = None
    random.setstate(before)


def make_trainee(
    architecture: Architecture,
    optimizer: OptimizerSpec,
    *,
    precision: str,
    jit_compile: bool,
) -> DigitNetwork:
    """Return a new network to train, with the optimizer's default learning rate."""
    hidden_dtype = "mixed_bfloat16" if precision == "bfloat16" else None
    dropout = HashDropout if jit_compile else keras.layers.Dropout
    with variables_of_one_name():
        layers = make_layers(architecture, hidden_dtype, dropout)
        network = DigitNetwork(layers, name="digit_network")
        check_names(network, architecture)
        set_initializers(network)
        fused = make_optimizer(optimizer, fused=True)
        network.compile(fused, jit_compile=jit_compile, **_COMPILE)
        fused.build(network.trainable_variables)
    return network


def make_plain_network(
    architecture: Architecture, spec: OptimizerSpec, state: NetworkState
) -> keras.Sequential:
    """Return a trained network as a user of Keras would have written it."""
    network = keras.Sequential(make_layers(architecture))
    check_names(network, architecture)
    set_initializers(network)
    optimizer = make_optimizer(spec)
    set_learning_rate(optimizer, spec)
    network.compile(optimizer, metrics=["accuracy"], **_COMPILE)
    optimizer.build(network.trainable_variables)
    write_state(network, state)
    return network
