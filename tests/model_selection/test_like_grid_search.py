"""Results that a search has in common with scikit-learn's `GridSearchCV`."""

import warnings

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skdigits import OptunaSearchCV

TREE = DecisionTreeClassifier(random_state=0)
DEPTHS = {"max_depth": [2, 5, 3]}


class FailsIfShallow(DecisionTreeClassifier):
    """A tree that fails if its maximal depth is small."""

    def fit(self, X, y, sample_weight=None, check_input=True):
        if self.max_depth < 3:
            raise RuntimeError("too shallow")
        return super().fit(X, y, sample_weight)


def fails_if_shallow(tree, X, y):
    """Score a tree, and fail if its maximal depth is small."""
    if tree.max_depth < 3:
        raise RuntimeError("too shallow")
    return tree.score(X, y)


def accuracy_and_depth(tree, X, y):
    """Score a tree by two metrics."""
    return {"accuracy": tree.score(X, y), "a/depth of": -tree.get_depth()}


def nan_if_shallow(tree, X, y):
    """Score a tree; NaN if its maximal depth is small."""
    return np.nan if tree.max_depth < 3 else tree.score(X, y)


def not_a_number(tree, X, y):
    """Return something that is not a score."""
    return "high"


@pytest.fixture(scope="module")
def data(digits):
    """Return digits of which one has a class of its own."""
    X, y = digits
    y = y[:200].copy()
    y[0] = 10
    return X[:200], y


def both(estimator, grid, *, cv=None, **params):
    """Return a search with `GridSearchCV` and one with Optuna over the same grid."""
    cv = cv or KFold(3)
    space = {name: CategoricalDistribution(values) for name, values in grid.items()}
    search = OptunaSearchCV(
        estimator,
        space,
        n_trials=None,
        sampler=optuna.samplers.GridSampler(grid, seed=0),
        pruner=None,
        cv=cv,
        **params,
    )
    return GridSearchCV(clone(estimator), grid, cv=cv, **params), search


SAME = {
    "by default": (TREE, DEPTHS, {}),
    "training scores": (TREE, DEPTHS, {"return_train_score": True}),
    "a name": (TREE, DEPTHS, {"scoring": "f1_macro"}),
    "a scorer": (TREE, DEPTHS, {"scoring": make_scorer(accuracy_score)}),
    "a function": (TREE, DEPTHS, {"scoring": fails_if_shallow}),
    "a function and a number": (
        TREE,
        DEPTHS,
        {"scoring": fails_if_shallow, "error_score": -1, "return_train_score": True},
    ),
    "a fit that fails": (FailsIfShallow(random_state=0), DEPTHS, {}),
    "a fit that fails and a number": (
        FailsIfShallow(random_state=0),
        DEPTHS,
        {"error_score": 0, "return_train_score": True},
    ),
    "a fit that fails, of several": (
        FailsIfShallow(random_state=0),
        DEPTHS,
        {
            "scoring": accuracy_and_depth,
            "refit": "accuracy",
            "error_score": -7,
            "return_train_score": True,
        },
    ),
    "one of several scorers fails": (
        TREE,
        DEPTHS,
        {"scoring": ["accuracy", "neg_log_loss"], "refit": "accuracy"},
    ),
    "one of several scorers fails, a number": (
        TREE,
        DEPTHS,
        {
            "scoring": ["neg_log_loss", "accuracy"],
            "refit": "accuracy",
            "error_score": -9.0,
            "return_train_score": True,
        },
    ),
    "the first of several scorers fails, no refit": (
        TREE,
        DEPTHS,
        {"scoring": ["neg_log_loss", "accuracy"], "refit": False},
    ),
    "one score with a name": (
        TREE,
        DEPTHS,
        {"scoring": {"score": "accuracy"}, "refit": "score"},
    ),
    "odd names": (
        TREE,
        DEPTHS,
        {
            "scoring": {
                name: "accuracy"
                for name in ("n_weights", "params", "a b/c", "fit_time", "test_scores")
            },
            "refit": "n_weights",
        },
    ),
    "a function of several": (
        TREE,
        DEPTHS,
        {"scoring": accuracy_and_depth, "refit": "a/depth of"},
    ),
    "a function of several, no refit": (
        TREE,
        DEPTHS,
        {"scoring": accuracy_and_depth, "refit": False},
    ),
    "a function of several, refit by a function": (
        TREE,
        {"max_depth": [3]},
        {"scoring": accuracy_and_depth, "refit": lambda results: 0},
    ),
    "a function of one with a name": (
        TREE,
        DEPTHS,
        {"scoring": lambda tree, X, y: {"score": tree.score(X, y)}, "refit": "score"},
    ),
    "refit by an unknown name": (TREE, DEPTHS, {"refit": "accuracy"}),
    "a pipeline": (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=20)),
        {"logisticregression__C": [0.1, 10.0], "standardscaler": ["passthrough"]},
        {"cv": StratifiedKFold(2, shuffle=True, random_state=0)},
    ),
    "a regressor": (Ridge(), {"alpha": [0.1, 10.0]}, {}),
    "no labels": (KMeans(n_init=1, random_state=0), {"n_clusters": [2, 4]}, {}),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", SAME)
