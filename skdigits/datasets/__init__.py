"""Loaders of handwritten digits: MNIST, IDX files, CSV files and image files.

Every loader returns the pixels as they are stored, from 0 to 255, without scaling.
`save_submission` writes predicted digits for Kaggle's "Digit Recognizer".
"""

from skdigits.datasets._idx import load_idx
from skdigits.datasets._image_files import load_images
from skdigits.datasets._mnist import fetch_mnist
from skdigits.datasets._pixel_csv import load_pixel_csv
from skdigits.datasets._submission import save_submission

__all__ = [
    "fetch_mnist",
    "load_idx",
    "load_images",
    "load_pixel_csv",
    "save_submission",
]
