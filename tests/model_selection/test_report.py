"""The report of a search, and the files that it writes."""

import json
import pickle
import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from optuna.distributions import (
    CategoricalDistribution,
    IntDistribution,
)
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    cross_val_predict,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.tree import DecisionTreeClassifier

from skdigits import DigitReport, OptunaSearchCV
from skdigits.model_selection._misread_samples import pool_misread
from skdigits.reports._metrics import wilson_interval

FOLDS = KFold(3, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def search(make_search, digits):
    return make_search(cv=FOLDS).fit(*digits)


@pytest.fixture(scope="module")
def out_of_fold(search, digits):
    """Return the out-of-fold predictions with the best parameters."""
    best = DecisionTreeClassifier(random_state=0, **search.best_params_)
    return cross_val_predict(best, *digits, cv=FOLDS)


class TestMisread:
    def test_contains_the_errors_of_the_best_trial(self, search, digits, out_of_fold):
        wrong = np.flatnonzero(out_of_fold != digits[1])
        found = search.report().misread
        assert sorted(index for index, *_ in found) == wrong.tolist()
        for index, true, predicted in found:
            assert (true, predicted) == (digits[1][index], out_of_fold[index])
        cells = [(true, predicted) for _, true, predicted in found]
        counts = [cells.count(cell) for cell in cells]
        assert counts == sorted(counts, reverse=True)

    def test_of_repeated_folds_is_in_the_order_of_counts(self, make_search, digits):
        cv = RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0)
        search = make_search(cv=cv, n_trials=1).fit(*digits)
        labels = search.classes_.tolist()
        counts = [
            search.confusion_matrix_[labels.index(true), labels.index(predicted)]
            for _, true, predicted in search.report().misread
        ]
        assert counts == sorted(counts, reverse=True)

    def test_some_images_are_kept(self, search, digits):
        report = pickle.loads(pickle.dumps(search)).report()
        assert 0 < len(report.images) <= 40
        for index, image in report.images.items():
            assert_array_equal(image, digits[0][index].reshape(8, 8))
        assert report.images.keys() <= {index for index, *_ in report.misread}

    def test_of_samples_that_are_not_images(self, make_search, digits, tmp_path):
        X, y = digits
        report = make_search(n_trials=1).fit(X[:, 20:40], y).report()
        assert report.images == {}
        report.save(tmp_path / "search.html")
        page = (tmp_path / "search.html").read_text("utf-8")
        assert f"sample {report.misread[0].sample_index}" in page
        assert "image/png" not in page

    @pytest.mark.parametrize("kind", ["frame", "images", "list"])
    def test_of_samples_in_any_container(self, kind, make_search, digits):
        pd = pytest.importorskip("pandas")
        X, y = digits
        given = {
            "frame": pd.DataFrame(X, index=np.arange(len(X)) + 7),
            "images": X.reshape(-1, 8, 8),
            "list": X.tolist(),
        }[kind]
        flat = Pipeline([("flat", Flatten()), ("tree", DecisionTreeClassifier())])
        space = {"tree__max_depth": IntDistribution(2, 3)}
        report = make_search_of(flat, space).fit(given, list(y)).report()
        index, image = next(iter(report.images.items()))
        assert_array_equal(image, X[index].reshape(8, 8))

    def test_of_repeated_folds_begins_with_the_most_frequent(self):
        often, once = [9, 3], [4, 5]
        indices, cells = pool_misread([np.array([often, once]), np.array([often])])
        assert (indices, cells) == ([9, 4], [3, 5])

    def test_of_a_bad_trial_is_bounded(self):
        of_fold = np.column_stack([np.arange(50_000), np.arange(50_000) % 90])
        stored = pool_misread([of_fold])
        assert len(json.dumps(stored)) < 2**14
        assert stored[0][0] == 0
        assert stored[0][-1] == 49_999

    def test_is_stored_with_completed_trials(self, make_search, digits, tmp_path):
        storage = str(tmp_path / "search.journal")
        search = make_search(storage=storage, n_trials=2).fit(*digits)
        again = make_search(storage=storage, n_trials=2).fit(*digits)
        assert again.report().misread == search.report().misread
        assert again.report().images.keys() == search.report().images.keys()


