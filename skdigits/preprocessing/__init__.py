"""Transformers for images of digits, which need NumPy, scikit-learn and OpenCV."""

from skdigits.preprocessing._deskewer import Deskewer
from skdigits.preprocessing._digit_augmenter import DigitAugmenter
from skdigits.preprocessing._digit_normalizer import DigitNormalizer
from skdigits.preprocessing._pixel_scaler import PixelScaler

__all__ = ["Deskewer", "DigitAugmenter", "DigitNormalizer", "PixelScaler"]
