"""A search over parameters, by Optuna and cross-validation."""

import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from joblib import effective_n_jobs
from optuna.pruners import BasePruner, NopPruner, PercentilePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import Study, load_study
from optuna.trial import FrozenTrial
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import Tags, estimator_html_repr, indexable
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_method_params, check_is_fitted

from skdigits.model_selection._fingerprint import (
    by_value,
    digest,
    digest_of_estimator,
    digest_of_scoring,
    without_addresses,
)
from skdigits.model_selection._fit_and_score import Fold, folds_of
from skdigits.model_selection._interrupt import stopped_by_ctrl_c
from skdigits.model_selection._misread_samples import images_of_misread
from skdigits.model_selection._objectives import (
    Objective,
    check_constraints,
    check_objectives,
    deciding,
    directions,
    score_of,
)
from skdigits.model_selection._parallel import run_trials
from skdigits.model_selection._progress import Progress
from skdigits.model_selection._report import SearchReport, make_report, misread_of
from skdigits.model_selection._results import (
    attributes_of,
    why_none_is_best,
    why_nothing_is_finished,
)
from skdigits.model_selection._samplers import SeededTPE, own_copy
from skdigits.model_selection._scheduler import Candidate, Trials
from skdigits.model_selection._spaces import make_space
from skdigits.model_selection._study import (
    StoppableStudy,
    check_shared,
    is_in_memory,
    join,
    open_storage,
    open_study,
    quiet_optuna,
    reason_of,
    seed_for,
    without_password,
)
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_outcome import Rules