class Flatten(MinMaxScaler):
    def fit(self, X, y=None):
        return super().fit(np.reshape(X, (len(X), -1)))

    def transform(self, X):
        return super().transform(np.reshape(X, (len(X), -1)))


def make_search_of(estimator, space, **params):
    params = {"n_trials": 2, "cv": 2, "random_state": 0, "pruner": None, **params}
    return OptunaSearchCV(estimator, space, **params)


@pytest.mark.parametrize(
    "cv",
    [
        RepeatedStratifiedKFold(n_splits=3, n_repeats=4, random_state=0),
        RepeatedKFold(n_splits=2, n_repeats=3, random_state=0),
        ShuffleSplit(6, test_size=0.3, random_state=0),
        ShuffleSplit(2, test_size=0.1, random_state=0),
    ],
    ids=str,
)
def test_samples_tested_several_times_count_once(cv, make_search, digits):
    X, y = digits
    search = make_search(cv=cv, n_trials=2).fit(X, y)
    tested = {index for _, test in cv.split(X, y) for index in test}
    found = search.report().digits
    pooled = search.confusion_matrix_
    accuracy = np.trace(pooled) / pooled.sum()
    assert found.n_digits_ == len(tested)
    assert found.confusion_matrix_.sum() == pytest.approx(len(tested))
    assert found.accuracy_ == pytest.approx(accuracy)
    assert found.accuracy_interval_ == pytest.approx(
        wilson_interval(accuracy, len(tested))
    )
    text = str(search.report())
    assert f"cross-validated on {len(tested)} digits" in text
    assert "tested" in text
    assert (f"{len(tested)} of {len(X)} samples" in text) == (len(tested) < len(X))


def test_samples_tested_once_need_no_note(search):
    digits = search.report().digits
    assert digits.notes_ == ()
    assert digits.confusion_matrix_.dtype.kind == "i"


@pytest.mark.parametrize("n_trials", [1, 3])
def test_there_are_no_importances_if_all_scores_are_equal(n_trials, digits):
    tree, space = DecisionTreeClassifier(random_state=0), IntDistribution(50, 60)
    search = OptunaSearchCV(tree, {"max_depth": space}, n_trials=n_trials, cv=FOLDS)
    report = search.fit(*digits).report()
    assert report.importances == {}
    assert "importances" not in str(report)
    assert "importances" not in report._repr_html_()


class TestSave:
    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, search):
        return search.report()

    def test_json_is_complete(self, report, search, tmp_path):
        report.save(tmp_path / "search.json")
        found = json.loads((tmp_path / "search.json").read_text("utf-8"))
        assert found == report.to_dict()
        assert found["name"] == "DecisionTreeClassifier"
        assert found["best_params"] == search.best_params_
        assert np.mean(found["fold_scores"]) == pytest.approx(search.best_score_)
        assert found["importances"] == report.importances
        assert found["counts"] == {"complete": 6}
        assert found["course"][-1]["value"] == search.best_score_
        assert found["digits"] == report.digits.to_dict()
        assert len(found["misread"]) == len(report.misread)

    def test_page_is_complete(self, report, tmp_path):
        report.save(tmp_path / "search.html")
        page = (tmp_path / "search.html").read_text("utf-8")
        assert page.startswith("<!DOCTYPE html>")
        title = "Hyperparameter search for DecisionTreeClassifier"
        assert f"<title>{title}</title>" in page
        assert "OptunaSearchCV" not in page
        for heading in (
            "Best parameters",
            "Parameter importances",
            "Optimization history",
            "Misread out of fold",
            "Confusion matrix",
        ):
            assert f"<h2>{heading}</h2>" in page
        for name, value in report.best_params.items():
            assert f'<th scope="row">{name}</th><td>{value!r}</td>' in page
        shown = [int(i) for i in re.findall(r'alt="[^"]*, sample (\d+)"', page)]
        assert sorted(shown) == sorted(report.images)
        assert page.count("<style>") == 1
        assert 'alt="Best value so far against the time' in page
        assert not re.search(r'(src|href)="(?!data:)', page)

    def test_page_of_a_pareto_front(self, make_search, digits, tmp_path):
        search = make_search(objectives=["score", "fit_time"], n_trials=3).fit(*digits)
        report = search.report()
        report.save(tmp_path / "search.html")
        report.save(tmp_path / "search.json")
        assert "<h2>Pareto front</h2>" in (tmp_path / "search.html").read_text("utf-8")
        front = json.loads((tmp_path / "search.json").read_text("utf-8"))["front"]
        assert [f["trial"] for f in front] == [t.number for t in search.best_trials_]
        assert front[0]["reached"].keys() == {"score", "fit_time"}

    def test_of_a_regressor(self, digits, tmp_path):
        space = {"alpha": CategoricalDistribution([1.0, 2.0])}
        report = make_search_of(Ridge(), space).fit(*digits).report()
        assert report.digits is None
        assert report.misread == []
        for name in "search.html", "search.json":
            report.save(tmp_path / name)
        assert json.loads((tmp_path / "search.json").read_text())["digits"] is None

    def test_of_an_estimator_chosen_by_a_space(self, digits, tmp_path):
        pipe = Pipeline([("scale", MinMaxScaler()), ("clf", DecisionTreeClassifier())])

        def space(trial):
            return {"clf": GaussianNB(var_smoothing=trial.suggest_float("v", 0.1, 0.2))}

        for refit in True, False:
            search = make_search_of(pipe, space, refit=refit).fit(*digits)
            report = search.report()
            assert report.name == "GaussianNB"
            assert report.digits.name == "GaussianNB, cross-validated"
            report.save(tmp_path / "search.json")
            found = json.loads((tmp_path / "search.json").read_text())
            assert found["best_params"]["clf"].startswith("GaussianNB(")

    def test_to_an_unknown_kind_of_file(self, report, tmp_path):
        with pytest.raises(ValueError, match=r"'.html' or '.json'; got '.*search.pdf'"):
            report.save(tmp_path / "search.pdf")
        with pytest.raises(FileNotFoundError, match="in an existing folder"):
            report.save(tmp_path / "nowhere" / "search.html")


