"""Networks computed by NumPy: for few rows far quicker than a call of TensorFlow."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from scipy.special import expit

from skdigits.estimators._spec import Architecture, State

_ACTIVATIONS: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: expit(x, out=x),
    "tanh": lambda x: np.tanh(x, out=x),
}
_EPSILON = 1e-3  # of Keras' BatchNormalization
# Of more rows NumPy's product of matrices rounds each in a way that depends on where it
# stands. TensorFlow does not, and makes up for what a call of it costs.
MOST_ROWS = 16


def numpy_can(architecture: Architecture) -> bool:
    """Return whether NumPy can compute the network."""
    return all(
        dict(settings)["activation"] in _ACTIVATIONS
        for kind, settings in architecture.layers
        if kind == "Activation"
    )


@np.errstate(under="ignore")
def numpy_probabilities(
    architecture: Architecture, state: State, x: np.ndarray
) -> np.ndarray:
    """Return the class probabilities of rows of pixels or of images.

    The weights are taken in the order in which the layers, and Keras, have them.
    """
    trained, untrained = iter(state.trained), iter(state.untrained)
    for kind, pairs in architecture.layers:
        settings: dict[str, Any] = dict(pairs)
        if kind in ("Dense", "Conv2D"):
            kernel = next(trained)
            if kind == "Dense":
                x = x @ kernel
            else:
                x = convolved(x, kernel, settings["padding"])
            if settings.get("use_bias", True):
                x += next(trained)
        elif kind == "BatchNormalization":
            gamma, beta = next(trained), next(trained)
            mean, variance = next(untrained), next(untrained)
            scale = gamma / np.sqrt(variance + _EPSILON)
            x *= scale
            x += beta - mean * scale
        elif kind == "Activation":
            x = _ACTIVATIONS[settings["activation"]](x)
        elif kind == "MaxPooling2D":
            x = pooled(x, settings["pool_size"])
        elif kind == "Flatten":
            x = x.reshape(len(x), -1)
        elif kind == "Dropout":
            next(untrained)  # the state of its random numbers
        else:
            x = softmax(x)
    return x


def convolved(images: np.ndarray, kernel: np.ndarray, padding: str) -> np.ndarray:
    """Return images with one channel for each filter.

    They have the height and the width that they had if the padding is "same", and less
    if it is "valid". The pixels under the filter are gathered into rows, so that what
    is left is one product of matrices.
    """
    size, _, _, n_filters = kernel.shape
    if padding == "same":
        images = with_margins(images, size - 1)
    n, height, width, n_channels = images.shape
    height, width = height - size + 1, width - size + 1
    # The columns of a window and their channels are one axis: the images have to be in
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
    """Return images higher and wider by some pixels of 0, one more at the end if odd.

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
    """Return probabilities in the place of the logits.

    Examples
    --------
    >>> softmax(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits, out=logits)
    powers /= powers.sum(axis=1, keepdims=True)
    return powers
