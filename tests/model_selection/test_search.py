"""The search as a scikit-learn estimator."""

import os
import pickle
import signal
import time
from typing import ClassVar

import joblib
import numpy as np
import optuna
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.exceptions import FitFailedWarning, UnsetMetadataPassedError
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skdigits import OptunaSearchCV, make_digit_pipeline


class PruneShallow(optuna.pruners.BasePruner):
    """Prunes trees of a depth below 6, whatever their score."""

    def prune(self, study, trial):
        return trial.params["max_depth"] < 6


class Witness(ClassifierMixin, BaseEstimator):
    """Notes the rows it is fitted on and those it is asked about."""

    seen: ClassVar[list] = []

    def __init__(self, bias=0):
        self.bias = bias

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.rows_ = set(X[:, 0])
        return self

    def predict(self, X):
        self.seen.append((self.rows_, set(X[:, 0])))
        return np.full(len(X), self.classes_[0])


class Fragile(DecisionTreeClassifier):
    """Fails where the tree would be shallow."""

    def fit(self, X, y, sample_weight=None, check_input=True):
        if self.max_depth < 5:
            raise RuntimeError("too shallow")
        return super().fit(X, y, sample_weight)


def depth_and_accuracy(tree, X, y):
    """Score a tree in two ways."""
    return {"accuracy": tree.score(X, y), "depth": -tree.get_depth()}


class FailsOnce(DecisionTreeClassifier):
    """Fails the first time that any of them is fitted."""

    fits: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None, check_input=True):
        self.fits.append(len(X))
        if len(self.fits) == 1:
            raise RuntimeError("not yet")
        return super().fit(X, y, sample_weight)


@pytest.fixture(scope="module")
def constrained(digits):
    """A search over the width of a network of at most 2,000 weights."""
    return OptunaSearchCV(
        make_digit_pipeline("ann", epochs=3, random_state=0),
        {"annclassifier__hidden_layer_sizes": IntDistribution(4, 64)},
        n_trials=6,
        cv=2,
        constraints={"n_weights": 2_000},
        random_state=0,
    ).fit(*digits)


class TestResults:
    def test_is_a_classifier(self, make_search):
        assert is_classifier(make_search())

    def test_have_a_row_for_each_trial(self, fitted):
        table = pd.DataFrame(fitted.cv_results_)
        assert len(table) == 8
        assert (table["status"] == "complete").all()
        assert {"param_max_depth", "split2_test_score", "mean_fit_time"} <= {*table}
        best = table.loc[fitted.best_index_]
        assert best["rank_test_score"] == 1
        assert best["params"] == fitted.best_params_
        assert best["mean_test_score"] == fitted.best_score_

    def test_confusion_matrix_is_pooled_over_the_test_folds(self, fitted, digits):
        X, y = digits
        table = pd.DataFrame(fitted.cv_results_)
        for _, row in table.iterrows():
            matrix = row["confusion_matrix"]
            np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(y))
            folds = [row[f"split{i}_test_score"] for i in range(3)]
            n_rows = [134, 133, 133]
            assert np.trace(matrix) == pytest.approx(np.dot(folds, n_rows))
        best = table["confusion_matrix"][fitted.best_index_]
        np.testing.assert_array_equal(fitted.confusion_matrix_, best)

    def test_best_parameters_are_fitted_on_all_rows(self, fitted, digits):
        X, y = digits
        tree = DecisionTreeClassifier(random_state=0, **fitted.best_params_).fit(X, y)
        np.testing.assert_array_equal(fitted.predict(X), tree.predict(X))
        assert fitted.score(X, y) == accuracy_score(y, tree.predict(X))
        assert fitted.refit_time_ > 0

    def test_network_brings_its_size_and_curves(self, constrained):
        width = constrained.best_params_["annclassifier__hidden_layer_sizes"]
        results = constrained.cv_results_
        n_weights = results["n_weights"][constrained.best_index_]
        assert n_weights == 64 * width + width + width * 10 + 10
        assert n_weights == constrained.best_estimator_[-1].n_weights_
        curves = results["learning_curves"][constrained.best_index_]
        assert [len(curve["loss"]) for curve in curves] == [3, 3]
        assert results["predict_time"][constrained.best_index_] > 0


