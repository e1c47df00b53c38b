"""Networks of the user's own: from layers or a model to a configuration, and back."""

import json
import math
from typing import Any

import keras
import numpy as np

from skdigits.estimators._keras.configurations import (
    fill_seeds,
    rename_layers,
    replace_dropout,
    set_dtypes,
)
from skdigits.estimators._keras.dropout import HashDropout
from skdigits.estimators._keras.variables import (
    draw_seed,
    unchanged_random_state,
    variables_of_one_name,
)
from skdigits.estimators._spec import NetworkConfig, NetworkState

# Softmax of what these make would not be what their user has in mind.
_ACTIVATION_LAYERS = keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU
_HASH_DROPOUT = "skdigits>HashDropout"


def config_of(
    network: Any, input_shape: tuple[int, ...], n_classes: int, dtype: str
) -> NetworkConfig:
    """Return the configuration of ``network``, with softmax if its output is linear.

    Raises
    ------
    TypeError
        If ``network`` is not a network, and returns neither layers nor one.
    ValueError
        If the network has other inputs or outputs, or cannot be made again from its
        configuration.
    """
    with unchanged_random_state(), variables_of_one_name():
        model = model_of(network, input_shape, n_classes)
        check_inputs(model, input_shape)
        model = with_softmax(model, n_classes)
        try:
            config = json.loads(model.to_json())
        except (NotImplementedError, TypeError, ValueError) as error:
            raise not_restorable(error) from error
    rename_layers(config)
    config["config"]["name"] = "network"
    set_dtypes(config, keras.config.dtype_policy().name, dtype, dtype)
    shape = tuple(model.input_shape[1:])
    return NetworkConfig(shape, json.dumps(config), dtype)


def model_of(network: Any, input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Return the model that ``network`` is, or that it makes."""
    made = network
    if not isinstance(network, keras.Model):
        made = network(input_shape, n_classes)
    if isinstance(made, keras.Sequential) and not made.built:
        made = list(made.layers)
    if isinstance(made, keras.Layer) and not isinstance(made, keras.Model):
        made = [made]
    if isinstance(made, list | tuple) and made:
        has_input = not isinstance(made[0], keras.Layer) or isinstance(
            made[0], keras.layers.InputLayer
        )
        try:
            return keras.Sequential(
                made if has_input else [keras.Input(input_shape), *made]
            )
        except (TypeError, ValueError) as error:
            raise type(error)(
                "network must return layers that fit together, for inputs of shape "
                f"{input_shape}; got {made!r}: {error}"
            ) from error
    if not isinstance(made, keras.Model):
        got = "" if made is network else f" from {network!r}"
        raise TypeError(
            "network must be a keras.Model, or a function of input_shape and n_classes "
            f"that returns a list of Keras layers or a keras.Model; got {made!r}{got}."
        )
    return made


def check_inputs(model: keras.Model, input_shape: tuple[int, ...]) -> None:
    """Raise ValueError unless a model takes images of the given shape."""
    got: Any = getattr(model, "input_shape", None)
    is_one = isinstance(got, tuple) and None not in got[1:]
    if not is_one or math.prod(got[1:]) != math.prod(input_shape):
        raise ValueError(
            f"network must take one input of shape {input_shape}, or another shape of "
            f"as many values; got a network with the input shape {got}."
        )


def with_softmax(model: keras.Model, n_classes: int) -> keras.Model:
    """Return a model whose outputs are probabilities, one for each class."""
    if model.output_shape != (None, n_classes):
        raise ValueError(
            f"network must have {n_classes} outputs, one for each class; got a network "
            f"with the output shape {model.output_shape}."
        )
    last = model.layers[-1]
    while isinstance(last, keras.Model):
        last = last.layers[-1]
    activation = getattr(last, "activation", None)
    is_softmax = isinstance(last, keras.layers.Softmax)
    if is_softmax or activation is keras.activations.softmax:
        return model
    linear = None, keras.activations.linear
    if activation in linear and not isinstance(last, _ACTIVATION_LAYERS):
        softmax = keras.layers.Softmax(name="probabilities")
        return keras.Model(model.inputs, softmax(model.outputs[0]))
    name = getattr(activation, "__name__", type(last).__name__)
    raise ValueError(
        "network must end in softmax, or in a linear layer, to which softmax is added; "
        f"got {name!r} at its end."
    )


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
    return restored(json.dumps(config))


def state_with_weights(
    network: NetworkConfig, weights: list[np.ndarray], rng: np.random.RandomState
) -> NetworkState:
    """Return a state with given weights, and seeds drawn from ``rng``."""
    with variables_of_one_name():
        model = build(network, rng=rng)
    model.set_weights(weights)
    is_trained = tuple(variable.trainable for variable in model.variables)
    return NetworkState([v.value.numpy() for v in model.variables], is_trained, None)


def restored(config: str) -> keras.Model:
    """Return a new model with a configuration in JSON."""
    try:
        with unchanged_random_state():
            return keras.models.model_from_json(config, {_HASH_DROPOUT: HashDropout})
    except (TypeError, ValueError) as error:
        raise not_restorable(error) from error


def not_restorable(error: Exception) -> ValueError:
    """Return the error of a network that Keras cannot make from its configuration."""
    return ValueError(
        "network must have layers that Keras can make again from their configuration; "
        "got one that it cannot. A layer of your own needs get_config and "
        "@keras.saving.register_keras_serializable(), and a Lambda layer cannot be "
        f"used. Keras says: {error}"
    )
