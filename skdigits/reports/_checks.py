"""Checks of numbers that users give."""

from numbers import Integral
from typing import Any

import numpy as np


def check_count(name: str, value: Any, least: int = 1) -> None:
    """Raise an error for what is no number of things to show.

    Examples
    --------
    >>> check_count("n_images", 0)
    Traceback (most recent call last):
    ValueError: n_images must be an int of at least 1; got 0.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an int of at least {least}; got {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be an int of at least {least}; got {value}.")
