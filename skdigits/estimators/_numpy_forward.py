"""Networks computed by NumPy, which is far faster for few images than TensorFlow."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import numpy as np
from scipy.special import expit

from skdigits.estimators._spec import Architecture, NetworkState

# With more samples, the rounding of NumPy's matrix product depends on the place of a
# sample among them. TensorFlow's does not, and for so many samples it is worth its
# overhead.
MAX_SAMPLES = 16

ACTIVATIONS: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: expit(x, out=x),
    "tanh": lambda x: np.tanh(x, out=x),
}


# The values of the layers to come, in the order of the layers and of Keras.
Values = Iterator[np.ndarray]


def _dense(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    return _biased(x @ next(values), settings, values)


def _conv_2d(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    x = convolved(x, next(values), settings["padding"])
    return _biased(x, settings, values)


def _biased(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    if settings.get("use_bias", True):
        x += next(values)
    return x


def _batch_normalization(
    x: np.ndarray, settings: dict[str, Any], values: Values
) -> np.ndarray:
    gamma, beta = next(values), next(values)
    mean, variance = next(values), next(values)
    scale = gamma / np.sqrt(variance + settings["epsilon"])
    x *= scale
    x += beta - mean * scale
    return x


def _activation(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    return ACTIVATIONS[settings["activation"]](x)


def _max_pooling_2d(
    x: np.ndarray, settings: dict[str, Any], values: Values
) -> np.ndarray:
    return pooled(x, settings["pool_size"])


def _flatten(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    return x.reshape(len(x), -1)


def _dropout(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    next(values)  # its seed
    return x


def _softmax(x: np.ndarray, settings: dict[str, Any], values: Values) -> np.ndarray:
    return softmax(x)


KINDS: dict[str, Callable[[np.ndarray, dict[str, Any], Values], np.ndarray]] = {
    "Activation": _activation,
    "BatchNormalization": _batch_normalization,
    "Conv2D": _conv_2d,
    "Dense": _dense,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "MaxPooling2D": _max_pooling_2d,
    "Softmax": _softmax,
}


def numpy_can(architecture: Architecture) -> bool:
    """Return whether NumPy can compute the network."""
    return all(
        kind in KINDS and dict(settings).get("activation", "linear") in ACTIVATIONS
        for kind, settings in architecture.layers
    )


@np.errstate(under="ignore")
def numpy_probabilities(
    architecture: Architecture, state: NetworkState, x: np.ndarray
) -> np.ndarray:
    """Return the class probabilities of samples in the shape of the network's input.

    Raises
    ------
    KeyError
        If there is a layer of another kind than `KINDS` has: see `numpy_can`.
    """
    values = iter(state.variables)
    for kind, settings in architecture.layers:
        x = KINDS[kind](x, dict(settings), values)
    return x


def convolved(images: np.ndarray, kernel: np.ndarray, padding: str) -> np.ndarray:
    """Return images with one channel for each filter.

    The images keep their height and width if the padding is "same", and shrink if it
    is "valid". The pixels under each position of the filter are gathered into a row, so
    that one product of matrices does the rest.
    """
    size, _, _, n_filters = kernel.shape
    if padding == "same":
        images = with_margins(images, size - 1)
    n, height, width, n_channels = images.shape
    height, width = height - size + 1, width - size + 1
    # The columns of a window and their channels are one axis, so the images must be in
    # C order.
    image, row, column, channel = images.strides
    under_filter = np.ndarray(
        (n, height, width, size, size * n_channels),
        images.dtype,
        buffer=images,
        strides=(image, row, column, row, channel),
    )
    rows = under_filter.reshape(n * height * width, -1)
    return (rows @ kernel.reshape(-1, n_filters)).reshape(n, height, width, n_filters)


def with_margins(images: np.ndarray, n_pixels: int) -> np.ndarray:
    """Return images with ``n_pixels`` more pixels of 0 in height and in width.

    Of an odd number of pixels, the bottom and the right get one more.

    Examples
    --------
    >>> with_margins(np.ones((1, 1, 2, 1)), 1)[0, :, :, 0]
    array([[1., 1., 0.],
           [0., 0., 0.]])
    """
    n, height, width, n_channels = images.shape
    wider = np.zeros((n, height + n_pixels, width + n_pixels, n_channels), images.dtype)
    before = n_pixels // 2
    wider[:, before : before + height, before : before + width] = images
    return wider


def pooled(images: np.ndarray, size: int) -> np.ndarray:
    """Return the largest value of each square of pixels.

    Examples
    --------
    >>> pooled(np.arange(16).reshape(1, 4, 4, 1), 2)[0, :, :, 0]
    array([[ 5,  7],
           [13, 15]])
    """
    height, width = (n // size * size for n in images.shape[1:3])
    rows = [images[:, i:height:size, :width] for i in range(size)]
    highest = reduce(np.maximum, rows)
    return reduce(np.maximum, [highest[:, :, j::size] for j in range(size)])


def softmax(logits: np.ndarray) -> np.ndarray:
    """Overwrite logits with probabilities, and return them.

    Examples
    --------
    >>> softmax(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits, out=logits)
    powers /= powers.sum(axis=1, keepdims=True)
    return powers
