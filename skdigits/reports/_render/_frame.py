"""Scores of the classes as a pandas DataFrame."""

from typing import Any

from skdigits.reports._scores import Scores


def as_frame(scores: Scores) -> Any:
    """Return the scores of each class, as `DigitReport.to_frame` describes them."""
    try:
        import pandas as pd
    except ImportError:
        message = "to_frame requires pandas. Install it with: pip install pandas"
        raise ImportError(message) from None
    columns = {
        "precision": scores.precision_,
        "recall": scores.recall_,
        "f1": scores.f1_,
        "support": scores.support_,
    }
    if scores.roc_auc_ is not None:
        columns["roc_auc"] = scores.roc_auc_
    return pd.DataFrame(columns, index=pd.Index(scores.classes_, name="label"))
