"""Errors that end a search keep what was finished; errors in its parameters."""

import os
import pickle
import sqlite3
from concurrent.futures import BrokenExecutor
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.distributions import IntDistribution
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import KFold
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from skdigits import OptunaSearchCV
from skdigits.model_selection._study import is_in_memory


class DeepOnesFail(DecisionTreeClassifier):
    """Fails, or ends its process, where the tree would be deep."""

    def __init__(self, *, max_depth=None, how="raise", random_state=None):
        super().__init__(max_depth=max_depth, random_state=random_state)
        self.how = how

    def fit(self, X, y, sample_weight=None, check_input=True):
        if self.max_depth > 20 and self.how == "exit":
            os._exit(1)
        if self.max_depth > 20 and self.how == "raise":
            raise RuntimeError("too deep")
        return super().fit(X, y, sample_weight)


class InOrder(optuna.samplers.RandomSampler):
    """Suggests what was never suggested, up to something deep."""

    def sample_independent(self, study, trial, param_name, param_distribution):
        return 2 + trial.number if trial.number < 4 else 30


def in_space(trial):
    """Fail at the fifth trial."""
    if trial.number == 4:
        raise OSError("no more space")
    return {"max_depth": trial.suggest_int("max_depth", 1, 40)}


def in_callback(study, trial):
    """Fail at the fourth trial."""
    if trial.number == 3:
        raise LookupError("nobody listens")


def interrupts(study, trial):
    """Do as Ctrl-C twice."""
    if trial.number == 3:
        raise KeyboardInterrupt


def in_scorer(tree, X, y):
    """Fail with deep trees."""
    if tree.max_depth > 20:
        raise ArithmeticError("too deep to score")
    return tree.score(X, y)


def in_refit(results):
    """Fail to choose."""
    raise AssertionError("cannot choose")


KINDS = {
    "space": (OSError, {"space": in_space}),
    "callback": (LookupError, {"callbacks": [in_callback]}),
    "Ctrl-C": (KeyboardInterrupt, {"callbacks": [interrupts]}),
    "scorer": (
        ArithmeticError,
        {"scoring": in_scorer, "error_score": "raise", "how": "never"},
    ),
    "fit": (RuntimeError, {"error_score": "raise"}),
    "process": (BrokenExecutor, {"how": "exit", "n_jobs": 2}),
    "several": (
        OSError,
        {
            "space": in_space,
            "scoring": ["accuracy", "f1_macro"],
            "refit": "accuracy",
        },
    ),
}


