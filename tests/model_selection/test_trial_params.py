"""Suggestions without a fit: skipped by the space, or completed before."""

from typing import ClassVar

import optuna
import pandas as pd
import pytest
from optuna.distributions import IntDistribution
from sklearn.ensemble import BaggingClassifier
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

SIX = {"max_depth": IntDistribution(1, 6)}


class RecordsFits(DecisionTreeClassifier):
    """A tree that records the maximal depth of each fit."""

    fits: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None, check_input=True):
        self.fits.append(self.max_depth)
        return super().fit(X, y, sample_weight)


class RepeatsLowest(optuna.samplers.RandomSampler):
    """A sampler that suggests the lower bound of everything, again and again."""

    def sample_independent(self, study, trial, param_name, param_distribution):
        return param_distribution.low


@pytest.fixture
def fits():
    RecordsFits.fits.clear()
    return RecordsFits.fits


@pytest.fixture
def make(make_search):
    def make(space, **params):
        search = make_search(space=space, **{"n_trials": 20, **params})
        return search.set_params(estimator=RecordsFits(random_state=0))

    return make


def statuses(search):
    return pd.Series(search.cv_results_["status"]).value_counts().to_dict()


def even_depths(trial):
    """Skip odd depths."""
    depth = trial.suggest_int("max_depth", 1, 6)
    if depth % 2:
        raise optuna.TrialPruned
    return {"max_depth": depth}


def new_depths(trial):
    """Skip depths that were completed before."""
    depth = trial.suggest_int("max_depth", 1, 6)
    complete = (optuna.trial.TrialState.COMPLETE,)
    if any(t.params == trial.params for t in trial.study.get_trials(states=complete)):
        raise optuna.TrialPruned
    return {"max_depth": depth}


class TestSkippedSuggestion:
    def test_is_pruned_without_a_fit(self, make, digits, fits):
        seen = []
        search = make(
            even_depths, callbacks=[lambda study, trial: seen.append(trial.number)]
        )
        search.fit(*digits)
        assert sorted(seen) == list(range(20))
        assert set(fits) == {2, 4, 6}
        table = pd.DataFrame(search.cv_results_)
        pruned = table[table["status"] == "pruned"]
        assert len(table) == 20
        assert len(pruned) > 0
        assert pruned["mean_test_score"].isna().all()
        assert list(pruned["params"]) == [{}] * len(pruned)
        assert search.best_params_["max_depth"] % 2 == 0
        assert f"{len(pruned)} pruned" in str(search.report())

    def test_can_depend_on_the_study(self, make, digits, fits):
        search = make(new_depths).fit(*digits)
        assert sorted(fits) == sorted(
            3 * list(set(fits)) + [search.best_params_["max_depth"]]
        )
        assert statuses(search) == {
            "complete": len(set(fits)),
            "pruned": 20 - len(set(fits)),
        }

    def test_that_depends_on_the_study_can_be_resumed(self, make, digits, tmp_path):
        storage = str(tmp_path / "study.journal")
        first = make(new_depths, storage=storage).fit(*digits)
        again = make(new_depths, storage=storage, n_trials=21).fit(*digits)
        assert again.cv_results_["params"][:20] == first.cv_results_["params"]

    def test_of_every_trial(self, make, digits):
        def nothing(trial):
            raise optuna.TrialPruned

        with pytest.raises(
            ValueError, match="None of the 20 finished trials .*20 were pr"
        ):
            make(nothing).fit(*digits)


def test_space_function_can_reuse_its_objects(make, digits):
    weights = {"class_weight": {}}
    tree = RecordsFits(random_state=0)
    pipe = Pipeline([("tree", tree)])

    def reused_dict(trial):
        weights["class_weight"][0] = trial.suggest_int("n", 1, 12)
        return weights

    def reused_estimator(trial):
        depth = trial.suggest_int("n", 1, 12)
        return {"steps": [("tree", tree.set_params(max_depth=depth))]}

    for space, estimator in ((reused_dict, tree), (reused_estimator, pipe)):
        search = make(space, n_trials=6).set_params(estimator=estimator).fit(*digits)
        suggested = [trial.params["n"] for trial in search.study_.trials]
        tried = search.cv_results_["params"]
        if estimator is pipe:
            assert [params["steps"][0][1].max_depth for params in tried] == suggested
        else:
            assert tried == [{"class_weight": {0: n}} for n in suggested]
        n_duplicates = len(suggested) - len(set(suggested))
        assert statuses(search).get("duplicate", 0) == n_duplicates < 4


