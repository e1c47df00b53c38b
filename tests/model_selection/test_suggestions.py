"""Initial parameters, which are tried first."""

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BruteForceSampler, CmaEsSampler, NSGAIISampler, TPESampler
from optuna.trial import TrialState
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdigits import (
    ANNClassifier,
    CNNClassifier,
    OptunaSearchCV,
    make_digit_pipeline,
)
from skdigits.model_selection._spaces import make_space
from skdigits.model_selection._suggestions import equivalent_suggestions

STEPS = Pipeline(
    [("scale", StandardScaler()), ("clf", DecisionTreeClassifier(random_state=0))]
)
DICT = {"clf__max_depth": IntDistribution(1, 12)}
LIST = [DICT, {"clf": SVC(), "clf__C": FloatDistribution(0.1, 10)}]
INITIAL = [
    {"clf__max_depth": 7},
    {"clf__max_depth": 40},
    {"clf": SVC(), "clf__C": 5, "scale": "passthrough"},
    {"clf__class_weight": {0: 2.0}},
]
WEIGHTS = dict.fromkeys(range(-40, 10), 1.0)  # longer than scikit-learn prints


def function(trial):
    return {"clf__max_depth": trial.suggest_int("depth", 1, 12)}


@pytest.fixture
def search(make_search):
    """Return a search over a pipeline with initial parameters of every kind."""
    return make_search(space=DICT, initial_params=INITIAL).set_params(estimator=STEPS)


class TestInitialParameters:
    @pytest.mark.parametrize("space", [DICT, function, LIST])
    def test_come_first(self, search, digits, space):
        results = search.set_params(space=space).fit(*digits).cv_results_
        assert results["params"][:4] == INITIAL
        assert len(results["params"]) == 6
        folds = StratifiedKFold(
            3, shuffle=True, random_state=search.study_.user_attrs["skdigits"]["seed"]
        )
        for params, score in zip(INITIAL, results["mean_test_score"], strict=False):
            alone = clone(STEPS).set_params(**clone(params, safe=False))
            assert score == pytest.approx(
                cross_val_score(alone, *digits, cv=folds).mean()
            )

    def test_count_as_trials(self, search, digits):
        results = search.set_params(n_trials=2).fit(*digits).cv_results_
        assert results["params"] == INITIAL[:2]

    def test_in_two_processes(self, search, digits):
        results = search.set_params(n_jobs=2).fit(*digits).cv_results_
        assert results["params"][:4] == INITIAL

    def test_can_be_the_best(self, search, digits):
        search.set_params(n_trials=3).fit(*digits)
        assert search.best_params_ == INITIAL[2]
        assert search.best_params_["clf"] is INITIAL[2]["clf"]
        assert not hasattr(INITIAL[2]["clf"], "classes_")
        assert "SVC" in str(search.report())

    @pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
    @pytest.mark.parametrize(
        "sampler",
        [
            TPESampler(seed=0),
            NSGAIISampler(seed=0),
            CmaEsSampler(seed=0, warn_independent_sampling=False),
            optuna.samplers.GridSampler({"clf__max_depth": [2, 4, 6, 8, 10, 12]}),
        ],
        ids=lambda sampler: type(sampler).__name__,
    )
    def test_with_any_sampler(self, search, digits, sampler):
        search.set_params(sampler=sampler, n_trials=10)
        results = search.fit(*digits).cv_results_
        assert results["params"][:4] == INITIAL
        assert len(results["params"]) == 10

    @pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
    def test_must_be_in_the_space_of_a_brute_force_sampler(self, search, digits):
        search.set_params(sampler=BruteForceSampler())
        with pytest.raises(ValueError, match="initial_params must be in the space"):
            search.fit(*digits)
        search.set_params(initial_params=INITIAL[:1], n_trials=20).fit(*digits)
        tried = [params["clf__max_depth"] for params in search.cv_results_["params"]]
        assert sorted(tried) == list(range(1, 13))


class TestStorage:
    @pytest.mark.parametrize("kind", ["sqlite", "journal"])
    def test_are_tried_once(self, search, digits, tmp_path, kind):
        path = tmp_path / "study"
        storage = f"sqlite:///{path}" if kind == "sqlite" else str(path)
        search.set_params(storage=storage, study_name="mine")
        for n_trials in (2, 5, 6):
            search.set_params(n_trials=n_trials).fit(*digits)
            tried = search.cv_results_["params"]
            assert tried[:4] == INITIAL[:n_trials]
            assert len(tried) == n_trials
        assert len(search.study_.trials) == 6

    def test_are_not_tried_again_by_another_worker(self, search, digits, tmp_path):
        storage = str(tmp_path / "study.journal")
        search.set_params(storage=storage, study_name="mine", n_trials=1).fit(*digits)
        # As when two workers enqueue them at the same moment.
        for trial in search.study_.get_trials(states=(TrialState.WAITING,)):
            search.study_.add_trial(trial)
        tried = search.set_params(n_trials=6).fit(*digits).cv_results_["params"]
        assert tried[:4] == INITIAL
        assert all(params not in INITIAL for params in tried[4:])

    def test_can_be_added_to_a_study(self, search, digits, tmp_path):
        storage = str(tmp_path / "study.journal")
        search.set_params(storage=storage, study_name="mine")
        search.set_params(n_trials=2, initial_params=None).fit(*digits)
        search.set_params(n_trials=4, initial_params=INITIAL[2:]).fit(*digits)
        assert search.cv_results_["params"][2:] == INITIAL[2:]

    def test_must_be_passed_again_if_outside_of_the_space(
        self, search, digits, tmp_path
    ):
        storage = str(tmp_path / "study.journal")
        search.set_params(storage=storage, study_name="mine", n_trials=4).fit(*digits)
        search.set_params(initial_params=INITIAL[2:3]).fit(*digits)
        assert search.cv_results_["params"] == INITIAL
        message = "initial_params must contain the parameters of trial 2 again"
        with pytest.raises(ValueError, match=message):
            search.set_params(initial_params=None).fit(*digits)

    def test_with_the_same_repr_are_told_apart(self, search, digits):
        initial = [
            {"clf": DecisionTreeClassifier(class_weight={**WEIGHTS, 9: weight})}
            for weight in (2.0, 3.0)
        ]
        assert repr(initial[0]) == repr(initial[1])
        search.set_params(initial_params=initial, n_trials=2).fit(*digits)
        tried = [params["clf"] for params in search.cv_results_["params"]]
        assert [tree.class_weight[9] for tree in tried] == [2.0, 3.0]


