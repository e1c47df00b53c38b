"""Score a fitted estimator, as `sklearn.model_selection.GridSearchCV` does."""

import pickle
import traceback
from collections.abc import Mapping
from contextlib import suppress
from numbers import Real
from typing import Any

from sklearn.metrics._scorer import _MultimetricScorer

from skdigits.model_selection._fold_result import Scores


class FoldScorer:
    """Score a fitted estimator by one or several metrics, each of which may fail.

    Attributes
    ----------
    has_named_scores : bool
        Whether the scores have names of their own.
    error : Exception or None
        The error of a scorer that returns all the scores.
    tracebacks : list of str
        The tracebacks of all scorers that failed.
    """

    def __init__(self, estimator: Any, scorer: Any, error_score: float | str) -> None:
        self.estimator = estimator
        self.scorer = scorer
        self.error_score = error_score
        self.has_named_scores = False
        self.error: Exception | None = None
        self.tracebacks: list[str] = []

    def __call__(self, X: Any, y: Any, params: Mapping[str, Any]) -> Scores:
        """Return the scores by name; a score without a name is "score"."""
        data = (X,) if y is None else (X, y)
        try:
            scores = self.scorer(self.estimator, *data, **params)
        except Exception as error:
            # With several scorers, scikit-learn returns the errors of each in place of
            # its score. What it raises nevertheless concerns all of them, such as a
            # missing predict_proba, and no other trial would do better.
            concerns_all = isinstance(self.scorer, _MultimetricScorer)
            if concerns_all or self.error_score == "raise":
                raise
            self.error = self.error or picklable_error(error)
            self.tracebacks.append(traceback.format_exc())
            return {}
        if not isinstance(scores, dict):
            return {"score": self._check("score", scores)}
        if not scores:
            raise ValueError("scoring must return at least one score; got {}.")
        self.has_named_scores = True
        return {name: self._check(name, score) for name, score in scores.items()}

    def _check(self, name: str, score: Any) -> float:
        if isinstance(score, str) and isinstance(self.scorer, _MultimetricScorer):
            self.tracebacks.append(score)
            return float(self.error_score)
        if hasattr(score, "item"):
            with suppress(ValueError):
                score = score.item()
        if not isinstance(score, Real):
            raise ValueError(
                f"scoring must return numbers; got {score!r} of type "
                f"{type(score).__name__} for {name!r}."
            )
        return float(score)


def picklable_error(error: Exception) -> Exception:
    """Return an error that can be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
