"""A hyperparameter search with Optuna and cross-validation.

A search goes from ``fit`` to ``cv_results_`` like this:

1. ``_search_setup`` checks the space (``_spaces``), opens the study (``_storage``,
   ``_study``), makes sure that it belongs to this search (``_study_identity``), and
   makes the folds with its seed (``_folds``).
2. ``_scheduler`` decides which fold of which trial is next. It begins trials in the
   study (``_shared_study``) with the parameters suggested for them (``_suggestions``).
3. ``_parallel`` has joblib run the folds: ``_fit_and_score`` fits and scores a clone.
4. The scheduler gets the result. ``_trial_outcome`` and ``_pruning`` decide whether the
   trial continues; when it ends, its results are stored with it (``_trial_attrs``).
5. ``_results`` turns the finished trials into ``cv_results_`` and ``best_params_``.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import Study, load_study
from optuna.trial import FrozenTrial
from sklearn.base import _fit_context
from sklearn.exceptions import NotFittedError
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import Tags, estimator_html_repr, indexable
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _check_method_params, check_is_fitted

from skdigits._labels import decode_one_hot
from skdigits.model_selection._check_params import clone_with_params
from skdigits.model_selection._folds import count_tested
from skdigits.model_selection._interrupt import stop_on_ctrl_c
from skdigits.model_selection._make_report import make_report, misread_of_best
from skdigits.model_selection._misread_samples import misread_images
from skdigits.model_selection._objectives import single_score
from skdigits.model_selection._optuna_private import quiet_optuna
from skdigits.model_selection._parallel import run_trials
from skdigits.model_selection._progress import Progress
from skdigits.model_selection._report import SearchReport
from skdigits.model_selection._results import (
    ResultOptions,
    fitted_attributes,
    no_finished_trial,
    why_none_is_best,
)
from skdigits.model_selection._scheduler import TrialScheduler
from skdigits.model_selection._search_setup import (
    SearchData,
    SearchSetup,
    check_end,
    has_one_label_each,
    set_up_search,
)
from skdigits.model_selection._storage import (
    is_in_memory,
    mask_password,
    one_line_reason,
    open_storage,
)

_RESULTS = (
    "cv_results_",
    "multimetric_",
    "best_trials_",
    "best_index_",
    "best_score_",
    "best_params_",
    "best_estimator_",
    "confusion_matrix_",
    "feature_names_in_",
    "refit_time_",
)


class OptunaSearchCV(BaseSearchCV):
    """Hyperparameter search with Optuna and cross-validation.

    Each trial is one set of parameters, suggested by Optuna. All trials are scored on
    the same folds. The best parameters are then fitted on all samples, and the search
    predicts with the fitted estimator.

    Parameters
    ----------
    estimator : estimator
        Estimator to tune, often a pipeline; cloned for every fit.
    space : {"ann", "cnn"}, dict, callable or list of these
        Parameters to try.

        - "ann" tunes an `skdigits.ANNClassifier`, and "cnn" a `skdigits.CNNClassifier`,
          alone or in a pipeline: the number of layers, their widths, dropout, learning
          rate, batch size, label smoothing, weight averaging and augmentation, and for
          "cnn" also filters, kernel size, convolutions in a block and global average
          pooling.
        - A dict maps parameter names, as ``set_params`` takes them, to Optuna
          distributions or to estimators.
        - A function takes an Optuna trial and returns a dict of parameters, so that
          some can depend on others. It may raise `optuna.TrialPruned` to skip a
          suggestion.
        - A list contains such spaces. Each trial chooses one of them, so that several
          estimators compete.

    initial_params : list of dict, default=None
        Parameters to try first, such as `best_params_` of an earlier search. They need
        not be in the space, and count as trials. A resumed study does not try them
        again. Those that are outside of the space and contain estimators must then be
        passed again.
    n_trials : int or None, default=50
        Total number of trials, including those of other workers of the study.
        Duplicates and trials that the space prunes count; trials added to the study by
        hand do not. With None, a `timeout`, or a callback or a sampler that calls
        ``study.stop()``, must end the search.
    scoring : str, callable, list, tuple or dict, default=None
        Metrics, as in `sklearn.model_selection.GridSearchCV`. None uses the ``score``
        method of the estimator.
    cv : int, splitter or iterable, default=None
        Folds of every trial. An int gives shuffled folds, stratified if the estimator
        is a classifier. None uses 5 folds.
    refit : bool, str or callable, default=True
        Whether to fit the best parameters on all samples. With several metrics, the
        name of the metric that selects the best trial. A function takes results in the
        format of `cv_results_` and returns the index of the best candidate. These
        results contain only candidates that may be selected: completed, within the
        constraints, and without duplicates.
    objectives : list of str, default=None
        What Optuna optimizes: metrics, which are maximized, and "n_weights",
        "predict_time" and "fit_time", which are minimized. A metric with one of these
        names takes precedence. None uses the metric named by `refit`, or the first
        metric. With several objectives, `best_trials_` is their Pareto front, and the
        best trial is the one on it with the best score by the metric of `refit`.
    constraints : dict of str to float, default=None
        Upper bounds for the best trial: "n_weights" (number of trained weights),
        "predict_time" (seconds per sample) and "fit_time" (seconds per fold).
    pruner : "auto", optuna.pruners.BasePruner or None, default="auto"
        How unpromising trials are ended early. None completes every trial. After each
        fold but the last, an Optuna pruner decides by the mean score so far. "auto"
        prunes trials outside of the best quarter, once five are completed. A digit
        classifier is also stopped within a fold if its training loss is higher than
        that of every trial in the better half of the completed ones; with
        ``NopPruner``, this is the only rule. An Optuna pruner needs a score as the only
        objective, and is ignored with a warning otherwise.
    sampler : optuna.samplers.BaseSampler, default=None
        Optuna sampler that suggests parameters. None uses Optuna's TPE with random
        numbers that depend only on ``random_state`` and on the number of the trial.
        Each fit uses a copy of the sampler. A ``GridSampler`` may have values of any
        type, and ends the search when its grid is done.
    storage : str, path, optuna.storages.BaseStorage or None, default=None
        Where to keep the study: the URL of a database such as
        ``"postgresql://user@host/name"`` or ``"sqlite:///search.db"``, or the path of a
        journal file or of an existing SQLite file. None keeps it in memory. Put
        passwords into ``~/.pgpass`` or ``PGPASSWORD``, because a pickle contains the
        URL as it is, and so does the printed form of a pipeline around the search.
    study_name : str, default=None
        Name of the study to start or to resume. By default, the name is made from the
        data and the parameters, so that the same search is resumed. Nested
        cross-validation needs this default, because each inner search has other
        samples. A study can be resumed with data of the same values, dtype and shape,
        and with a space of the same names, whose numbers may have other bounds. A
        function is recognized by its name and by what it suggests.
    timeout : float, default=None
        Seconds after which no new trial begins.
    callbacks : list or tuple of callable, default=None
        Functions to call with the study and the trial after each trial. If one calls
        ``study.stop()``, the search ends after the current trials.
    n_jobs : int, default=None
        Number of folds to fit in parallel, in processes or with the backend that
        `joblib.parallel_config` selects.
    error_score : "raise" or float, default=nan
        Score of a fit or a scorer that fails, with a warning; "raise" raises the error.
        If one of several scorers fails, the other scores are kept. A trial fails if the
        score of an objective, or of the metric named by `refit`, is not finite. Its
        other folds are then left out, unless they have other scores.
    return_train_score : bool, default=False
        Whether to score the training samples, too.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds and of the sampler. With an int and one worker, the trials are
        reproducible. The estimator has a seed of its own. A resumed study keeps its
        first seed, and a different one raises a warning.
    verbose : int, default=0
        Whether to show a progress bar.

    Attributes
    ----------
    cv_results_ : dict of ndarrays
        One row for each finished trial, with the keys of `GridSearchCV` and "status"
        ("complete", "pruned", "fail" or "duplicate"), "is_feasible", "trial",
        "n_weights", "predict_time", "confusion_matrix" (pooled over the test folds) and
        "learning_curves". Folds that were left out are NaN. A duplicate has the
        parameters of a trial that was completed before, and its results without another
        fit. A trial that the space pruned has no parameters.
    best_estimator_ : estimator
        Estimator with the best parameters, fitted on all samples; only if ``refit``.
    best_params_ : dict
        Parameters of the best trial.
    best_score_ : float
        Mean score of the best trial over the folds.
    best_index_ : int
        Index of the best trial in `cv_results_`.
    best_trials_ : list of optuna.trial.FrozenTrial
        The Pareto front of several objectives, otherwise the best trial.
    confusion_matrix_ : ndarray of shape (n_classes, n_classes) or None
        Confusion matrix of the best trial, pooled over the test folds: a sample counts
        once for each test fold that contains it. Rows are true classes and columns are
        predicted classes, in sorted order. None if the estimator is not a classifier.
    study_ : optuna.study.Study
        The Optuna study.
    scorer_ : callable or dict
        The scorers.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds of the fit on all samples; only if ``refit``.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        Class labels of `best_estimator_`.
    n_features_in_ : int
        Number of features of `best_estimator_`.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Random search.

    Examples
    --------
    >>> from optuna.distributions import IntDistribution
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdigits.model_selection import OptunaSearchCV
    >>> X, y = load_digits(return_X_y=True)
    >>> search = OptunaSearchCV(
    ...     DecisionTreeClassifier(random_state=0),
    ...     {"max_depth": IntDistribution(1, 12)},
    ...     n_trials=8,
    ...     cv=3,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> search.best_params_["max_depth"] > 6
    True
    >>> int(search.confusion_matrix_.sum()) == len(X)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **{
            name: BaseSearchCV._parameter_constraints[name]
            for name in ("estimator", "scoring", "refit", "cv", "n_jobs", "error_score")
        },
        "space": [str, dict, list, tuple, callable],
        "initial_params": [list, tuple, None],
        "n_trials": [Interval(Integral, 1, None, closed="left"), None],
        "objectives": [list, tuple, None],
        "constraints": [dict, None],
        "pruner": [StrOptions({"auto"}), BasePruner, None],
        "sampler": [BaseSampler, None],
        "storage": [str, HasMethods("__fspath__"), BaseStorage, None],
        "study_name": [str, None],
        "timeout": [Interval(Real, 0, None, closed="neither"), None],
        "callbacks": [list, tuple, None],
        "return_train_score": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        estimator: Any,
        space: Any,
        *,
        initial_params: list[dict[str, Any]] | None = None,
        n_trials: int | None = 50,
        scoring: Any = None,
        cv: Any = None,
        refit: Any = True,
        objectives: list[str] | None = None,
        constraints: dict[str, float] | None = None,
        pruner: Any = "auto",
        sampler: BaseSampler | None = None,
        storage: Any = None,
        study_name: str | None = None,
        timeout: float | None = None,
        callbacks: Sequence[Callable[[Study, FrozenTrial], None]] | None = None,
        n_jobs: int | None = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.space = space
        self.initial_params = initial_params
        self.n_trials = n_trials
        self.scoring = scoring
        self.cv = cv
        self.refit = refit
        self.objectives = objectives
        self.constraints = constraints
        self.pruner = pruner
        self.sampler = sampler
        self.storage = storage
        self.study_name = study_name
        self.timeout = timeout
        self.callbacks = callbacks
        self.n_jobs = n_jobs
        self.error_score = error_score
        self.return_train_score = return_train_score
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Search, and fit the best parameters on all samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, as the estimator takes them.
        y : array-like of shape (n_samples,), default=None
            Labels or target values. If the estimator is a classifier with one label for
            each sample, the labels can also be one-hot encoded, as in
            `skdigits.estimators.ANNClassifier.fit`. They are decoded before the samples
            are split.
        **params : dict
            Parameters for the ``fit`` of the estimator, for the splitter (``groups``)
            and for the scorers, as in `sklearn.model_selection.GridSearchCV`. Arrays
            with one entry per sample are split like ``X``.

        Returns
        -------
        self : OptunaSearchCV
            The fitted search.

        Raises
        ------
        ValueError
            If a parameter is out of its bounds, if the estimator does not have a
            parameter of the space or of ``initial_params``, if the study belongs to
            another search, or if no trial was completed. If every fit failed, the first
            error is raised instead. After any error, `cv_results_`, `best_params_` and
            `study_` contain the trials that were finished.
        TypeError
            If a space, initial parameters, a constraint or a callback is of another
            type.
        KeyboardInterrupt
            If Ctrl-C ended the search before any trial was finished.
        ConnectionError
            If the storage cannot be reached.
        """
        deadline = time.monotonic() + (self.timeout or np.inf)
        check_end(self)
        scorers, _ = self._get_scorers()
        X, y = indexable(X, y)
        if has_one_label_each(self.estimator):
            y = decode_one_hot("y", y)
        params = _check_method_params(X, params=params)
        routed_params = self._get_routed_params_for_fit(params)
        data = SearchData(X, y, params, routed_params, scorers)
        setup = set_up_search(self, data, deadline)
        for name in _RESULTS:
            if hasattr(self, name):
                delattr(self, name)
        self.n_splits_ = len(setup.folds)
        self.scorer_ = getattr(scorers, "_scorers", scorers)
        self._study: Study | str = setup.scheduler.shared.study
        self._labels = setup.labels
        self._n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
        self._n_tested = count_tested(setup.folds, self._n_samples)
        self._misread_images: dict[int, np.ndarray] = {}
        self._run(setup)
        self._misread_images = misread_images(X, misread_of_best(self))
        if self.refit:
            self._refit(X, y, routed_params.estimator.fit)
        return self

    def score(self, X: Any, y: Any = None, **params: Any) -> float:
        """Return the score of the best estimator on other samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels or targets. One-hot labels are decoded, as in `fit`.
        **params : dict
            Parameters of the scorer, if metadata routing is enabled.

        Returns
        -------
        score : float
            The score by `scoring`, or by `refit` if there are several metrics.

        Raises
        ------
        NotFittedError
            If the search has no ``best_estimator_``.
        """
        if has_one_label_each(self.estimator):
            y = decode_one_hot("y", y)
        return super().score(X, y, **params)

    def report(self) -> SearchReport:
        """Return a report on the search.

        Returns
        -------
        report : SearchReport
            The best parameters and their scores by fold, the confusion matrix and the
            misread digits of the best trial, the importances of the parameters, and the
            optimization history. It prints as text, a notebook shows it as a page with
            plots, and its ``save`` writes that page to a file.

        Raises
        ------
        NotFittedError
            If the search has not been fitted.
        ValueError
            If there is no best trial, because ``refit=False`` with several metrics, or
            because none of the trials can be the best.
        """
        check_is_fitted(self, "cv_results_")
        if not hasattr(self, "best_index_"):
            if self.refit or not self.multimetric_:
                raise ValueError(why_none_is_best(self._finished_trials))
            raise ValueError(
                "refit must be the name of a metric, or a function, for a report on a "
                "search with several metrics; got False, which selects no best trial."
            )
        return make_report(self)

    @property
    def study_(self) -> Study:
        """The Optuna study; a search that was pickled opens it again."""
        check_is_fitted(self, "_study")
        if isinstance(self._study, str):
            with quiet_optuna():
                storage = open_storage(self.storage)
                try:
                    self._study = load_study(study_name=self._study, storage=storage)
                except KeyError:
                    raise ConnectionError(
                        f"The storage {mask_password(str(self.storage))!r} has no "
                        f"study {self._study!r}."
                    ) from None
        return self._study

    def __sklearn_is_fitted__(self) -> bool:
        if self.refit and hasattr(self, "cv_results_"):
            if hasattr(self, "best_estimator_"):
                return True
            raise NotFittedError(
                "The search ended with an error before the best parameters were fitted "
                "on all samples. It has cv_results_ and study_, but no "
                "best_estimator_. Call fit again, or fit the estimator with "
                "best_params_."
            )
        return hasattr(self, "cv_results_")

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        study = state.get("_study")
        if isinstance(study, Study) and not is_in_memory(self.storage):
            state["_study"] = study.study_name
        return state

    def _run(self, setup: SearchSetup) -> None:
        """Run the trials, and set the fitted attributes even after an error."""
        scheduler = setup.scheduler
        shared = scheduler.shared
        progress = Progress(
            self.n_trials,
            has_score=single_score(scheduler.rules.objectives) is not None,
            shown=bool(self.verbose),
        )
        try:
            with scheduler.heartbeat, stop_on_ctrl_c(scheduler.stop), progress:
                run_trials(
                    scheduler,
                    setup.next_task,
                    n_jobs=self.n_jobs,
                    after_result=lambda: progress.update(shared.finished),
                )
        except BaseException:
            if shared.finished:
                with suppress(Exception):  # the first error is the one to raise
                    self._set_results(scheduler)
            raise
        if shared.storage_error:
            warnings.warn(
                "The storage became unavailable. The search ended with the trials "
                f"finished so far: {one_line_reason(shared.storage_error)}",
                stacklevel=4,
            )
        self._set_results(scheduler)

    def _set_results(self, scheduler: TrialScheduler) -> None:
        if not scheduler.shared.finished:
            raise no_finished_trial(scheduler, self.timeout)
        self._finished_trials = scheduler.shared.finished
        self._objectives = scheduler.rules.objectives
        options = ResultOptions(
            scoring=self.scoring,
            refit=self.refit,
            n_splits=self.n_splits_,
            error_score=self.error_score,
            format_results=self._format_results,
            select_best_index=self._select_best_index,
        )
        for name, value in fitted_attributes(scheduler, options):
            setattr(self, name, value)

    def _refit(self, X: Any, y: Any, fit_params: dict[str, Any]) -> None:
        start = time.perf_counter()
        best = clone_with_params(self.estimator, self.best_params_)
        self.best_estimator_ = (
            best.fit(X, **fit_params) if y is None else best.fit(X, y, **fit_params)
        )
        self.refit_time_ = time.perf_counter() - start
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.array_api_support = False
        return tags

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        return mask_password(super().__repr__(N_CHAR_MAX))

    def _html_repr(self) -> str:
        return mask_password(estimator_html_repr(self))
