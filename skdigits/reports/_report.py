"""A report on the predictions of a classifier."""

from typing import Any

from skdigits.reports._classifiers import classifier_name
from skdigits.reports._comparison import Comparison
from skdigits.reports._confusion_matrix import predictions_from_matrix
from skdigits.reports._cross_validation import Splitting, cross_validated_predictions
from skdigits.reports._predictions import (
    check_predictions,
    predictions_from_estimator,
    with_rejection_note,
)
from skdigits.reports._rendered_scores import RenderedScores


class DigitReport(RenderedScores):
    """Accuracy, confusions, and calibration of a classifier in one report.

    Create a report with one of the ``from_*`` class methods. ``print(report)`` shows it
    as text, a notebook shows it as a page with plots, and `save` writes that page.

    Attributes that require probabilities are None without them. All of them take
    sample weights into account.

    Parameters
    ----------
    predictions : Predictions
        Predictions that the class method creating the report has checked.
    name : str
        Name of the report.

    Attributes
    ----------
    name : str
        Name of the report.
    classes_ : ndarray of shape (n_classes,)
        Class labels. All per-class attributes follow their order.
    n_digits_ : int
        Number of digits, not counting those with a sample weight of 0.
    accuracy_ : float
        Share of digits that are predicted correctly.
    accuracy_interval_ : tuple of (float, float)
        Wilson's 95 % confidence interval of the accuracy [1]_. With sample weights, it
        is based on Kish's effective sample size [2]_.
    confusion_matrix_ : ndarray of shape (n_classes, n_classes)
        Number of digits of each class (row) predicted as each class (column).
    precision_, recall_, f1_ : ndarray of shape (n_classes,)
        Scores of each class. The precision is NaN if no digit is predicted as the
        class; the recall is NaN if no digit belongs to it.
    support_ : ndarray of shape (n_classes,)
        Number of digits of each class.
    log_loss_ : float or None
        Log loss in nats.
    expected_calibration_error_ : float or None
        Mean absolute difference between confidence and accuracy over 15 bins of equal
        width, weighted by the number of digits in each bin [3]_.
    roc_auc_ : ndarray of shape (n_classes,) or None
        Area under the ROC curve of each class against the rest. It is NaN for a class
        that contains none or all of the digits.
    roc_auc_macro_ : float or None
        Mean of `roc_auc_`, None if one of its values is NaN.
    coverage_curve_ : Coverage or None
        Error rate among the accepted digits as the least confident ones are rejected:
        arrays `coverage`, `error`, and `threshold`.
    rejections_ : list of Rejection or None
        Error rates after rejecting the 0.5, 1, 2, and 5 % least confident digits: named
        tuples of the share `rejected`, the lowest accepted confidence as `threshold`,
        and the `error` rate. Ties are assumed to be broken at random, so applying the
        threshold alone can reject fewer digits.
    guarantees_ : list of Guarantee or None
        Thresholds that guarantee error rates of at most 0.1 and 0.5 % with 95 %
        confidence: named tuples of `max_error`, `confidence`, `threshold`, the share
        `accepted` (both None if no threshold qualifies), and `fewest_digits`, the
        number required if there are no errors. None if sample weights differ.
    notes_ : tuple of str
        Notes on samples that were evaluated never or several times, and on digits of
        classes unknown to the classifier. Such a class has probability 0, which the log
        loss clips to the machine epsilon, and a ROC AUC of 0.5.

    See Also
    --------
    sklearn.metrics.classification_report : Precision, recall, and F1 score as text.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", Journal of the American Statistical Association 22, 1927.
    .. [2] L. Kish, "Survey Sampling", Wiley, 1965.
    .. [3] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern
       Neural Networks", ICML 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdigits.reports import DigitReport
    >>> X, y = load_digits(return_X_y=True)
    >>> model = LogisticRegression(max_iter=500).fit(X[:1200] / 16, y[:1200])
    >>> report = DigitReport.from_estimator(model, X[1200:] / 16, y[1200:])
    >>> report.accuracy_ > 0.9
    True
    """

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        images: Any = None,
        sample_weight: Any = None,
        display_labels: Any = None,
        name: str | None = None,
    ) -> "DigitReport":
        """Create a report from a fitted classifier and data.

        Parameters
        ----------
        estimator : classifier
            Fitted classifier, pipeline, or search; or any object that has
            ``predict_proba`` (or ``predict``) and ``classes_``.
        X : array-like of shape (n_samples, ...)
            Samples that the classifier was not trained on.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded. Labels unknown to the classifier
            count as errors.
        images : array-like, default=None
            Images to show, in a format that `from_predictions` accepts. By default,
            ``X`` if its samples can be images of at least 64 pixels.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, which replace the labels in all of the report.
        name : str, default=None
            Name of the report. By default, the name of the classifier's class.

        Returns
        -------
        report : DigitReport
            The report.

        Raises
        ------
        TypeError
            If `estimator` is not a classifier.
        sklearn.exceptions.NotFittedError
            If `estimator` is not fitted.
        ValueError
            If one of the other arguments does not match the predictions.
        """
        predictions = predictions_from_estimator(
            estimator, X, y, images=images, sample_weight=sample_weight
        )
        predictions = with_rejection_note(predictions, estimator, X)
        return cls(
            predictions.with_class_names(display_labels),
            name=name or classifier_name(estimator),
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        y_proba: Any = None,
        *,
        y_pred: Any = None,
        labels: Any = None,
        images: Any = None,
        sample_weight: Any = None,
        display_labels: Any = None,
        name: str = "Predictions",
    ) -> "DigitReport":
        """Create a report from true labels and predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        y_proba : array-like of shape (n_samples, n_classes), default=None
            Predicted probabilities of the classes.
        y_pred : array-like of shape (n_samples,), default=None
            Predicted labels. By default, the most probable ones.
        labels : array-like of shape (n_classes,), default=None
            Class labels in the order of the columns of `y_proba`. By default, the
            column names of a DataFrame if they include all of `y_true`, otherwise the
            sorted labels of `y_true` (and of `y_pred`, without `y_proba`). Other labels
            in `y_true` count as errors.
        images : array-like of shape (n_samples, height, width), default=None
            Grayscale images to show. The background is 0 or, if lower, the minimum.
            Flattened square images and a last axis of length 1 are also accepted.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, as in `from_estimator`.
        name : str, default="Predictions"
            Name of the report.

        Returns
        -------
        report : DigitReport
            The report.

        Raises
        ------
        ValueError
            If the lengths differ, or if `y_proba`, `y_pred`, or `images` is invalid.

        Examples
        --------
        >>> from skdigits.reports import DigitReport
        >>> proba = [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]
        >>> report = DigitReport.from_predictions(["no", "yes", "yes"], proba)
        >>> report.confusion_matrix_
        array([[1, 0],
               [1, 1]])
        """
        predictions = check_predictions(
            y_true,
            y_proba,
            y_pred=y_pred,
            labels=labels,
            images=images,
            sample_weight=sample_weight,
        )
        return cls(predictions.with_class_names(display_labels), name=name)

    @classmethod
    def from_cross_validation(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        cv: Any = 5,
        groups: Any = None,
        params: dict[str, Any] | None = None,
        images: Any = None,
        sample_weight: Any = None,
        display_labels: Any = None,
        n_jobs: int | None = None,
        name: str | None = None,
    ) -> "DigitReport":
        """Create a report from out-of-fold predictions.

        A sample in several test folds counts once, by the mean of its probabilities, or
        by a majority vote if there are none or if a classifier does not predict the
        most probable label. A sample in no test fold is left out. `notes_` mention
        both, and the classes that are missing in a training fold.

        Parameters
        ----------
        estimator : classifier
            Classifier to evaluate; cloned and fitted for every fold.
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded.
        cv : int, splitter or iterable, default=5
            Splitting strategy. Test folds may overlap and may leave samples out.
        groups : array-like of shape (n_samples,), default=None
            Groups of samples, such as the writers, for a splitter by group.
        params : dict, default=None
            Parameters of the classifier's ``fit`` and, with metadata routing, of the
            splitter. Arrays of length `n_samples` are split like `X`.
        images : array-like, default=None
            Images to show, as in `from_estimator`.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights of the report. Pass weights for the fits in `params`.
        display_labels : array-like of shape (n_classes,), default=None
            Class names, as in `from_estimator`.
        n_jobs : int, default=None
            Number of folds to fit in parallel.
        name : str, default=None
            Name of the report. By default, the name of the classifier's class is used.

        Returns
        -------
        report : DigitReport
            The report.

        Raises
        ------
        TypeError
            If `estimator` is not a classifier.
        ValueError
            If other arguments do not match `X`, or no sample is in a test fold.
        """
        predictions = cross_validated_predictions(
            estimator,
            X,
            y,
            Splitting(cv, groups, params),
            images=images,
            sample_weight=sample_weight,
            n_jobs=n_jobs,
        )
        name = name or f"{classifier_name(estimator)}, cross-validated"
        return cls(predictions.with_class_names(display_labels), name=name)

    @classmethod
    def from_confusion_matrix(
        cls, matrix: Any, *, labels: Any = None, name: str = "Predictions"
    ) -> "DigitReport":
        """Create a report from a confusion matrix alone.

        Parameters
        ----------
        matrix : array-like, sparse matrix or DataFrame of shape (n_classes, n_classes)
            Number of digits of each class (row) predicted as each class (column).
        labels : array-like of shape (n_classes,), default=None
            Class labels. By default, the names in a DataFrame, otherwise 0, 1, ...
        name : str, default="Predictions"
            Name of the report.

        Returns
        -------
        report : DigitReport
            The report, without anything that requires individual samples.

        Raises
        ------
        ValueError
            If `matrix` is not square or does not hold counts, if the index and columns
            of a DataFrame differ, or if `labels` does not hold one label per class.

        Examples
        --------
        >>> from skdigits.reports import DigitReport
        >>> DigitReport.from_confusion_matrix([[9, 1], [3, 7]]).accuracy_
        0.8
        """
        return cls(predictions_from_matrix(matrix, labels), name=name)

    def compare(self, other: "DigitReport") -> Comparison:
        """Compare with the report of another classifier on the same samples.

        Parameters
        ----------
        other : DigitReport
            Report of the other classifier.

        Returns
        -------
        comparison : Comparison
            The comparison, with McNemar's exact test.

        Raises
        ------
        TypeError
            If `other` is not a report.
        ValueError
            If the reports are not about the same samples.
        """
        return Comparison.of(self, other)