class TestTrials:
    def test_same_seed_same_trials(self, make_search, fitted, digits):
        again = make_search(n_trials=8).fit(*digits)
        assert again.cv_results_["params"] == fitted.cv_results_["params"]
        scores = "split1_test_score"
        np.testing.assert_array_equal(
            again.cv_results_[scores], fitted.cv_results_[scores]
        )

    def test_other_seed_other_trials(self, make_search, fitted, digits):
        other = make_search(n_trials=8, random_state=1).fit(*digits)
        assert other.cv_results_["params"] != fitted.cv_results_["params"]

    def test_in_two_processes_score_the_same(self, make_search, fitted, digits):
        both = make_search(n_trials=8, n_jobs=2).fit(*digits)
        assert len(both.cv_results_["params"]) == 8
        alone = DecisionTreeClassifier(random_state=0, **both.best_params_)
        folds = StratifiedKFold(3, shuffle=True, random_state=seed_of(both))
        scores = cross_val_score(alone, *digits, cv=folds)
        assert both.best_score_ == pytest.approx(scores.mean())

    def test_space_that_knows_the_number_of_the_trial(self, make_search, digits):
        def space(trial):
            depth = trial.suggest_int("max_depth", 1, 12)
            return {"max_depth": depth, "random_state": trial.number}

        params = make_search(space=space).fit(*digits).cv_results_["params"]
        assert [p["random_state"] for p in params] == list(range(6))

    def test_space_as_a_function_of_varying_depth(self, make_search, digits):
        def space(trial):
            if trial.suggest_categorical("criterion", ["gini", "entropy"]) == "gini":
                return {"criterion": "gini", "max_depth": trial.suggest_int("d", 2, 9)}
            return {"criterion": "entropy"}

        search = make_search(space=space, n_trials=12).fit(*digits)
        kinds = {tuple(sorted(params)) for params in search.cv_results_["params"]}
        assert kinds == {("criterion",), ("criterion", "max_depth")}

    @settings(max_examples=15, deadline=None)
    @given(
        n_rows=st.integers(12, 60),
        n_splits=st.integers(2, 4),
        seed=st.integers(0, 2**31 - 1),
    )
    def test_no_test_row_reaches_the_fit(self, n_rows, n_splits, seed):
        X = np.arange(n_rows, dtype=float)[:, None]
        Witness.seen.clear()
        OptunaSearchCV(
            Witness(),
            {"bias": IntDistribution(0, 5)},
            n_trials=2,
            cv=n_splits,
            refit=False,
            random_state=seed,
        ).fit(X, np.arange(n_rows) % 3)
        assert Witness.seen
        for fitted_on, asked_about in Witness.seen:
            assert not fitted_on & asked_about
            assert fitted_on | asked_about == set(X[:, 0])


def seed_of(search):
    return search.study_.user_attrs["skdigits"]["seed"]


class TestPruning:
    def test_leaves_the_rest_of_the_folds_out(self, make_search, digits):
        search = make_search(pruner=PruneShallow(), n_trials=12).fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 6
        assert shallow.any()
        assert not shallow.all()
        assert (table.loc[shallow, "status"] == "pruned").all()
        assert (table.loc[~shallow, "status"] == "complete").all()
        assert table.loc[shallow, "split0_test_score"].notna().all()
        assert table.loc[shallow, "split1_test_score"].isna().all()
        assert search.best_params_["max_depth"] >= 6

    def test_of_all_trials(self, make_search, digits):
        space = {"max_depth": IntDistribution(1, 3)}
        search = make_search(pruner=PruneShallow(), space=space)
        with pytest.raises(ValueError, match="None of 6 finished trials can be the be"):
            search.fit(*digits)

    def test_ends_hopeless_training_by_epoch(self, digits):
        rate = FloatDistribution(1e-7, 1e-1, log=True)
        search = OptunaSearchCV(
            make_digit_pipeline("ann", epochs=9, random_state=0),
            {"annclassifier__learning_rate": rate},
            n_trials=25,
            cv=2,
            sampler=optuna.samplers.RandomSampler(seed=0),
            pruner=optuna.pruners.NopPruner(),
            random_state=0,
        ).fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        ended = table["status"] == "pruned"
        assert ended.any()
        assert not ended.all()
        assert table.loc[ended, "mean_test_score"].isna().all()


