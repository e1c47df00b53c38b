"""A classifier that rejects samples, so that its error is bounded."""

import warnings
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
    clone,
)
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import cross_val_predict
from sklearn.utils import column_or_1d, get_tags, indexable
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    get_routing_for_object,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skdigits.model_selection._reject_labels import (
    places_in,
    rejected_like,
    with_rejected,
)
from skdigits.model_selection._temperature import fit_temperature, with_temperature
from skdigits.reports._error_guarantees import find_guarantee, upper_bound

_ABOVE_NONE = np.finfo(np.float64).tiny  # the least confidence of what is no outlier


class RejectingClassifierCV(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier that rejects samples it is not sure of, so that its error is bounded.

    It predicts each training sample with a network that has not seen it, and chooses
    the threshold of confidence that accepts most samples, while the error among the
    accepted is at most `max_error`.

    Read more in the :ref:`User Guide <rejecting_classifier>`.

    Parameters
    ----------
    estimator : classifier
        Classifier with ``predict_proba``, or a pipeline of one. A fitted classifier in
        a :class:`~sklearn.frozen.FrozenEstimator` is not fitted again; pass samples to
        `fit` that it has not seen.
    max_error : float, default=0.001
        The highest error rate among the accepted samples, in (0, 1).
    confidence : float, default=0.95
        The probability with which the error rate is at most `max_error`, in (0, 1).
    cv : int, cross-validation generator, iterable or "prefit", default=5
        How the training samples are split, as in
        :func:`~sklearn.model_selection.cross_val_predict`. "prefit" stands for a fitted
        `estimator` and `outlier_detector`, as if they were frozen.
    calibrate : bool, default=True
        Whether the probabilities are calibrated by a temperature [2]_ before the
        confidence is compared with the threshold.
    outlier_detector : outlier detector, default=None
        Detector of images that are no digits, such as a
        `skdigits.estimators.NonDigitDetector`, or any with ``fit`` and with a
        ``predict`` that returns 1 for digits and -1 for others. What it takes for
        others is rejected, whatever the confidence. Each training sample is judged by a
        detector that has not seen it. A fitted detector in a
        :class:`~sklearn.frozen.FrozenEstimator`, or with ``cv="prefit"``, is not fitted
        again.
    reject_label : int, float or str, default=-1
        What `predict` returns for rejected samples. It becomes a string if the labels
        are strings.
    n_jobs : int, default=None
        Number of folds to fit at the same time. None means 1, unless in a
        :obj:`joblib.parallel_backend` context. -1 means all processors.

    Attributes
    ----------
    estimator_ : classifier
        The classifier, fitted on all samples.
    outlier_detector_ : outlier detector or None
        The detector, fitted on all samples.
    classes_ : ndarray of shape (n_classes,)
        The labels, without `reject_label`.
    threshold_ : float
        The lowest confidence of an accepted sample: 0 if all are accepted, just above 0
        if all but outliers are, and infinite if none are.
    coverage_ : float
        The share of the training samples that are accepted.
    risk_bound_ : float
        The upper bound of Clopper and Pearson, at the level `confidence`, of the error
        rate among the accepted samples.
    temperature_ : float
        What the logits are divided by: 1.0 with ``calibrate=False``.
    n_features_in_ : int
        Number of features seen during `fit`. Defined only if `estimator_` has it.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of features seen during `fit`. Defined only if `estimator_` has them.

    See Also
    --------
    sklearn.model_selection.TunedThresholdClassifierCV : Tunes the threshold between two
        classes.
    skdigits.reports.CoverageDisplay : Plot of the error by the share of the rejected.

    Notes
    -----
    The confidence is the highest probability. The threshold is the lowest that passes
    the exact binomial test of Clopper and Pearson, in a fixed sequence of tests that
    keeps the confidence level [1]_. `skdigits.reports.DigitReport.threshold_for` finds
    it in the same way.

    For a frozen classifier, the promise holds for samples like those in `fit`.
    Otherwise it holds for the classifiers of the folds; `estimator_`, which has seen
    more samples, rarely errs more often. One parameter, the temperature, is fitted to
    the same samples.

    `sample_weight` has no influence on the error, but samples of weight 0 are left out.

    References
    ----------
    .. [1] A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei, "Learn
       then Test: Calibrating Predictive Algorithms to Achieve Risk Control",
       arXiv:2110.01052, 2021.
    .. [2] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern
       neural networks", ICML 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdigits.model_selection import RejectingClassifierCV
    >>> X, y = load_digits(return_X_y=True)
    >>> rejecting = RejectingClassifierCV(LogisticRegression(C=0.01), max_error=0.02)
    >>> rejecting.fit(X[:1200] / 16, y[:1200])
    RejectingClassifierCV(estimator=LogisticRegression(C=0.01), max_error=0.02)
    >>> y_pred = rejecting.predict(X[1200:] / 16)
    >>> accepted = y_pred != -1
    >>> bool(accepted.mean() > 0.5), bool((y_pred == y[1200:])[accepted].mean() > 0.97)
    (True, True)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "max_error": [Interval(Real, 0, 1, closed="neither")],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "cv": ["cv_object", StrOptions({"prefit"})],
        "calibrate": ["boolean"],
        "outlier_detector": [HasMethods(["fit", "predict"]), None],
        "reject_label": [Real, str],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        estimator: Any,
        *,
        max_error: float = 0.001,
        confidence: float = 0.95,
        cv: Any = 5,
        calibrate: bool = True,
        outlier_detector: Any = None,
        reject_label: float | str = -1,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.max_error = max_error
        self.confidence = confidence
        self.cv = cv
        self.calibrate = calibrate
        self.outlier_detector = outlier_detector
        self.reject_label = reject_label
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> Self:
        """Fit the classifier and choose the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as `estimator` takes them.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights, for the `fit` of `estimator` and for the temperature.
        **params : dict
            Parameters for the `fit` of `estimator`, and, with metadata routing, for the
            splitter. Those of the length of ``X`` are split like it.

        Returns
        -------
        self : RejectingClassifierCV
            The fitted classifier.

        Raises
        ------
        ValueError
            If a parameter is out of bounds; if `reject_label` is one of the labels; if
            `cv` does not have each sample in exactly one test set.

        Warns
        -----
        UserWarning
            If no threshold can promise so small an error: all samples are then
            rejected. The message tells how many samples would suffice.
        """
        X, y = indexable(X, y)
        check_classification_targets(y)
        y = column_or_1d(y, warn=True)
        if not len(y):
            raise ValueError("X must have samples; got none.")
        if sample_weight is not None:
            sample_weight = column_or_1d(sample_weight, dtype=np.float64)
            check_consistent_length(y, sample_weight)
            params["sample_weight"] = sample_weight
        frozen = self._frozen(self.estimator)
        if frozen is None:
            classes = np.unique(y)
            self._check_reject_label(classes)
            proba = cross_val_predict(
                clone(self.estimator),
                X,
                y,
                cv=self.cv,
                n_jobs=self.n_jobs,
                params=params,
                method="predict_proba",
            )
            self.estimator_ = fitted(clone(self.estimator), X, y, params)
        else:
            classes = frozen.classes_
            self._check_reject_label(classes)
            proba = frozen.predict_proba(X)
            self.estimator_ = frozen
        is_digit = self._fit_detector(X, y)
        self.classes_ = classes
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        codes = places_in(classes, y)
        self.temperature_ = 1.0
        if self.calibrate:
            self.temperature_ = fit_temperature(proba, codes, sample_weight)
        counted = np.full(len(y), True) if sample_weight is None else sample_weight > 0
        score = self._confidence(proba, is_digit)[counted]
        is_correct = (proba.argmax(axis=1) == codes)[counted]
        known = is_digit[counted]
        found = find_guarantee(
            score[known], is_correct[known], self.max_error, self.confidence
        )
        if found.threshold is None:
            self._warn_of_no_threshold(int(known.sum()), found.fewest_digits)
        self.threshold_ = np.inf if found.threshold is None else found.threshold
        if self.outlier_detector is not None:
            self.threshold_ = max(self.threshold_, _ABOVE_NONE)
        accepted = score >= self.threshold_
        self.coverage_ = float(accepted.mean())
        n, n_errors = int(accepted.sum()), int((accepted & ~is_correct).sum())
        self.risk_bound_ = upper_bound(n_errors, n, self.confidence) if n else 0.0
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict labels, and reject samples below the threshold.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as `estimator` takes them.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,)
            The labels, and `reject_label` for the rejected samples. The dtype is that
            of `classes_` if it can hold `reject_label`.
        """
        proba = self.predict_proba(X)
        labels = self.classes_[proba.argmax(axis=1)]
        confidence = self._confidence(proba, self._is_digit(X, len(proba)))
        accepted = confidence >= self.threshold_
        label = rejected_like(self.classes_, self.reject_label)
        return with_rejected(labels, accepted, label)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, as those of `estimator_`.

        They are not calibrated.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as `estimator` takes them.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            The probabilities, in the order of `classes_`.
        """
        check_is_fitted(self, "threshold_")
        return self.estimator_.predict_proba(X)

    def predict_confidence(self, X: Any) -> np.ndarray:
        """Return the confidence that is compared with `threshold_`.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as `estimator` takes them.

        Returns
        -------
        confidence : ndarray of shape (n_samples,)
            The highest calibrated probability of each sample, and 0 for outliers.
        """
        proba = self.predict_proba(X)
        return self._confidence(proba, self._is_digit(X, len(proba)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of samples that are accepted and have the right label.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as `estimator` takes them.
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            The share, in [0, 1]. Rejected samples count as wrong.
        """
        return super().score(X, y, sample_weight)

    def _confidence(self, proba: np.ndarray, is_digit: np.ndarray) -> np.ndarray:
        return with_temperature(proba, self.temperature_).max(axis=1) * is_digit

    def _is_digit(self, X: Any, n: int) -> np.ndarray:
        if self.outlier_detector_ is None:
            return np.full(n, True)
        return np.asarray(self.outlier_detector_.predict(X)) == 1

    def _fit_detector(self, X: Any, y: np.ndarray) -> np.ndarray:
        """Fit the detector, and return which samples it takes for digits unseen."""
        self.outlier_detector_ = None
        if self.outlier_detector is None:
            return self._is_digit(X, len(y))
        self.outlier_detector_ = self._frozen(self.outlier_detector)
        if self.outlier_detector_ is not None:
            return self._is_digit(X, len(y))
        detector = self.outlier_detector
        predicted = cross_val_predict(
            clone(detector), X, y, cv=self.cv, n_jobs=self.n_jobs
        )
        self.outlier_detector_ = clone(detector).fit(X, y)
        return np.asarray(predicted) == 1

    def _frozen(self, estimator: Any) -> Any:
        """Return an estimator if it is fitted already, and None otherwise."""
        if isinstance(estimator, FrozenEstimator):
            return estimator
        if isinstance(self.cv, str):
            check_is_fitted(estimator)
            return FrozenEstimator(estimator)
        return None

    def _check_reject_label(self, classes: np.ndarray) -> None:
        label = rejected_like(classes, self.reject_label)
        if label in classes.tolist():
            raise ValueError(
                f"reject_label must not be one of the labels; got {label!r}, and the "
                f"labels {classes.tolist()}."
            )

    def _warn_of_no_threshold(self, n_samples: int, least: int) -> None:
        reason = (
            f"it takes at least {least} samples, all of which are read correctly; got "
            f"{n_samples}"
            if n_samples < least
            else f"the classifier errs too often, also among the surest of the "
            f"{n_samples} samples"
        )
        warnings.warn(
            f"No threshold can promise an error of at most {self.max_error:g} with a "
            f"confidence of {self.confidence:g}: {reason}. All samples are rejected. "
            "Allow for a larger max_error, or pass more samples.",
            UserWarning,
            stacklevel=4,
        )

    def get_metadata_routing(self) -> MetadataRouter:
        """Return where metadata goes; see scikit-learn's guide on metadata routing.

        Returns
        -------
        routing : MetadataRouter
            The routing information.
        """
        fits = MethodMapping().add(caller="fit", callee="fit")
        splits = MethodMapping().add(caller="fit", callee="split")
        return (
            MetadataRouter(owner=type(self).__name__)
            .add_self_request(self)
            .add(estimator=self.estimator, method_mapping=fits)
            .add(splitter=self.cv, method_mapping=splits)
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.classifier_tags = inner.classifier_tags
        return tags


def fitted(estimator: Any, X: Any, y: np.ndarray, params: dict[str, Any]) -> Any:
    """Return an estimator after its fit, without metadata of the splitter."""
    if get_config()["enable_metadata_routing"]:
        requested = get_routing_for_object(estimator).consumes("fit", params.keys())
        params = {name: params[name] for name in requested}
    return estimator.fit(X, y, **params)
