"""One fit and its scores, on one fold."""

import pickle
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.metrics import confusion_matrix
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

Scores = dict[str, float]


class Fold(NamedTuple):
    """Which rows to fit on, and which to score."""

    train: np.ndarray
    test: np.ndarray


class Outcome(NamedTuple):
    """What a fold gave. Times are in seconds; of prediction for one row."""

    test_scores: Scores
    train_scores: Scores
    fit_time: float
    score_time: float
    predict_time: float | None = None
    confusion: list[list[int]] | None = None
    n_weights: int | None = None
    history: dict[str, list[float]] | None = None
    ended_early: bool = False
    error: Exception | None = None


class HopelessTraining:
    """Ends a training whose loss is above a ceiling, from a third of the epochs on.

    It knows nothing but the loss on the rows that are trained on, so that the rows to
    score have no part in the decision.
    """

    def __init__(self, ceiling: Sequence[float]) -> None:
        self.ceiling = ceiling
        self.ended_early = False

    def __call__(self, epoch: int, logs: Mapping[str, float]) -> bool:
        """Return whether to end the training after this epoch, counted from 0."""
        is_between = len(self.ceiling) <= 3 * (epoch + 1) < 3 * len(self.ceiling)
        self.ended_early = is_between and logs["loss"] > self.ceiling[epoch]
        return self.ended_early


def run_fold(
    estimator: Any,
    params: dict[str, Any],
    X: Any,
    y: Any,
    fold: Fold,
    *,
    scorer: Any,
    fit_params: dict[str, Any],
    score_params: dict[str, Any],
    return_train_score: bool,
    classes: np.ndarray | None,
    ceiling: Sequence[float] | None,
    error_scores: Scores | None,
) -> Outcome:
    """Fit a clone of the estimator on the rows of a fold, and score it on the others.

    An exception is raised if ``error_scores`` are None; else it becomes an outcome with
    those scores.
    """
    start = time.perf_counter()
    try:
        candidate = clone(estimator).set_params(**clone(params, safe=False))
        watch = _add_watch(candidate, ceiling)
        X_train, y_train = _safe_split(candidate, X, y, fold.train)
        X_test, y_test = _safe_split(candidate, X, y, fold.test, fold.train)
        fit_params = _check_method_params(X, fit_params, fold.train)
        if y_train is None:
            candidate.fit(X_train, **fit_params)
        else:
            candidate.fit(X_train, y_train, **fit_params)
        fit_time = time.perf_counter() - start
        if watch and watch.ended_early:
            return Outcome({}, {}, fit_time, 0.0, ended_early=True)

        def scores(X_part: Any, y_part: Any, rows: np.ndarray) -> Scores:
            weights = _check_method_params(X, score_params, rows)
            return _named(scorer(candidate, X_part, y_part, **weights))

        score_start = time.perf_counter()
        test_scores = scores(X_test, y_test, fold.test)
        score_time = time.perf_counter() - score_start
        train_scores = {}
        if return_train_score:
            train_scores = scores(X_train, y_train, fold.train)
        predict_time = confusion = None
        if classes is not None:
            predict_start = time.perf_counter()
            predicted = candidate.predict(X_test)
            predict_time = (time.perf_counter() - predict_start) / len(fold.test)
            confusion = confusion_matrix(y_test, predicted, labels=classes).tolist()
    except Exception as error:
        if error_scores is None:
            raise
        seconds = time.perf_counter() - start
        train_scores = error_scores if return_train_score else {}
        return Outcome(error_scores, train_scores, seconds, 0.0, error=_portable(error))
    last = _last_step(candidate)
    return Outcome(
        test_scores,
        train_scores,
        fit_time,
        score_time,
        predict_time,
        confusion,
        getattr(last, "n_weights_", None),
        getattr(last, "history_", None),
    )


def _last_step(estimator: Any) -> Any:
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator


def _add_watch(
    candidate: Any, ceiling: Sequence[float] | None
) -> HopelessTraining | None:
    """Let a digit classifier at the end of a pipeline end a hopeless training."""
    network = _last_step(candidate)
    if ceiling is None or not hasattr(type(network), "n_weights_"):
        return None
    watch = HopelessTraining(ceiling)
    network.set_params(callbacks=[*(network.callbacks or []), watch])
    return watch


def _portable(error: Exception) -> Exception:
    """Return an exception that can be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _named(scores: Any) -> Scores:
    """Return scores by the name of the metric, "score" if it has none."""
    if not isinstance(scores, dict):
        scores = {"score": scores}
    for name, score in scores.items():
        if isinstance(score, str):
            raise ValueError(f"The scorer {name!r} failed:\n{score}")
    return {name: float(score) for name, score in scores.items()}
