"""Reports and plots of what a classifier gets right, and what it confuses."""

from skdigits.reports._comparison import Comparison
from skdigits.reports._coverage_score import coverage_at_error_score
from skdigits.reports._plot._augmentation import AugmentationDisplay
from skdigits.reports._plot._confused_pairs import ConfusedPairsDisplay
from skdigits.reports._plot._confusion import ConfusionDisplay
from skdigits.reports._plot._coverage import CoverageDisplay
from skdigits.reports._plot._digit_gallery import DigitGalleryDisplay
from skdigits.reports._plot._history import HistoryDisplay
from skdigits.reports._plot._normalization import NormalizationDisplay
from skdigits.reports._report import DigitReport

__all__ = [
    "AugmentationDisplay",
    "Comparison",
    "ConfusedPairsDisplay",
    "ConfusionDisplay",
    "CoverageDisplay",
    "DigitGalleryDisplay",
    "DigitReport",
    "HistoryDisplay",
    "NormalizationDisplay",
    "coverage_at_error_score",
]