class TestFinished:
    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("kind", KINDS)
    def test_is_there_after_an_error(self, digits, kind):
        error, params = KINDS[kind]
        search = OptunaSearchCV(
            DeepOnesFail(random_state=0, how=params.get("how", "raise")),
            params.get("space", {"max_depth": IntDistribution(1, 40)}),
            n_trials=9,
            cv=2,
            pruner=None,
            sampler=InOrder(),
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

    def test_is_there_where_nothing_can_be_chosen(self, make_search, digits):
        with pytest.raises(AssertionError, match="cannot choose"):
            (search := make_search(refit=in_refit)).fit(*digits)
        assert len(search.cv_results_["params"]) == 6
        constrained = make_search(constraints={"fit_time": 1e-9})
        with pytest.raises(ValueError, match="broke a constraint"):
            constrained.fit(*digits)
        assert not constrained.cv_results_["is_feasible"].any()

    def test_is_not_that_of_an_earlier_fit(self, make_search, digits):
        search = make_search().fit(*digits)
        search.set_params(callbacks=[interrupts], n_trials=4)
        with pytest.raises(KeyboardInterrupt):
            search.fit(*digits)
        assert len(search.cv_results_["params"]) == 4
        assert not hasattr(search, "best_estimator_")

    def test_may_be_nothing(self, make_search, digits):
        def space(trial):
            raise OSError("no space at all")

        with pytest.raises(OSError, match="no space at all"):
            (search := make_search(space=space)).fit(*digits)
        assert len(search.study_.trials) == 1
        assert not hasattr(search, "cv_results_")


class TestReason:
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
    def test_of_no_best_trial(self, make_search, digits, params, reason):
        X, y = digits
        y = np.where(np.arange(len(y)) == 0, 10, y)
        with pytest.raises(
            ValueError, match=f"6 failed, .*The first error: .*{reason}"
        ):
            make_search(cv=KFold(3), **params).fit(X, y)


class NoNumber(DecisionTreeClassifier):
    """Says that it has no number of weights."""

    n_weights_ = np.nan


@pytest.mark.parametrize(
    "params", [{"constraints": {"n_weights": 5}}, {"objectives": ["n_weights"]}]
)
def test_measure_that_is_no_number(make_search, digits, params):
    search = make_search(**params).set_params(estimator=NoNumber())
    with pytest.raises(ValueError, match="(?i)nan"):
        search.fit(*digits)


class TestFolds:
    def test_that_an_iterator_has_yielded(self, make_search, digits):
        folds = KFold(3).split(digits[0])
        search = make_search(cv=folds).fit(*digits)
        assert search.n_splits_ == 3
        with pytest.raises(
            ValueError, match=r"cv must yield at least one fold; got no"
        ):
            search.fit(*digits)

    @pytest.mark.parametrize("cv", [[], iter(()), np.empty((0, 2))])
    def test_that_are_none(self, make_search, digits, cv):
        with pytest.raises(ValueError, match="cv must yield at least one fold"):
            make_search(cv=cv).fit(*digits)

    @pytest.mark.parametrize("cv", [[1, 2], [np.arange(9)], [(0, 1, 2)]], ids=str)
    def test_that_are_no_pairs(self, make_search, digits, cv):
        with pytest.raises(ValueError, match="cv must yield a pair of indices"):
            make_search(cv=cv).fit(*digits)

    def test_as_lists_and_masks(self, make_search, digits):
        first = np.arange(400) < 200
        for cv in (
            [(first, ~first), (~first, first)],
            [(list(range(200)), list(range(200, 400)))],
        ):
            search = make_search(cv=cv, n_trials=2).fit(*digits)
            n_tested = 400 if len(cv) == 2 else 200
            assert search.confusion_matrix_.sum() == n_tested


class TestStorage:
    @pytest.mark.parametrize("kind", [str, Path])
    def test_file_of_sqlite_by_its_path(self, make_search, digits, tmp_path, kind):
        path = tmp_path / "study.db"
        make_search(storage=f"sqlite:///{path}", study_name="mine").fit(*digits)
        search = make_search(storage=kind(path), study_name="mine", n_trials=8)
        assert len(search.fit(*digits).cv_results_["params"]) == 8
        assert len(pickle.loads(pickle.dumps(search)).study_.trials) == 8

    @pytest.mark.parametrize("content", [b"hello", b"\xfb\xff", b'{"a": 1}', b"PK\3\4"])
    def test_file_of_another_kind(self, make_search, digits, tmp_path, content):
        path = tmp_path / "notes"
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match="storage must be the address of a database"
        ):
            make_search(storage=path).fit(*digits)
        assert path.read_bytes() == content

    def test_database_of_something_else(self, make_search, digits, tmp_path):
        path = tmp_path / "other.db"
        with sqlite3.connect(path) as database:
            database.execute("create table pets (name text)")
        assert make_search(storage=path, n_trials=2).fit(*digits).n_splits_ == 3

    @pytest.mark.usefixtures("in_threads")
    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_in_memory(self, make_search, digits, n_jobs):
        search = make_search(storage="sqlite:///:memory:", n_jobs=n_jobs).fit(*digits)
        assert len(search.cv_results_["params"]) == 6
        assert len(pickle.loads(pickle.dumps(search)).study_.trials) == 6

    def test_in_memory_of_one_thread(self, make_search, digits):
        storage = optuna.storages.RDBStorage("sqlite:///:memory:")
        make_search(storage=storage, n_trials=2).fit(*digits)
        with pytest.raises(
            ValueError, match="storage must not be a database in memory"
        ):
            make_search(storage=storage, n_jobs=2).fit(*digits)

    @pytest.mark.parametrize(
        "address", ["sqlite://", "sqlite:///", "sqlite+pysqlite://"]
    )
    def test_other_addresses_in_memory(self, address):
        assert is_in_memory(address)


class TestParameters:
    def test_pruner_that_is_ignored(self, make_search, digits):
        search = make_search(
            pruner=optuna.pruners.MedianPruner(), objectives=["score", "fit_time"]
        )
        with pytest.warns(
            UserWarning, match=r"pruner is ignored.*\['score', 'fit_time"
        ):
            search.fit(*digits)

    @pytest.mark.parametrize("pruner", ["auto", None, optuna.pruners.NopPruner()])
    @pytest.mark.filterwarnings("error:pruner is ignored")
    def test_pruner_of_one_objective(self, make_search, digits, pruner):
        objectives = ["score", "fit_time"]
        make_search(pruner=pruner, objectives=objectives, n_trials=2).fit(*digits)

    def test_callbacks_as_a_tuple(self, make_search, digits):
        seen = []
        make_search(callbacks=(lambda study, trial: seen.append(trial),)).fit(*digits)
        assert len(seen) == 6

    def test_callbacks_that_cannot_be_called(self, make_search, digits):
        with pytest.raises(TypeError, match=r"callbacks\[1\] must be callable; got 3"):
            make_search(callbacks=[print, 3]).fit(*digits)
        with pytest.raises(InvalidParameterError, match="callbacks.*'tuple' or None"):
            make_search(callbacks=print).fit(*digits)

    def test_no_number_of_trials(self, make_search, digits):
        search = make_search(n_trials=None, timeout=0.5, verbose=1).fit(*digits)
        assert len(search.cv_results_["params"]) > 1
        callback = optuna.study.MaxTrialsCallback(3, states=None)
        search = make_search(n_trials=None, callbacks=[callback]).fit(*digits)
        assert len(search.cv_results_["params"]) == 3

    def test_nothing_that_ends_the_search(self, make_search, digits):
        with pytest.raises(ValueError, match="n_trials=None must come with a timeout"):
            make_search(n_trials=None).fit(*digits)
