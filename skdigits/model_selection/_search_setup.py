"""Check the parameters of a search, open its study and prepare its trials."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from joblib import effective_n_jobs
from optuna.storages import BaseStorage
from sklearn.base import clone, is_classifier
from sklearn.utils import get_tags
from sklearn.utils.multiclass import type_of_target

from skdigits.model_selection._fingerprint import fingerprint
from skdigits.model_selection._fit_and_score import FitOptions, FoldTask
from skdigits.model_selection._folds import Fold, make_folds
from skdigits.model_selection._objectives import (
    Objective,
    check_constraints,
    check_objectives,
    required_scores,
)
from skdigits.model_selection._optuna_private import quiet_optuna
from skdigits.model_selection._pruning import make_pruner
from skdigits.model_selection._samplers import make_sampler
from skdigits.model_selection._scheduler import ActiveTrial, TrialScheduler
from skdigits.model_selection._shared_study import SharedStudy
from skdigits.model_selection._spaces import Space, make_space
from skdigits.model_selection._storage import check_threads, open_storage
from skdigits.model_selection._study import StoppableStudy, open_study
from skdigits.model_selection._study_identity import (
    check_or_store_identity,
    choose_seed,
    data_identity,
    default_study_name,
    search_identity,
)
from skdigits.model_selection._suggestions import Suggestions
from skdigits.model_selection._trial_outcome import OutcomeRules


class SearchData(NamedTuple):
    """The data of a search, and its scorer.

    ``params`` are the keyword arguments of ``fit``, and ``routed_params`` the same by
    their destination: the estimator, the splitter or the scorer.
    """

    X: Any
    y: Any
    params: dict[str, Any]
    routed_params: Any
    scorer: Any


class SearchSetup(NamedTuple):
    """A search that is ready to run.

    ``labels`` are those of the confusion matrices; None if there are none.
    """

    scheduler: TrialScheduler
    next_task: Callable[[ActiveTrial], FoldTask]
    folds: Sequence[Fold]
    labels: np.ndarray | None


def check_end(search: Any) -> None:
    """Raise unless the callbacks can be called and something ends the search."""
    for i, callback in enumerate(search.callbacks or ()):
        if not callable(callback):
            raise TypeError(f"callbacks[{i}] must be callable; got {callback!r}.")
    ends = search.n_trials, search.timeout, search.sampler, search.callbacks or None
    if all(end is None for end in ends):
        raise ValueError(
            "n_trials must be an int, unless a timeout, or a callback or a sampler "
            "that calls study.stop(), ends the search; got None without any of them."
        )


def set_up_search(search: Any, data: SearchData, deadline: float) -> SearchSetup:
    """Check the parameters of a search, and open or start its study.

    Raises
    ------
    ValueError
        If the parameters do not fit the estimator, the data or the study.
    ConnectionError
        If the storage cannot be reached.
    """
    X, y, params, routed_params, scorer = data
    space = make_space(search.space, search.estimator)
    suggestions = Suggestions(space, search.estimator, search.initial_params)
    objectives = check_objectives(search.objectives, search.scoring, search.refit)
    constraints = check_constraints(search.constraints)
    labels = _labels_of(search.estimator, y)
    of_data = data_identity(X, y, params)
    identity = search_identity(
        data=of_data,
        space=space,
        scoring=search.scoring,
        objectives=objectives,
        constraints=constraints,
        estimator=search.estimator,
    )
    study, storage, seed = _open_study(search, identity, space, objectives)
    folds = make_folds(
        search.cv,
        X,
        y,
        split_params=routed_params.splitter.split,
        stratified=labels is not None,
        seed=seed,
    )
    check_or_store_identity(study, seed, identity, folds)
    study.sampler = make_sampler(search.sampler, seed)
    suggestions.enqueue(study)
    search_id = fingerprint(of_data, folds)
    scheduler = TrialScheduler(
        SharedStudy(study, storage, search_id=search_id, n_trials=search.n_trials),
        suggestions,
        OutcomeRules(
            n_splits=len(folds),
            objectives=objectives,
            required=required_scores(objectives, search.scoring, search.refit),
            constraints=constraints,
            has_pruner=search.pruner is not None,
            error_score=search.error_score,
        ),
        n_jobs=effective_n_jobs(search.n_jobs),
        deadline=deadline,
        callbacks=search.callbacks or [],
    )
    scheduler.check_finished()
    options = FitOptions(
        scorer=scorer,
        fit_params=routed_params.estimator.fit,
        score_params=routed_params.scorer.score,
        return_train_score=search.return_train_score,
        classes=labels,
        error_score=search.error_score,
    )

    def next_task(active: ActiveTrial) -> FoldTask:
        return FoldTask(
            estimator=clone(search.estimator),
            params=active.params,
            X=X,
            y=y,
            fold=folds[len(active.results)],
            options=options,
            loss_ceiling=scheduler.loss_ceiling() if search.pruner else None,
        )

    return SearchSetup(scheduler, next_task, folds, labels)


def has_one_label_each(estimator: Any) -> bool:
    """Return whether an estimator is a classifier with one label for each sample."""
    if not is_classifier(estimator):
        return False
    tags = get_tags(estimator)
    is_multi_label = getattr(tags.classifier_tags, "multi_label", False)
    return not (is_multi_label or tags.target_tags.multi_output)


def _labels_of(estimator: Any, y: Any) -> np.ndarray | None:
    kinds = ("binary", "multiclass")
    has_classes = is_classifier(estimator) and type_of_target(y) in kinds
    return np.unique(y) if has_classes else None


def _open_study(
    search: Any, identity: dict[str, str], space: Space, objectives: list[Objective]
) -> tuple[StoppableStudy, BaseStorage, int]:
    """Return the study, its storage and its seed."""
    name = search.study_name
    if name is None and search.storage is not None:
        name = default_study_name(identity, space, search.cv, search.random_state)
    with quiet_optuna():
        storage = open_storage(search.storage)
        check_threads(storage, effective_n_jobs(search.n_jobs))
        study, is_new = open_study(
            storage,
            name,
            objectives=objectives,
            pruner=make_pruner(search.pruner, objectives),
        )
    return study, storage, choose_seed(study, search.random_state, is_new=is_new)
