"""Networks of the user's own: from a model to a configuration, and back."""

import json
import random
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._keras.configurations import (
    fill_seeds,
    rename_layers,
    replace_dropout,
    set_dtypes,
)
from skdigits.estimators._keras.dropout import HashDropout
from skdigits.estimators._keras.own_models import (
    model_of,
    not_restorable,
    with_softmax,
)
from skdigits.estimators._keras.variables import (
    draw_seed,
    recorded_variables,
    unchanged_random_state,
    variables_of_one_name,
)
from skdigits.estimators._spec import NetworkConfig, NetworkState, configs_of_layers

_HASH_DROPOUT = "skdigits>HashDropout"
_CUSTOM_OBJECTS = {_HASH_DROPOUT: HashDropout}
Weights = list[np.ndarray | None]


def config_of(
    network: Any, input_shape: tuple[int, ...], n_classes: int, dtype: str
) -> tuple[NetworkConfig, Weights | None]:
    """Return the configuration of ``network``, and the weights that it has been given.

    A network whose output is linear gets softmax.

    Raises
    ------
    TypeError
        If ``network`` is not a network, and returns neither layers nor one.
    ValueError
        If the network has other inputs or outputs, or cannot be made again from its
        configuration.
    """
    with (
        unchanged_random_state(),
        variables_of_one_name(),
        recorded_variables() as recorded,
    ):
        model = with_softmax(model_of(network, input_shape, n_classes), n_classes)
        try:
            config = json.loads(model.to_json())
        except (NotImplementedError, TypeError, ValueError) as error:
            raise not_restorable(error) from error
    rename_layers(config)
    config["config"]["name"] = "network"
    set_dtypes(config, keras.config.dtype_policy().name, dtype, dtype)
    shape = tuple(model.input_shape[1:])
    weights = given_weights(model, recorded)
    return NetworkConfig(shape, json.dumps(config), dtype), weights


def given_weights(
    model: keras.Model, recorded: Sequence[tuple[tf.Variable, np.ndarray]]
) -> Weights | None:
    """Return the weights that did not come from an initializer; None for the others.

    They belong to layers that are older than the model, or were loaded into it.
    """
    first_values = {id(variable): value for variable, value in recorded}
    weights: Weights = []
    for variable in model.weights:
        first, present = first_values.get(id(variable.value)), variable.value.numpy()
        is_given = first is None or not np.array_equal(first, present)
        weights.append(present if is_given else None)
    return None if all(value is None for value in weights) else weights


def build(
    network: NetworkConfig,
    hidden_dtype: str | None = None,
    *,
    hash_dropout: bool = False,
    rng: np.random.RandomState | None = None,
) -> keras.Model:
    """Return a new model with a configuration.

    The hidden layers can be computed in another dtype than the output, and
    `HashDropout` can take the place of Keras' own. With ``rng``, it is the source of
    the weights.
    """
    config = json.loads(network.config)
    if hidden_dtype is not None:
        set_dtypes(config, network.dtype, hidden_dtype, network.dtype)
    if hash_dropout:
        replace_dropout(config, _HASH_DROPOUT)
    fill_seeds(config, lambda: 0 if rng is None else draw_seed(rng))
    return restored(json.dumps(config), 0 if rng is None else draw_seed(rng))


def state_with_weights(
    network: NetworkConfig, weights: Weights, rng: np.random.RandomState
) -> NetworkState:
    """Return a state with the given weights; the others are drawn from ``rng``."""
    with variables_of_one_name():
        model = build(network, rng=rng)
    for variable, value in zip(model.weights, weights, strict=True):
        if value is not None:
            variable.assign(value)
    is_trained = tuple(variable.trainable for variable in model.variables)
    return NetworkState([v.value.numpy() for v in model.variables], is_trained, None)


def restored(config: str, seed: int = 0) -> keras.Model:
    """Return a new model with a configuration in JSON.

    The seed is for layers that the user's own layers make, which the configuration does
    not have.
    """
    try:
        with unchanged_random_state():
            random.seed(seed)
            return keras.models.model_from_json(config, _CUSTOM_OBJECTS)
    except (TypeError, ValueError) as error:
        raise not_restorable(error_of_a_layer(json.loads(config)) or error) from error


def error_of_a_layer(model: dict[str, Any]) -> Exception | None:
    """Return the error of the first layer that Keras cannot make, which is shorter."""
    for layer in configs_of_layers(model):
        try:
            with unchanged_random_state():
                keras.layers.deserialize(layer, _CUSTOM_OBJECTS)
        except (TypeError, ValueError) as error:
            inner = error_of_a_layer(layer) if "layers" in layer["config"] else None
            return inner or error
    return None
