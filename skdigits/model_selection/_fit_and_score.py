"""One fit and its scores, on one fold."""

import pickle
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.metrics import confusion_matrix
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from skdigits._utils import last_step
from skdigits.model_selection._misread_samples import misread_among

Scores = dict[str, float]


class Fold(NamedTuple):
    """Which rows to fit on, and which to score."""

    train: np.ndarray
    test: np.ndarray


class Outcome(NamedTuple):
    """What a fold gave. Times are in seconds; of prediction for one row.

    There are no scores where the fit, or what returns all of them, failed. One of
    several scorers that failed has its traceback in ``scorer_errors``.
    """

    test_scores: Scores
    train_scores: Scores
    fit_time: float
    score_time: float
    predict_time: float | None = None
    confusion: list[list[int]] | None = None
    n_weights: int | None = None
    history: dict[str, list[float]] | None = None
    ended_early: bool = False
    has_named_scores: bool = False
    error: Exception | None = None
    scorer_errors: tuple[str, ...] = ()
    misread: np.ndarray | None = None


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


def folds_of(splits: Iterable[Any]) -> list[Fold]:
    """Return the folds that a splitter yields.

    Raises
    ------
    ValueError
        If there are none, or they are no pairs.
    """
    folds = []
    for split in splits:
        try:
            train, test = split
        except (TypeError, ValueError):
            raise ValueError(
                "cv must yield a pair of indices, (train, test), for each fold; got "
                f"{split!r}."
            ) from None
        folds.append(Fold(np.asarray(train), np.asarray(test)))
    if not folds:
        raise ValueError(
            "cv must yield at least one fold; got none. An iterator can be read once: "
            "give a list of its folds, or a splitter."
        )
    return folds


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
    error_score: float | str,
) -> Outcome:
    """Fit a clone of the estimator on the rows of a fold, and score it on the others.

    An exception is raised if ``error_score`` is "raise". Else that of a fit becomes an
    outcome without scores, and that of one of several scorers its score.
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
    except Exception as error:
        if error_score == "raise":
            raise
        seconds = time.perf_counter() - start
        return Outcome({}, {}, seconds, 0.0, error=_portable(error))
    fit_time = time.perf_counter() - start
    if watch and watch.ended_early:
        return Outcome({}, {}, fit_time, 0.0, ended_early=True)
    scoring = Scoring(candidate, scorer, error_score)
    weights = _check_method_params(X, score_params, fold.test)
    score_start = time.perf_counter()
    test_scores = scoring(X_test, y_test, weights)
    score_time = time.perf_counter() - score_start
    train_scores = {}
    if return_train_score:
        weights = _check_method_params(X, score_params, fold.train)
        train_scores = scoring(X_train, y_train, weights)
    predict_time = confusion = misread = None
    if classes is not None:
        # What no scorer asks for is no reason to fail.
        with suppress(Exception):
            predict_start = time.perf_counter()
            predicted = candidate.predict(X_test)
            predict_time = (time.perf_counter() - predict_start) / len(predicted)
            confusion = confusion_matrix(y_test, predicted, labels=classes).tolist()
            rows = np.arange(len(y))[fold.test]
            misread = misread_among(rows, y_test, predicted, classes)
    last = last_step(candidate)
    return Outcome(
        test_scores,
        train_scores,
        fit_time,
        score_time,
        predict_time,
        confusion,
        getattr(last, "n_weights_", None),
        getattr(last, "history_", None),
        has_named_scores=scoring.has_names,
        error=scoring.error,
        scorer_errors=tuple(scoring.tracebacks),
        misread=misread,
    )


class Scoring:
    """Scores a fitted estimator by one or several metrics, each of which may fail."""

    def __init__(self, estimator: Any, scorer: Any, error_score: float | str) -> None:
        self.estimator = estimator
        self.scorer = scorer
        self.error_score = error_score
        self.has_names = False
        self.error: Exception | None = None
        self.tracebacks: list[str] = []

    def __call__(self, X: Any, y: Any, params: Mapping[str, Any]) -> Scores:
        """Return the scores by the name of the metric, "score" if it has none."""
        rows = (X,) if y is None else (X, y)
        try:
            scores = self.scorer(self.estimator, *rows, **params)
        except Exception as error:
            # Errors of one of several scorers come as scores: this one is of all.
            is_of_all = isinstance(self.scorer, _MultimetricScorer)
            if is_of_all or self.error_score == "raise":
                raise
            self.error = self.error or _portable(error)
            self.tracebacks.append(traceback.format_exc())
            return {}
        if not isinstance(scores, dict):
            return {"score": self._checked("score", scores)}
        if not scores:
            raise ValueError("scoring must return at least one score; got {}.")
        self.has_names = True
        return {name: self._checked(name, score) for name, score in scores.items()}

    def _checked(self, name: str, score: Any) -> float:
        # scikit-learn has the traceback in place of the score of one of several.
        if isinstance(score, str) and isinstance(self.scorer, _MultimetricScorer):
            self.tracebacks.append(score)
            return float(self.error_score)
        if hasattr(score, "item"):
            with suppress(ValueError):
                score = score.item()
        if not isinstance(score, Real):
            raise ValueError(
                f"scoring must return a number, got {score} ({type(score)}) instead. "
                f"(scorer={name})"
            )
        return float(score)


def _add_watch(
    candidate: Any, ceiling: Sequence[float] | None
) -> HopelessTraining | None:
    """Let a digit classifier at the end of a pipeline end a hopeless training."""
    network = last_step(candidate)
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
