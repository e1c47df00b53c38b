"""Digits from elsewhere in the geometry of MNIST."""

import cv2
import numpy as np

_BOX, _SIDE = 20, 28


def load_usps(path):
    """Return digits of USPS as uint8 images of shape (n, 784), and their labels.

    A row of the file has a label and the 16 x 16 pixels of an image, from -1 for the
    paper to 1 for the ink.
    """
    table = np.loadtxt(path)
    images = (table[:, 1:].reshape(-1, 16, 16) + 1) / 2
    return np.stack([like_mnist(image).ravel() for image in images]), table[:, 0]


def like_mnist(image):
    """Return an image with its ink scaled into a box of 20 pixels and centered by mass.

    The image is float in [0, 1] with bright ink. This is how MNIST was made, and just
    enough for clean images.
    """
    rows, columns = (np.flatnonzero((image > 0.1).any(axis=axis)) for axis in (1, 0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = _BOX / max(ink.shape)
    height, width = (max(1, round(n * scale)) for n in ink.shape)
    ink = cv2.resize(ink, (width, height), interpolation=cv2.INTER_CUBIC)
    mass = ink.clip(0, 1)
    place = []
    for axis, length in enumerate(ink.shape):
        center = np.average(np.arange(length), weights=mass.sum(axis=1 - axis))
        first = round((_SIDE - 1) / 2 - center)
        place.append(slice(min(max(first, 0), _SIDE - length), None))
    result = np.zeros((_SIDE, _SIDE), np.uint8)
    top, left = place[0].start, place[1].start
    result[top : top + height, left : left + width] = np.rint(255 * mass)
    return result
