"""A report as a table of pandas."""

from typing import Any

from skdigits.reports._scores import Scores


def as_frame(scores: Scores) -> Any:
    """Return the table that `DigitReport.to_frame` describes."""
    try:
        import pandas as pd
    except ImportError:
        raise ImportError("to_frame needs pandas: pip install pandas.") from None
    columns = {
        "precision": scores.precision_,
        "recall": scores.recall_,
        "f1": scores.f1_,
        "support": scores.support_,
    }
    if scores.roc_auc_ is not None:
        columns["roc_auc"] = scores.roc_auc_
    return pd.DataFrame(columns, index=pd.Index(scores.classes_, name="label"))
