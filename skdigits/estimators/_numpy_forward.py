"""Networks computed by NumPy, which needs no TensorFlow.

For dense networks it is also faster, and for convolutional ones with few images.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import expit

from skdigits.estimators._spec import Architecture, NetworkState
from skdigits.estimators._tensorflow import tensorflow_would_hang

FEW_SAMPLES = 16  # with more of them, the convolutions of TensorFlow are faster
_SINGLE_PRODUCTS = 32  # of samples in a dense layer
_DENSE_VALUES = 2**23  # of the widest layer, so that memory is bounded

ACTIVATIONS: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0, out=x),
    "sigmoid": lambda x: expit(x, out=x),
    "tanh": lambda x: np.tanh(x, out=x),
}

Settings = dict[str, Any]
# The values of the layers to come, in the order of the layers and of Keras.
Values = Iterator[np.ndarray]
Function = Callable[[np.ndarray, Settings, Values], np.ndarray]


def _dense(x: np.ndarray, settings: Settings, values: Values) -> np.ndarray:
    if len(x) <= _SINGLE_PRODUCTS:
        # One product each takes hardly longer. In a product of several samples, on some
        # processors, rounding depends on the place of a sample among them.
        x = x[:, np.newaxis]
    x = (x @ next(values)).reshape(len(x), -1)
    if settings.get("use_bias", True):
        x += next(values)
    return x


def _conv_2d(x: np.ndarray, settings: Settings, values: Values) -> np.ndarray:
    kernel = next(values)
    if settings.get("use_bias", True):
        shift = next(values)
    else:
        scale, shift = _scale_and_shift(settings, values)
        kernel = kernel * scale
    x = convolved(x, kernel, settings["padding"], settings.get("pool_size", 1))
    x += shift
    return x


def _batch_normalization(
    x: np.ndarray, settings: Settings, values: Values
) -> np.ndarray:
    scale, shift = _scale_and_shift(settings, values)
    x *= scale
    x += shift
    return x


def _scale_and_shift(
    settings: Settings, values: Values
) -> tuple[np.ndarray, np.ndarray]:
    """Return what batch normalization multiplies by, and what it adds then."""
    gamma, beta = next(values), next(values)
    mean, variance = next(values), next(values)
    scale = gamma / np.sqrt(variance + settings["epsilon"])
    return scale, beta - mean * scale


def _activation(x: np.ndarray, settings: Settings, values: Values) -> np.ndarray:
    return ACTIVATIONS[settings["activation"]](x)


def _flatten(x: np.ndarray, settings: Settings, values: Values) -> np.ndarray:
    return x.reshape(len(x), -1)


def _global_average_pooling(
    x: np.ndarray, settings: Settings, values: Values
) -> np.ndarray:
    return x.mean(axis=(1, 2))


def _dropout(x: np.ndarray, settings: Settings, values: Values) -> np.ndarray:
    next(values)  # its seed
    return x


def _softmax(x: np.ndarray, settings: Settings, values: Values) -> np.ndarray:
    return softmax(x)


KINDS: dict[str, Function] = {
    "Activation": _activation,
    "BatchNormalization": _batch_normalization,
    "Conv2D": _conv_2d,
    "Dense": _dense,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _global_average_pooling,
    "Softmax": _softmax,
}


@lru_cache(maxsize=16)
def numpy_steps(architecture: Architecture) -> list[tuple[Function, Settings]]:
    """Return the functions that compute the network, and their settings.

    Batch normalization and a pool after a convolution become a part of it.

    Raises
    ------
    KeyError
        If there is a layer of another kind than NumPy can compute.
    """
    steps: list[tuple[Function, Settings]] = []
    for kind, settings in architecture.layers:
        follows_convolution = bool(steps) and steps[-1][0] is _conv_2d
        if follows_convolution and kind in ("BatchNormalization", "MaxPooling2D"):
            steps[-1][1].update(settings)
        else:
            steps.append((KINDS[kind], dict(settings)))
    return steps


@lru_cache(maxsize=16)
def numpy_can(architecture: Architecture) -> bool:
    """Return whether NumPy can compute the network."""
    try:
        steps = numpy_steps(architecture)
    except KeyError:
        return False
    return all(
        settings.get("activation", "linear") in ACTIVATIONS for _, settings in steps
    )


def numpy_is_best(architecture: Architecture, n_samples: int) -> bool:
    """Return whether NumPy should compute so many samples, and can."""
    is_faster = n_samples <= FEW_SAMPLES or not architecture.count("Conv2D")
    return (is_faster or tensorflow_would_hang()) and numpy_can(architecture)


def best_number_of_samples(architecture: Architecture) -> int:
    """Return how many samples to compute at a time.

    The fewer parts, the less often the cores wait for one another at the end of a
    product of matrices. On a machine that has other work, they wait long.
    """
    if architecture.count("Conv2D"):
        return FEW_SAMPLES
    units = [settings.get("units", 0) for _, settings in numpy_steps(architecture)]
    return max(1, _DENSE_VALUES // max(*architecture.input_shape, *units))


@np.errstate(under="ignore")
def numpy_probabilities(
    architecture: Architecture, state: NetworkState, x: np.ndarray
) -> np.ndarray:
    """Return the class probabilities of samples in the shape of the network's input.

    Raises
    ------
    KeyError
        If there is a layer of another kind than NumPy can compute: see `numpy_can`.
    """
    values = iter(state.variables)
    for compute, settings in numpy_steps(architecture):
        x = compute(x, settings, values)
    return x


def convolved(
    images: np.ndarray, kernel: np.ndarray, padding: str, pool_size: int = 1
) -> np.ndarray:
    """Return images with one channel for each filter: the largest value of each pool.

    Before the pool, the images keep their height and width if the padding is "same",
    and shrink if it is "valid". The pixels under each position of the filter are
    gathered into a row, so that a product of matrices does the rest. The first rows
    are those for the first position in each pool, and so on, so that the values to
    compare lie in long stretches of memory.
    """
    size, _, n_channels, n_filters = kernel.shape
    if padding == "same":
        images = with_margins(images, size - 1)
    n, height, width, _ = images.shape
    height, width = (height - size + 1) // pool_size, (width - size + 1) // pool_size
    # The columns of a window and their channels are one axis, so the images must be in
    # C order.
    image, row, column, channel = images.strides
    windows = np.ndarray(
        (n, pool_size, pool_size, height, width, size, size * n_channels),
        images.dtype,
        buffer=images,
        strides=(image, row, column, row * pool_size, column * pool_size, row, channel),
    )
    kernel = kernel.reshape(-1, n_filters)
    if n_channels == 1:
        # A window has only ``size`` neighbors in memory, so gathering the same pixel of
        # all windows is faster.
        pixels = windows.transpose(0, 5, 6, 1, 2, 3, 4).reshape(n, len(kernel), -1)
        rows = pixels.transpose(0, 2, 1)
    else:
        rows = windows.reshape(n, -1, len(kernel))
    values = (rows @ kernel).reshape(n, pool_size**2, height, width, n_filters)
    return values.max(axis=1)


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
