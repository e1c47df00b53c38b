"""Predictions of rows by classifiers that never saw them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils._metadata_requests import _routing_enabled
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params

from skdigits._labels import check_labels
from skdigits.reports._classifiers import check_classifier, check_fitted_classifier
from skdigits.reports._predictions import (
    Predictions,
    checked,
    counts_of,
    images_among,
    positions_of,
)

Fold = tuple[np.ndarray, np.ndarray]


class OutOfFold(NamedTuple):
    """What classifiers say of the rows that they were not fitted on.

    Attributes
    ----------
    rows : ndarray of shape (n_judged,)
        The rows that are in a test fold.
    shares : ndarray of shape (n_judged, n_classes)
        Mean probabilities of the classes, or the share of the classifiers that
        predicted them.
    notes : list of str
        What is to be known of the folds.
    """

    rows: np.ndarray
    shares: np.ndarray
    notes: list[str]


def predictions_out_of_fold(
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
    known = checked(y, y_pred=y, images=images, sample_weight=sample_weight)
    folds, fit_params = make_folds(estimator, X, y, cv=cv, groups=groups, params=params)
    method = "predict_proba" if hasattr(estimator, "predict_proba") else "predict"
    found = predict_out_of_fold(
        estimator, X, y, known.classes, folds, fit_params, method=method, n_jobs=n_jobs
    )
    rows, is_whole = found.rows, len(found.rows) == len(known.true)
    images = images_among(X) if images is None else known.images
    judged = checked(
        known.classes[known.true[rows]],
        found.shares if method == "predict_proba" else None,
        y_pred=known.classes[found.shares.argmax(axis=1)],
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
    if _routing_enabled():
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
    if not any(len(test) for _, test in folds):
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
    method: str,
    n_jobs: int | None = None,
) -> OutOfFold:
    """Return what classifiers that were fitted without a row say of it.

    A row in several test folds has the mean of what is said.
    """
    X, y = indexable(X, y)
    predicted = Parallel(n_jobs=n_jobs)(
        delayed(_fit_and_predict)(
            clone(estimator), X, y, *fold, fit_params, method, classes
        )
        for fold in folds
    )
    labels = positions_of("y", np.asarray(y), classes)
    n_judgments = np.zeros(len(labels), int)
    totals = np.zeros((len(labels), len(classes)), predicted[0][0].dtype)
    n_right = np.zeros(len(labels))
    is_new = np.zeros(len(labels), bool)
    for (_, test), (shares, known) in zip(folds, predicted, strict=True):
        # A bootstrap may have a row twice in one fold.
        np.add.at(totals, test, shares)
        np.add.at(n_judgments, test, 1)
        np.add.at(n_right, test, shares.argmax(axis=1) == labels[test])
        is_new[test] |= ~np.isin(labels[test], known)
    rows = np.flatnonzero(n_judgments)
    n_judgments = n_judgments[rows]
    notes = []
    if len(rows) < len(labels):
        notes.append(
            f"{len(rows):,} of {len(labels):,} rows were judged: the others are in no "
            "test fold."
        )
    if n_judgments.max() > 1:
        low, high = n_judgments.min(), n_judgments.max()
        alone = np.mean(n_right[rows] / n_judgments)
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
    return OutOfFold(
        rows, totals[rows] / n_judgments[:, None].astype(totals.dtype), notes
    )


def _fit_and_predict(
    estimator: Any,
    X: Any,
    y: Any,
    train: np.ndarray,
    test: np.ndarray,
    fit_params: dict[str, Any],
    method: str,
    classes: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of all the classes, and the positions of those learned."""
    if hasattr(estimator, "__sklearn_tags__"):
        X_train, y_train = _safe_split(estimator, X, y, train)
        X_test, _ = _safe_split(estimator, X, y, test, train)
    else:
        X_train, y_train = _safe_indexing(X, train), _safe_indexing(y, train)
        X_test = _safe_indexing(X, test)
    estimator.fit(X_train, y_train, **_check_method_params(X, fit_params, train))
    check_fitted_classifier(estimator)
    learned = getattr(estimator, "classes_", None)
    if learned is None:
        learned = np.unique(np.asarray(y_train))
    known = positions_of("classes_", np.asarray(learned), classes)
    predicted = np.asarray(getattr(estimator, method)(X_test))
    if method == "predict":
        return np.eye(len(classes))[positions_of("predict", predicted, classes)], known
    shares = np.zeros((len(test), len(classes)), predicted.dtype)
    shares[:, known] = predicted
    return shares, known