def test_digit_report_of_a_search_has_the_name_of_the_best_estimator(search, digits):
    report = DigitReport.from_estimator(search, *digits)
    assert report.name == "DecisionTreeClassifier"
    report = DigitReport.from_cross_validation(search, *digits, cv=2)
    assert report.name == "DecisionTreeClassifier, cross-validated"


class TestReport:
    def test_contains_the_results(self, fitted):
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

    def test_prints_as_text(self, fitted):
        text = str(fitted.report())
        assert f"max_depth = {fitted.best_params_['max_depth']}" in text
        assert f"{fitted.best_score_:.4f}" in text
        assert "Most confused" in text
        assert text.splitlines()[0] in fitted.report()._repr_html_()

    def test_is_shown_by_a_prompt(self, fitted):
        assert repr(fitted.report()) == str(fitted.report())

    def test_of_an_objective_to_minimize(self, make_search, digits):
        report = make_search(objectives=["fit_time"]).fit(*digits).report()
        values = [value for _, _, value in report.course]
        assert values == sorted(values, reverse=True)

    def test_of_several_objectives_has_their_pareto_front(self, make_search, digits):
        search = make_search(objectives=["score", "fit_time"]).fit(*digits)
        report = search.report()
        front = {trial.number: trial.values for trial in search.best_trials_}
        assert {n: list(v.values()) for n, v in report.front} == front
        assert "Pareto front" in str(report)
        assert "Optimization history" not in str(report)

    def test_of_a_trial_selected_by_a_function(
        self, make_search, digits, depth_and_accuracy
    ):
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
        with pytest.raises(ValueError, match="got False, which selects no best trial"):
            search.fit(*digits).report()

    @pytest.mark.filterwarnings("ignore:.*fit failed")
    def test_without_a_completed_trial(self, make_search, digits):
        search = make_search(space=lambda trial: {"max_depth": -1}, n_trials=2)
        for action in (lambda: search.fit(*digits), search.report):
            with pytest.raises(ValueError, match="2 failed") as info:
                action()
        assert "max_depth" in str(info.value)

    def test_escapes_labels(self, make_search, digits):
        X, y = digits
        labels = np.array([f"<{label}>" for label in y])
        report = make_search(n_trials=2).fit(X, labels).report()
        assert "<9> read as" in str(report)
        assert "<9>" not in report._repr_html_()
        assert "&lt;9&gt;" in report._repr_html_()
