"""Random changes of images, as functions of arrays and of uniform random numbers.

Many images are changed at a time by a few operations of NumPy on all their pixels. An
image and its random numbers alone determine the result, to the last bit: neither the
other images nor the number of threads matter.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from math import ceil, log2
from typing import NamedTuple

import numpy as np

from skdigits._images import ImageShape, border_level
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._redrawing import N_DRAWS as N_REDRAWING_DRAWS
from skdigits.preprocessing._redrawing import Redrawing

_POINTS = 5  # the control points of an elastic distortion in each direction
_CHUNK_PIXELS = 2**16  # few enough for the cache
_LONGEST_ROW = 2**15 - 2  # of what OpenCV reads
_MAX_ROWS = 2**13
_MAX_IMAGES_FOR_LEVELS = 1000
# A product of so few rows and columns is computed by one thread. After larger ones, the
# threads of OpenBLAS wait for the next product in a busy loop, and slow down the
# training.
_ROWS, _COLUMNS = 8, 1024
_MARGIN = 2  # pixels on each side
MAX_SIDE = _LONGEST_ROW - 2 * _MARGIN  # of an image that OpenCV takes
_ERASED = 0.15, 0.4  # the sides of a rectangle, as shares of those of the image

# The columns of the random numbers.
_ROTATION, _SHEAR, _THICKNESS, _IS_ERASED = range(4)
_SHIFT, _SCALE, _CENTER, _SIDES = (slice(i, i + 2) for i in range(4, 12, 2))
_ELASTIC = slice(12, 12 + 2 * _POINTS**2)
_IS_UNCHANGED = _ELASTIC.stop
N_DRAWS = _IS_UNCHANGED + 1

Change = Callable[[np.ndarray], np.ndarray]


class Ranges(NamedTuple):
    """The largest change of each kind; `DigitAugmenter` has their units."""

    shift: float
    rotation: float
    scale: float
    shear: float
    elastic: float
    thickness: float
    erasing: float

    def times(self, strength: float) -> "Ranges":
        """Return all of them multiplied by a factor."""
        return Ranges(*(strength * value for value in self))


class Augmentation(NamedTuple):
    """Random changes for images of one shape and with the same gray values.

    ``unchanged`` is the share of the images that stay as they are. ``ink`` is how much
    brighter the ink is than the ``background``, and negative if it is darker.
    ``redrawing`` comes before the other changes.
    """

    ranges: Ranges
    unchanged: float
    shape: ImageShape
    background: float
    ink: float
    redrawing: Redrawing | None = None

    def __call__(
        self,
        X: np.ndarray,
        rng: np.random.Generator,
        codes: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return changed copies of images, in the shape and the dtype of ``X``.

        ``codes`` are the places of their labels among the classes.
        """
        X = np.asarray(X)
        height, width = self.shape
        if X.shape[1:] not in {
            (height * width,),
            (height, width),
            (height, width, 1),
        }:
            raise ValueError(
                f"X must hold images of {height} x {width} pixels, as those the "
                f"augmentation was prepared for; got shape {X.shape}."
            )
        if not isinstance(rng, np.random.Generator):
            raise TypeError(
                "rng must be a numpy.random.Generator, such as "
                f"numpy.random.default_rng(0); got {rng!r}."
            )
        if self.redrawing is None:
            return self.apply(X, draw(rng, len(X)))
        draws = draw(rng, len(X), N_DRAWS + N_REDRAWING_DRAWS)
        redrawn = self._redrawn(X, codes, (1 + draws[:, N_DRAWS:]) / 2)
        return self.apply(redrawn, draws[:, :N_DRAWS])

    def apply(self, X: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Return images changed as ``draws`` say: a row for each image, or for all."""
        images = X.reshape(len(X), *self.shape)
        draws = np.broadcast_to(draws, (len(X), N_DRAWS))
        result = images.copy()
        chosen = np.flatnonzero(np.abs(draws[:, _IS_UNCHANGED]) >= self.unchanged)
        maps = coefficients(draws[chosen], self.ranges, self.shape)
        step = _images_at_a_time(self.shape)
        for start in range(0, len(chosen), step):
            part = chosen[start : start + step]
            changed = self._changed(
                images[part], draws[part], maps[:, start : start + step]
            )
            result[part] = converted(changed, X.dtype)
        return result.reshape(X.shape)

    def _redrawn(
        self, X: np.ndarray, codes: np.ndarray | None, draws: np.ndarray
    ) -> np.ndarray:
        """Return images redrawn where their random numbers say so."""
        assert self.redrawing is not None
        codes = np.full(len(X), -1) if codes is None else codes
        chosen = np.flatnonzero(self.redrawing.may_change(codes, draws))
        result = X.copy()
        images = result.reshape(len(X), *self.shape)
        for i in chosen:
            ink = (images[i] - self.background) / self.ink
            ink = self.redrawing.apply(ink.astype(np.float32), codes[i], draws[i])
            images[i] = converted(self.background + self.ink * ink, X.dtype)
        return result

    def mild_changes(self, n: int) -> list[Change]:
        """Return functions of images, each of which changes all images alike.

        The changes are half as large, and come in opposite pairs. Nothing is erased.
        """
        half = self.ranges.times(0.5)._replace(erasing=0.0)
        mild = self._replace(ranges=half, unchanged=0.0)
        draws = draw(np.random.default_rng(0), -(-n // 2))
        pairs = np.stack([draws, -draws], axis=1).reshape(-1, 1, N_DRAWS)
        return [partial(mild.apply, draws=pair) for pair in pairs[:n]]

    def _changed(
        self, images: np.ndarray, draws: np.ndarray, maps: np.ndarray
    ) -> np.ndarray:
        # The background becomes 0 and the ink about 1, unless they are near already.
        is_plain = self.background == 0 and 1e-3 < self.ink < 1e5
        if not is_plain:
            images = (images - self.background) / self.ink
        ink = with_margin(images)
        if self.ranges.thickness:
            ink = thickened(ink, self.ranges.thickness * draws[:, _THICKNESS])
        ink = warped(ink, maps)
        if self.ranges.erasing:
            erase(ink, draws, self.ranges.erasing)
        return ink if is_plain else self.background + self.ink * ink.astype(np.float64)


def augmentation_for(
    images: np.ndarray,
    ranges: Ranges,
    unchanged: float,
    redrawing: Redrawing | None = None,
) -> Augmentation:
    """Return the changes for images of shape (n_images, height, width).

    The background is the median of the pixels at the borders, and the ink lies in the
    other half of the range of all pixels.
    """
    some = images[:: max(1, len(images) // _MAX_IMAGES_FOR_LEVELS)]
    background = border_level(some)
    low, high = float(some.min()), float(some.max())
    above, below = high - background, background - low
    ink = (above if above >= below else -below) or 1.0
    height, width = images.shape[1:]
    return Augmentation(ranges, unchanged, (height, width), background, ink, redrawing)


def _images_at_a_time(shape: ImageShape) -> int:
    """Return how many images are changed by the same operations."""
    height, width = shape
    n_rows = height + 2 * _MARGIN
    n = min(_CHUNK_PIXELS // (height * width), _MAX_ROWS // n_rows)
    return n - n % _ROWS if n > _ROWS else max(1, n)


def draw(rng: np.random.Generator, n_images: int, n_draws: int = N_DRAWS) -> np.ndarray:
    """Return uniform random numbers in [-1, 1), a row for each image.

    Those of some images are the same whether they are drawn at once or in parts.
    """
    return 2 * rng.random((n_images, n_draws), dtype=np.float32) - 1


def converted(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return values in a dtype: integers are rounded, and stay within its range.

    Examples
    --------
    >>> converted(np.array([1.7, 300.0]), np.dtype("uint8"))
    array([  2, 255], dtype=uint8)
    """
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        # A float64 may be just above the largest integer.
        high = np.nextafter(np.float64(bounds.max) + 1, 0)
        values = np.clip(np.rint(values).astype(np.float64), bounds.min, high)
    elif dtype.kind == "b":
        values = np.rint(values)
    return values.astype(dtype)


def with_margin(images: np.ndarray) -> np.ndarray:
    """Return images in float32 with more pixels of 0 on each side.

    Strokes may grow into the inner half of the margin. The outer one stays empty, and
    is what positions outside of the image read.

    Examples
    --------
    >>> with_margin(np.ones((1, 1, 2)))[0, 1:-1].astype(int)
    array([[0, 0, 0, 0, 0, 0],
           [0, 0, 1, 1, 0, 0],
           [0, 0, 0, 0, 0, 0]])
    """
    n, height, width = images.shape
    margin = 2 * _MARGIN
    wider = np.zeros((n, height + margin, width + margin), np.float32)
    wider[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = images
    return wider


def thickened(ink: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Return images with thicker strokes, or thinner ones where the amount is negative.

    An amount of 1 sets each pixel to the largest value among itself and its four
    neighbors, -1 to the smallest, and other amounts blend that with the image. The
    images have a margin.
    """
    sign = np.sign(amount)[:, None, None]
    signed = sign * ink
    most = signed.copy()
    # The rows of all images are one line in memory, whose neighbors at the ends of a
    # row belong to the margins.
    line, best = signed.reshape(-1), most.reshape(-1)
    for step in (1, ink.shape[2]):
        np.maximum(best[step:], line[:-step], out=best[step:])
        np.maximum(best[:-step], line[step:], out=best[:-step])
    most -= signed
    most *= amount[:, None, None]
    most += ink
    return most


def coefficients(draws: np.ndarray, ranges: Ranges, shape: ImageShape) -> np.ndarray:
    """Return what the rows of `basis` are multiplied by, of shape (2, n, n_rows).

    The two sums are the rows and the columns of the pixels to read.
    """
    n = len(draws)
    angle = np.deg2rad(ranges.rotation) * draws[:, _ROTATION]
    cosine, sine = np.cos(angle), np.sin(angle)
    stretch_y, stretch_x = np.exp(np.log1p(ranges.scale) * draws[:, _SCALE]).T
    shear = ranges.shear * draws[:, _SHEAR]
    rows = np.zeros((2, n, 3 + _POINTS**2), np.float32)
    rows[0, :, 0] = (cosine + sine * shear) * stretch_y
    rows[0, :, 1] = sine * stretch_x
    rows[1, :, 0] = (cosine * shear - sine) * stretch_y
    rows[1, :, 1] = cosine * stretch_x
    for axis, length in enumerate(shape):
        rows[axis, :, 2] = (length - 1) / 2 + _MARGIN  # the center
        rows[axis, :, 2] += ranges.shift * length * draws[:, _SHIFT][:, axis]
        bends = draws[:, _ELASTIC].reshape(n, 2, _POINTS**2)[:, axis]
        rows[axis, :, 3:] = ranges.elastic * length * bends
    return rounded(rows, 17 - _bits(shape))


def _bits(shape: ImageShape) -> int:
    """Return the number of bits in front of the point of any sum in `positions`."""
    return ceil(log2(4 * max(shape)))


def rounded(values: np.ndarray, n_bits: int) -> np.ndarray:
    """Return values rounded to so many bits behind the point.

    Examples
    --------
    >>> rounded(np.array([0.3]), 2)
    array([0.25])
    """
    return np.rint(values * 2.0**n_bits) * np.asarray(2.0**-n_bits, values.dtype)


@lru_cache(maxsize=8)
def basis(shape: ImageShape) -> np.ndarray:
    """Return the row and the column of each pixel, 1, and the weights of the points.

    The weights are those of smooth interpolation between the control points of an
    elastic distortion.
    """

    def weights(n: int) -> np.ndarray:
        place = np.linspace(0, _POINTS - 1, n)
        distance = np.abs(place - np.arange(_POINTS)[:, None])
        return np.where(distance < 1, (1 + np.cos(np.pi * distance)) / 2, 0)

    height, width = shape
    y, x = np.mgrid[:height, :width] - (np.array(shape) - 1).reshape(2, 1, 1) / 2
    points = np.einsum("iy,jx->ijyx", weights(height), weights(width))
    rows = [y, x, np.ones(shape), *points.reshape(-1, height, width)]
    return rounded(np.reshape(rows, (-1, height * width)).astype(np.float32), 7)


def positions(coefficients: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Return the row and the column to read for each pixel, of shape (2, n, n_pixels).

    They count the margin. The factors have so few bits that products and sums in
    float32 are exact. The order in which a library adds, which depends on the processor
    and the number of threads, therefore does not matter.
    """
    n_axes, n, n_rows = coefficients.shape
    n_at_once = min(n, _ROWS)
    padding = np.zeros((n_axes, -n % n_at_once, n_rows), np.float32)
    if padding.size:
        coefficients = np.concatenate([coefficients, padding], axis=1)
    parts = coefficients.reshape(-1, n_at_once, n_rows)
    columns = basis(shape)
    places = [
        parts @ columns[:, start : start + _COLUMNS]
        for start in range(0, columns.shape[1], _COLUMNS)
    ]
    joined = places[0] if len(places) == 1 else np.concatenate(places, axis=2)
    return joined.reshape(n_axes, -1, columns.shape[1])[:, :n]


def warped(ink: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Return images without their margin, read at other positions.

    Between pixels, OpenCV interpolates. Outside of an image all is 0.
    """
    n, height, width = ink.shape
    shape = height - 2 * _MARGIN, width - 2 * _MARGIN
    rows, columns = positions(coefficients, shape)
    # OpenCV reads from one high image. Rows above and below an image of it belong to
    # others, so they must be read from its margin.
    np.clip(rows, np.float32(0), np.float32(height - 1), out=rows)
    # Between _MAX_ROWS and twice that, all numbers have as many bits behind the point.
    # Rounding to them makes the result independent of the place of an image.
    first = np.arange(0, n * height, height, dtype=np.float32)[:, None]
    rows += first + np.float32(_MAX_ROWS)
    rows -= np.float32(_MAX_ROWS)
    # Several rows would be read by several threads, which then wait for the next call
    # in a busy loop, and slow down the training.
    source = ink.reshape(-1, width)
    places = columns.reshape(1, -1), rows.reshape(1, -1)
    read = np.empty(columns.size, np.float32)
    for start in range(0, read.size, _LONGEST_ROW):
        part = slice(start, start + _LONGEST_ROW)
        x, y = (place[:, part] for place in places)
        read[part] = opencv().remap(source, x, y, opencv().INTER_LINEAR)[0]
    return read.reshape(n, *shape)


def erase(ink: np.ndarray, draws: np.ndarray, probability: float) -> None:
    """Set a rectangle of some images to 0."""
    chosen = np.flatnonzero(np.abs(draws[:, _IS_ERASED]) < probability)
    if not len(chosen):
        return
    low, high = _ERASED
    within = []
    for axis, length in enumerate(ink.shape[1:]):
        center = draws[chosen, _CENTER][:, axis, None] / 2
        side = low + (high - low) * np.abs(draws[chosen, _SIDES][:, axis, None])
        place = (np.arange(length) + 0.5) / length - 0.5
        within.append(np.abs(place - center) < side / 2)
    ink[chosen] *= ~(within[0][:, :, None] & within[1][:, None, :])
