"""Predictions of rows by classifiers that never saw them."""

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
from skdigits.reports._label_encoding import counts_of, positions_of
from skdigits.reports._predictions import Predictions, check_predictions, images_or_none

Fold = tuple[np.ndarray, np.ndarray]


class OutOfFold(NamedTuple):
    """What classifiers say of the rows that they were not fitted on.

    Attributes
    ----------
    rows : ndarray of shape (n_judged,)
        The rows that are in a test fold.
    predicted : ndarray of shape (n_judged,)
        Positions of the classes predicted.
    proba : ndarray of shape (n_judged, n_classes) or None
        Mean probabilities of the classes.
    notes : list of str
        What is to be known of the folds.
    """

    rows: np.ndarray
    predicted: np.ndarray
    proba: np.ndarray | None
    notes: list[str]


class OfFold(NamedTuple):
    """What one classifier says of the rows of its test fold.

    Attributes
    ----------
    predicted : ndarray of shape (n_rows,)
        Positions of the classes predicted.
    proba : ndarray of shape (n_rows, n_classes) or None
        Probabilities of all the classes.
    is_new : ndarray of shape (n_rows,)
        Whether the class of a row is missing in the training fold.
    """

    predicted: np.ndarray
    proba: np.ndarray | None
    is_new: np.ndarray

    @property
    def predicts_most_probable(self) -> bool:
        """Whether the classes predicted are those with the highest probability."""
        return self.proba is not None and np.array_equal(
            self.predicted, self.proba.argmax(axis=1)
        )


def cross_validated_predictions(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    cv: Any,
    groups: Any,
    params: Mapping[str, Any] | None,
    images: Any,
    sample_weight: Any,
    n_jobs: int | None,
) -> Predictions:
    """Return what clones of a classifier predict of the rows that they never saw.

    Whatever does not fit is found before the first fit.
    """
    check_classifier(estimator)
    if np.ndim(y) == 2:
        y = check_labels("y", y)
    known = check_predictions(y, y_pred=y, images=images, sample_weight=sample_weight)
    folds, fit_params = make_folds(estimator, X, y, cv=cv, groups=groups, params=params)
    found = predict_out_of_fold(
        estimator, X, y, known.classes, folds, fit_params, n_jobs=n_jobs
    )
    rows, is_whole = found.rows, len(found.rows) == len(known.true)
    images = images_or_none(X) if images is None else known.images
    judged = check_predictions(
        known.classes[known.true[rows]],
        found.proba,
        y_pred=known.classes[found.predicted],
        labels=known.classes,
        images=None if images is None else images[rows],
        sample_weight=None if known.weights is None else known.weights[rows],
    )
    return replace(judged, rows=None if is_whole else rows, notes=tuple(found.notes))


def make_folds(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    cv: Any,
    groups: Any = None,
    params: Mapping[str, Any] | None = None,
) -> tuple[list[Fold], dict[str, Any]]:
    """Return the folds, and the parameters of the fits.

    Raises
    ------
    ValueError
        If there are no rows to judge.
    """
    params = dict(params or {})
    # Whatever has come this far is a classifier, with or without tags that say so.
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
    every_row = np.arange(len(y))
    folds = [
        (every_row[train], every_row[test])
        for train, test in splitter.split(X, y, **of_split)
    ]
    folds = [(train, test) for train, test in folds if len(test)]
    if not folds:
        raise ValueError(
            f"cv must give folds with rows to test; got none from {cv!r}. An iterator "
            "can be used once."
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
    """Return what classifiers that were fitted without a row say of it.

    A row in several test folds has the mean of the probabilities, and is read as the
    most probable class. If there are no probabilities, or a classifier predicts other
    classes, as with a threshold of its own, it is read as most classifiers predict.
    """
    X, y = indexable(X, y)
    found = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_predict)(clone(estimator), X, y, *fold, fit_params, classes)
        for fold in folds
    )
    labels = positions_of("y", np.asarray(y), classes)
    n_judgments = np.zeros(len(labels), int)
    n_right = np.zeros(len(labels))
    is_new = np.zeros(len(labels), bool)
    votes = np.zeros((len(labels), len(classes)))
    for (_, test), fold in zip(folds, found, strict=True):
        # A bootstrap may have a row twice in one fold.
        np.add.at(n_judgments, test, 1)
        np.add.at(n_right, test, fold.predicted == labels[test])
        np.add.at(votes, (test, fold.predicted), 1)
        is_new[test] |= fold.is_new
    rows = np.flatnonzero(n_judgments)
    notes = []
    if len(rows) < len(labels):
        notes.append(
            f"{len(rows):,} of {len(labels):,} rows were judged: the others are in no "
            "test fold."
        )
    if n_judgments.max() > 1:
        low, high = n_judgments[rows].min(), n_judgments.max()
        alone = np.mean(n_right[rows] / n_judgments[rows])
        notes.append(
            f"Digits were judged {low if low == high else f'{low} to {high}'} times, "
            "and each counts once: by the mean of what its classifiers say. One of "
            f"them alone is right on {100 * alone:.2f} %."
        )
    if is_new.any():
        notes.append(
            f"The class of {is_new.sum():,} of {len(rows):,} digits is missing in a "
            "training fold, whose classifier gives it a probability of 0: "
            f"{counts_of(classes, labels[is_new])}."
        )
    proba = _mean_probabilities(folds, found, n_judgments)
    votes = votes[rows]
    if proba is None:
        return OutOfFold(rows, votes.argmax(axis=1), None, notes)
    proba = proba[rows]
    if all(fold.predicts_most_probable for fold in found):
        return OutOfFold(rows, proba.argmax(axis=1), proba, notes)
    # Among as many votes, the probabilities decide.
    return OutOfFold(rows, (votes + proba / 2).argmax(axis=1), proba, notes)


def _mean_probabilities(
    folds: list[Fold], found: list[OfFold], n_judgments: np.ndarray
) -> np.ndarray | None:
    """Return the mean of the probabilities of each row, if there are any."""
    proba = [fold.proba for fold in found if fold.proba is not None]
    if not proba:
        return None
    total = np.zeros((len(n_judgments), proba[0].shape[1]), proba[0].dtype)
    for (_, test), of_fold in zip(folds, proba, strict=True):
        np.add.at(total, test, of_fold)
    return total / np.maximum(n_judgments, 1)[:, None].astype(total.dtype)


def _fit_and_predict(
    estimator: Any,
    X: Any,
    y: Any,
    train: np.ndarray,
    test: np.ndarray,
    fit_params: dict[str, Any],
    classes: np.ndarray,
) -> OfFold:
    """Return what a classifier says of the rows that it is not fitted on."""
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
    known = positions_of("classes_", fold.classes, classes)
    proba = None
    if fold.proba is not None:
        proba = np.zeros((len(test), len(classes)), fold.proba.dtype)
        proba[:, known] = fold.proba
    return OfFold(known[fold.predicted], proba, fold.true >= len(outputs["labels"]))
