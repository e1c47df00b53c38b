"""Checks, outputs, and names of classifiers."""

from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils.validation import check_is_fitted

from skdigits._utils import last_step


def check_classifier(estimator: Any) -> None:
    """Raise a TypeError unless an estimator is a classifier, fitted or not.

    Classifiers of other libraries often lack scikit-learn's tags. They are recognized
    by their attributes.
    """
    is_alike = hasattr(estimator, "predict_proba") or hasattr(estimator, "classes_")
    if not (_has_classifier_tag(estimator) or is_alike):
        raise _not_a_classifier(estimator)


def check_fitted_classifier(estimator: Any) -> None:
    """Raise an error unless an estimator is a fitted classifier.

    An object without tags is fitted if it has ``classes_``.
    """
    check_classifier(estimator)
    if hasattr(estimator, "fit") and hasattr(estimator, "__sklearn_tags__"):
        # scikit-learn 1.6 cannot make the tags of SciKeras' classifiers.
        with suppress(AttributeError):
            check_is_fitted(estimator)
    has_output = hasattr(estimator, "predict") or hasattr(estimator, "predict_proba")
    has_labels = getattr(estimator, "classes_", None) is not None
    if not (has_output and (has_labels or _has_classifier_tag(estimator))):
        raise _not_a_classifier(estimator)


def classifier_outputs(estimator: Any, X: Any) -> dict[str, Any]:
    """Return a fitted classifier's outputs, as arguments of `check_predictions`.

    If all probabilities of a sample are 0, which happens with one-vs-rest classifiers,
    they are replaced by a uniform distribution, as in
    `sklearn.calibration.CalibratedClassifierCV`. Samples that a classifier rejects are
    predicted as without rejection.
    """
    y_pred, y_proba = None, None
    if hasattr(estimator, "predict") and not rejects(estimator):
        y_pred = estimator.predict(X)
    if hasattr(estimator, "predict_proba"):
        y_proba = estimator.predict_proba(X)
        proba = np.asarray(y_proba)
        if proba.ndim == 2 and proba.dtype.kind == "f" and not proba.any(axis=1).all():
            is_zero = ~proba.any(axis=1, keepdims=True)
            y_proba = np.where(is_zero, 1 / proba.shape[1], proba)
    labels = getattr(estimator, "classes_", None)
    return {"y_proba": y_proba, "y_pred": y_pred, "labels": labels}


def rejects(estimator: Any) -> bool:
    """Return whether a classifier rejects samples, as a RejectingClassifierCV does."""
    return hasattr(estimator, "predict_confidence")


def classifier_name(estimator: Any) -> str:
    """Return the class name of a classifier, without the pipeline or search around it.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> classifier_name(GridSearchCV(make_pipeline(StandardScaler(), SVC()), {}))
    'SVC'
    """
    if isinstance(estimator, BaseSearchCV):
        best = getattr(estimator, "best_estimator_", estimator.estimator)
        return classifier_name(best)
    last = last_step(estimator)
    return type(estimator).__name__ if last is estimator else classifier_name(last)


def _has_classifier_tag(estimator: Any) -> bool:
    try:
        return is_classifier(estimator)
    except (AttributeError, TypeError):  # an object without tags
        return False


def _not_a_classifier(estimator: Any) -> TypeError:
    return TypeError(
        f"estimator must be a classifier; got {estimator!r}. It needs predict_proba or "
        "predict, and classes_, the labels in the order of the columns of "
        "predict_proba. Otherwise, pass its predictions to from_predictions."
    )
