"""`OptunaSearchCV` as a scikit-learn estimator."""

import pickle
import time
from typing import ClassVar

import joblib
import numpy as np
import optuna
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from skdigits import OptunaSearchCV


class RecordsSamples(ClassifierMixin, BaseEstimator):
    """A classifier that records which samples it is fitted on and which it predicts."""

    seen: ClassVar[list] = []

    def __init__(self, bias=0):
        self.bias = bias

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.samples_ = set(X[:, 0])
        return self

    def predict(self, X):
        self.seen.append((self.samples_, set(X[:, 0])))
        return np.full(len(X), self.classes_[0])


class TestTrials:
    def test_are_reproducible_with_a_seed(self, make_search, fitted, digits):
        again = make_search(n_trials=8).fit(*digits)
        assert again.cv_results_["params"] == fitted.cv_results_["params"]
        scores = "split1_test_score"
        np.testing.assert_array_equal(
            again.cv_results_[scores], fitted.cv_results_[scores]
        )

    def test_differ_with_another_seed(self, make_search, fitted, digits):
        other = make_search(n_trials=8, random_state=1).fit(*digits)
        assert other.cv_results_["params"] != fitted.cv_results_["params"]

    def test_in_two_processes_have_the_same_scores(self, make_search, fitted, digits):
        both = make_search(n_trials=8, n_jobs=2).fit(*digits)
        assert len(both.cv_results_["params"]) == 8
        alone = DecisionTreeClassifier(random_state=0, **both.best_params_)
        folds = StratifiedKFold(3, shuffle=True, random_state=seed_of(both))
        scores = cross_val_score(alone, *digits, cv=folds)
        assert both.best_score_ == pytest.approx(scores.mean())

    def test_space_function_can_use_the_number_of_the_trial(self, make_search, digits):
        def space(trial):
            depth = trial.suggest_int("max_depth", 1, 12)
            return {"max_depth": depth, "random_state": trial.number}

        params = make_search(space=space).fit(*digits).cv_results_["params"]
        assert [p["random_state"] for p in params] == list(range(6))

    def test_space_function_can_return_varying_parameters(self, make_search, digits):
        def space(trial):
            if trial.suggest_categorical("criterion", ["gini", "entropy"]) == "gini":
                return {"criterion": "gini", "max_depth": trial.suggest_int("d", 2, 9)}
            return {"criterion": "entropy"}

        search = make_search(space=space, n_trials=12).fit(*digits)
        kinds = {tuple(sorted(params)) for params in search.cv_results_["params"]}
        assert kinds == {("criterion",), ("criterion", "max_depth")}

    @settings(max_examples=15, deadline=None)
    @given(
        n_samples=st.integers(12, 60),
        n_splits=st.integers(2, 4),
        seed=st.integers(0, 2**31 - 1),
    )
    def test_no_test_sample_reaches_the_fit(self, n_samples, n_splits, seed):
        X = np.arange(n_samples, dtype=float)[:, None]
        RecordsSamples.seen.clear()
        OptunaSearchCV(
            RecordsSamples(),
            {"bias": IntDistribution(0, 5)},
            n_trials=2,
            cv=n_splits,
            refit=False,
            random_state=seed,
        ).fit(X, np.arange(n_samples) % 3)
        assert RecordsSamples.seen
        for fitted_on, predicted in RecordsSamples.seen:
            assert not fitted_on & predicted
            assert fitted_on | predicted == set(X[:, 0])


def seed_of(search):
    return search.study_.user_attrs["skdigits"]["seed"]


class TestProtocol:
    def test_is_a_classifier(self, make_search):
        assert is_classifier(make_search())

    def test_nested_cross_validation(self, make_search, digits):
        assert cross_val_score(make_search(n_trials=3), *digits, cv=2).min() > 0.3

    def test_sample_weight_reaches_the_fit(self, make_search, digits):
        X, y = digits
        weight = np.where(y < 5, 1.0, 0.0)
        search = make_search().fit(X, y, sample_weight=weight)
        assert set(search.predict(X)) <= set(range(5))

    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_requested_metadata_is_routed(self, make_search, digits, n_jobs):
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

    def test_metadata_that_is_not_requested(self, make_search, digits):
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

    def test_prints_nothing_by_default(self, make_search, digits, capfd):
        make_search().fit(*digits)
        assert capfd.readouterr() == ("", "")

    def test_shows_a_progress_bar(self, make_search, digits, capfd):
        make_search(verbose=1).fit(*digits)
        shown = capfd.readouterr().err
        assert "6/6" in shown
        assert "best=" in shown
        assert "pruned=0" in shown

    def test_error_of_a_space_is_raised_unchanged(self, make_search, digits):
        def read(trial):
            raise FileNotFoundError("bounds.json")

        start = time.monotonic()
        with pytest.raises(FileNotFoundError, match=r"bounds\.json"):
            make_search(space=read).fit(*digits)
        assert time.monotonic() - start < 10


