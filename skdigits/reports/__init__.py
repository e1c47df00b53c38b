"""See what a classifier of digits knows, and where it errs."""

from skdigits.reports._comparison import Comparison
from skdigits.reports._confusion_display import ConfusionDisplay
from skdigits.reports._coverage_display import CoverageDisplay
from skdigits.reports._gallery_display import DigitGalleryDisplay
from skdigits.reports._history_display import HistoryDisplay
from skdigits.reports._pairs_display import ConfusedPairsDisplay
from skdigits.reports._report import DigitReport

__all__ = [
    "Comparison",
    "ConfusedPairsDisplay",
    "ConfusionDisplay",
    "CoverageDisplay",
    "DigitGalleryDisplay",
    "DigitReport",
    "HistoryDisplay",
]
