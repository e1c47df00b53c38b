"""Fits, scorers and functions that fail, and what remains of the search."""

import os
import pickle
from concurrent.futures import BrokenExecutor
from typing import ClassVar

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import IntDistribution
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier

from skdigits import OptunaSearchCV


class FailsIfDeep(DecisionTreeClassifier):
    """A tree that fails, or ends its process, if its maximal depth is large."""

    def __init__(self, *, max_depth=None, how="raise", random_state=None):
        super().__init__(max_depth=max_depth, random_state=random_state)
        self.how = how

    def fit(self, X, y, sample_weight=None, check_input=True):
        if self.max_depth > 20 and self.how == "exit":
            os._exit(1)
        if self.max_depth > 20 and self.how == "raise":
            raise RuntimeError("too deep")
        return super().fit(X, y, sample_weight)


class DeepTreeLast(optuna.samplers.RandomSampler):
    """A sampler that suggests several shallow trees and then deep ones."""

    def sample_independent(self, study, trial, param_name, param_distribution):
        return 2 + trial.number if trial.number < 4 else 30


def failing_space(trial):
    """Fail at the fifth trial."""
    if trial.number == 4:
        raise OSError("no more space")
    return {"max_depth": trial.suggest_int("max_depth", 1, 40)}


def failing_callback(study, trial):
    """Fail at the fourth trial."""
    if trial.number == 3:
        raise LookupError("nobody listens")


def interrupting_callback(study, trial):
    """Do what pressing Ctrl-C twice does."""
    if trial.number == 3:
        raise KeyboardInterrupt


def failing_scorer(tree, X, y):
    """Fail if the maximal depth of the tree is large."""
    if tree.max_depth > 20:
        raise ArithmeticError("too deep to score")
    return tree.score(X, y)


def failing_refit(results):
    """Fail to select a candidate."""
    raise AssertionError("cannot select")


ERRORS = {
    "space": (OSError, {"space": failing_space}),
    "callback": (LookupError, {"callbacks": [failing_callback]}),
    "Ctrl-C": (KeyboardInterrupt, {"callbacks": [interrupting_callback]}),
    "scorer": (
        ArithmeticError,
        {"scoring": failing_scorer, "error_score": "raise", "how": "never"},
    ),
    "fit": (RuntimeError, {"error_score": "raise"}),
    "process": (BrokenExecutor, {"how": "exit", "n_jobs": 2}),
    "several": (
        OSError,
        {
            "space": failing_space,
            "scoring": ["accuracy", "f1_macro"],
            "refit": "accuracy",
        },
    ),
}


class TestAfterAnError:
    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("kind", ERRORS)
    def test_finished_trials_are_kept(self, digits, kind):
        error, params = ERRORS[kind]
        search = OptunaSearchCV(
            FailsIfDeep(random_state=0, how=params.get("how", "raise")),
            params.get("space", {"max_depth": IntDistribution(1, 40)}),
            n_trials=9,
            cv=2,
            pruner=None,
            sampler=DeepTreeLast(),
            random_state=0,
        )
        search.set_params(
            **{k: v for k, v in params.items() if k not in ("how", "space")}
        )
        with pytest.raises(error):
            search.fit(*digits)
        n_finished = len(search.cv_results_["params"])
        assert 2 <= n_finished <= 4
        assert set(search.cv_results_["status"]) == {"complete"}
        assert search.best_params_ == search.cv_results_["params"][search.best_index_]
        assert search.best_score_ > 0.2
        assert len(search.study_.trials) >= n_finished
        assert "Best parameters" in str(search.report())
        assert not hasattr(search, "best_estimator_")
        for loaded in (search, pickle.loads(pickle.dumps(search))):
            with pytest.raises(NotFittedError, match="ended with an error before"):
                loaded.predict(digits[0])

    def test_finished_trials_are_kept_if_none_can_be_selected(
        self, make_search, digits
    ):
        with pytest.raises(AssertionError, match="cannot select"):
            (search := make_search(refit=failing_refit)).fit(*digits)
        assert len(search.cv_results_["params"]) == 6
        constrained = make_search(constraints={"fit_time": 1e-9})
        with pytest.raises(ValueError, match="violated a constraint"):
            constrained.fit(*digits)
        assert not constrained.cv_results_["is_feasible"].any()

    def test_results_of_an_earlier_fit_are_gone(self, make_search, digits):
        search = make_search().fit(*digits)
        search.set_params(callbacks=[interrupting_callback], n_trials=4)
        with pytest.raises(KeyboardInterrupt):
            search.fit(*digits)
        assert len(search.cv_results_["params"]) == 4
        assert not hasattr(search, "best_estimator_")

    def test_there_are_no_results_without_a_finished_trial(self, make_search, digits):
        def space(trial):
            raise OSError("no space at all")

        with pytest.raises(OSError, match="no space at all"):
            (search := make_search(space=space)).fit(*digits)
        assert len(search.study_.trials) == 1
        assert not hasattr(search, "cv_results_")


