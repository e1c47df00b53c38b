"""A report on the predictions of a classifier."""

import os
from typing import Any

from skdigits.reports._classifiers import classifier_name
from skdigits.reports._comparison import Comparison
from skdigits.reports._confusion_matrix import predictions_from_matrix
from skdigits.reports._cross_validation import cross_validated_predictions
from skdigits.reports._predictions import (
    check_predictions,
    predictions_from_estimator,
)
from skdigits.reports._render._dict import as_dict
from skdigits.reports._render._frame import as_frame
from skdigits.reports._render._html import as_fragment, as_page
from skdigits.reports._render._text import as_text
from skdigits.reports._saving import save_report
from skdigits.reports._scores import Scores


class DigitReport(Scores):
    """What a classifier knows, and where it errs.

    It is made by `from_estimator`, `from_predictions`, `from_cross_validation` or
    `from_confusion_matrix`. Attributes that need probabilities are None without them.
    All attributes count a row by its weight, if `sample_weight` was given.

    Printed, a report is a page of text; a notebook shows it as a page with figures, and
    `save` writes that page to a file.

    Parameters
    ----------
    predictions : Predictions
        The predictions, checked by the class method that makes the report.
    name : str
        What the report is about.

    Attributes
    ----------
    name : str
        What the report is about.
    classes_ : ndarray of shape (n_classes,)
        The labels, in the order of everything below.
    n_digits_ : int
        Number of digits judged, without those of weight 0.
    accuracy_ : float
        Share of digits read as what they are.
    accuracy_interval_ : tuple of (float, float)
        Wilson's 95 % interval of the accuracy [1]_. With weights it is that of as many
        rows of one weight as tell as much, by Kish's formula.
    confusion_matrix_ : ndarray of shape (n_classes, n_classes)
        How often each class (row) was read as each class (column).
    precision_, recall_, f1_ : ndarray of shape (n_classes,)
        Those of each class. The precision is NaN if no digit was read as the class, and
        the recall if there are no digits of it.
    support_ : ndarray of shape (n_classes,)
        Number of digits of each class.
    log_loss_ : float or None
        Cross-entropy in nats.
    expected_calibration_error_ : float or None
        Mean distance between confidence and accuracy over 15 equally wide bins of
        confidence, weighted by the rows in them [2]_.
    roc_auc_ : ndarray of shape (n_classes,) or None
        Area under the ROC curve of each class against the rest; NaN for a class of
        which there are no digits, or no others.
    roc_auc_macro_ : float or None
        Their mean; None if one of them is NaN.
    coverage_curve_ : Coverage or None
        The error left when the least sure predictions are refused: arrays `coverage`,
        `error` and `threshold`.
    notes_ : tuple of str
        What to know about the digits: that some are of classes the classifier has
        never seen, which have probability 0 (their log loss is that of the least
        probability told from 0, the area of their ROC curve is 0.5); that not all rows
        were judged, or some several times.
    promises_ : list of Promise or None
        Thresholds that promise at most 0.1 and 0.5 % errors with 95 % confidence, by
        `threshold_for`: named tuples of `max_error`, `confidence`, the `threshold` and
        the share `accepted`, both None where these digits cannot promise it, and the
        `fewest_digits` that it takes, if all of them are read correctly.
    refusals_ : list of Refusal or None
        Four points of it, where 0.5, 1, 2 and 5 % of the digits are refused: named
        tuples of the share `refused`, the least confidence of those accepted as
        `threshold`, and the `error` left. Of digits that are equally sure, those to
        refuse are drawn at random, so that the threshold alone refuses fewer.

    See Also
    --------
    sklearn.metrics.classification_report : Precision, recall and F1 as text.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
       inference", Journal of the American Statistical Association 22, 1927.
    .. [2] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern
       Neural Networks", ICML 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdigits.reports import DigitReport
    >>> X, y = load_digits(return_X_y=True)
    >>> model = LogisticRegression(max_iter=50).fit(X[:1200] / 16, y[:1200])
    >>> report = DigitReport.from_estimator(model, X[1200:] / 16, y[1200:])
    >>> report.accuracy_ > 0.9
    True
    >>> pair = report.most_confused(1)[0]
    >>> pair.total == pair.a_as_b + pair.b_as_a
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
        """Report on what a fitted classifier predicts.

        Parameters
        ----------
        estimator : classifier
            The fitted classifier, a pipeline or a search; or any object that has
            ``predict_proba`` (or ``predict``) and ``classes_``.
        X : array-like of shape (n_rows, ...)
            What it predicts from: rows that it has not been trained on.
        y : array-like of shape (n_rows,)
            The true labels. One that the classifier has never seen counts as an error,
            and `notes_` say so.
        images : array-like, default=None
            The images to show, as in `from_predictions`. Without, they are the rows of
            ``X``, if these can be images of at least 64 pixels.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.
        display_labels : array-like of shape (n_classes,), default=None
            Names of the classes, which stand in place of the labels in all of the
            report, `classes_` included.
        name : str, default=None
            What the report is about; the name of the classifier's class, if None.

        Returns
        -------
        report : DigitReport
            The report.

        Raises
        ------
        TypeError
            If the estimator is no classifier.
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        ValueError
            If the labels, the images, the weights or the names do not fit the
            predictions.
        """
        predictions = predictions_from_estimator(
            estimator, X, y, images=images, sample_weight=sample_weight
        )
        return cls(
            predictions.named(display_labels), name=name or classifier_name(estimator)
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
        """Report on predictions.

        Parameters
        ----------
        y_true : array-like of shape (n_rows,)
            The true labels.
        y_proba : array-like of shape (n_rows, n_classes), default=None
            Probabilities of the classes.
        y_pred : array-like of shape (n_rows,), default=None
            The predicted labels; without, those that are the most probable.
        labels : array-like of shape (n_classes,), default=None
            The classes, in the order of the columns of ``y_proba``. By default, the
            column names of a DataFrame if all labels in ``y_true`` are among them,
            otherwise the sorted labels of ``y_true`` (and of ``y_pred``, without
            probabilities). Other labels in ``y_true`` count as errors.
        images : array-like of shape (n_rows, height, width), default=None
            The images to show: grey values in any range, in which 0 or the lowest is
            paper. A last axis of length 1, and square images as rows, will do.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.
        display_labels : array-like of shape (n_classes,), default=None
            Names of the classes, as in `from_estimator`.
        name : str, default="Predictions"
            What the report is about.

        Returns
        -------
        report : DigitReport
            The report.

        Raises
        ------
        ValueError
            If the lengths differ, or if the probabilities, the predicted labels or the
            images are invalid.

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
        return cls(predictions.named(display_labels), name=name)

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
        """Report on rows that are predicted by classifiers that never saw them.

        A row that is in several test folds, as repeated folds have it, counts once: by
        the mean of its probabilities, or by the label predicted most often if there are
        no probabilities or a classifier predicts other than the most probable label.
        A row that is in no test fold, as the first rows of a time series, is left out.
        `notes_` say so, and name the classes that are missing in a training fold.

        Parameters
        ----------
        estimator : classifier
            The classifier; it is cloned, and fitted once for each fold.
        X : array-like of shape (n_rows, ...)
            What it learns and predicts from.
        y : array-like of shape (n_rows,)
            The true labels.
        cv : int, splitter or iterable, default=5
            The folds, as in `sklearn.model_selection.cross_val_predict`; they need
            not be a partition of the rows.
        groups : array-like of shape (n_rows,), default=None
            Groups of rows, such as the writers of digits, for splitters like
            `sklearn.model_selection.GroupKFold`.
        params : dict, default=None
            What goes to the ``fit`` of the classifier and, with metadata routing, to
            the splitter. Arrays with an entry for each row are split like ``X``.
        images : array-like, default=None
            The images to show, as in `from_estimator`.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows in the report; the fits see those in ``params``.
        display_labels : array-like of shape (n_classes,), default=None
            Names of the classes, as in `from_estimator`.
        n_jobs : int, default=None
            Number of folds to fit at once.
        name : str, default=None
            What the report is about; the name of the classifier's class, if None.

        Returns
        -------
        report : DigitReport
            The report.

        Raises
        ------
        TypeError
            If the estimator is no classifier.
        ValueError
            If the labels, the images, the weights or the groups do not fit, or no row
            is in a test fold.
        """
        predictions = cross_validated_predictions(
            estimator,
            X,
            y,
            cv=cv,
            groups=groups,
            params=params,
            images=images,
            sample_weight=sample_weight,
            n_jobs=n_jobs,
        )
        name = name or f"{classifier_name(estimator)}, cross-validated"
        return cls(predictions.named(display_labels), name=name)

    @classmethod
    def from_confusion_matrix(
        cls, matrix: Any, *, labels: Any = None, name: str = "Predictions"
    ) -> "DigitReport":
        """Report on what a confusion matrix tells.

        Parameters
        ----------
        matrix : array-like, sparse matrix or DataFrame of shape (n_classes, n_classes)
            How often each class (row) was read as each class (column): whole numbers.
        labels : array-like of shape (n_classes,), default=None
            The classes. By default, the names of a DataFrame, otherwise 0, 1 and so on.
        name : str, default="Predictions"
            What the report is about.

        Returns
        -------
        report : DigitReport
            The report, without what only rows can tell.

        Raises
        ------
        ValueError
            If the matrix is not square or does not hold counts, if a DataFrame has
            other names in its index than in its columns, or if the labels are not one
            for each class, all different.

        Examples
        --------
        >>> from skdigits.reports import DigitReport
        >>> DigitReport.from_confusion_matrix([[9, 1], [3, 7]]).accuracy_
        0.8
        """
        return cls(predictions_from_matrix(matrix, labels), name=name)

    def compare(self, other: "DigitReport") -> Comparison:
        """Compare with the report of another classifier on the same rows.

        Parameters
        ----------
        other : DigitReport
            Its report.

        Returns
        -------
        comparison : Comparison
            Which of them is better, by McNemar's exact test.

        Raises
        ------
        ValueError
            If the reports are not of the same rows.
        """
        return Comparison.of(self, other)

    def to_dict(self) -> dict[str, Any]:
        """Return all the figures, as JSON has them.

        Returns
        -------
        figures : dict
            Python's own numbers, exactly those of the attributes; None for what is not
            known. The keys are

            - "name", "n_digits", "classes", "accuracy", "accuracy_interval",
              "confusion_matrix", "log_loss", "expected_calibration_error" and
              "roc_auc_macro", as the attributes of these names;
            - "by_class": for each class "label", "precision", "recall", "f1",
              "support" and "roc_auc";
            - "most_confused": for all pairs "a", "b", "a_as_b" and "b_as_a";
            - "refusals": "refused", "threshold" and "error" of `refusals_`;
            - "top_losses": for ten rows "row", "true", "predicted", "confidence" and
              "loss";
            - "promises": "max_error", "confidence", "threshold", "accepted" and
              "fewest_digits" of `promises_`;
            - "notes": those of `notes_`.

            Labels that JSON does not have are written as text.
        """
        return as_dict(self)

    def to_frame(self) -> Any:
        """Return a table with a row for each class.

        Returns
        -------
        frame : pandas.DataFrame
            Columns precision, recall, f1 and support, and roc_auc where there are
            probabilities, by label.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return as_frame(self)

    def save(self, path: str | os.PathLike) -> None:
        """Write the report to a file.

        Parameters
        ----------
        path : str or path
            Where to. A name that ends in ".html" gets a page that needs no other file
            and no network, and one in ".json" the figures of `to_dict`. A file that is
            there is replaced when the new one is complete.

        Raises
        ------
        ValueError
            If the name ends otherwise.
        FileNotFoundError
            If the folder is not there.
        """
        save_report(path, lambda: as_page(self), self.to_dict)

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_fragment(self)
