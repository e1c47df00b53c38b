"""Hyperparameter search with cross-validation."""

from skdigits.model_selection._rejecting_classifier import RejectingClassifierCV
from skdigits.model_selection._report import SearchReport
from skdigits.model_selection._search import OptunaSearchCV

__all__ = ["OptunaSearchCV", "RejectingClassifierCV", "SearchReport"]
