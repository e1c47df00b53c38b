"""Digits from elsewhere in the geometry of MNIST."""

import numpy as np

from skdigits import DigitNormalizer


def load_usps(path):
    """Return digits of USPS as uint8 images of shape (n, 784), and their labels.

    A row of the file has a label and the 16 x 16 pixels of an image, from -1 for the
    paper to 1 for the ink.
    """
    table = np.loadtxt(path)
    images = np.rint((table[:, 1:].reshape(-1, 16, 16) + 1) * 127.5).astype(np.uint8)
    normalized = DigitNormalizer().transform(images)
    return normalized.reshape(len(images), -1), table[:, 0]
