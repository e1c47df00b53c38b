"""Transformers for images of digits, which need only NumPy and scikit-learn."""

from skdigits.preprocessing._pixel_scaler import PixelScaler

__all__ = ["PixelScaler"]
