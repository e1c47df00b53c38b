"""Labels as places among the classes, and the label of rejected samples."""

from numbers import Integral
from typing import Any

import numpy as np


def places_in(classes: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the place of each label among the classes, and -1 for other labels.

    Examples
    --------
    >>> places_in(np.array(["b", "a"]), np.array(["a", "b", "c"]))
    array([ 1,  0, -1])
    """
    order = np.argsort(classes)
    found = np.searchsorted(classes, y, sorter=order)
    places = order[np.minimum(found, len(classes) - 1)]
    return np.where(classes[places] == y, places, -1)


def rejected_like(classes: np.ndarray, reject_label: Any) -> Any:
    """Return the label of rejected samples: a string, if the classes are strings."""
    return str(reject_label) if isinstance(classes[0], str) else reject_label


def with_rejected(
    labels: np.ndarray, accepted: np.ndarray, reject_label: Any
) -> np.ndarray:
    """Return labels, and another one where samples are not accepted.

    Examples
    --------
    >>> accepted = np.array([True, False])
    >>> with_rejected(np.array([3, 4], np.uint8), accepted, -1)
    array([ 3, -1], dtype=int16)
    >>> with_rejected(np.array(["a", "b"]), accepted, "reject")
    array(['a', 'reject'], dtype='<U6')
    """
    if labels.dtype == object:
        other = np.array(reject_label, dtype=object)
    elif isinstance(reject_label, Integral) and labels.dtype.kind in "biu":
        other = np.array(reject_label, np.min_scalar_type(int(reject_label)))
    else:
        other = np.array(reject_label)
    return np.where(accepted, labels, other)
