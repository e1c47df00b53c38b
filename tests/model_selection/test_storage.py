"""Studies that outlive the process."""

import os
import pickle
import time
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, IntDistribution

from skdigits.model_selection import _heartbeat
from skdigits.model_selection._study import seed_for


@pytest.fixture
def storages(tmp_path):
    """The addresses of storages for one machine."""
    return f"sqlite:///{tmp_path / 'study.db'}", str(tmp_path / "study.journal")


@pytest.fixture(params=["sqlite", "journal"])
def storage(request, storages):
    """The address of a storage for one machine."""
    return storages[request.param == "journal"]


def finished(search):
    """Return what is known of the trials of a search."""
    return [(t.number, t.params, t.values, t.state) for t in search.study_.trials]


class TestStudy:
    def test_goes_on_to_its_total(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees"}
        first = make_search(n_trials=3, **params).fit(*digits)
        kept = finished(first)
        second = make_search(n_trials=5, **params).fit(*digits)
        assert finished(second)[:3] == kept
        assert len(second.cv_results_["params"]) == 5
        alone = make_search(n_trials=5).fit(*digits)
        assert alone.cv_results_["params"] == second.cv_results_["params"]

    def test_that_is_done_is_read(self, make_search, digits, storage):
        first = make_search(n_trials=3, storage=storage).fit(*digits)
        again = make_search(n_trials=3, storage=storage).fit(*digits)
        assert finished(again) == finished(first)
        assert again.best_params_ == first.best_params_

    def test_has_folds_of_its_own_seed(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees"}
        make_search(n_trials=2, **params).fit(*digits)
        joined = make_search(n_trials=4, random_state=None, **params).fit(*digits)
        assert len(joined.cv_results_["params"]) == 4

    def test_of_other_data(self, make_search, digits, storage):
        X, y = digits
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(X, y)
        with pytest.raises(ValueError, match="'trees' is of a search with other data"):
            make_search(**params).fit(X + 1, y)

    def test_of_another_space(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(*digits)
        space = {"max_depth": IntDistribution(1, 3)}
        with pytest.raises(ValueError, match="'trees' is of a search with other space"):
            make_search(space=space, **params).fit(*digits)

    @pytest.mark.parametrize("first", [1.0, True, np.float64(1), "1"])
    def test_of_choices_of_another_type(self, make_search, digits, first):
        def make(*choices):
            space = {"max_features": CategoricalDistribution(choices)}
            return make_search(space=space, storage=storage, study_name="trees")

        storage = optuna.storages.InMemoryStorage()
        make(1, 2).fit(*digits)
        with pytest.raises(ValueError, match="with other space"):
            make(first, 2).fit(*digits)

    @pytest.mark.parametrize("as_function", [True, False])
    def test_goes_on_with_other_bounds(self, make_search, digits, storage, as_function):
        def tried(most, n_trials):
            def function(trial):
                return {"max_depth": trial.suggest_int("d", 1, most)}

            space = {"max_depth": IntDistribution(1, most)}
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
        ("choices", "more"),
        [(["gini", "log_loss"], False), (["gini", "entropy"], True)],
    )
    def test_of_a_function_that_suggests_something_else(
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
        with pytest.raises(ValueError, match="space must be what the study was begun"):
            make(choices, more).fit(*digits)
        make(["gini", "entropy"], False).set_params(n_trials=3).fit(*digits)

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

    def test_tells_of_another_seed(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        first = make_search(**params).fit(*digits)
        with pytest.warns(UserWarning, match="random_state=1 has no effect"):
            other = make_search(random_state=1, **params).fit(*digits)
        assert finished(other) == finished(first)

    @pytest.mark.filterwarnings("error")
    def test_of_the_same_data_laid_otherwise(self, make_search, digits, storage):
        X, y = digits
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(X, y)
        order = np.random.default_rng(0).permutation(len(X))
        back = np.argsort(order)
        make_search(**params).fit(np.asfortranarray(X), np.repeat(y, 2)[::2])
        make_search(**params).fit(X[order][back], y[order][back])

    @pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
    @pytest.mark.parametrize("as_function", [True, False])
    def test_has_choices_of_any_kind(self, make_search, digits, storage, as_function):
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

    def test_is_scored_by_a_function(self, make_search, digits, storage):
        def make():
            return lambda tree, X, y: tree.score(X, y)

        for n_trials in (2, 4):
            search = make_search(scoring=make(), storage=storage, study_name="mine")
            search.set_params(n_trials=n_trials).fit(*digits)
        assert len(search.study_.trials) == 4

    def test_is_scored_by_another_function(self, make_search, digits, storage):
        scorers = [lambda tree, X, y: tree.score(X, y), lambda tree, X, y: -len(X)]
        for scorer in scorers:
            search = make_search(scoring=scorer, storage=storage, study_name="mine")
            if scorer is scorers[0]:
                search.fit(*digits)
                continue
            with pytest.raises(ValueError, match="with other scores"):
                search.fit(*digits)

    def test_made_beforehand_has_the_same_folds_for_all(
        self, make_search, digits, storage
    ):
        study = optuna.create_study(
            study_name="mine", storage=opened(storage), direction="maximize"
        )
        study.enqueue_trial({"max_depth": 7, "ccp_alpha": 0.01})
        seeds = [seed_for(study, random_state=None, is_new=False) for _ in range(2)]
        assert seeds[0] == seeds[1]
        search = make_search(storage=storage, study_name="mine", random_state=None)
        assert search.fit(*digits).cv_results_["params"][0]["max_depth"] == 7

    def test_of_somebody_else(self, make_search, digits, storage):
        study = optuna.create_study(
            study_name="mine", storage=opened(storage), direction="maximize"
        )
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
        with pytest.raises(ValueError, match="'mine' has trials that are not of an"):
            make_search(storage=storage, study_name="mine").fit(*digits)
        assert study.user_attrs == {}

    def test_of_another_direction(self, make_search, digits, storage):
        optuna.create_study(study_name="mine", storage=opened(storage))
        with pytest.raises(ValueError, match="'mine' is to minimize, but"):
            make_search(storage=storage, study_name="mine").fit(*digits)

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
    def test_has_trials_added_by_hand(self, make_search, digits, tmp_path, copied):
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

    def test_of_other_folds(self, make_search, digits, storage):
        params = {"storage": storage, "study_name": "trees", "n_trials": 2}
        make_search(**params).fit(*digits)
        with pytest.raises(ValueError, match="other folds"):
            make_search(cv=4, **params).fit(*digits)


BEFORE = """
import os, shutil, signal, sys
import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.datasets import load_digits
from sklearn.tree import DecisionTreeClassifier
from sqlalchemy import event
from sqlalchemy.engine import Engine
from skdigits.model_selection import OptunaSearchCV

def do_not_wait_for_the_disk(connection, record):
    connection.execute("PRAGMA synchronous = OFF")

event.listen(Engine, "connect", do_not_wait_for_the_disk)
X, y = load_digits(return_X_y=True)
X, y = X[:100], y[:100]
"""

KILLED = """
class Killed(DecisionTreeClassifier):
    n_fits_left = 5  # two trials of two folds, and one fold

    def fit(self, X, y, sample_weight=None, check_input=True):
        if not Killed.n_fits_left:
            os.kill(os.getpid(), signal.SIGKILL)
        Killed.n_fits_left -= 1
        return super().fit(X, y, sample_weight, check_input)

def run(storage):
    OptunaSearchCV(
        Killed(random_state=0),
        {"max_depth": IntDistribution(1, 12), "ccp_alpha": FloatDistribution(0, 0.1)},
        n_trials=4, cv=2, pruner=None, random_state=0, storage=storage,
        study_name="trees",
    ).fit(X, y)

for storage in sys.argv[1:]:
    worker = os.fork()
    if not worker:
        run(storage)
    status = os.waitpid(worker, 0)[1]
    assert os.WTERMSIG(status) == signal.SIGKILL
    path = storage.removeprefix("sqlite:///")
    shutil.copy(path, f"{path}.before")
Killed.n_fits_left = 100
for storage in sys.argv[1:]:
    run(storage)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_search_loses_one_trial(run_python, storages):
    run_python(BEFORE + KILLED, *storages)
    for storage in storages:
        before, after = (
            optuna.load_study(study_name="trees", storage=opened(address)).trials
            for address in (f"{storage}.before", storage)
        )
        finished = [(t.params, t.values) for t in before if t.state.is_finished()]
        assert len(finished) == 2
        assert [(t.params, t.values) for t in after][:2] == finished
        states = [trial.state.name for trial in after]
        assert states.count("COMPLETE") == 4
        assert states.count("FAIL") == 1
        lost = next(trial for trial in after if trial.state.name == "FAIL")
        assert sum(trial.params == lost.params for trial in after) == 2


TOGETHER = """
def run(storage):
    np.random.seed()  # what a process of its own has
    search = OptunaSearchCV(
        DecisionTreeClassifier(random_state=0), {"max_depth": IntDistribution(1, 99)},
        n_trials=9, cv=2, storage=storage, study_name="ours",
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 9

for _ in range(3):
    if not os.fork():
        for storage in sys.argv[1:]:
            run(storage)
        os._exit(0)
print([os.wait()[1] for _ in range(3)])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_workers_that_begin_together(run_python, storages):
    assert run_python(BEFORE + TOGETHER, *storages)[0] == "[0, 0, 0]\n"


def test_trial_that_lost_its_worker_before_it_was_signed(
    make_search, digits, storage, monkeypatch
):
    monkeypatch.setattr(_heartbeat, "_SECONDS_TO_SIGN", 1)

    def leave_one_behind(study, trial):
        if trial.number == 2:
            study.ask()

    search = make_search(storage=storage, callbacks=[leave_one_behind]).fit(*digits)
    states = [trial.state.name for trial in search.study_.get_trials()]
    assert states == ["COMPLETE"] * 3 + ["FAIL"] + ["COMPLETE"] * 3


def opened(storage):
    if "://" in storage:
        return storage
    backend = optuna.storages.journal.JournalFileBackend(storage)
    return optuna.storages.JournalStorage(backend)


def test_storage_that_cannot_be_reached(make_search, digits):
    address = "sqlite:////no/such/folder/study.db"
    start = time.monotonic()
    with pytest.raises(ConnectionError, match="/no/such/folder.*cannot be reached"):
        make_search(storage=address).fit(*digits)
    assert time.monotonic() - start < 30


def test_storage_of_no_kind(make_search, digits):
    with pytest.raises(ValueError, match="storage"):
        make_search(storage=3).fit(*digits)


def test_storage_that_goes_away(make_search, digits, tmp_path, monkeypatch):
    from skdigits.model_selection import _scheduler

    monkeypatch.setattr(_scheduler, "_PAUSES", (0.01, 0.01))
    monkeypatch.setattr("random.random", lambda: 0.0)  # seconds that Optuna waits
    database = tmp_path / "study.db"
    search = make_search(
        storage=f"sqlite:///{database}",
        callbacks=[lambda study, trial: trial.number == 2 and database.unlink()],
    )
    with pytest.warns(UserWarning, match="The storage went away"):
        search.fit(*digits)
    assert len(search.cv_results_["params"]) == 3
    assert search.predict(digits[0]).shape == (400,)
    assert "3 complete" in str(search.report())