class TestDuplicate:
    @pytest.mark.usefixtures("in_threads")
    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_has_the_results_without_a_fit(self, make, digits, fits, n_jobs):
        search = make(SIX, n_jobs=n_jobs).fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        is_fitted = table["status"] == "complete"
        depths = table["param_max_depth"].astype(int)
        assert len(table) == 20
        assert depths[is_fitted].is_unique
        assert set(table["status"]) == {"complete", "duplicate"}
        best = search.best_params_["max_depth"]
        assert sorted(fits) == sorted(3 * list(depths[is_fitted]) + [best])
        for depth in set(depths):
            assert table.loc[depths == depth, "mean_test_score"].nunique() == 1
        assert is_fitted[search.best_index_]
        assert search.best_trials_[0].number == table["trial"][search.best_index_]
        assert search.report().counts["duplicate"] == (~is_fitted).sum()

    @pytest.mark.usefixtures("in_threads")
    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_of_a_sampler_that_repeats_itself(self, make, digits, n_jobs):
        search = make(SIX, sampler=RepeatsLowest(), n_jobs=n_jobs).fit(*digits)
        assert statuses(search) == {"complete": 1, "duplicate": 19}

    def test_of_a_trial_of_an_earlier_fit(self, make, digits, fits, tmp_path):
        storage = str(tmp_path / "study.journal")
        for n_trials in (1, 3):
            search = make(
                SIX, sampler=RepeatsLowest(), storage=storage, n_trials=n_trials
            )
            search.fit(*digits)
        assert statuses(search) == {"complete": 1, "duplicate": 2}
        assert len(fits) == 3 + 2  # three folds, and twice all samples

    def test_with_an_estimator_among_the_parameters(self, make_search, digits):
        def space(trial):
            tree = DecisionTreeClassifier(
                max_depth=trial.suggest_int("depth", 2, 4), random_state=0
            )
            return {"estimator": tree}

        search = make_search(space=space, n_trials=9)
        search.set_params(estimator=BaggingClassifier(n_estimators=2, random_state=0))
        assert statuses(search.fit(*digits))["complete"] <= 3

    def test_is_not_passed_to_a_refit_function(self, make, digits):
        seen = []

        def last(results):
            seen.append(set(results["status"]))
            return len(results["params"]) - 1

        search = make(SIX, refit=last).fit(*digits)
        assert seen == [{"complete"}]
        assert search.cv_results_["status"][search.best_index_] == "complete"

    def test_of_an_infeasible_trial(self, make, digits):
        search = make(SIX, constraints={"fit_time": 1e-9}, sampler=RepeatsLowest())
        with pytest.raises(ValueError, match="20 violated a constraint"):
            search.fit(*digits)

    def test_can_be_followed_by_a_stop(self, make, digits):
        def stop(study, trial):
            if trial.number == 4:
                study.stop()

        search = make(SIX, sampler=RepeatsLowest(), callbacks=(stop,), n_trials=None)
        assert statuses(search.fit(*digits)) == {"complete": 1, "duplicate": 4}

    def test_of_a_pruned_trial_is_fitted(self, make, digits):
        class Prunes(optuna.pruners.BasePruner):
            def prune(self, study, trial):
                return trial.number < 2

        search = make(SIX, sampler=RepeatsLowest(), pruner=Prunes(), n_trials=4).fit(
            *digits
        )
        expected = ["pruned", "pruned", "complete", "duplicate"]
        assert list(search.cv_results_["status"]) == expected

    def test_is_not_on_the_pareto_front(self, make, digits):
        search = make(SIX, objectives=["score", "fit_time"]).fit(*digits)
        assert all("duplicate_of" not in t.user_attrs for t in search.best_trials_)
