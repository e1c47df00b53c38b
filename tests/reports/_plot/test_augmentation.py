"""The plot of what an augmenter does."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits

from skdigits import DigitAugmenter
from skdigits.reports import AugmentationDisplay


@pytest.fixture(scope="module")
def images():
    return load_digits().images


def test_draws_a_row_for_each_image(images):
    display = AugmentationDisplay.from_augmenter(
        DigitAugmenter(), images, n_images=3, n_copies=4
    )
    assert_array_equal(display.images, images[:3])
    assert display.copies.shape == (3, 4, 8, 8)
    height, width = display.ax_.images[0].get_array().shape[:2]
    assert height >= 3 * 8
    assert width >= 5 * 8
    assert {text.get_text() for text in display.ax_.texts} >= {"image", "copies"}


def test_depends_on_the_seed(images):
    one, again, other = (
        AugmentationDisplay.from_augmenter(
            DigitAugmenter(random_state=0), images, random_state=seed
        ).copies
        for seed in (1, 1, 2)
    )
    assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_draws_on_given_axes(images):
    import matplotlib.pyplot as plt

    _, ax = plt.subplots()
    display = AugmentationDisplay.from_augmenter(DigitAugmenter(), images, ax=ax)
    assert display.ax_ is ax
    assert display.plot().ax_ is not ax


@pytest.mark.parametrize("name", ["n_images", "n_copies"])
def test_bad_numbers(name, images):
    with pytest.raises(ValueError, match=f"{name} must be an int of at least 1; got 0"):
        AugmentationDisplay.from_augmenter(DigitAugmenter(), images, **{name: 0})


def test_needs_an_augmenter(images):
    with pytest.raises(TypeError, match=r"must be a DigitAugmenter; got 0\.5"):
        AugmentationDisplay.from_augmenter(0.5, images)


def test_dark_digits_on_bright_look_as_they_are(images):
    def pixels(X):
        display = AugmentationDisplay.from_augmenter(DigitAugmenter(), X, n_images=2)
        return display.ax_.images[0].get_array()

    np.testing.assert_allclose(pixels(images), pixels(images.max() - images), atol=0.02)
