"""The report of a search."""

import os
from typing import Any

from skdigits.model_selection._findings import SearchFindings
from skdigits.model_selection._report_page import as_fragment, as_page
from skdigits.model_selection._report_text import as_text
from skdigits.reports._render._dict import to_json_types
from skdigits.reports._saving import save_report


class SearchReport(SearchFindings):
    """Report on a hyperparameter search.

    `OptunaSearchCV.report` makes it. It prints as text, a notebook shows it as a page
    with plots, and `save` writes that page to a file.

    Attributes
    ----------
    name : str
        Name of the tuned estimator, without the pipeline around it.
    best_trial : int
        Number of the best trial.
    best_params : dict
        Parameters of the best trial.
    metric : str
        Name of the score.
    fold_scores : list of float
        Scores of the best trial, one per fold.
    digits : skdigits.reports.DigitReport or None
        Report on the confusion matrix of the best trial, pooled over the test folds;
        None if the estimator is not a classifier. If samples are in several test folds,
        the matrix is divided by their average number of test folds, so that its sum and
        the confidence interval are those of the distinct samples.
    misread : list of Misread
        Samples that the best trial misread out of fold, the most frequent confusions
        first: named tuples of ``sample_index``, ``true`` and ``predicted``. A trial
        stores at most a thousand of them.
    images : dict of int to ndarray of shape (height, width)
        Images of some misread samples by index, if the samples can be images: eight for
        each of the five most frequent confusions. A search keeps no other samples.
    importances : dict of str to float
        Importance of each suggestion for reaching the best tenth of the scores, in
        decreasing order, from :func:`optuna.importance.get_param_importances`. They sum
        to 1. With fewer than about 50 completed trials, they are a rough estimate.
        Empty if all trials have the same score.
    course : list of (int, float, float)
        The trials that were better than all before them: number, seconds since the
        first trial began, and value of the objective. Empty for several objectives.
    front : list of (int, dict of str to float)
        Number and objective values of the trials on the Pareto front of several
        objectives.
    counts : dict of str to int
        Number of trials by status.

    Examples
    --------
    >>> from optuna.distributions import IntDistribution
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdigits.model_selection import OptunaSearchCV
    >>> X, y = load_digits(return_X_y=True)
    >>> space = {"max_depth": IntDistribution(1, 12)}
    >>> search = OptunaSearchCV(DecisionTreeClassifier(), space, n_trials=3, cv=3)
    >>> report = search.fit(X, y).report()
    >>> print(report)
    Hyperparameter search for DecisionTreeClassifier
    ...
    >>> report.save("search.html")  # doctest: +SKIP
    """

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the images as types that JSON can represent.

        Returns
        -------
        found : dict
            The keys are the names of the attributes, without "images". "course" is a
            list of dicts with "trial", "seconds" and "value", "front" with "trial" and
            "reached", and "misread" with "sample_index", "true" and "predicted".
            "digits" is the dict of `skdigits.reports.DigitReport.to_dict`, or None.
            Parameters of other types, such as estimators, are converted to text.
        """
        return to_json_types(
            {
                "name": self.name,
                "best_trial": self.best_trial,
                "best_params": self.best_params,
                "metric": self.metric,
                "fold_scores": self.fold_scores,
                "counts": self.counts,
                "importances": self.importances,
                "course": [
                    {"trial": trial, "seconds": seconds, "value": value}
                    for trial, seconds, value in self.course
                ],
                "front": [
                    {"trial": trial, "reached": values} for trial, values in self.front
                ],
                "misread": [sample._asdict() for sample in self.misread],
                "digits": self.digits.to_dict() if self.digits else None,
            }
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write the report to a file.

        Parameters
        ----------
        path : str or path
            The file. A name ending in ".html" gets a page that needs neither another
            file nor a network, and one ending in ".json" gets the dict of `to_dict`. An
            existing file is replaced once the new one is complete.

        Raises
        ------
        ValueError
            If the name has another ending.
        FileNotFoundError
            If the folder does not exist.
        """
        save_report(path, lambda: as_page(self), self.to_dict)

    def __str__(self) -> str:
        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_fragment(self)
