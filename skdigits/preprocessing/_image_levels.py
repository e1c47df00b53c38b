"""Dark and bright levels of a sample of images, their background, and inverted ink.

A level is a pixel value. The dark level of an image is its 2 % quantile and the bright
level its 98 % quantile, which a few outliers do not change. The contrast of an image is
the difference of these levels. Images without contrast are blank; they carry no
information and are left out.
"""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

# Images in a sample. They suffice for statements about most images of a batch, and take
# little time compared to scaling 60,000 images.
_N_SAMPLED = 128

# Fewer images may agree by chance, or because one of them is faint.
_N_ENOUGH = 5

# Common ranges that lie within wider ones; 0-15 is that of 4 bits.
_USUAL_RANGES = ((0.0, 1.0), (-0.5, 0.5), (-1.0, 1.0), (0.0, 15.0), (0.0, 16.0))

# 1/64 of 0-255 leaves the four values 0 to 3: two bits, too few for a digit.
_LEAST_CONTRAST = 1 / 64


class ImageSample(NamedTuple):
    """Some images of a batch, without blank ones, and their levels."""

    pixels: NDArray  # shape (n_samples, n_features), floating
    dark: NDArray  # shape (n_samples,), like the arrays below
    middle: NDArray
    bright: NDArray

    @classmethod
    def of(cls, X: NDArray) -> Self:
        """Return a sample of at most 128 images of X, of any layout and dtype.

        Multiples of the golden ratio spread the sample over X, so that it does not
        coincide with a periodic order of the images.
        """
        if len(X) > _N_SAMPLED:
            places = np.arange(_N_SAMPLED) * ((math.sqrt(5) - 1) / 2) % 1
            X = X[np.sort((places * len(X)).astype(int))]
        pixels = X.astype(np.result_type(X.dtype, np.float32))
        pixels = pixels.reshape(len(pixels), -1)
        last = pixels.shape[1] - 1
        ranks = [last // 50, last // 2, (last + 1) // 2, last - last // 50]
        # Sorting is vectorized, whereas partitioning at several ranks is not.
        dark, below, above, bright = np.sort(pixels, axis=1)[:, ranks].T
        middle = (below + above) / 2
        # Smaller contrasts are rounding errors, and dividing by them could overflow.
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
        """Return the median dark level and the median bright level."""
        return float(np.median(self.dark)), float(np.median(self.bright))

    def in_bright_half(self) -> NDArray[np.bool_]:
        """Return which pixels are closer to the bright level of their image."""
        return self.pixels > ((self.dark + self.bright) / 2)[:, np.newaxis]


def majority(values: NDArray[np.bool_]) -> bool:
    """Return whether more than half of the values are true.

    For one value this takes a tenth of the time of a median.
    """
    return bool(2 * np.count_nonzero(values) > len(values))


def learn_background(sample: ImageSample) -> tuple[float, NDArray[np.bool_]]:
    """Return the level of the background, and which pixels always belong to it.

    These pixels lie in the same half of the range of their image, dark or bright, in at
    least 95 % of the images. For digits they form the border. If there are no such
    pixels, or no others, there is no background, and its level is NaN.
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
    """Return the mean of each image inside and outside of the mask."""
    # Indexing columns would take several times as long as these products.
    n_within = np.count_nonzero(mask)
    one = sample.pixels.dtype.type(1)
    within = sample.pixels @ (mask * (one / n_within))
    outside = sample.pixels @ (~mask * (one / (mask.size - n_within)))
    return within, outside


def inverted(
    sample: ImageSample, mask: NDArray[np.bool_], *, dark: bool
) -> NDArray[np.bool_]:
    """Return which images have a bright background if it was `dark`, or vice versa.

    Three quarters of the background must lie in the other half of the range of the
    image, and the rest of the image must differ from it in the expected direction. The
    latter excludes clothes and other bright shapes that extend to the border.
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
    """Return whether levels are shifted (in fitted contrasts) or stretched."""
    contrast = fitted[1] - fitted[0]
    ratio = (levels[1] - levels[0]) / contrast
    is_stretched = not 1 / stretch < ratio < stretch
    return is_stretched or abs(levels[0] - fitted[0]) >= shift * contrast


def _is_standardized(sample: ImageSample) -> bool:
    """Return whether the pixels have a mean near 0 and a standard deviation near 1.

    Pixels are clipped to the levels of their image, because standardizing each feature
    makes pixels that rarely have ink very large.
    """
    dark, bright = sample.dark[:, np.newaxis], sample.bright[:, np.newaxis]
    trimmed = np.clip(sample.pixels, dark, bright)
    return bool(abs(trimmed.mean()) <= 0.2 and 0.5 <= trimmed.std() <= 1.5)


def _fills_other_range(
    sample: ImageSample,
    fitted_levels: tuple[float, float],
    fitted_range: tuple[float, float],
) -> bool:
    """Return whether the images fill a common range that is not the fitted one."""
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


def levels_suggest_other_range(
    sample: ImageSample,
    mask: NDArray[np.bool_],
    fitted_levels: tuple[float, float],
    fitted_range: tuple[float, float],
) -> bool:
    """Return whether the levels show that the images have another range than in `fit`.

    The median pixel of most images must lie outside of the fitted range, or, for five
    images or more, one of these must hold:

    - their background lies outside of the range;
    - their dark or bright level lies outside of it by half of the fitted contrast;
    - they are standardized;
    - they fill another common range;
    - their contrast is less than 1/64 or more than 64 times the fitted contrast.

    The last two do not count for noise on blank images, which has no background.
    """
    width = fitted_levels[1] - fitted_levels[0]
    floor = min(fitted_levels[0], fitted_range[0])
    ceiling = max(fitted_levels[1], fitted_range[1])
    if majority(floor - sample.middle >= 0.1 * sample.contrast):
        return True
    if majority(sample.middle >= ceiling + 0.1 * width):
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
        if majority(floor - within >= 0.08 * sample.contrast):
            return True
        if abs(np.mean((outside - within) / sample.contrast)) < 0.1:
            return False
    # The 90 % quantile, because many images may be faint or nearly blank.
    contrast = np.sort(sample.contrast)[9 * len(sample.contrast) // 10] / width
    if not _LEAST_CONTRAST < contrast < 1 / _LEAST_CONTRAST:
        return True
    return _fills_other_range(sample, fitted_levels, fitted_range)