class TestOneHotLabels:
    def test_are_decoded_for_a_classifier_with_one_label_each(self, digits):
        X, y = digits
        search = OptunaSearchCV(
            make_pipeline(StandardScaler(), GaussianNB()),
            {"gaussiannb__var_smoothing": FloatDistribution(1e-9, 1, log=True)},
            n_trials=3,
            cv=3,
            scoring="accuracy",
            random_state=0,
        )
        expected, search = clone(search).fit(X, y), search.fit(X, np.eye(10)[y])
        assert search.best_score_ == expected.best_score_ > 0.5
        np.testing.assert_array_equal(search.predict(X), expected.predict(X))
        np.testing.assert_array_equal(
            search.confusion_matrix_, expected.confusion_matrix_
        )
        assert search.score(X, np.eye(10)[y]) == expected.score(X, y)

    def test_are_kept_for_a_classifier_with_several_labels(self, make_search, digits):
        X, y = digits
        search = make_search(n_trials=1).fit(X, np.eye(10)[y])
        assert search.predict(X).shape == (len(X), 10)


class TestEnd:
    def test_by_a_timeout_before_any_trial_is_finished(self, make_search, digits):
        with pytest.raises(
            ValueError, match="At least one trial must be finished .* timeout=1e-06"
        ):
            make_search(timeout=1e-6).fit(*digits)

    @pytest.mark.parametrize("n_jobs", [None, 2])
    def test_by_a_callback_that_stops_the_study(self, make_search, digits, n_jobs):
        callback = optuna.study.MaxTrialsCallback(3, states=None)
        search = make_search(n_trials=50, callbacks=[callback], n_jobs=n_jobs)
        search.fit(*digits)
        assert 3 <= len(search.cv_results_["params"]) <= 3 + (n_jobs or 0)
        assert set(search.cv_results_["status"]) == {"complete"}

    def test_by_a_sampler_when_its_grid_is_complete(self, make_search, digits):
        depths = {"max_depth": [2, 5, 8]}
        search = make_search(
            space={"max_depth": IntDistribution(1, 9)},
            sampler=optuna.samplers.GridSampler(depths),
            n_trials=50,
        ).fit(*digits)
        tried = [params["max_depth"] for params in search.cv_results_["params"]]
        assert sorted(tried) == [2, 5, 8]

    def test_by_a_timeout(self, make_search, digits):
        search = make_search(n_trials=100_000, timeout=1).fit(*digits)
        assert 1 <= len(search.cv_results_["params"]) < 100_000

    def test_without_a_number_of_trials(self, make_search, digits):
        search = make_search(n_trials=None, timeout=0.5, verbose=1).fit(*digits)
        assert len(search.cv_results_["params"]) > 1
        callback = optuna.study.MaxTrialsCallback(3, states=None)
        search = make_search(n_trials=None, callbacks=[callback]).fit(*digits)
        assert len(search.cv_results_["params"]) == 3

    def test_must_be_given(self, make_search, digits):
        with pytest.raises(
            ValueError, match="n_trials must be an int, unless a timeout"
        ):
            make_search(n_trials=None).fit(*digits)


class TestCallbacks:
    def test_can_be_a_tuple(self, make_search, digits):
        seen = []
        make_search(callbacks=(lambda study, trial: seen.append(trial),)).fit(*digits)
        assert len(seen) == 6

    def test_must_be_callable(self, make_search, digits):
        with pytest.raises(TypeError, match=r"callbacks\[1\] must be callable; got 3"):
            make_search(callbacks=[print, 3]).fit(*digits)
        with pytest.raises(InvalidParameterError, match="callbacks.*'tuple' or None"):
            make_search(callbacks=print).fit(*digits)

    def test_see_every_trial(self, make_search, digits):
        seen = []
        make_search(callbacks=[lambda study, trial: seen.append(trial)]).fit(*digits)
        assert [trial.number for trial in seen] == list(range(6))
        assert all(trial.state.name == "COMPLETE" for trial in seen)

    def test_can_save_the_study(self, make_search, digits, tmp_path):
        path = tmp_path / "study.pkl"
        make_search(callbacks=[lambda study, trial: joblib.dump(study, path)]).fit(
            *digits
        )
        assert len(joblib.load(path).trials) == 6

    def test_errors_are_raised_unchanged(self, make_search, digits):
        def write(study, trial):
            raise OSError("the disk is full")

        with pytest.raises(OSError, match="the disk is full"):
            make_search(callbacks=[write]).fit(*digits)
