"""Fit and score one fold of a trial, as a task for joblib."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from skdigits._utils import last_step
from skdigits.model_selection._check_params import clone_with_params
from skdigits.model_selection._fold_result import FoldResult
from skdigits.model_selection._folds import Fold
from skdigits.model_selection._misread_samples import find_misread
from skdigits.model_selection._pruning import add_loss_ceiling
from skdigits.model_selection._scoring import FoldScorer, picklable_error


class FitOptions(NamedTuple):
    """Options that all folds of a search have in common.

    ``classes`` are the labels of the confusion matrix; None if there is none.
    """

    scorer: Any
    fit_params: dict[str, Any]
    score_params: dict[str, Any]
    return_train_score: bool
    classes: np.ndarray | None
    error_score: float | str


class FoldTask(NamedTuple):
    """A fold of a trial to fit and to score."""

    estimator: Any
    params: dict[str, Any]
    X: Any
    y: Any
    fold: Fold
    options: FitOptions
    loss_ceiling: Sequence[float] | None


def fit_and_score(task: FoldTask) -> FoldResult:
    """Fit a clone of the estimator on the training samples, and score it.

    If ``error_score`` is "raise", errors are raised. Otherwise, a fit that fails gives
    a result without scores, and one of several scorers that fails gives the error
    score.
    """
    estimator, params, X, y, fold, options, loss_ceiling = task
    start = time.perf_counter()
    try:
        candidate = clone_with_params(estimator, params)
        ceiling = add_loss_ceiling(candidate, loss_ceiling)
        X_train, y_train = _safe_split(candidate, X, y, fold.train)
        X_test, y_test = _safe_split(candidate, X, y, fold.test, fold.train)
        fit_params = _check_method_params(X, options.fit_params, fold.train)
        if y_train is None:
            candidate.fit(X_train, **fit_params)
        else:
            candidate.fit(X_train, y_train, **fit_params)
    except Exception as error:
        if options.error_score == "raise":
            raise
        seconds = time.perf_counter() - start
        return FoldResult({}, {}, seconds, 0.0, error=picklable_error(error))
    fit_time = time.perf_counter() - start
    if ceiling and ceiling.is_exceeded:
        return FoldResult({}, {}, fit_time, 0.0, is_pruned=True)
    score = FoldScorer(candidate, options.scorer, options.error_score)
    score_params = _check_method_params(X, options.score_params, fold.test)
    score_start = time.perf_counter()
    test_scores = score(X_test, y_test, score_params)
    score_time = time.perf_counter() - score_start
    train_scores = {}
    if options.return_train_score:
        score_params = _check_method_params(X, options.score_params, fold.train)
        train_scores = score(X_train, y_train, score_params)
    predict_time = matrix = misread = None
    if options.classes is not None:
        # No scorer needs these predictions: an error in them must not fail the trial.
        with suppress(Exception):
            predict_start = time.perf_counter()
            y_pred = candidate.predict(X_test)
            predict_time = (time.perf_counter() - predict_start) / len(y_pred)
            matrix = confusion_matrix(y_test, y_pred, labels=options.classes).tolist()
            indices = np.arange(len(y))[fold.test]  # the fold may be a mask
            misread = find_misread(indices, y_test, y_pred, options.classes)
    classifier = last_step(candidate)
    return FoldResult(
        test_scores,
        train_scores,
        fit_time,
        score_time,
        predict_time,
        matrix,
        getattr(classifier, "n_weights_", None),
        getattr(classifier, "history_", None),
        has_named_scores=score.has_named_scores,
        error=score.error,
        scorer_errors=tuple(score.tracebacks),
        misread=misread,
    )