class TestChoice:
    def test_constraint(self, constrained):
        results = constrained.cv_results_
        keeps = results["n_weights"] <= 2_000
        assert keeps.any()
        assert not keeps.all()
        np.testing.assert_array_equal(results["is_feasible"], keeps)
        assert keeps[constrained.best_index_]

    def test_several_objectives(self, make_search, digits):
        search = make_search(
            objectives=["balanced_accuracy", "fit_time"],
            scoring=["accuracy", "balanced_accuracy"],
            refit="accuracy",
            n_trials=8,
        ).fit(*digits)
        front = {trial.number for trial in search.study_.best_trials}
        assert {trial.number for trial in search.best_trials_} == front
        assert search.cv_results_["trial"][search.best_index_] in front
        assert search.multimetric_

    def test_refit_by_a_function(self, make_search, digits):
        search = make_search(refit=lambda results: 3).fit(*digits)
        assert search.best_index_ == 3
        assert search.best_params_ == search.cv_results_["params"][3]

    def test_refit_by_the_one_standard_error_rule(self, make_search, digits):
        seen = {}

        def smallest_tree(results):  # as in scikit-learn's gallery
            seen.update(results)
            scores, spread = results["mean_test_score"], results["std_test_score"]
            best = np.argmax(scores)
            good = np.flatnonzero(scores >= scores[best] - spread[best])
            return good[results["param_max_depth"][good].argmin()]

        search = make_search(refit=smallest_tree, pruner="auto", n_trials=20)
        table = pd.DataFrame(search.fit(*digits).cv_results_)
        complete = table[table["status"] == "complete"]
        assert len(complete) < len(table)
        assert list(seen["params"]) == list(complete["params"])
        assert seen.keys() == search.cv_results_.keys()
        assert min(seen["rank_test_score"]) == 1
        top = complete.loc[complete["mean_test_score"].idxmax()]
        at_least = top["mean_test_score"] - top["std_test_score"]
        good = complete[complete["mean_test_score"] >= at_least]
        assert search.best_params_["max_depth"] == good["param_max_depth"].min()
        assert search.best_index_ in good.index
        assert search.best_estimator_.max_depth == search.best_params_["max_depth"]
        assert search.best_trials_[0].number == table["trial"][search.best_index_]

    def test_refit_by_a_function_within_a_bound(self, make_search, digits):
        seen = []

        def count(results):
            seen.append(results["is_feasible"].all())
            return len(results["params"]) - 1

        bound = np.median(make_search().fit(*digits).cv_results_["mean_fit_time"])
        search = make_search(refit=count, constraints={"fit_time": float(bound)})
        search.set_params(n_trials=12).fit(*digits)
        assert seen == [True]
        assert search.cv_results_["is_feasible"][search.best_index_]

    def test_no_refit(self, make_search, digits):
        search = make_search(refit=False).fit(*digits)
        assert search.best_params_
        assert not hasattr(search, "predict")

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"objectives": ["size"]}, r"objectives must be .*got \['size'\]"),
            ({"objectives": ["score", "score"]}, "objectives must be different ones"),
            ({"constraints": {"size": 1}}, "constraints must be among .*got 'size'"),
            ({"n_trials": 0}, "n_trials"),
            ({"timeout": 0}, "timeout"),
        ],
    )
    def test_bad_parameters(self, make_search, digits, params, message):
        with pytest.raises(ValueError, match=message):
            make_search(**params).fit(*digits)

    @pytest.mark.parametrize("bound", ["1", np.nan])
    def test_bound_that_is_no_number(self, make_search, digits, bound):
        message = f"'fit_time'.*must be a number; got {bound!r}"
        with pytest.raises(TypeError, match=message):
            make_search(constraints={"fit_time": bound}).fit(*digits)

    @pytest.mark.parametrize(
        "params",
        [{"constraints": {"n_weights": 9}}, {"objectives": ["score", "n_weights"]}],
    )
    def test_by_what_the_estimator_does_not_have(self, make_search, digits, params):
        with pytest.raises(ValueError, match="'n_weights', which the fits and scores"):
            make_search(**params).fit(*digits)

    def test_constraint_that_nothing_keeps_to(self, make_search, digits):
        search = make_search(constraints={"fit_time": 1e-9})
        with pytest.raises(ValueError, match=r"6 broke a constraint \(fit_time by"):
            search.fit(*digits)

    def test_by_one_of_the_scores_that_a_function_returns(self, make_search, digits):
        search = make_search(scoring=depth_and_accuracy, refit="accuracy")
        search.fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        assert search.best_score_ == table["mean_test_accuracy"].max()
        assert search.study_.best_value == search.best_score_
        search.set_params(refit=True)
        with pytest.raises(
            ValueError, match=r"refit must be .* \['accuracy', 'depth'\]"
        ):
            search.fit(*digits)


