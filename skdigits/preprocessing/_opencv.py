"""OpenCV, imported when it is needed first."""

from functools import cache
from importlib import import_module
from types import ModuleType

from skdigits._utils import unchanged_search_paths


@cache
def opencv() -> ModuleType:
    """Return OpenCV."""
    with unchanged_search_paths():
        return import_module("cv2")
