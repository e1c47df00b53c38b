"""Grids that several workers share, and that can be resumed."""

import warnings
from threading import Timer

import pytest
from optuna.distributions import CategoricalDistribution
from optuna.samplers import GridSampler
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdigits.model_selection._lost_trials import record_worker
from skdigits.model_selection._samplers import copy_sampler

GRID = {"class_weight": [None, {0: 2.0}, "balanced"], "max_depth": [3, 5]}


@pytest.fixture
def make_grid_search(make_search):
    """Return a function that makes a search over a grid of values of any type."""

    def make(grid=GRID, *, seed=None, n_trials=20, **params):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of choices that JSON cannot represent
            space = {name: CategoricalDistribution(v) for name, v in grid.items()}
            sampler = GridSampler(grid, seed=seed)
        return make_search(space=space, sampler=sampler, n_trials=n_trials, **params)

    return make


@pytest.mark.usefixtures("in_threads")
@pytest.mark.parametrize(
    ("grid", "n_jobs"),
    [
        (GRID, 2),
        ({"max_features": [1, 1.0, "sqrt"], "ccp_alpha": [0, 0.0, 0.01]}, None),
        ({"monotonic_cst": [None], "max_depth": [2, None]}, None),
    ],
)
def test_tries_the_candidates_of_grid_search(make_grid_search, digits, grid, n_jobs):
    search = make_grid_search(grid, n_jobs=n_jobs).fit(*digits)
    seed = search.study_.user_attrs["skdigits"]["seed"]
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    other = GridSearchCV(DecisionTreeClassifier(random_state=0), grid, cv=folds)
    other.fit(*digits)

    def scores(results):
        named = (sorted(map(repr, params.items())) for params in results["params"])
        return sorted(zip(named, results["mean_test_score"].round(9), strict=True))

    assert scores(search.cv_results_) == scores(other.cv_results_)


@pytest.mark.parametrize("kind", ["sqlite", "journal"])
def test_can_be_resumed(make_grid_search, digits, tmp_path, kind):
    path = tmp_path / "study"
    storage = f"sqlite:///{path}" if kind == "sqlite" else str(path)
    n_finished = []
    for seed, n_trials in [(0, 2), (0, 3), (7, 20), (0, 30)]:
        search = make_grid_search(seed=seed, n_trials=n_trials, storage=storage)
        tried = search.fit(*digits).cv_results_["params"]
        assert len(set(map(repr, tried))) == len(tried)
        n_finished.append(len(tried))
    assert n_finished == [2, 3, 6, 6]
    assert len(search.study_.trials) == 6


def test_tries_again_what_was_given_up(make_grid_search, digits, tmp_path):
    storage = str(tmp_path / "study.journal")
    study = make_grid_search(storage=storage, n_trials=1).fit(*digits).study_
    study.sampler = copy_sampler(make_grid_search().sampler)
    study.tell(study.ask(), state=TrialState.FAIL)  # as when Ctrl-C ends a search
    tried = make_grid_search(storage=storage).fit(*digits).cv_results_["params"]
    assert len(set(map(repr, tried))) == len(tried) == 6


def test_waits_for_the_trial_of_another_worker(make_grid_search, digits):
    params = {"storage": InMemoryStorage(), "study_name": "ours"}
    study = make_grid_search(n_trials=1, **params).fit(*digits).study_
    study.sampler = copy_sampler(make_grid_search().sampler)
    elsewhere = study.ask()
    record_worker(elsewhere)

    def let_the_other_end(study, trial):
        if trial.number == 5:
            Timer(0.2, study.tell, (elsewhere, 0.5)).start()

    search = make_grid_search(callbacks=[let_the_other_end], **params).fit(*digits)
    assert len(search.study_.trials) == 6
    assert {trial.state for trial in search.study_.trials} == {TrialState.COMPLETE}


def test_can_contain_estimators(make_grid_search, digits):
    grid = {"clf": [DecisionTreeClassifier(max_depth=3), SVC()], "scale": [None]}
    pipe = Pipeline([("scale", None), ("clf", SVC())])
    search = make_grid_search(grid).set_params(estimator=pipe).fit(*digits)
    assert len(search.cv_results_["params"]) == 2


def test_must_contain_every_parameter(make_search, digits):
    search = make_search(sampler=GridSampler({"max_depth": [3, 5]}))
    with pytest.raises(ValueError, match="got a grid without 'ccp_alpha'"):
        search.fit(*digits)
