"""Neural-network classifiers of handwritten digits for scikit-learn, built on Keras.

Names are imported on first use: ``import skdigits`` is fast, and only the estimators
import TensorFlow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0.dev0"

__all__ = [
    "ANNClassifier",
    "CNNClassifier",
    "Deskewer",
    "DigitAugmenter",
    "DigitNormalizer",
    "DigitReport",
    "NetworkClassifier",
    "NonDigitDetector",
    "OptunaSearchCV",
    "PixelScaler",
    "RejectingClassifierCV",
    "__version__",
    "datasets",
    "estimators",
    "make_digit_pipeline",
    "make_reader_pipeline",
    "model_selection",
    "preprocessing",
    "recipes",
    "reports",
]

if TYPE_CHECKING:
    from skdigits import (
        datasets,
        estimators,
        model_selection,
        preprocessing,
        recipes,
        reports,
    )
    from skdigits._pipeline import make_digit_pipeline, make_reader_pipeline
    from skdigits.estimators import (
        ANNClassifier,
        CNNClassifier,
        NetworkClassifier,
        NonDigitDetector,
    )
    from skdigits.model_selection import OptunaSearchCV, RejectingClassifierCV
    from skdigits.preprocessing import (
        Deskewer,
        DigitAugmenter,
        DigitNormalizer,
        PixelScaler,
    )
    from skdigits.reports import DigitReport

_HOMES = {
    "ANNClassifier": "skdigits.estimators",
    "CNNClassifier": "skdigits.estimators",
    "Deskewer": "skdigits.preprocessing",
    "DigitAugmenter": "skdigits.preprocessing",
    "DigitNormalizer": "skdigits.preprocessing",
    "DigitReport": "skdigits.reports",
    "NetworkClassifier": "skdigits.estimators",
    "NonDigitDetector": "skdigits.estimators",
    "OptunaSearchCV": "skdigits.model_selection",
    "PixelScaler": "skdigits.preprocessing",
    "RejectingClassifierCV": "skdigits.model_selection",
    "make_digit_pipeline": "skdigits._pipeline",
    "make_reader_pipeline": "skdigits._pipeline",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in __all__:
        return import_module(f"skdigits.{name}")
    raise AttributeError(f"module 'skdigits' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
