"""A report as data that JSON has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skdigits.reports._report import DigitReport


def as_dict(report: DigitReport) -> dict[str, Any]:
    """Return all the figures, as `DigitReport.to_dict` describes them."""
    areas = report.roc_auc_
    losses = [] if report.predictions.proba is None else report.top_losses()
    return plain(
        {
            "name": report.name,
            "n_digits": report.n_digits_,
            "classes": report.classes_,
            "accuracy": report.accuracy_,
            "accuracy_interval": report.accuracy_interval_,
            "confusion_matrix": report.confusion_matrix_,
            "log_loss": report.log_loss_,
            "expected_calibration_error": report.expected_calibration_error_,
            "roc_auc_macro": report.roc_auc_macro_,
            "by_class": [
                {
                    "label": label,
                    "precision": report.precision_[i],
                    "recall": report.recall_[i],
                    "f1": report.f1_[i],
                    "support": report.support_[i],
                    "roc_auc": None if areas is None else areas[i],
                }
                for i, label in enumerate(report.classes_.tolist())
            ],
            "most_confused": [
                pair._asdict() for pair in report.most_confused(report.classes_.size**2)
            ],
            "refusals": [p._asdict() for p in report.refusals_ or ()] or None,
            "top_losses": [row._asdict() for row in losses] or None,
            "promises": [p._asdict() for p in report.promises_ or ()] or None,
            "notes": report.notes_,
        }
    )


def plain(value: Any) -> Any:
    """Return a value made of what JSON has, with None for what is not known."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