def test_has_the_same_scores(kind, data):
    estimator, grid, params = SAME[kind]
    theirs, ours = both(estimator, grid, **params)
    X, y = data
    y = None if kind == "no labels" else y
    for search in (theirs, ours):
        search.fit(X, y)
    names = [
        name
        for name in theirs.cv_results_
        if name.startswith("mean_t") or (name.startswith("split") and "score" in name)
    ]
    order = [ours.cv_results_["params"].index(p) for p in theirs.cv_results_["params"]]
    for name in names:
        theirs_of, ours_of = theirs.cv_results_[name], ours.cv_results_[name][order]
        if name.startswith("mean") or not np.isnan(theirs_of).any():
            np.testing.assert_allclose(ours_of, theirs_of, rtol=1e-12, err_msg=name)
    assert ours.multimetric_ == theirs.multimetric_
    assert hasattr(ours, "best_score_") == hasattr(theirs, "best_score_")
    if hasattr(theirs, "best_score_"):
        assert ours.best_score_ == pytest.approx(theirs.best_score_)
        assert ours.score(X, y) == pytest.approx(theirs.score(X, y))
    if params.get("refit") is not False:
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "params",
    [
        {"scoring": "acuracy"},
        {"scoring": ["accuracy", "f1_macro"]},
        {"scoring": ["accuracy", "accuracy"], "refit": "accuracy"},
        {"scoring": ["accuracy"], "refit": "f1_macro"},
        {"scoring": {"score": "accuracy"}},
        {"scoring": []},
        {"scoring": not_a_number},
        {"scoring": not_a_number, "error_score": "raise"},
        {"scoring": fails_if_shallow, "error_score": "raise"},
        {
            "scoring": ["accuracy", "neg_log_loss"],
            "refit": "accuracy",
            "error_score": "raise",
        },
        {"scoring": accuracy_and_depth},
        {"scoring": accuracy_and_depth, "refit": "f1"},
        {"refit": lambda results: 0.0},
        {"refit": lambda results: 99},
        {"refit": lambda results: -1},
        {"error_score": "rise"},
        {"cv": [(np.arange(9),)]},
        {"cv": KFold(300)},
        {"estimator": FailsIfShallow(max_depth=2), "error_score": "raise"},
    ],
)
def test_has_the_same_errors(params, data):
    estimator = params.pop("estimator", TREE)
    theirs, ours = both(estimator, {"max_depth": [2]}, **params)
    with pytest.raises(Exception) as expected:  # noqa: PT011
        theirs.fit(*data)
    with pytest.raises(type(expected.value)):
        ours.fit(*data)


@pytest.mark.parametrize("params", [{}, {"refit": "f1"}])
def test_error_lists_the_scores_for_refit(params, data):
    _, ours = both(TREE, DEPTHS, scoring=accuracy_and_depth, **params)
    with pytest.raises(ValueError, match=r"refit must be .* \['a/depth of', 'acc"):
        ours.fit(*data)


@pytest.mark.parametrize("error_score", [np.nan, -9.0, "raise"])
@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
def test_ends_at_once_if_the_estimator_lacks_a_method(method, error_score, data):
    estimator = LinearSVC() if method == "predict_proba" else TREE
    grid = {"random_state": [0, 1, 2]}
    needy = make_scorer(lambda y, predicted: 0.5, response_method=method)
    scoring = {"needy": needy, "accuracy": "accuracy"}
    searches = both(
        estimator, grid, scoring=scoring, refit="accuracy", error_score=error_score
    )
    for search in searches:
        with pytest.raises(AttributeError, match=method):
            search.fit(*data)
        assert not hasattr(search, "cv_results_")


def test_has_the_same_warning_of_a_nan_score(data):
    for search in both(TREE, DEPTHS, scoring=nan_if_shallow):
        with pytest.warns(UserWarning, match="One or more of the test scores are non-"):
            search.fit(*data)
        assert search.best_params_ == {"max_depth": 5}


def test_has_the_same_warning_of_a_scorer_that_fails(data):
    params = {"scoring": ["accuracy", "neg_log_loss"], "refit": "accuracy"}
    warned = []
    for search in both(TREE, DEPTHS, **params):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            search.fit(*data)
        warned.append(
            {
                (w.category, str(w.message).partition(" Trial")[0].partition(" D")[0])
                for w in caught
                if "Scoring failed" in str(w.message)
            }
        )
    assert warned[0]
    assert warned[0] == warned[1]
