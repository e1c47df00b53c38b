"""Studies that are resumed, and studies that belong to other searches."""

import pickle
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, IntDistribution

from skdigits.model_selection._study_identity import choose_seed


def finished(search):
    """Return what the study of a search has about its trials."""
    return [(t.number, t.params, t.values, t.state) for t in search.study_.trials]


class TestResumedStudy:
    def test_has_the_remaining_trials(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees"}
        first = make_search(n_trials=3, **params).fit(*digits)
        kept = finished(first)
        second = make_search(n_trials=5, **params).fit(*digits)
        assert finished(second)[:3] == kept
        assert len(second.cv_results_["params"]) == 5
        alone = make_search(n_trials=5).fit(*digits)
        assert alone.cv_results_["params"] == second.cv_results_["params"]

    def test_that_is_complete_is_only_read(self, make_search, digits, storage):
        first = make_search(n_trials=3, storage=storage).fit(*digits)
        again = make_search(n_trials=3, storage=storage).fit(*digits)
        assert finished(again) == finished(first)
        assert again.best_params_ == first.best_params_

    def test_keeps_its_folds_without_a_seed(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees"}
        make_search(n_trials=2, **params).fit(*digits)
        joined = make_search(n_trials=4, random_state=None, **params).fit(*digits)
        assert len(joined.cv_results_["params"]) == 4

    @pytest.mark.parametrize("as_function", [True, False])
    def test_can_have_other_bounds(self, make_search, digits, storage, as_function):
        def tried(high, n_trials):
            def function(trial):
                return {"max_depth": trial.suggest_int("d", 1, high)}

            space = {"max_depth": IntDistribution(1, high)}
            search = make_search(
                space=function if as_function else space,
                storage=storage,
                study_name="trees",
                n_trials=n_trials,
            ).fit(*digits)
            return [params["max_depth"] for params in search.cv_results_["params"]]

        first = tried(3, n_trials=3)
        wider = tried(300, n_trials=12)
        assert wider[:3] == first
        assert max(wider) > 12
        assert tried(3, n_trials=13)[:12] == wider

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("max_depth", lambda n: n),
            ("min_samples_leaf", lambda n: n / 10_000),
            ("class_weight", lambda n: {0: float(n), 1: 1.0}),
        ],
    )
    def test_keeps_the_parameters_that_were_fitted(
        self, make_search, digits, storage, name, value
    ):
        def make(factor, n_trials):
            def space(trial):
                return {name: value(factor * trial.suggest_int("n", 1, 9))}

            params = {"space": space, "storage": storage, "study_name": "trees"}
            return make_search(n_trials=n_trials, **params)

        first = make(1, n_trials=3).fit(*digits).cv_results_["params"]
        again = make(100, n_trials=5).fit(*digits).cv_results_["params"]
        assert list(map(repr, again[:3])) == list(map(repr, first))
        assert all(params not in first for params in again[3:])

    def test_warns_of_another_seed(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        first = make_search(**params).fit(*digits)
        with pytest.warns(UserWarning, match="random_state=1 has no effect"):
            other = make_search(random_state=1, **params).fit(*digits)
        assert finished(other) == finished(first)

    # Optuna leaves its connections to SQLite to the garbage collector, of which
    # Python 3.13 warns.
    @pytest.mark.filterwarnings(
        "error", "ignore::pytest.PytestUnraisableExceptionWarning"
    )
    def test_can_have_data_in_another_memory_layout(self, make_search, digits, storage):
        X, y = digits
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(X, y)
        order = np.random.default_rng(0).permutation(len(X))
        back = np.argsort(order)
        make_search(**params).fit(np.asfortranarray(X), np.repeat(y, 2)[::2])
        make_search(**params).fit(X[order][back], y[order][back])

    @pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
    @pytest.mark.parametrize("as_function", [True, False])
    def test_can_have_choices_of_any_type(
        self, make_search, digits, storage, as_function
    ):
        weights = [None, {0: 2.0}, "balanced"]
        space = {"class_weight": CategoricalDistribution(weights)}
        if as_function:

            def space(trial):
                choice = trial.suggest_categorical("class_weight", weights)
                return {"class_weight": choice}

        search = make_search(space=space, storage=storage).fit(*digits)
        tried = search.cv_results_["params"]
        assert all(params["class_weight"] in weights for params in tried)
        again = make_search(space=space, storage=storage, n_trials=7).fit(*digits)
        assert again.cv_results_["params"][:6] == tried
        kept = {trial.params["class_weight"] for trial in again.study_.trials}
        assert kept <= {None, "{0: 2.0}", "balanced"}

    def test_can_be_scored_by_a_function(self, make_search, digits, storage):
        def make():
            return lambda tree, X, y: tree.score(X, y)

        for n_trials in (2, 4):
            search = make_search(scoring=make(), storage=storage, study_name="mine")
            search.set_params(n_trials=n_trials).fit(*digits)
        assert len(search.study_.trials) == 4

    def test_that_was_made_in_advance_has_one_seed(
        self, make_search, digits, storage, as_optuna_storage
    ):
        study = optuna.create_study(
            study_name="mine", storage=as_optuna_storage(storage), direction="maximize"
        )
        study.enqueue_trial({"max_depth": 7, "ccp_alpha": 0.01})
        seeds = [choose_seed(study, random_state=None, is_new=False) for _ in range(2)]
        assert seeds[0] == seeds[1]
        search = make_search(storage=storage, study_name="mine", random_state=None)
        assert search.fit(*digits).cv_results_["params"][0]["max_depth"] == 7

    def test_is_not_needed_to_predict(self, make_search, digits, storage):
        search = make_search(storage=storage).fit(*digits)
        pickled = pickle.dumps(search)
        path = Path(storage.removeprefix("sqlite:///"))
        hidden = path.rename(f"{path}.hidden")
        loaded = pickle.loads(pickled)
        assert not path.exists()
        assert (loaded.predict(digits[0]) == search.predict(digits[0])).all()
        assert str(loaded.report()) == str(search.report())
        hidden.rename(path)
        assert len(loaded.study_.trials) == 6
        elsewhere = pickle.loads(pickled).set_params(
            storage=str(Path(path.parent, "other.journal"))
        )
        with pytest.raises(ConnectionError, match="has no study"):
            str(elsewhere.study_)

    @pytest.mark.parametrize("copied", [False, True])
    def test_ignores_trials_added_by_hand(self, make_search, digits, tmp_path, copied):
        params = {"storage": str(tmp_path / "study.journal"), "study_name": "trees"}
        search = make_search(n_trials=3, **params).fit(*digits)
        found = search.cv_results_["params"]
        if copied:
            elsewhere = make_search(random_state=1, n_trials=4).fit(*digits)
            search.study_.add_trials(
                [*elsewhere.study_.trials, search.study_.trials[0]]
            )
        else:
            distributions = search.study_.trials[0].distributions
            for depth, state in [(5, "COMPLETE"), (6, "PRUNED"), (7, "FAIL")]:
                search.study_.add_trial(
                    optuna.trial.create_trial(
                        params={"max_depth": depth, "ccp_alpha": 0.0},
                        distributions=distributions,
                        value=0.99 if state == "COMPLETE" else None,
                        state=optuna.trial.TrialState[state],
                    )
                )
        search.study_.enqueue_trial({"max_depth": 9, "ccp_alpha": 0.01})
        n_by_hand = len(search.study_.trials) - 3 - 1
        seen = []

        class Sampler(optuna.samplers.RandomSampler):
            def before_trial(self, study, trial):
                seen.append(len(study.get_trials(deepcopy=False)))

        again = make_search(n_trials=5, sampler=Sampler(seed=0), **params).fit(*digits)
        assert again.cv_results_["params"][:3] == found
        assert again.cv_results_["params"][3] == {"max_depth": 9, "ccp_alpha": 0.01}
        assert len(again.cv_results_["params"]) == 5
        assert set(again.cv_results_["status"]) == {"complete"}
        assert again.best_score_ < 0.99
        assert min(seen) >= 3 + n_by_hand
        assert again.report().counts == {"complete": 5}


class TestStudyOfAnotherSearch:
    def test_with_other_data(self, make_search, digits, storage):
        X, y = digits
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(X, y)
        with pytest.raises(
            ValueError, match="got 'trees', whose .* differs in its data"
        ):
            make_search(**params).fit(X + 1, y)

    def test_with_another_space(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(*digits)
        space = {"max_depth": IntDistribution(1, 3)}
        with pytest.raises(
            ValueError, match="got 'trees', whose .* differs in its space"
        ):
            make_search(space=space, **params).fit(*digits)

    @pytest.mark.parametrize("first", [1.0, True, np.float64(1), "1"])
    def test_with_choices_of_another_type(self, make_search, digits, first):
        def make(*choices):
            space = {"max_features": CategoricalDistribution(choices)}
            return make_search(space=space, storage=storage, study_name="trees")

        storage = optuna.storages.InMemoryStorage()
        make(1, 2).fit(*digits)
        with pytest.raises(ValueError, match="differs in its space"):
            make(first, 2).fit(*digits)

    @pytest.mark.parametrize(
        ("choices", "more"),
        [(["gini", "log_loss"], False), (["gini", "entropy"], True)],
    )
    def test_with_a_function_that_suggests_something_else(
        self, make_search, digits, storage, choices, more
    ):
        def make(choices, more):
            def space(trial):
                criterion = trial.suggest_categorical("criterion", choices)
                depth = {"max_depth": trial.suggest_int("d", 1, 9)} if more else {}
                return {"criterion": criterion, **depth}

            return make_search(
                space=space, storage=storage, study_name="trees", n_trials=2
            )

        make(["gini", "entropy"], False).fit(*digits)
        with pytest.raises(
            ValueError, match="space must be the one that the study was started"
        ):
            make(choices, more).fit(*digits)
        make(["gini", "entropy"], False).set_params(n_trials=3).fit(*digits)

    def test_with_another_scoring_function(self, make_search, digits, storage):
        scorers = [lambda tree, X, y: tree.score(X, y), lambda tree, X, y: -len(X)]
        for scorer in scorers:
            search = make_search(scoring=scorer, storage=storage, study_name="mine")
            if scorer is scorers[0]:
                search.fit(*digits)
                continue
            with pytest.raises(ValueError, match="differs in its scores"):
                search.fit(*digits)

    def test_with_trials_without_a_search(
        self, make_search, digits, storage, as_optuna_storage
    ):
        study = optuna.create_study(
            study_name="mine", storage=as_optuna_storage(storage), direction="maximize"
        )
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
        with pytest.raises(ValueError, match="got 'mine', which has other trials"):
            make_search(storage=storage, study_name="mine").fit(*digits)
        assert study.user_attrs == {}

    def test_with_another_direction(
        self, make_search, digits, storage, as_optuna_storage
    ):
        optuna.create_study(study_name="mine", storage=as_optuna_storage(storage))
        with pytest.raises(
            ValueError, match=r"got 'mine' with the directions \['minimize'\]"
        ):
            make_search(storage=storage, study_name="mine").fit(*digits)

    def test_with_other_folds(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(*digits)
        with pytest.raises(ValueError, match="differs in its folds"):
            make_search(cv=4, **params).fit(*digits)
