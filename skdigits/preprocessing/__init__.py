"""Transformers for images of digits, which need only NumPy and scikit-learn."""

from skdigits.preprocessing._digit_augmenter import DigitAugmenter
from skdigits.preprocessing._pixel_scaler import PixelScaler

__all__ = ["DigitAugmenter", "PixelScaler"]
