"""Scores as JSON-compatible data."""

import math
from typing import Any

import numpy as np

from skdigits.reports._scores import Scores


def as_dict(scores: Scores) -> dict[str, Any]:
    """Return all scores, as `DigitReport.to_dict` describes them."""
    areas = scores.roc_auc_
    losses = [] if scores.predictions.proba is None else scores.top_losses()
    return to_json_types(
        {
            "name": scores.name,
            "n_digits": scores.n_digits_,
            "classes": scores.classes_,
            "accuracy": scores.accuracy_,
            "accuracy_interval": scores.accuracy_interval_,
            "confusion_matrix": scores.confusion_matrix_,
            "log_loss": scores.log_loss_,
            "expected_calibration_error": scores.expected_calibration_error_,
            "roc_auc_macro": scores.roc_auc_macro_,
            "by_class": [
                {
                    "label": label,
                    "precision": scores.precision_[i],
                    "recall": scores.recall_[i],
                    "f1": scores.f1_[i],
                    "support": scores.support_[i],
                    "roc_auc": None if areas is None else areas[i],
                }
                for i, label in enumerate(scores.classes_.tolist())
            ],
            "most_confused": [
                pair._asdict() for pair in scores.most_confused(scores.classes_.size**2)
            ],
            "rejections": [r._asdict() for r in scores.rejections_ or ()] or None,
            "top_losses": [top._asdict() for top in losses] or None,
            "guarantees": [g._asdict() for g in scores.guarantees_ or ()] or None,
            "notes": scores.notes_,
        }
    )


def to_json_types(value: Any) -> Any:
    """Return a value made of types that JSON supports; NaN and infinity become None."""
    if isinstance(value, dict):
        return {key: to_json_types(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_types(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return to_json_types(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
