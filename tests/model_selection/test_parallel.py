"""Folds that are fitted in other processes."""

import joblib
import pytest
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from skdigits import OptunaSearchCV, make_digit_pipeline


def check_scores(search, digits):
    """Compare the best score with scikit-learn's on the same folds."""
    seed = search.study_.user_attrs["skdigits"]["seed"]
    folds = StratifiedKFold(search.n_splits_, shuffle=True, random_state=seed)
    best = search.estimator.set_params(**search.best_params_)
    scores = cross_val_score(best, *digits, cv=folds)
    assert search.best_score_ == pytest.approx(scores.mean())


@pytest.mark.slow
def test_networks_in_two_processes(digits):
    pipe = make_digit_pipeline("ann", epochs=3, random_state=0)
    search = OptunaSearchCV(pipe, "ann", n_trials=4, cv=2, n_jobs=2, random_state=0)
    search.fit(*digits)
    assert len(search.cv_results_["params"]) == 4
    check_scores(search, digits)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.filterwarnings("ignore")
def test_dask_cluster(make_search, digits):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        search = make_search(n_trials=8, n_jobs=2).fit(*digits)
    assert len(search.cv_results_["params"]) == 8
    check_scores(search, digits)
    assert isinstance(search.best_estimator_, DecisionTreeClassifier)
