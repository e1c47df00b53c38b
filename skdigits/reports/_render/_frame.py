"""A report as a table of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skdigits.reports._report import DigitReport


def as_frame(report: DigitReport) -> Any:
    """Return the table that `DigitReport.to_frame` describes."""
    try:
        import pandas as pd
    except ImportError:
        raise ImportError("to_frame needs pandas: pip install pandas.") from None
    columns = {
        "precision": report.precision_,
        "recall": report.recall_,
        "f1": report.f1_,
        "support": report.support_,
    }
    if report.roc_auc_ is not None:
        columns["roc_auc"] = report.roc_auc_
    return pd.DataFrame(columns, index=pd.Index(report.classes_, name="label"))
