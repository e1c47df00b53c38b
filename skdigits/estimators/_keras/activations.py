"""The activations of Keras that a hidden layer can have."""

import keras

from skdigits.estimators._checks import unknown_name


def check_activation(name: str) -> None:
    """Raise ValueError unless ``name`` is a Keras activation for a hidden layer."""
    try:
        activation = keras.activations.get(name)
    except ValueError:
        known = set(dir(keras.activations)) - {"deserialize", "get", "serialize"}
        names = (n for n in known if not n.startswith("_"))
        raise unknown_name("activation", name, names) from None
    try:
        keeps_shape = activation(keras.ops.ones((1, 2))).shape == (1, 2)
    except TypeError:
        keeps_shape = False
    if not keeps_shape:
        raise ValueError(
            "activation must be a function of the layer's output only that keeps its "
            f"shape; got {name!r}."
        )
