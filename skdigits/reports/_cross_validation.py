"""Out-of-fold predictions of a classifier."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params

from skdigits._labels import check_labels
from skdigits.reports._classifiers import (
    check_classifier,
    check_fitted_classifier,
    classifier_outputs,
)
from skdigits.reports._label_encoding import counts_as_text, encode
from skdigits.reports._predictions import Predictions, check_predictions, images_or_none

Fold = tuple[np.ndarray, np.ndarray]


class Splitting(NamedTuple):
    """How samples are split into folds, and the parameters of ``fit`` and ``split``."""

    cv: Any
    groups: Any
    params: Mapping[str, Any] | None


class OutOfFold(NamedTuple):
    """Out-of-fold predictions, combined over all folds.

    Attributes
    ----------
    indices : ndarray of shape (n_evaluated,)
        Indices of the samples that are in a test fold.
    predicted : ndarray of shape (n_evaluated,)
        Encoded predicted labels.
    proba : ndarray of shape (n_evaluated, n_classes) or None
        Mean probabilities.
    notes : list of str
        Notes on the folds.
    """

    indices: np.ndarray
    predicted: np.ndarray
    proba: np.ndarray | None
    notes: list[str]


class FoldPredictions(NamedTuple):
    """Predictions for the test samples of one fold.

    Attributes
    ----------
    predicted : ndarray of shape (n_samples,)
        Encoded predicted labels.
    proba : ndarray of shape (n_samples, n_classes) or None
        Probabilities of all classes.
    is_new : ndarray of shape (n_samples,)
        Whether the class of each sample is missing in the training fold.
    """

    predicted: np.ndarray
    proba: np.ndarray | None
    is_new: np.ndarray

    @property
    def predicts_most_probable(self) -> bool:
        """Whether every predicted label is the most probable one."""
        return self.proba is not None and np.array_equal(
            self.predicted, self.proba.argmax(axis=1)
        )


def cross_validated_predictions(
    estimator: Any,
    X: Any,
    y: Any,
    splitting: Splitting,
    *,
    images: Any,
    sample_weight: Any,
    n_jobs: int | None,
) -> Predictions:
    """Return out-of-fold predictions, after checking all arguments."""
    check_classifier(estimator)
    if np.ndim(y) == 2:
        y = check_labels("y", y)
    # Errors in the arguments are raised before the first fit.
    given = check_predictions(y, y_pred=y, images=images, sample_weight=sample_weight)
    folds, fit_params = make_folds(estimator, X, y, splitting)
    found = predict_out_of_fold(
        estimator, X, y, given.classes, folds, fit_params, n_jobs=n_jobs
    )
    indices = found.indices
    images = images_or_none(X) if images is None else given.images
    predictions = check_predictions(
        given.classes[given.true[indices]],
        found.proba,
        y_pred=given.classes[found.predicted],
        labels=given.classes,
        images=None if images is None else images[indices],
        sample_weight=None if given.weights is None else given.weights[indices],
    )
    return replace(
        predictions,
        indices=None if len(indices) == len(given.true) else indices,
        notes=tuple(found.notes),
    )


def make_folds(
    estimator: Any, X: Any, y: Any, splitting: Splitting
) -> tuple[list[Fold], dict[str, Any]]:
    """Return the folds and the parameters for ``fit``.

    Raises
    ------
    ValueError
        If no fold has test samples.
    """
    cv, groups, params = splitting
    params = dict(params or {})
    # The estimator is a classifier, even if it lacks the tags that say so.
    splitter = check_cv(cv, y, classifier=True)
    if get_config()["enable_metadata_routing"]:
        if groups is not None:
            params["groups"] = groups
        router = (
            MetadataRouter(owner="from_cross_validation")
            .add(
                splitter=splitter,
                method_mapping=MethodMapping().add(caller="fit", callee="split"),
            )
            .add(
                estimator=estimator,
                method_mapping=MethodMapping().add(caller="fit", callee="fit"),
            )
        )
        routed = process_routing(router, "fit", **params)
        of_split, of_fit = routed.splitter.split, routed.estimator.fit
    else:
        of_split, of_fit = {"groups": groups}, params
    X, y, *_ = indexable(X, y, groups)
    indices = np.arange(len(y))
    folds = [
        (indices[train], indices[test])  # a fold may be given as boolean masks
        for train, test in splitter.split(X, y, **of_split)
    ]
    folds = [(train, test) for train, test in folds if len(test)]
    if not folds:
        raise ValueError(
            f"cv must yield folds with test samples; got none from {cv!r}. An iterator "
            "can be used only once."
        )
    return folds, of_fit


def predict_out_of_fold(
    estimator: Any,
    X: Any,
    y: Any,
    classes: np.ndarray,
    folds: list[Fold],
    fit_params: dict[str, Any],
    *,
    n_jobs: int | None = None,
) -> OutOfFold:
    """Return out-of-fold predictions, one for each sample that is in a test fold.

    A sample in several test folds has the mean of its probabilities, and the most
    probable class is predicted. If there are no probabilities, or if a classifier
    predicts other classes (because of a decision threshold), the prediction is the
    majority vote.
    """
    X, y = indexable(X, y)
    found = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_predict)(clone(estimator), X, y, *fold, fit_params, classes)
        for fold in folds
    )
    true = encode("y", np.asarray(y), classes)
    n_tests = np.zeros(len(true), int)
    n_correct = np.zeros(len(true))
    is_new = np.zeros(len(true), bool)
    votes = np.zeros((len(true), len(classes)))
    for (_, test), fold in zip(folds, found, strict=True):
        # A bootstrap may include a sample twice in one test fold.
        np.add.at(n_tests, test, 1)
        np.add.at(n_correct, test, fold.predicted == true[test])
        np.add.at(votes, (test, fold.predicted), 1)
        is_new[test] |= fold.is_new
    indices = np.flatnonzero(n_tests)
    notes = _notes_on_folds(n_tests, n_correct)
    if is_new.any():
        notes.append(
            f"The classes of {is_new.sum():,} of {len(indices):,} digits are missing "
            "in a training fold, whose classifier gives them a probability of 0: "
            f"{counts_as_text(classes, true[is_new])}."
        )
    proba = _mean_probabilities(folds, found, n_tests)
    votes = votes[indices]
    if proba is None:
        return OutOfFold(indices, votes.argmax(axis=1), None, notes)
    proba = proba[indices]
    if all(fold.predicts_most_probable for fold in found):
        return OutOfFold(indices, proba.argmax(axis=1), proba, notes)
    # The probabilities break ties between votes.
    return OutOfFold(indices, (votes + proba / 2).argmax(axis=1), proba, notes)


def _notes_on_folds(n_tests: np.ndarray, n_correct: np.ndarray) -> list[str]:
    """Return notes on samples that are in no test fold, or in several."""
    tested, notes = n_tests > 0, []
    if not tested.all():
        notes.append(
            f"{tested.sum():,} of {len(tested):,} samples were evaluated; the others "
            "are in no test fold."
        )
    low, high = n_tests[tested].min(), n_tests.max()
    if high > 1:
        accuracy = np.mean(n_correct[tested] / n_tests[tested])
        notes.append(
            f"Each digit was evaluated {low if low == high else f'{low} to {high}'} "
            "times and counts once, with the combined prediction of its classifiers. "
            f"The mean accuracy of a single classifier is {100 * accuracy:.2f} %."
        )
    return notes


def _mean_probabilities(
    folds: list[Fold], found: list[FoldPredictions], n_tests: np.ndarray
) -> np.ndarray | None:
    """Return the mean of the probabilities of each sample, None if there are none."""
    proba = [fold.proba for fold in found if fold.proba is not None]
    if not proba:
        return None
    total = np.zeros((len(n_tests), proba[0].shape[1]), proba[0].dtype)
    for (_, test), fold_proba in zip(folds, proba, strict=True):
        np.add.at(total, test, fold_proba)
    return total / np.maximum(n_tests, 1)[:, None].astype(total.dtype)


def _fit_and_predict(
    estimator: Any,
    X: Any,
    y: Any,
    train: np.ndarray,
    test: np.ndarray,
    fit_params: dict[str, Any],
    classes: np.ndarray,
) -> FoldPredictions:
    """Fit a classifier on the training fold and return its test predictions."""
    if hasattr(estimator, "__sklearn_tags__"):
        X_train, y_train = _safe_split(estimator, X, y, train)
        X_test, y_test = _safe_split(estimator, X, y, test, train)
    else:
        X_train, y_train = _safe_indexing(X, train), _safe_indexing(y, train)
        X_test, y_test = _safe_indexing(X, test), _safe_indexing(y, test)
    estimator.fit(X_train, y_train, **_check_method_params(X, fit_params, train))
    check_fitted_classifier(estimator)
    outputs = classifier_outputs(estimator, X_test)
    if outputs["labels"] is None:
        outputs["labels"] = np.unique(np.asarray(y_train))
    fold = check_predictions(y_test, **outputs)
    columns = encode("classes_", fold.classes, classes)
    proba = None
    if fold.proba is not None:
        proba = np.zeros((len(test), len(classes)), fold.proba.dtype)
        proba[:, columns] = fold.proba
    return FoldPredictions(
        columns[fold.predicted], proba, fold.true >= len(outputs["labels"])
    )
