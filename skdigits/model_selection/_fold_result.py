"""The result of fitting and scoring one fold."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import FitFailedWarning

Scores = dict[str, float]


class FoldResult(NamedTuple):
    """The scores of one fold, and what else was measured.

    Times are in seconds; ``predict_time`` is that of one sample. There are no scores if
    the fit failed or was pruned, or if the only scorer failed. ``scorer_errors`` are
    the tracebacks of the scorers that failed.
    """

    test_scores: Scores
    train_scores: Scores
    fit_time: float
    score_time: float
    predict_time: float | None = None
    confusion_matrix: list[list[int]] | None = None
    n_weights: int | None = None
    history: dict[str, list[float]] | None = None
    is_pruned: bool = False
    has_named_scores: bool = False
    error: Exception | None = None
    scorer_errors: tuple[str, ...] = ()
    misread: np.ndarray | None = None


def error_lines(result: FoldResult) -> list[str]:
    """Return each error of a fold in one line.

    Examples
    --------
    >>> error_lines(FoldResult({}, {}, 1.0, 0.0, error=ValueError("too few samples")))
    ["ValueError('too few samples')"]
    """
    if result.error:
        return [repr(result.error)]
    return [text.strip().splitlines()[-1] for text in result.scorer_errors]


def warn_of_errors(result: FoldResult, where: str, error_score: Any) -> None:
    """Warn of a fit or of scorers that failed, as scikit-learn does."""
    if result.error and not result.scorer_errors:
        warnings.warn(
            f"{where}: the fit failed: {result.error!r}",
            FitFailedWarning,
            stacklevel=3,
        )
    for error in result.scorer_errors:
        warnings.warn(
            "Scoring failed. The score on this train-test partition for these "
            f"parameters will be set to {error_score}. {where}. Details: \n{error}",
            stacklevel=3,
        )
    scores = result.test_scores
    if not (result.scorer_errors or np.isfinite(list(scores.values())).all()):
        warnings.warn(
            f"One or more of the test scores are non-finite: {scores}. {where}.",
            stacklevel=3,
        )
