"""Checks of numeric parameters."""

from numbers import Integral, Real
from typing import Any

import numpy as np


def check_count(name: str, value: Any, minimum: int = 1) -> None:
    """Raise an error unless a value is an int of at least `minimum`.

    Examples
    --------
    >>> check_count("n_images", 0)
    Traceback (most recent call last):
    ValueError: n_images must be an int of at least 1; got 0.
    """
    message = f"{name} must be an int of at least {minimum}; got {value!r}."
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise TypeError(message)
    if value < minimum:
        raise ValueError(message)


def check_fraction(name: str, value: float) -> None:
    """Raise an error unless a value is a number between 0 and 1, both excluded.

    Examples
    --------
    >>> check_fraction("max_error", 5)
    Traceback (most recent call last):
    ValueError: max_error must be between 0 and 1; got 5.
    """
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number; got {value!r}.")
    if not 0 < value < 1:
        raise ValueError(f"{name} must be between 0 and 1; got {value!r}.")