_FOUND = (
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
    """Search for the best parameters with Optuna, by cross-validation.

    Each trial is a set of parameters that Optuna suggests, scored on the same folds as
    every other. The best of them is fitted on all the rows, and predicts.

    Parameters
    ----------
    estimator : estimator
        What is searched for the parameters of, often a pipeline. It is never changed:
        every fit is one of a clone.
    space : {"ann", "cnn"}, dict, callable or list of these
        Which parameters to try. "ann" and "cnn" are ready spaces for an
        `skdigits.ANNClassifier` and a `skdigits.CNNClassifier`, which they find in a
        pipeline by themselves: the number of layers, their widths, dropout, learning
        rate and batch size, and for "cnn" filters and kernel size. A dict has Optuna's
        distributions, or estimators, by the names that `set_params` takes. A function
        takes an Optuna trial and returns a dict of parameters, so that some may depend
        on others. It may raise `optuna.TrialPruned` to skip a suggestion. From a list
        each trial chooses one space, so that several estimators compete.
    initial_params : list of dict, default=None
        Parameters to try first, by the names that `set_params` takes, such as
        `best_params_` of an earlier search. They need not be in the space. They count
        as trials, and are not tried again when the search goes on; then those that are
        not in the space must be given again if they contain estimators.
    n_trials : int or None, default=50
        Number of trials of all the workers of a study together. Trials that the space
        prunes and duplicates count; trials added to the study by hand do not. None is
        no limit: a `timeout`, or a callback or a sampler that calls ``study.stop()``,
        must end the search.
    scoring : str, callable, list, tuple or dict, default=None
        As in `sklearn.model_selection.GridSearchCV`; None is the estimator's own score.
    cv : int, splitter or iterable, default=None
        The folds; None is 5. An int makes shuffled folds, stratified if the estimator
        is a classifier. Every trial has the same.
    refit : bool, str or callable, default=True
        Whether to fit the best parameters on all the rows. With several metrics, the
        name of the metric that decides. A function gets results in the format of
        `cv_results_` and returns the index of the best candidate in them. It is given
        only candidates that may be the best: they were completed, meet the
        constraints, and are no duplicates.
    objectives : list of str, default=None
        What Optuna optimizes: metrics, which are to be large, and "n_weights",
        "predict_time" and "fit_time", which are to be small. A metric of such a name
        takes precedence. None is the metric that decides, or the first metric if none
        does. With several, `best_trials_` is their Pareto front, and the one of its
        trials that is refitted is the best by the metric that decides.
    constraints : dict of str to float, default=None
        Largest values of "n_weights" (numbers that are learned), "predict_time"
        (seconds for a row) or "fit_time" (seconds for a fold) that the best trial may
        have.
    pruner : "auto", optuna.pruners.BasePruner or None, default="auto"
        What ends a trial that is not promising, after any fold but the last, by the
        mean score so far. "auto" goes on with those in the best quarter, once there are
        five to compare with. Digit classifiers are also ended by epoch, if their loss
        on the training rows is higher than that of every one of the better half of the
        trials that came to their end; with ``NopPruner`` they alone are. None ends
        none. Any other pruner needs a score as the only objective, and is ignored with
        a warning otherwise.
    sampler : optuna.samplers.BaseSampler, default=None
        What suggests parameters; None is Optuna's TPE, whose random numbers depend on
        ``random_state`` and the number of the trial alone. Each fit uses a copy of it.
        The search ends when a ``GridSampler`` has suggested its grid, whose values may
        be of any kind.
    storage : str, path, optuna.storages.BaseStorage or None, default=None
        Where the study is kept: the address of a database such as
        ``"postgresql://user@host/name"`` or ``"sqlite:///search.db"``, the path of a
        journal file or of an existing SQLite file, or in memory. A pickle has the
        address as it is given, and so has what a pipeline with the search in it prints:
        passwords belong into ``~/.pgpass`` or ``PGPASSWORD``.
    study_name : str, default=None
        The study in the storage to begin or to go on with. None is a name made of what
        the search is about, so that the same search goes on; nested cross-validation,
        which searches on different rows each time, needs that. A study goes on with
        data of the same values, dtype and shape, and with a space of the same names,
        whose numbers may have other bounds. A function is known by its name and by what
        it suggests.
    timeout : float, default=None
        Seconds after which no trial is begun.
    callbacks : list or tuple of callable, default=None
        Called with the study and the trial after each trial. ``study.stop()`` lets the
        trials under way be the last ones.
    n_jobs : int, default=None
        Number of folds to fit at once, in processes or wherever
        `joblib.parallel_config` says.
    error_score : "raise" or float, default=nan
        Score of a fit or a scorer that fails, with a warning; "raise" raises the error.
        If one of several scorers fails, the other scores stay. A trial fails if a score
        that decides is NaN: that of an objective, or of the metric named by `refit`.
        Its other folds are left out, unless they have other scores.
    return_train_score : bool, default=False
        Whether to score the training rows, too.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds and of the sampler. With an int and one worker the trials are
        the same each time. The estimator has a seed of its own. A study that goes on
        keeps the seed that it was begun with, and warns of another.
    verbose : int, default=0
        Whether to show a progress bar.

    Attributes
    ----------
    cv_results_ : dict of ndarrays
        A row for each finished trial: what `GridSearchCV` has, and "status"
        ("complete", "pruned", "fail" or "duplicate"), "is_feasible", "trial",
        "n_weights", "predict_time", "confusion_matrix" (pooled over the test folds) and
        "learning_curves". Folds that were not run are NaN. A duplicate has the
        parameters of a trial that was completed before, and takes its results without
        being fitted. A trial that the space pruned has no parameters.
    best_estimator_ : estimator
        The best parameters, fitted on all the rows, if ``refit``.
    best_params_ : dict
        The best parameters.
    best_score_ : float
        Their mean score over the folds.
    best_index_ : int
        Their row in `cv_results_`.
    best_trials_ : list of optuna.trial.FrozenTrial
        The Pareto front of several objectives, else the best trial.
    confusion_matrix_ : ndarray of shape (n_classes, n_classes) or None
        That of the best trial, pooled over the test folds: every row counts as often as
        it is in one, in most kinds of folds once. True classes by row, predicted ones
        by column, in sorted order.
    study_ : optuna.study.Study
        The study.
    scorer_ : callable or dict
        The scorers.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds of the last fit, if ``refit``.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray
        Those of `best_estimator_`.
    n_features_in_ : int
        That of `best_estimator_`.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Tries parameters at random.

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
        """Search, and fit the best parameters on all the rows.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Rows, as the estimator takes them.
        y : array-like of shape (n,), default=None
            Labels.
        **params : dict
            What goes to the ``fit`` of the estimator, to the splitter (``groups``) and
            to the scorers, as in `sklearn.model_selection.GridSearchCV`. Arrays with an
            entry for each row are split like ``X``.

        Returns
        -------
        self : OptunaSearchCV
            The search, fitted.

        Raises
        ------
        ValueError
            If a parameter is out of its bounds; if the estimator has no such parameter
            as the space or ``initial_params`` name; if the study belongs to another
            search; if no trial came to its end. If every fit failed, the first error is
            raised instead. After any error the search still has `cv_results_`,
            `best_params_` and `study_` of the trials that were finished.
        KeyboardInterrupt
            If Ctrl-C ended it before any trial was finished.
        ConnectionError
            If the storage cannot be reached.
        """
        started = time.monotonic()
        self._check_end()
        scorers, _ = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        space = make_space(self.space, self.estimator)
        suggestions = Suggestions(space, self.estimator, self.initial_params)
        objectives = check_objectives(self.objectives, self.scoring, self.refit)
        constraints = check_constraints(self.constraints)
        self._labels = self._labels_of(y)
        identity = {
            "data": digest(by_value(X), by_value(y), by_value(params)),
            "space": space.identity,
            "scores or constraints": digest(
                digest_of_scoring(self.scoring),
                [objective.name for objective in objectives],
                constraints,
            ),
            "parameters of the estimator": digest_of_estimator(self.estimator),
        }
        study, storage, folds = self._open_study(
            identity, space.details, objectives, X, y, routed.splitter.split
        )
        suggestions.enqueue(study)
        trials = Trials(
            study,
            storage,
            suggestions,
            search=digest(identity["data"], folds),
            n_trials=self.n_trials,
            n_jobs=effective_n_jobs(self.n_jobs),
            deadline=started + (self.timeout or np.inf),
            rules=Rules(
                n_splits=len(folds),
                objectives=objectives,
                deciding=deciding(objectives, self.scoring, self.refit),
                constraints=constraints,
                has_pruner=self.pruner is not None,
                error_score=self.error_score,
            ),
            callbacks=self.callbacks or [],
        )
        for trial in trials.finished:
            trials.tried.params_of(trial)  # or it is another search

        def fold_of(candidate: Candidate) -> dict[str, Any]:
            return dict(
                estimator=clone(self.estimator),
                params=candidate.params,
                X=X,
                y=y,
                fold=folds[len(candidate.outcomes)],
                scorer=scorers,
                fit_params=routed.estimator.fit,
                score_params=routed.scorer.score,
                return_train_score=self.return_train_score,
                classes=self._labels,
                ceiling=trials.ceiling if self.pruner else None,
                error_score=self.error_score,
            )

        for name in _FOUND:
            if hasattr(self, name):
                delattr(self, name)
        self.n_splits_ = len(folds)
        self._n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
        judged = [np.arange(self._n_rows)[fold.test] for fold in folds]
        self._n_judged = len(np.unique(np.concatenate(judged)))
        self._misread_images: dict[int, np.ndarray] = {}
        self._study: Study | str = study
        self.scorer_ = getattr(scorers, "_scorers", scorers)
        progress = Progress(trials, shown=bool(self.verbose))
        try:
            with trials.heartbeat, stopped_by_ctrl_c(trials), progress:
                run_trials(
                    trials, fold_of, n_jobs=self.n_jobs, recorded=progress.update
                )
        except BaseException:
            if trials.finished:
                with suppress(Exception):  # the first error is the one to tell
                    self._keep_results(trials)
            raise
        if trials.lost_storage:
            warnings.warn(
                "The storage went away, and the search has ended with the trials that "
                f"were finished: {reason_of(trials.lost_storage)}",
                stacklevel=2,
            )
        self._keep_results(trials)
        self._misread_images = images_of_misread(X, misread_of(self))
        if self.refit:
            self._refit(X, y, routed.estimator.fit)
        return self

    def report(self) -> SearchReport:
        """Return what was found, and how.

        Returns
        -------
        report : SearchReport
            The best parameters, their scores by fold, the confusion matrix and the
            digits misread out of fold, which parameters mattered, and how the search
            went. Printed, it is a page of text; a notebook shows it as a page with
            figures, and its ``save`` writes that page to a file.

        Raises
        ------
        NotFittedError
            If the search has not been fitted.
        ValueError
            If there is no best trial: ``refit=False`` with several metrics, or none of
            the trials can be the best.
        """
        check_is_fitted(self, "cv_results_")
        if not hasattr(self, "best_index_"):
            if self.refit or not self.multimetric_:
                raise ValueError(why_none_is_best(self._finished))
            raise ValueError(
                "refit=False with several metrics leaves no best trial to report: give "
                "the name of one of the metrics."
            )
        return make_report(self)

    @property
    def study_(self) -> Study:
        """The study, opened again where the search has been pickled."""
        check_is_fitted(self, "_study")
        if isinstance(self._study, str):
            with quiet_optuna():
                storage = open_storage(self.storage)
                try:
                    self._study = load_study(study_name=self._study, storage=storage)
                except KeyError:
                    raise ConnectionError(
                        f"The storage {without_password(str(self.storage))!r} has no "
                        f"study {self._study!r}."
                    ) from None
        return self._study

    def __sklearn_is_fitted__(self) -> bool:
        if self.refit and hasattr(self, "cv_results_"):
            if hasattr(self, "best_estimator_"):
                return True
            raise NotFittedError(
                "The search ended with an error before the best parameters were fitted "
                "on all the rows: it has cv_results_ and study_, and no "
                "best_estimator_. Set best_params_ and fit the estimator, or call "
                "'fit' again."
            )
        return hasattr(self, "cv_results_")

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        study = state.get("_study")
        if isinstance(study, Study) and not is_in_memory(self.storage):
            state["_study"] = study.study_name
        return state

    def _labels_of(self, y: Any) -> np.ndarray | None:
        """Return the classes of a confusion matrix, if there can be one."""
        kinds = ("binary", "multiclass")
        has_classes = is_classifier(self.estimator) and type_of_target(y) in kinds
        return np.unique(y) if has_classes else None

    def _open_study(
        self,
        identity: dict[str, str],
        details: str,
        objectives: list[Objective],
        X: Any,
        y: Any,
        split_params: dict[str, Any],
    ) -> tuple[StoppableStudy, BaseStorage, list[Fold]]:
        """Return the study, where it is kept, and the folds that belong to it."""
        with quiet_optuna():
            storage = open_storage(self.storage)
            check_shared(storage, effective_n_jobs(self.n_jobs))
            study, is_new = open_study(
                storage,
                self._name_of_study(identity, details),
                metrics=[objective.name or "score" for objective in objectives],
                directions=directions(objectives),
                pruner=self._make_pruner(objectives),
            )
        seed = seed_for(study, self.random_state, is_new=is_new)
        folds = self._make_folds(X, y, seed, split_params)
        join(study, seed, {**identity, "folds": digest(folds)})
        sampler = self.sampler
        study.sampler = SeededTPE(seed) if sampler is None else own_copy(sampler)
        return study, storage, folds

    def _check_end(self) -> None:
        """Raise unless callbacks can be called, and something ends the search."""
        for i, callback in enumerate(self.callbacks or ()):
            if not callable(callback):
                raise TypeError(f"callbacks[{i}] must be callable; got {callback!r}.")
        ends = self.n_trials, self.timeout, self.sampler, self.callbacks or None
        if all(end is None for end in ends):
            raise ValueError(
                "n_trials=None must come with a timeout, or with a callback or a "
                "sampler that calls study.stop(): nothing else ends the search."
            )

    def _make_pruner(self, objectives: list[Objective]) -> BasePruner:
        if self.pruner is None or isinstance(self.pruner, NopPruner):
            return NopPruner()
        if score_of(objectives) is None:
            if self.pruner != "auto":
                names = [objective.name for objective in objectives]
                warnings.warn(
                    "pruner is ignored: it needs one score as the only objective; got "
                    f"objectives={names}.",
                    stacklevel=2,
                )
            return NopPruner()
        if self.pruner == "auto":
            return PercentilePruner(25.0, n_startup_trials=5)
        return self.pruner

    def _name_of_study(self, identity: dict[str, str], details: str) -> str | None:
        if self.storage is None or self.study_name is not None:
            return self.study_name
        seed = str(self.random_state)
        things: list[Any] = [identity, without_addresses(self.cv), seed]
        if details:
            things.append(details)
        return f"skdigits-{digest(*things)[:12]}"

    def _make_folds(
        self, X: Any, y: Any, seed: int, split_params: dict[str, Any]
    ) -> list[Fold]:
        cv: Any = 5 if self.cv is None else self.cv
        if isinstance(cv, Integral):
            kind = KFold if self._labels is None else StratifiedKFold
            cv = kind(cv, shuffle=True, random_state=seed)
        has_splits = hasattr(cv, "split")
        folds = folds_of(cv.split(X, y, **split_params) if has_splits else cv)
        return [Fold(*map(by_value, fold)) for fold in folds]

    def _keep_results(self, run: Trials) -> None:
        """Keep what is finished, and what is best of it."""
        if not run.finished:
            raise why_nothing_is_finished(run, self.timeout)
        self._finished, self._objectives = run.finished, run.rules.objectives
        found = attributes_of(
            run,
            refit=self.refit,
            scoring=self.scoring,
            format_results=self._format_results,
            select_best_index=self._select_best_index,
        )
        for name, value in found:
            setattr(self, name, value)

    def _refit(self, X: Any, y: Any, fit_params: dict[str, Any]) -> None:
        start = time.perf_counter()
        best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
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
        return without_password(super().__repr__(N_CHAR_MAX))

    def _html_repr(self) -> str:
        return without_password(estimator_html_repr(self))
