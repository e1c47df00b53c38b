"""Digits of USPS."""

import numpy as np

from skdigits import DigitNormalizer


def load_usps(path):
    """Return digits of USPS in the geometry of MNIST, of shape (n, 784), and labels."""
    images, labels = load_usps_images(path)
    normalized = DigitNormalizer().transform(images)
    return normalized.reshape(len(images), -1), labels


def load_usps_images(path):
    """Return digits of USPS as uint8 images of 16 x 16 pixels, and their labels.

    A row of the file has a label and the pixels of an image, from -1 for the paper to 1
    for the ink.
    """
    table = np.loadtxt(path)
    images = np.rint((table[:, 1:].reshape(-1, 16, 16) + 1) * 127.5)
    return images.astype(np.uint8), table[:, 0].astype(int)