class TestInvalidParameters:
    @pytest.mark.parametrize("space", [DICT, function, LIST])
    def test_misspelled(self, search, digits, space):
        search.set_params(space=space, initial_params=[{"clf__max_dpth": 3}])
        message = (
            r"initial_params\[0\] must .*got 'clf__max_dpth'.*mean 'clf__max_depth'\?"
        )
        with pytest.raises(ValueError, match=message):
            search.fit(*digits)
        assert not hasattr(search, "cv_results_")

    def test_that_are_not_a_dict(self, search, digits):
        search.set_params(initial_params=[{}, ("clf__max_depth", 3)])
        with pytest.raises(TypeError, match=r"initial_params\[1\] must be a dict"):
            search.fit(*digits)

    def test_that_are_not_a_list(self, search, digits):
        with pytest.raises(ValueError, match="'initial_params' parameter"):
            search.set_params(initial_params={"clf__max_depth": 3}).fit(*digits)


class TestEquivalentSuggestions:
    """The sampler learns from initial parameters that are in the space."""

    @pytest.mark.parametrize(
        ("space", "params", "suggestions"),
        [
            (DICT, {"clf__max_depth": 7}, {"clf__max_depth": 7}),
            (DICT, {"clf__max_depth": 40}, {}),
            (DICT, {"clf__max_depth": 7, "clf__criterion": "entropy"}, {}),
            (function, {"clf__max_depth": 7}, {}),
            (
                lambda trial: {"clf__max_depth": trial.suggest_int("max_depth", 1, 9)},
                {"clf__max_depth": 7},
                {"max_depth": 7},
            ),
            (
                LIST,
                {"clf": SVC(), "clf__C": 5},
                {"space": "SVC", "SVC: clf__C": 5.0},
            ),
            (LIST, {"clf__max_depth": 2}, {"space": "dict", "dict: clf__max_depth": 2}),
            (
                {
                    "clf__max_features": CategoricalDistribution([1, 1.0, "sqrt"]),
                    "clf__ccp_alpha": FloatDistribution(0, 1),
                },
                {"clf__max_features": 1.0},
                {"clf__max_features": "1: 1.0", "clf__ccp_alpha": 0.0},
            ),
        ],
    )
    def test_of_custom_spaces(self, space, params, suggestions):
        assert (
            equivalent_suggestions(params, make_space(space, STEPS), STEPS)
            == suggestions
        )

    @pytest.mark.parametrize(
        ("space", "estimator"),
        [
            ("ann", ANNClassifier()),
            ("cnn", make_digit_pipeline("cnn")),
            (["ann", "cnn"], make_digit_pipeline("ann")),
        ],
    )
    def test_of_named_spaces(self, space, estimator):
        space = make_space(space, estimator)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(10):
            trial = study.ask()
            equivalent = equivalent_suggestions(space.suggest(trial), space, estimator)
            assert equivalent == pytest.approx(trial.params)
            study.tell(trial, 0.0)

    @pytest.mark.parametrize(
        ("filters", "n_in_block"),
        [((8, 16), 1), (((8, 8), (16, 16)), 2), (((8, 8), 16), None)],
        ids=str,
    )
    def test_of_blocks(self, filters, n_in_block):
        params = {
            "filters": filters,
            "hidden_layer_sizes": (32,),
            "dropout": [0.1, 0.1, 0.2],
            "learning_rate": 0.01,
            "batch_size": 32,
        }
        space = make_space("cnn", CNNClassifier())
        suggestions = equivalent_suggestions(params, space, CNNClassifier())
        assert suggestions.get("n_conv_in_block") == n_in_block
        assert bool(suggestions) == (n_in_block is not None)


def test_best_parameters_of_an_ann_search_can_be_tried_first(digits):
    X, y = digits
    best = {
        "hidden_layer_sizes": (24, 16),
        "dropout": [0.1, 0.0],
        "learning_rate": 0.005,
        "batch_size": 32,
    }
    classifier = ANNClassifier(epochs=1, random_state=0)
    folds = [(np.arange(50), np.arange(50, 60))]
    search = OptunaSearchCV(
        classifier, "ann", initial_params=[best], n_trials=1, cv=folds, refit=False
    ).fit(X[:60], y[:60])
    assert search.best_params_ == best
    assert search.study_.trials[0].params["units_2"] == 16
