"""How bright a sample of images is, and where their background lies.

A level is a pixel value. The dark level of an image is the value that 2 % of its pixels
do not exceed, the bright level the one that 2 % reach: unlike the extremes, they
survive a few odd pixels. The contrast of an image is the difference of the two. Images
without contrast are blank, say nothing, and are left out.
"""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

# Images looked at in one call. The answers concern most images of a batch, and that
# many give them at little cost beside that of scaling 60,000 images.
_N_SAMPLED = 128

# What holds for fewer images than these may be chance, or one faint picture.
_N_ENOUGH = 5

# Ranges in common use that lie within wider ones, 0-15 being that of 4 bits.
_USUAL_RANGES = ((0.0, 1.0), (-0.5, 0.5), (-1.0, 1.0), (0.0, 15.0), (0.0, 16.0))

# Of 0-255, 1/64 leaves the four values 0 to 3: two bits, and no picture of a digit.
_HARDLY_ANY_CONTRAST = 1 / 64


class ImageSample(NamedTuple):
    """Some images of a batch, none of them blank, and their levels."""

    pixels: NDArray  # shape (n, n_features), floating
    dark: NDArray  # shape (n,), as are those below
    middle: NDArray
    bright: NDArray

    @classmethod
    def of(cls, X: NDArray) -> Self:
        """Take at most 128 images of X, of any layout and dtype.

        They are spread over all of X by the golden ratio, which no pattern in the order
        of the images keeps in step with.
        """
        if len(X) > _N_SAMPLED:
            places = np.arange(_N_SAMPLED) * ((math.sqrt(5) - 1) / 2) % 1
            X = X[np.sort((places * len(X)).astype(int))]
        pixels = X.astype(np.result_type(X.dtype, np.float32))
        pixels = pixels.reshape(len(pixels), -1)
        last = pixels.shape[1] - 1
        ranks = [last // 50, last // 2, (last + 1) // 2, last - last // 50]
        # Sorting is vectorized and partitioning at several places is not.
        dark, below, above, bright = np.sort(pixels, axis=1)[:, ranks].T
        middle = (below + above) / 2
        # Less is rounding, and dividing by it could overflow.
        smallest = np.finfo(pixels.dtype).eps * np.abs(pixels).max()
        with_contrast = bright - dark > smallest
        if with_contrast.all():
            return cls(pixels, dark, middle, bright)
        return cls(
            pixels[with_contrast],
            dark[with_contrast],
            middle[with_contrast],
            bright[with_contrast],
        )

    @property
    def contrast(self) -> NDArray:
        return self.bright - self.dark

    def levels(self) -> tuple[float, float]:
        """Return the dark and the bright level of the typical image."""
        return float(np.median(self.dark)), float(np.median(self.bright))

    def in_bright_half(self) -> NDArray[np.bool_]:
        """Tell which pixels are nearer to the bright level of their own image."""
        return self.pixels > ((self.dark + self.bright) / 2)[:, np.newaxis]


def most(is_so: NDArray[np.bool_]) -> bool:
    """Tell whether more than half of the images are so.

    For one image this takes a tenth of the time that a median takes.
    """
    return bool(2 * np.count_nonzero(is_so) > len(is_so))


def learn_background(sample: ImageSample) -> tuple[float, NDArray[np.bool_]]:
    """Return the level of the background and which pixels always belong to it.

    Those are the pixels that lie in the same half, dark or bright, in 95 % of the
    images: for digits, the border. With none, or with nothing else, there is no
    background, and its level is NaN.
    """
    n_images, n_pixels = sample.pixels.shape
    if not n_images:
        return np.nan, np.zeros(n_pixels, dtype=bool)
    bright_share = sample.in_bright_half().mean(axis=0)
    dark, bright = bright_share <= 0.05, bright_share >= 0.95
    mask = dark if dark.sum() > bright.sum() else bright
    if not mask.any() or mask.all():
        return np.nan, np.zeros_like(mask)
    return float(np.median(sample.pixels[:, mask])), mask


def _means(sample: ImageSample, mask: NDArray[np.bool_]) -> tuple[NDArray, NDArray]:
    """Return the mean of each image within the mask and outside of it."""
    # Products, since picking columns takes several times as long.
    n_within = np.count_nonzero(mask)
    one = sample.pixels.dtype.type(1)
    within = sample.pixels @ (mask * (one / n_within))
    outside = sample.pixels @ (~mask * (one / (mask.size - n_within)))
    return within, outside


def inverted(
    sample: ImageSample, mask: NDArray[np.bool_], *, dark: bool
) -> NDArray[np.bool_]:
    """Tell which images have at the other end what was a dark or a bright background.

    Three quarters of the background must lie in the other half of the image's own
    range, and the rest of the image must lie on the side that the background was on:
    clothes and other shapes that fill the image to its border are bright within, too.
    """
    within, outside = _means(sample, mask)
    darker_by = (outside - within) / sample.contrast
    is_candidate = darker_by <= -0.1 if dark else darker_by >= 0.1
    if not is_candidate.any():
        return is_candidate
    bright_share = sample.in_bright_half()[:, mask].mean(axis=1)
    other_share = bright_share if dark else 1.0 - bright_share
    return is_candidate & (other_share >= 0.75)


def _differ(
    levels: tuple[float, float],
    fitted: tuple[float, float],
    *,
    shift: float,
    stretch: float,
) -> bool:
    """Tell whether levels are shifted, in fitted contrasts, or stretched."""
    contrast = fitted[1] - fitted[0]
    ratio = (levels[1] - levels[0]) / contrast
    is_stretched = not 1 / stretch < ratio < stretch
    return is_stretched or abs(levels[0] - fitted[0]) >= shift * contrast


def _is_standardized(sample: ImageSample) -> bool:
    """Tell whether the pixels have a mean of about 0 and a deviation of about 1.

    The few odd pixels are trimmed: where each pixel was standardized by itself, those
    that hardly ever have ink have huge values.
    """
    dark, bright = sample.dark[:, np.newaxis], sample.bright[:, np.newaxis]
    trimmed = np.clip(sample.pixels, dark, bright)
    return bool(abs(trimmed.mean()) <= 0.2 and 0.5 <= trimmed.std() <= 1.5)


def _fills_other_range(
    sample: ImageSample,
    fitted_levels: tuple[float, float],
    fitted_range: tuple[float, float],
) -> bool:
    """Tell whether the images fill a range in common use that is not the fitted one."""
    dark, bright = sample.levels()
    ends = sample.pixels.min(), sample.pixels.max()
    for low, high in _USUAL_RANGES:
        width = high - low
        if (
            abs(ends[0] - low) <= 0.01 * width
            and abs(ends[1] - high) <= 0.01 * width
            and dark <= low + 0.1 * width
            and bright >= high - 0.1 * width
        ):
            return all(
                _differ((low, high), fitted, shift=0.2, stretch=2.0)
                for fitted in (fitted_levels, fitted_range)
            )
    return False


def levels_tell_other_range(
    sample: ImageSample,
    mask: NDArray[np.bool_],
    fitted_levels: tuple[float, float],
    fitted_range: tuple[float, float],
) -> bool:
    """Tell whether the images plainly belong to another range than the fitted ones.

    A single image says so if most of it lies outside of the range. Five or more do if
    their background or, by half a width, their dark or bright level lies outside, if
    they are standardized, if they fill another range in common use, or if they have
    less than 1/64 of the fitted contrast or more than 64 times as much. Noise on blank
    images, which has no background, proves neither of the last two.
    """
    width = fitted_levels[1] - fitted_levels[0]
    floor = min(fitted_levels[0], fitted_range[0])
    ceiling = max(fitted_levels[1], fitted_range[1])
    if most(floor - sample.middle >= 0.1 * sample.contrast):
        return True
    if most(sample.middle >= ceiling + 0.1 * width):
        return True
    if len(sample.pixels) < _N_ENOUGH:
        return False

    dark, bright = sample.levels()
    if dark <= floor - 0.5 * width or bright >= ceiling + 0.5 * width:
        return True
    if (dark < floor or bright > ceiling) and _is_standardized(sample):
        return _differ((dark, bright), fitted_levels, shift=0.2, stretch=1.25)
    if mask.any():
        within, outside = _means(sample, mask)
        if most(floor - within >= 0.08 * sample.contrast):
            return True
        if abs(np.mean((outside - within) / sample.contrast)) < 0.1:
            return False
    # Of the more contrasting images: the others may be faint, or hold but a speck.
    contrast = np.sort(sample.contrast)[9 * len(sample.contrast) // 10] / width
    if not _HARDLY_ANY_CONTRAST < contrast < 1 / _HARDLY_ANY_CONTRAST:
        return True
    return _fills_other_range(sample, fitted_levels, fitted_range)
