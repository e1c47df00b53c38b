"""Networks of the user's own: from a function, layers or a model to a checked model."""

import inspect
import math
from collections.abc import Sequence
from typing import Any, NoReturn

import keras
import numpy as np

from skdigits.estimators._keras.configurations import snake_case

# Softmax of what these make would not be what their user has in mind.
_ACTIVATION_LAYERS = (
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
    keras.layers.Softmax,
)


def model_of(network: Any, input_shape: tuple[int, ...], n_classes: int) -> keras.Model:
    """Return the model that ``network`` is, or that it makes, with checked inputs."""
    made = network
    if not isinstance(network, keras.Model):
        made = _called(network, input_shape, n_classes)
    if isinstance(made, keras.Layer) and not isinstance(made, keras.Model):
        made = [made]
    if isinstance(made, keras.Sequential) and not made.built:
        made = list(made.layers)
    if isinstance(made, list | tuple) and made:
        made = _sequential(made, input_shape)
    if not isinstance(made, keras.Model):
        _raise_no_network(made, "" if made is network else f" from {network!r}")
    if not isinstance(made, keras.Sequential) and not getattr(made, "inputs", None):
        raise TypeError(
            f"network must be a sequential or functional model; got {made!r}, which is "
            "a subclass of keras.Model."
        )
    check_inputs(made, input_shape)
    return made


def _called(network: Any, input_shape: tuple[int, ...], n_classes: int) -> Any:
    """Return what a function makes of the shape and the number of classes."""
    if isinstance(network, type | keras.Layer):
        _raise_no_network(network)
    try:
        inspect.signature(network).bind(input_shape, n_classes)
    except TypeError as error:
        raise TypeError(
            "network must be a function that can be called as "
            f"network(input_shape, n_classes); got {network!r}: {error}."
        ) from error
    except ValueError:  # it has no signature
        pass
    try:
        return network(input_shape, n_classes)
    except Exception as error:
        error.add_note(f"It was raised by network({input_shape}, {n_classes}).")
        raise


def _raise_no_network(got: Any, source: str = "") -> NoReturn:
    raise TypeError(
        "network must be a keras.Model, or a function of input_shape and n_classes "
        f"that returns a list of Keras layers or a keras.Model; got {got!r}{source}."
    )


def _sequential(layers: Sequence[Any], input_shape: tuple[int, ...]) -> keras.Model:
    """Return a model of copies of the layers; those that have weights are not copied.

    The layers may be used again for another fit, which must not find them built.
    """
    try:
        copies = {id(layer): _unbuilt_copy(layer) for layer in layers}
    except (NotImplementedError, TypeError, ValueError) as error:
        raise not_restorable(error) from error
    made = [copies[id(layer)] for layer in layers]
    try:
        has_input = not isinstance(made[0], keras.Layer) or isinstance(
            made[0], keras.layers.InputLayer
        )
        return keras.Sequential(
            made if has_input else [keras.Input(input_shape), *made]
        )
    except (TypeError, ValueError) as error:
        raise type(error)(
            "network must return layers that fit together, for inputs of shape "
            f"{input_shape}; got {layers!r}: {error}"
        ) from error


def _unbuilt_copy(layer: Any) -> Any:
    """Return a copy of a layer, or the layer itself if it is built or an input."""
    if not isinstance(layer, keras.Layer) or layer.built or layer.variables:
        return layer
    if isinstance(layer, keras.Sequential):
        return keras.Sequential(
            [_unbuilt_copy(inner) for inner in layer.layers], name=layer.name
        )
    return type(layer).from_config(layer.get_config())


def check_inputs(model: keras.Model, input_shape: tuple[int, ...]) -> None:
    """Raise ValueError unless a model takes any number of images of the given shape."""
    shapes = [tensor.shape for tensor in model.inputs]
    got = shapes[0]
    is_one = len(shapes) == 1 and None not in got[1:]
    if not is_one or math.prod(got[1:]) != math.prod(input_shape):
        raise ValueError(
            f"network must take one input of shape {input_shape}, or another shape of "
            f"as many values; got a network with the input shape {model.input_shape}."
        )
    if got[0] is not None:
        raise ValueError(
            f"network must take any number of samples at a time; got a network that "
            f"takes {got[0]}. Leave out batch_size in keras.Input."
        )


def with_softmax(model: keras.Model, n_classes: int) -> keras.Model:
    """Return a model whose outputs are probabilities, one for each class."""
    if [tensor.shape for tensor in model.outputs] != [(None, n_classes)]:
        raise ValueError(
            f"network must have {n_classes} outputs, one for each class; got a network "
            f"with the output shape {model.output_shape}."
        )
    if not isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs[0], model.outputs[0])  # not in a list or dict
    last = last_operation(model)
    activation = getattr(last, "activation", None)
    is_activation = isinstance(last, keras.layers.Activation)
    is_known_linear = activation is keras.activations.linear and not is_activation
    if not is_known_linear and gives_probabilities(model):
        return model
    if is_known_linear or is_linear(last):
        softmax = keras.layers.Softmax(name="probabilities")
        return keras.Model(model.inputs[0], softmax(model.outputs[0]))
    got = last if activation is None else activation
    name = getattr(got, "__name__", type(got).__name__)
    raise ValueError(
        "network must end in softmax, or in a linear layer, to which softmax is added; "
        f"got {name!r} at its end."
    )


def last_operation(model: keras.Model) -> Any:
    """Return the layer at the end of a model, or the function of keras.ops."""
    last = model
    while isinstance(last, keras.Model):
        last = getattr(last, "operations", last.layers)[-1]
    return last


def is_linear(operation: Any) -> bool:
    """Return whether softmax may follow a layer or a function of keras.ops."""
    if getattr(operation, "activation", None) not in (None, keras.activations.linear):
        return False
    if isinstance(operation, keras.Layer):
        return not isinstance(operation, _ACTIVATION_LAYERS)
    return not hasattr(keras.activations, snake_case(type(operation).__name__))


def gives_probabilities(model: keras.Model) -> bool:
    """Return whether the outputs for random images are probabilities.

    This tells more than the name of the last layer: probabilities may be averaged, or
    come from a function of the user's own.
    """
    shape = (4, *model.inputs[0].shape[1:])
    images = np.random.RandomState(0).uniform(size=shape)
    images = keras.ops.cast(images, model.inputs[0].dtype)
    outputs = keras.ops.cast(model(images, training=False), "float32")
    outputs = keras.ops.convert_to_numpy(outputs)
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=0.02))


def not_restorable(error: Exception) -> ValueError:
    """Return the error of a network that Keras cannot make from its configuration."""
    return ValueError(
        "network must have layers that Keras can make again from their configuration; "
        "got one that it cannot. A layer or function of your own needs "
        "@keras.saving.register_keras_serializable(), and a layer with arguments needs "
        f"get_config. Lambda layers and lambdas cannot be used. Keras says: {error}"
    )
