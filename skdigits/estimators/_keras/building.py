"""Networks built from plain data: one to train, or an ordinary one of Keras."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from skdigits.estimators._keras.dropout import HashDropout
from skdigits.estimators._keras.network import DigitNetwork
from skdigits.estimators._keras.optimizers import make_optimizer, set_learning_rate
from skdigits.estimators._keras.own_networks import build, restored
from skdigits.estimators._keras.variables import (
    check_names,
    drawn_values,
    unchanged_random_state,
    variables_of_one_name,
    write_state,
)
from skdigits.estimators._spec import (
    Architecture,
    Layer,
    Network,
    NetworkState,
    OptimizerSpec,
)

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
    with unchanged_random_state():
        for layer in network.layers:
            if hasattr(layer, "kernel_initializer"):
                layer.kernel_initializer = keras.initializers.GlorotUniform()
            if isinstance(layer, keras.layers.Dropout):
                layer.seed = None


def make_trainee(
    architecture: Network,
    optimizer: OptimizerSpec,
    *,
    precision: str,
    jit_compile: bool,
    weight_averaging: float | None,
) -> DigitNetwork:
    """Return a new network to train, with the optimizer's default learning rate."""
    hidden_dtype = "mixed_bfloat16" if precision == "bfloat16" else None
    with variables_of_one_name():
        if isinstance(architecture, Architecture):
            dropout = HashDropout if jit_compile else keras.layers.Dropout
            layers = make_layers(architecture, hidden_dtype, dropout)
        else:
            model = build(architecture, hidden_dtype, hash_dropout=jit_compile)
            layers = [keras.Input(architecture.input_shape), model]
        network = DigitNetwork(layers, name="digit_network")
        if isinstance(architecture, Architecture):
            check_names(network, architecture)
            set_initializers(network)
        fused = make_optimizer(optimizer, fused=True)
        network.compile(fused, jit_compile=jit_compile, **_COMPILE)
        fused.build(network.trainable_variables)
        if weight_averaging is not None:
            network.average_weights(weight_averaging)
    return network


def drawn_state(
    architecture: Network,
    network: DigitNetwork,
    initial: NetworkState,
    rng: np.random.RandomState,
) -> NetworkState:
    """Return an ``initial`` state with values drawn from ``rng``."""
    if isinstance(architecture, Architecture):
        values = drawn_values(network, initial.variables, rng)
    else:
        with variables_of_one_name():
            model = build(architecture, rng=rng)
        values = [variable.value.numpy() for variable in model.variables]
    return initial._replace(variables=values)


def make_model(architecture: Network) -> keras.Model:
    """Return a network as a user of Keras would have written it."""
    if not isinstance(architecture, Architecture):
        return restored(architecture.config)
    network = keras.Sequential(make_layers(architecture))
    check_names(network, architecture)
    set_initializers(network)
    return network


def make_plain_network(
    architecture: Network, spec: OptimizerSpec, state: NetworkState
) -> keras.Model:
    """Return a trained network as a user of Keras would have compiled it."""
    network = make_model(architecture)
    optimizer = make_optimizer(spec)
    set_learning_rate(optimizer, spec)
    network.compile(optimizer, metrics=["accuracy"], **_COMPILE)
    optimizer.build(network.trainable_variables)
    write_state(network, state)
    return network
