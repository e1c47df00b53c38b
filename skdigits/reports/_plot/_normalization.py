"""A plot of images on their way to the geometry of MNIST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.reports._checks import check_count
from skdigits.reports._plot._axes import check_matplotlib
from skdigits.reports._plot._tiles import Tile, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PIXELS = 96  # of each image on the screen
_FRAME = 0.8  # the gray around images


class NormalizationDisplay:
    """Plot of images, each beside the steps of its normalization.

    Parameters
    ----------
    stages : sequence of named tuples
        What ``DigitNormalizer.stages`` returns for each image.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot: a row for each image.
    figure_ : matplotlib Figure
        Figure containing the axes.

    See Also
    --------
    skdigits.preprocessing.DigitNormalizer : Gives images the geometry of MNIST.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits.preprocessing import DigitNormalizer
    >>> from skdigits.reports import NormalizationDisplay
    >>> images = load_digits().images
    >>> display = NormalizationDisplay.from_normalizer(DigitNormalizer(), images)
    >>> len(display.stages)
    6
    """

    def __init__(self, stages: Sequence[Any]) -> None:
        self.stages = stages

    @classmethod
    def from_normalizer(
        cls,
        normalizer: Any,
        X: Any,
        *,
        n_images: int = 6,
        ax: Axes | None = None,
    ) -> NormalizationDisplay:
        """Draw the steps of the normalization of the first images.

        Parameters
        ----------
        normalizer : DigitNormalizer
            The transformer.
        X : array-like of shape (n_samples, height, width), or list of images
            Images, as a `DigitNormalizer` takes them.
        n_images : int, default=6
            Maximum number of images.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : NormalizationDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib or OpenCV is not installed.
        TypeError
            If `normalizer` does not normalize images.
        ValueError
            If `n_images` is not an int of at least 1, or if ``X`` does not hold images.
        """
        check_matplotlib(cls.__name__)
        if not hasattr(normalizer, "stages"):
            raise TypeError(
                f"normalizer must be a DigitNormalizer; got {normalizer!r}."
            )
        check_count("n_images", n_images)
        return cls([normalizer.stages(image) for image in X[:n_images]]).plot(ax)

    def plot(self, ax: Axes | None = None) -> NormalizationDisplay:
        """Draw the images.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : NormalizationDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        check_matplotlib(type(self).__name__)
        tiles = [
            [
                Tile(as_square(image), name if i == 0 else " ", "black")
                for name, image in zip(stages._fields, stages, strict=True)
            ]
            for i, stages in enumerate(self.stages)
        ]
        self.ax_ = draw_tiles(ax, tiles, n_pixels=_PIXELS)
        self.figure_ = self.ax_.figure
        return self


def as_square(image: np.ndarray) -> np.ndarray:
    """Return a gray image as an RGB image of 96 x 96 pixels, in [0, 1].

    Examples
    --------
    >>> square = as_square(np.array([[0, 255]]))
    >>> square.shape, square[48, [10, 80], 0].tolist(), float(square[0, 0, 0])
    ((96, 96, 3), [0.0, 1.0], 0.8)
    """
    low, high = float(image.min()), float(image.max())
    scaled = (image - low) / ((high - low) or 1.0)
    longest = max(image.shape)
    side = _PIXELS - 2
    height, width = (max(1, round(side * n / longest)) for n in image.shape)
    rows, columns = (
        np.minimum((np.arange(size) + 0.5) * n / size, n - 1).astype(int)
        for size, n in zip((height, width), image.shape, strict=True)
    )
    square = np.full((_PIXELS, _PIXELS), _FRAME)
    top, left = (_PIXELS - height) // 2, (_PIXELS - width) // 2
    square[top : top + height, left : left + width] = scaled[np.ix_(rows, columns)]
    return np.repeat(square[..., None], 3, axis=2)
