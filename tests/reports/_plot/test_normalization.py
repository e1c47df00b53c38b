"""A plot of images on their way to the geometry of MNIST."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_digits

from skdigits.preprocessing import DigitNormalizer
from skdigits.reports import NormalizationDisplay


@pytest.fixture
def images():
    """Return images of different shapes."""
    digits = load_digits().images
    return [
        digits[3],
        np.kron(digits[4], np.ones((9, 9)))[:, 9:63],
        digits[5][..., None],
    ]


def test_has_a_row_for_each_image_and_a_column_for_each_stage(images):
    display = NormalizationDisplay.from_normalizer(DigitNormalizer(), images)
    assert [stages.normalized.shape for stages in display.stages] == [(28, 28)] * 3
    captions = [text.get_text().strip() for text in display.ax_.texts]
    assert captions[:4] == ["gray", "ink", "strokes", "normalized"]
    assert len(captions) == 12
    assert display.figure_ is display.ax_.figure


def test_axes_and_the_number_of_images(images):
    fig, ax = plt.subplots()
    display = NormalizationDisplay.from_normalizer(
        DigitNormalizer(), images, n_images=2, ax=ax
    )
    assert display.ax_ is ax
    assert len(display.stages) == 2


def test_the_normalized_image_is_drawn(images):
    display = NormalizationDisplay.from_normalizer(DigitNormalizer(), images[:1])
    drawn = display.ax_.images[0].get_array()
    assert drawn.max() == 1
    assert len(np.unique(drawn)) > 10


def test_blank_images_are_drawn():
    NormalizationDisplay.from_normalizer(DigitNormalizer(), np.ones((2, 9, 9)))


def test_bad_input(images):
    with pytest.raises(TypeError, match="normalizer must be a DigitNormalizer"):
        NormalizationDisplay.from_normalizer(None, images)
    with pytest.raises(ValueError, match="n_images"):
        NormalizationDisplay.from_normalizer(DigitNormalizer(), images, n_images=0)