class TestFailures:
    def make(self, **params):
        return OptunaSearchCV(
            Fragile(random_state=0),
            {"max_depth": IntDistribution(1, 12)},
            n_trials=8,
            cv=2,
            random_state=0,
            **params,
        )

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_become_failed_trials(self, digits):
        search = self.make().fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert shallow.any()
        assert (table.loc[shallow, "status"] == "fail").all()
        assert search.best_params_["max_depth"] >= 5

    def test_are_told(self, digits):
        message = r"Trial \d, fold 1: .*too shallow"
        with pytest.warns(FitFailedWarning, match=message):
            self.make().fit(*digits)

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_get_a_score_if_asked_for(self, digits):
        search = self.make(error_score=0, pruner=None).fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert (table.loc[shallow, "mean_test_score"] == 0).all()
        assert set(table["status"]) <= {"complete", "duplicate"}

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_of_one_fold_have_a_score_of_the_training_rows(self, digits):
        FailsOnce.fits.clear()
        search = OptunaSearchCV(
            FailsOnce(random_state=0),
            {"max_depth": IntDistribution(5, 9)},
            n_trials=2,
            cv=2,
            error_score=0,
            return_train_score=True,
            random_state=0,
        ).fit(*digits)
        scores = pd.DataFrame(search.cv_results_).loc[0].filter(regex="^split")
        zero = list(scores.index[scores == 0])
        assert zero == ["split0_test_score", "split0_train_score"]

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_get_each_of_the_scores_that_a_function_returns(self, digits):
        search = self.make(
            error_score=-9,
            scoring=depth_and_accuracy,
            refit="accuracy",
            pruner=None,
        ).fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert (table.loc[shallow, "mean_test_accuracy"] == -9).all()
        assert search.best_score_ > 0

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_with_a_score_never_keep_to_a_constraint(self, digits):
        search = self.make(error_score=0, constraints={"predict_time": 9.0})
        search.fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert (table.loc[shallow, "status"] == "fail").all()

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_of_every_trial_are_raised(self, digits, n_jobs):
        search = self.make(n_jobs=n_jobs)
        search.space = {"max_depth": IntDistribution(1, 3)}
        with pytest.raises(RuntimeError, match="too shallow") as caught:
            search.fit(*digits)
        assert "None of 8 finished trials" in caught.value.__notes__[0]

    def test_are_raised_if_asked_for(self, digits):
        with pytest.raises(RuntimeError, match="too shallow"):
            self.make(error_score="raise").fit(*digits)