class TestNoBestTrial:
    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize(
        ("params", "reason"),
        [
            ({"scoring": lambda tree, X, y: np.nan}, r"not finite: \{'score': nan\}"),
            ({"scoring": lambda tree, X, y: -np.inf}, r"not finite: \{'score': -inf\}"),
            (
                {
                    "scoring": lambda t, X, y: {"a": np.nan, "b": t.score(X, y)},
                    "refit": "a",
                },
                r"not finite: \{'a': nan",
            ),
            (
                {"scoring": ["neg_log_loss", "accuracy"], "refit": "neg_log_loss"},
                "y_true and y_prob contain different number of classes",
            ),
        ],
    )
    def test_error_states_the_reason(self, make_search, digits, params, reason):
        X, y = digits
        y = np.where(np.arange(len(y)) == 0, 10, y)
        with pytest.raises(
            ValueError, match=f"6 failed, .*The first error: .*{reason}"
        ):
            make_search(cv=KFold(3), **params).fit(X, y)


class NanWeights(DecisionTreeClassifier):
    """A tree whose number of weights is NaN."""

    n_weights_ = np.nan


@pytest.mark.parametrize(
    "params", [{"constraints": {"n_weights": 5}}, {"objectives": ["n_weights"]}]
)
def test_measure_that_is_nan(make_search, digits, params):
    search = make_search(**params).set_params(estimator=NanWeights())
    with pytest.raises(ValueError, match="(?i)nan"):
        search.fit(*digits)


class FailsIfShallow(DecisionTreeClassifier):
    """A tree that fails if its maximal depth is small."""

    def fit(self, X, y, sample_weight=None, check_input=True):
        if self.max_depth < 5:
            raise RuntimeError("too shallow")
        return super().fit(X, y, sample_weight)


class FailsOnce(DecisionTreeClassifier):
    """A tree that fails the first time that any of its kind is fitted."""

    fits: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None, check_input=True):
        self.fits.append(len(X))
        if len(self.fits) == 1:
            raise RuntimeError("not yet")
        return super().fit(X, y, sample_weight)


class TestFailedFits:
    def make(self, **params):
        return OptunaSearchCV(
            FailsIfShallow(random_state=0),
            {"max_depth": IntDistribution(1, 12)},
            n_trials=8,
            cv=2,
            random_state=0,
            **params,
        )

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_make_failed_trials(self, digits):
        search = self.make().fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert shallow.any()
        assert (table.loc[shallow, "status"] == "fail").all()
        assert search.best_params_["max_depth"] >= 5

    def test_are_warned_of(self, digits):
        message = r"Trial \d, fold 1: .*too shallow"
        with pytest.warns(FitFailedWarning, match=message):
            self.make().fit(*digits)

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_have_the_error_score(self, digits):
        search = self.make(error_score=0, pruner=None).fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert (table.loc[shallow, "mean_test_score"] == 0).all()
        assert set(table["status"]) <= {"complete", "duplicate"}

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    def test_of_one_fold_have_a_train_score_too(self, digits):
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
    def test_have_the_error_score_for_each_metric_of_a_function(
        self, digits, depth_and_accuracy
    ):
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
    def test_with_an_error_score_never_meet_a_constraint(self, digits):
        search = self.make(error_score=0, constraints={"predict_time": 9.0})
        search.fit(*digits)
        table = pd.DataFrame(search.cv_results_)
        shallow = table["param_max_depth"].astype(int) < 5
        assert (table.loc[shallow, "status"] == "fail").all()

    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_in_every_trial_are_raised(self, digits, n_jobs):
        search = self.make(n_jobs=n_jobs)
        search.space = {"max_depth": IntDistribution(1, 3)}
        with pytest.raises(RuntimeError, match="too shallow") as caught:
            search.fit(*digits)
        assert "None of the 8 finished trials" in caught.value.__notes__[0]

    def test_are_raised_with_error_score_raise(self, digits):
        with pytest.raises(RuntimeError, match="too shallow"):
            self.make(error_score="raise").fit(*digits)
