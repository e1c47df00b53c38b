"""What counts as a classifier, and what it is called."""

from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils.validation import check_is_fitted

from skdigits._utils import last_step


def check_classifier(estimator: Any) -> None:
    """Raise a TypeError for what is not a classifier, whether it is fitted or not.

    Classifiers of other libraries often lack scikit-learn's tags; they are known by
    what they have.
    """
    is_alike = hasattr(estimator, "predict_proba") or hasattr(estimator, "classes_")
    if not (_has_the_tag(estimator) or is_alike):
        raise TypeError(_refusal(estimator))


def check_fitted_classifier(estimator: Any) -> None:
    """Raise a TypeError for what is not a classifier, or an error if it is not fitted.

    An object without tags is fitted if it has classes_.
    """
    check_classifier(estimator)
    if hasattr(estimator, "fit") and hasattr(estimator, "__sklearn_tags__"):
        # SciKeras' classifiers have tags that scikit-learn 1.6 cannot make.
        with suppress(AttributeError):
            check_is_fitted(estimator)
    has_output = hasattr(estimator, "predict") or hasattr(estimator, "predict_proba")
    has_labels = getattr(estimator, "classes_", None) is not None
    if not (has_output and (has_labels or _has_the_tag(estimator))):
        raise TypeError(_refusal(estimator))


def classifier_outputs(estimator: Any, X: Any) -> dict[str, Any]:
    """Return what a fitted classifier says of rows, by the parameters of `checked`.

    A one-vs-rest classifier may give a row no probability of any class. As in
    `sklearn.calibration.CalibratedClassifierCV`, its classes are equally probable.
    """
    y_pred = estimator.predict(X) if hasattr(estimator, "predict") else None
    y_proba = None
    if hasattr(estimator, "predict_proba"):
        y_proba = estimator.predict_proba(X)
        rows = np.asarray(y_proba)
        if rows.ndim == 2 and rows.dtype.kind == "f" and not (rows.any(axis=1)).all():
            y_proba = np.where(rows.any(axis=1, keepdims=True), rows, 1 / rows.shape[1])
    labels = getattr(estimator, "classes_", None)
    return {"y_proba": y_proba, "y_pred": y_pred, "labels": labels}


def classifier_name(estimator: Any) -> str:
    """Return the name of the class that learns.

    It is that of the last step of a pipeline, and of what a search searches.

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
        return classifier_name(
            getattr(estimator, "best_estimator_", estimator.estimator)
        )
    last = last_step(estimator)
    return type(estimator).__name__ if last is estimator else classifier_name(last)


def _has_the_tag(estimator: Any) -> bool:
    try:
        return is_classifier(estimator)
    except (AttributeError, TypeError):  # an object that has no tags
        return False


def _refusal(estimator: Any) -> str:
    return (
        f"estimator must be a classifier, got {estimator!r}. It needs predict_proba or "
        "predict, and classes_, the labels in the order of its probabilities. Without "
        "those, give what it predicts to from_predictions."
    )