class TestProtocol:
    def test_nested_cross_validation(self, make_search, digits):
        assert cross_val_score(make_search(n_trials=3), *digits, cv=2).min() > 0.3

    def test_sample_weight_reaches_the_fit(self, make_search, digits):
        X, y = digits
        weight = np.where(y < 5, 1.0, 0.0)
        search = make_search().fit(X, y, sample_weight=weight)
        assert set(search.predict(X)) <= set(range(5))

    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_metadata_is_routed_where_it_is_asked_for(
        self, make_search, digits, n_jobs
    ):
        X, y = digits
        weight, groups = np.where(y == 8, 0.0, 1.0), np.arange(400) % 4
        with sklearn.config_context(enable_metadata_routing=True):
            tree = DecisionTreeClassifier(random_state=0)
            scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
            search = make_search(
                n_trials=1,
                cv=GroupKFold(4),
                scoring=scorer,
                n_jobs=n_jobs,
            ).set_params(estimator=tree.set_fit_request(sample_weight=True))
            search.fit(X, y, sample_weight=weight, groups=groups)
        assert search.n_splits_ == 4
        matrix = search.confusion_matrix_
        assert matrix[:, 8].sum() == 0  # it was never learned
        assert matrix[8].sum() == (y == 8).sum()
        right = matrix.diagonal().sum() / (matrix.sum() - matrix[8].sum())
        assert search.best_score_ == pytest.approx(right, abs=0.01)

    def test_metadata_that_nobody_asked_for(self, make_search, digits):
        X, y = digits
        with (
            sklearn.config_context(enable_metadata_routing=True),
            pytest.raises(UnsetMetadataPassedError, match="sample_weight"),
        ):
            make_search(n_trials=1).fit(X, y, sample_weight=np.ones(400))

    def test_groups_reach_the_splitter(self, make_search, digits):
        X, y = digits
        groups = np.arange(len(X)) % 7
        search = make_search(cv=GroupKFold(7)).fit(X, y, groups=groups)
        assert search.n_splits_ == 7

    def test_pipeline_is_fitted_inside_each_fold(self, digits):
        X, y = digits
        search = OptunaSearchCV(
            make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0)),
            {"decisiontreeclassifier__max_depth": IntDistribution(3, 9)},
            n_trials=2,
            cv=2,
            random_state=0,
        ).fit(X, y)
        folds = StratifiedKFold(2, shuffle=True, random_state=seed_of(search))
        pipe = clone(search.estimator).set_params(**search.best_params_)
        scores = cross_val_score(pipe, X, y, cv=folds)
        assert search.best_score_ == pytest.approx(scores.mean())

    def test_pickle(self, fitted, digits):
        loaded = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(
            loaded.predict(digits[0]), fitted.predict(digits[0])
        )
        assert len(loaded.study_.trials) == 8

    def test_password_is_not_shown(self, make_search):
        search = make_search(storage="postgresql://me:secret@host/digits")
        assert "secret" not in repr(search)
        assert "secret" not in search._repr_html_()
        assert clone(search).storage == search.storage

    def test_says_nothing(self, make_search, digits, capfd):
        make_search().fit(*digits)
        assert capfd.readouterr() == ("", "")

    def test_shows_a_progress_bar(self, make_search, digits, capfd):
        make_search(verbose=1).fit(*digits)
        shown = capfd.readouterr().err
        assert "6/6" in shown
        assert "best=" in shown
        assert "pruned=0" in shown

    def test_callbacks_see_every_trial(self, make_search, digits):
        seen: ClassVar[list] = []
        make_search(callbacks=[lambda study, trial: seen.append(trial)]).fit(*digits)
        assert [trial.number for trial in seen] == list(range(6))
        assert all(trial.state.name == "COMPLETE" for trial in seen)

    def test_callback_may_save_the_study(self, make_search, digits, tmp_path):
        path = tmp_path / "study.pkl"
        make_search(callbacks=[lambda study, trial: joblib.dump(study, path)]).fit(
            *digits
        )
        assert len(joblib.load(path).trials) == 6

    def test_error_of_a_callback_is_raised_as_it_is(self, make_search, digits):
        def write(study, trial):
            raise OSError("the disk is full")

        with pytest.raises(OSError, match="the disk is full"):
            make_search(callbacks=[write]).fit(*digits)

    def test_error_of_a_space_is_raised_as_it_is(self, make_search, digits):
        def read(trial):
            raise FileNotFoundError("bounds.json")

        start = time.monotonic()
        with pytest.raises(FileNotFoundError, match=r"bounds\.json"):
            make_search(space=read).fit(*digits)
        assert time.monotonic() - start < 10


@pytest.mark.usefixtures("ctrl_c")
class TestEnd:
    def test_ctrl_c_leaves_the_best_so_far(self, make_search, digits):
        def interrupt(study, trial):
            if trial.number == 2:
                os.kill(os.getpid(), signal.SIGINT)

        before = signal.getsignal(signal.SIGINT)
        search = make_search(callbacks=[interrupt], n_trials=50)
        with pytest.warns(UserWarning, match="The search was interrupted"):
            search.fit(*digits)
        assert len(search.cv_results_["params"]) == 3
        assert search.predict(digits[0]).shape == (400,)
        assert signal.getsignal(signal.SIGINT) is before

    def test_ctrl_c_before_any_trial_is_finished(self, make_search, digits):
        def interrupt(trial):
            os.kill(os.getpid(), signal.SIGINT)
            return {"max_depth": trial.suggest_int("max_depth", 1, 9)}

        with (
            pytest.warns(UserWarning, match="The search was interrupted"),
            pytest.raises(KeyboardInterrupt),
        ):
            make_search(space=interrupt).fit(*digits)

    def test_timeout_before_any_trial_is_finished(self, make_search, digits):
        with pytest.raises(ValueError, match="No trial was finished; timeout=1e-06"):
            make_search(timeout=1e-6).fit(*digits)

    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_callback_stops_the_study(self, make_search, digits, n_jobs):
        callback = optuna.study.MaxTrialsCallback(3, states=None)
        search = make_search(n_trials=50, callbacks=[callback], n_jobs=n_jobs)
        search.fit(*digits)
        assert 3 <= len(search.cv_results_["params"]) <= 3 + (n_jobs or 0)
        assert set(search.cv_results_["status"]) == {"complete"}

    def test_sampler_that_has_tried_all_there_is(self, make_search, digits):
        depths = {"max_depth": [2, 5, 8]}
        search = make_search(
            space={"max_depth": IntDistribution(1, 9)},
            sampler=optuna.samplers.GridSampler(depths),
            n_trials=50,
        ).fit(*digits)
        tried = [params["max_depth"] for params in search.cv_results_["params"]]
        assert sorted(tried) == [2, 5, 8]

    def test_timeout(self, make_search, digits):
        search = make_search(n_trials=100_000, timeout=1).fit(*digits)
        assert 1 <= len(search.cv_results_["params"]) < 100_000


