"""A plot of digits and of what an augmenter makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits._images import as_images, border_level
from skdigits.reports._checks import check_count
from skdigits.reports._plot._axes import check_matplotlib
from skdigits.reports._plot._tiles import Tile, as_dark_on_white, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PIXELS = 64  # approximate size of a digit on the screen


class AugmentationDisplay:
    """Plot of digits, each beside changed copies of it.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        Gray images, with bright digits on dark or dark ones on bright.
    copies : ndarray of shape (n_images, n_copies, height, width)
        Changed copies of each image.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the plot: a row for each image, which comes first.
    figure_ : matplotlib Figure
        Figure containing the axes.

    See Also
    --------
    skdigits.preprocessing.DigitAugmenter : Changes digits at random.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import DigitAugmenter
    >>> from skdigits.reports import AugmentationDisplay
    >>> X, _ = load_digits(return_X_y=True)
    >>> display = AugmentationDisplay.from_augmenter(DigitAugmenter(), X[:4])
    >>> display.copies.shape
    (4, 9, 8, 8)
    """

    def __init__(self, images: np.ndarray, copies: np.ndarray) -> None:
        self.images = images
        self.copies = copies

    @classmethod
    def from_augmenter(
        cls,
        augmenter: Any,
        X: Any,
        *,
        n_images: int = 6,
        n_copies: int = 9,
        random_state: int | np.random.RandomState | None = 0,
        ax: Axes | None = None,
    ) -> AugmentationDisplay:
        """Draw what an augmenter makes of the first images.

        Parameters
        ----------
        augmenter : DigitAugmenter
            The augmenter.
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Gray images. 2-D ``X`` holds square images.
        n_images : int, default=6
            Maximum number of digits.
        n_copies : int, default=9
            Number of changed copies of each digit.
        random_state : int, RandomState instance or None, default=0
            Seed of the changes. None stands for the seed of the augmenter.
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : AugmentationDisplay
            The display, after drawing.

        Raises
        ------
        ImportError
            If Matplotlib or OpenCV is not installed.
        TypeError
            If `augmenter` does not change images.
        ValueError
            If a number is not an int of at least 1, or if ``X`` does not hold images.
        """
        check_matplotlib(cls.__name__)
        if not hasattr(augmenter, "transform"):
            raise TypeError(f"augmenter must be a DigitAugmenter; got {augmenter!r}.")
        check_count("n_images", n_images)
        check_count("n_copies", n_copies)
        images = as_images(np.asarray(X)[:n_images])
        repeated = np.repeat(images, n_copies, axis=0)
        copies = augmenter.transform(repeated, random_state=random_state)
        copies = copies.reshape(len(images), n_copies, *images.shape[1:])
        return cls(images, copies).plot(ax)

    def plot(self, ax: Axes | None = None) -> AugmentationDisplay:
        """Draw the digits.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. By default, those of a new figure.

        Returns
        -------
        display : AugmentationDisplay
            The display.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        """
        check_matplotlib(type(self).__name__)
        n_copies, *shape = self.copies.shape[1:]
        rows = np.concatenate([self.images[:, None], self.copies], axis=1)
        if has_bright_background(self.images):
            rows = rows.max() - rows
        drawn = as_dark_on_white(rows.reshape(-1, *shape))
        captions = ["image", "copies", *[" "] * (n_copies - 1)]
        tiles = [
            [
                Tile(image, caption if i == 0 else " ", "black")
                for image, caption in zip(row, captions, strict=True)
            ]
            for i, row in enumerate(drawn.reshape(len(rows), n_copies + 1, *shape, 3))
        ]
        self.ax_ = draw_tiles(ax, tiles, n_pixels=_PIXELS)
        self.figure_ = self.ax_.figure
        return self


def has_bright_background(images: np.ndarray) -> bool:
    """Return whether the pixels at the borders are mostly in the upper half.

    Examples
    --------
    >>> images = np.zeros((2, 5, 5))
    >>> has_bright_background(images), has_bright_background(255 - images)
    (False, False)
    >>> images[:, 2, 2] = 255
    >>> has_bright_background(images), has_bright_background(255 - images)
    (False, True)
    """
    middle = (float(images.min()) + float(images.max())) / 2
    return border_level(images) > middle