class TestReport:
    def test_tells_what_was_found(self, fitted):
        report = fitted.report()
        assert np.mean(report.fold_scores) == pytest.approx(fitted.best_score_)
        np.testing.assert_array_equal(
            report.digits.confusion_matrix_, fitted.confusion_matrix_
        )
        np.testing.assert_array_equal(report.digits.classes_, fitted.classes_)
        assert sum(report.importances.values()) == pytest.approx(1)
        assert report.course[-1][2] == fitted.best_score_
        assert report.counts == {"complete": 8}

    def test_of_a_metric_named_like_a_measure(self, make_search, digits):
        scoring = {"n_weights": "accuracy", "fit_time": "f1_macro"}
        search = make_search(scoring=scoring, refit="n_weights").fit(*digits)
        assert search.report().course[-1][2] == search.best_score_
        search.set_params(objectives=["n_weights", "fit_time"]).fit(*digits)
        directions = {direction.name for direction in search.study_.directions}
        assert directions == {"MAXIMIZE"}

    def test_is_a_page_of_text(self, fitted):
        text = str(fitted.report())
        assert f"max_depth = {fitted.best_params_['max_depth']}" in text
        assert f"{fitted.best_score_:.4f}" in text
        assert "Most confused" in text
        assert text.splitlines()[0] in fitted.report()._repr_html_()

    def test_is_what_a_prompt_shows(self, fitted):
        assert repr(fitted.report()) == str(fitted.report())

    def test_of_an_objective_that_is_to_be_small(self, make_search, digits):
        report = make_search(objectives=["fit_time"]).fit(*digits).report()
        values = [value for _, _, value in report.course]
        assert values == sorted(values, reverse=True)

    def test_of_several_objectives_has_the_pareto_front(self, make_search, digits):
        search = make_search(objectives=["score", "fit_time"]).fit(*digits)
        report = search.report()
        front = {trial.number: trial.values for trial in search.best_trials_}
        assert {n: list(v.values()) for n, v in report.front} == front
        assert "Pareto front" in str(report)
        assert "How the search went" not in str(report)

    def test_of_a_choice_by_a_function(self, make_search, digits):
        search = make_search(
            scoring=depth_and_accuracy,
            objectives=["accuracy"],
            refit=lambda results: int(np.argmin(results["mean_test_depth"])),
        ).fit(*digits)
        best = search.cv_results_["mean_test_accuracy"][search.best_index_]
        assert np.mean(search.report().fold_scores) == pytest.approx(best)

    def test_without_a_best_trial(self, make_search, digits):
        search = make_search().fit(*digits)
        search.set_params(scoring=["accuracy", "f1_macro"], refit=False)
        with pytest.raises(ValueError, match="leaves no best trial to report"):
            search.fit(*digits).report()

    @pytest.mark.filterwarnings("ignore:.*fit failed")
    def test_without_a_trial_that_came_to_its_end(self, make_search, digits):
        search = make_search(space=lambda trial: {"max_depth": -1}, n_trials=2)
        for action in (lambda: search.fit(*digits), search.report):
            with pytest.raises(ValueError, match="2 failed") as info:
                action()
        assert "max_depth" in str(info.value)

    def test_shows_labels_as_they_are_written(self, make_search, digits):
        X, y = digits
        labels = np.array([f"<{label}>" for label in y])
        report = make_search(n_trials=2).fit(X, labels).report()
        assert "<9> read as" in str(report)
        assert "<9>" not in report._repr_html_()
        assert "&lt;9&gt;" in report._repr_html_()
