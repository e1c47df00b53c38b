"""What the report of a search tells, and the files that it writes."""

import json
import pickle
import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from optuna.distributions import CategoricalDistribution, IntDistribution
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

from skdigits import DigitReport
from skdigits.model_selection import OptunaSearchCV
from skdigits.model_selection._misread_samples import kept_misread
from skdigits.reports._metrics import wilson_interval

FOLDS = KFold(3, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def search(make_search, digits):
    return make_search(cv=FOLDS).fit(*digits)


@pytest.fixture(scope="module")
def read_out_of_fold(search, digits):
    """What classifiers with the best parameters read the rows as."""
    best = DecisionTreeClassifier(random_state=0, **search.best_params_)
    return cross_val_predict(best, *digits, cv=FOLDS)


class TestMisread:
    def test_is_what_the_best_trial_read_wrongly(
        self, search, digits, read_out_of_fold
    ):
        wrong = np.flatnonzero(read_out_of_fold != digits[1])
        found = search.report().misread
        assert sorted(row for row, *_ in found) == wrong.tolist()
        for row, true, predicted in found:
            assert (true, predicted) == (digits[1][row], read_out_of_fold[row])
        kinds = [(true, predicted) for _, true, predicted in found]
        counts = [kinds.count(kind) for kind in kinds]
        assert counts == sorted(counts, reverse=True)

    def test_of_repeated_folds_is_in_the_order_of_the_matrix(self, make_search, digits):
        cv = RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=0)
        search = make_search(cv=cv, n_trials=1).fit(*digits)
        labels = search.classes_.tolist()
        counts = [
            search.confusion_matrix_[labels.index(true), labels.index(predicted)]
            for _, true, predicted in search.report().misread
        ]
        assert counts == sorted(counts, reverse=True)

    def test_images_are_kept_of_some(self, search, digits):
        report = pickle.loads(pickle.dumps(search)).report()
        assert 0 < len(report.images) <= 40
        for row, image in report.images.items():
            assert_array_equal(image, digits[0][row].reshape(8, 8))
        assert report.images.keys() <= {row for row, *_ in report.misread}

    def test_of_rows_that_are_no_images(self, make_search, digits, tmp_path):
        X, y = digits
        report = make_search(n_trials=1).fit(X[:, 20:40], y).report()
        assert report.images == {}
        report.save(tmp_path / "search.html")
        page = (tmp_path / "search.html").read_text("utf-8")
        assert f"row {report.misread[0].row}" in page
        assert "image/png" not in page

    @pytest.mark.parametrize("kind", ["frame", "images", "list"])
    def test_of_any_kind_of_rows(self, kind, make_search, digits):
        pd = pytest.importorskip("pandas")
        X, y = digits
        given = {
            "frame": pd.DataFrame(X, index=np.arange(len(X)) + 7),
            "images": X.reshape(-1, 8, 8),
            "list": X.tolist(),
        }[kind]
        flat = Pipeline([("flat", _Flat()), ("tree", DecisionTreeClassifier())])
        space = {"tree__max_depth": IntDistribution(2, 3)}
        report = make_search_of(flat, space).fit(given, list(y)).report()
        row, image = next(iter(report.images.items()))
        assert_array_equal(image, X[row].reshape(8, 8))

    def test_of_repeated_folds_begins_with_those_misread_most_often(self):
        often, once = [9, 3], [4, 5]
        rows, cells = kept_misread([np.array([often, once]), np.array([often])])
        assert (rows, cells) == ([9, 4], [3, 5])

    def test_of_a_bad_trial_is_bounded(self):
        of_fold = np.column_stack([np.arange(50_000), np.arange(50_000) % 90])
        kept = kept_misread([of_fold])
        assert len(json.dumps(kept)) < 2**14
        assert kept[0][0] == 0
        assert kept[0][-1] == 49_999

    def test_stays_with_complete_trials(self, make_search, digits, tmp_path):
        storage = str(tmp_path / "search.journal")
        search = make_search(storage=storage, n_trials=2).fit(*digits)
        again = make_search(storage=storage, n_trials=2).fit(*digits)
        assert again.report().misread == search.report().misread
        assert again.report().images.keys() == search.report().images.keys()


class _Flat(MinMaxScaler):
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
def test_rows_judged_several_times_count_once(cv, make_search, digits):
    X, y = digits
    search = make_search(cv=cv, n_trials=2).fit(X, y)
    judged = {row for _, test in cv.split(X, y) for row in test}
    found = search.report().digits
    pooled = search.confusion_matrix_
    accuracy = np.trace(pooled) / pooled.sum()
    assert found.n_digits_ == len(judged)
    assert found.confusion_matrix_.sum() == pytest.approx(len(judged))
    assert found.accuracy_ == pytest.approx(accuracy)
    assert found.accuracy_interval_ == pytest.approx(
        wilson_interval(accuracy, len(judged))
    )
    text = str(search.report())
    assert f"cross-validated on {len(judged)} digits" in text
    assert "judged" in text
    assert (f"{len(judged)} of {len(X)} rows" in text) == (len(judged) < len(X))


def test_rows_judged_once_need_no_note(search):
    digits = search.report().digits
    assert digits.notes_ == ()
    assert digits.confusion_matrix_.dtype.kind == "i"


@pytest.mark.parametrize("n_trials", [1, 3])
def test_of_trials_that_scored_alike_no_parameter_mattered(n_trials, digits):
    tree, space = DecisionTreeClassifier(random_state=0), IntDistribution(50, 60)
    search = OptunaSearchCV(tree, {"max_depth": space}, n_trials=n_trials, cv=FOLDS)
    report = search.fit(*digits).report()
    assert report.importances == {}
    assert "What mattered" not in str(report)
    assert "What mattered" not in report._repr_html_()


class TestSave:
    @pytest.fixture(scope="class")
    @classmethod
    def report(cls, search):
        return search.report()

    def test_json_has_all_of_it(self, report, search, tmp_path):
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

    def test_page_has_all_of_it(self, report, tmp_path):
        report.save(tmp_path / "search.html")
        page = (tmp_path / "search.html").read_text("utf-8")
        assert page.startswith("<!DOCTYPE html>")
        title = "Search for the parameters of DecisionTreeClassifier"
        assert f"<title>{title}</title>" in page
        assert "OptunaSearchCV" not in page
        for heading in (
            "Best parameters",
            "What mattered for the best tenth of the scores",
            "How the search went",
            "Misread out of fold",
            "Confusion matrix",
        ):
            assert f"<h2>{heading}</h2>" in page
        for name, value in report.best_params.items():
            assert f'<th scope="row">{name}</th><td>{value!r}</td>' in page
        shown = [int(row) for row in re.findall(r'alt="[^"]*, row (\d+)"', page)]
        assert sorted(shown) == sorted(report.images)
        assert page.count("<style>") == 1
        assert 'alt="The best value so far, by the time' in page
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

    def test_of_what_is_no_classifier(self, digits, tmp_path):
        space = {"alpha": CategoricalDistribution([1.0, 2.0])}
        report = make_search_of(Ridge(), space).fit(*digits).report()
        assert report.digits is None
        assert report.misread == []
        for name in "search.html", "search.json":
            report.save(tmp_path / name)
        assert json.loads((tmp_path / "search.json").read_text())["digits"] is None

    def test_of_an_estimator_that_a_space_chose(self, digits, tmp_path):
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

    def test_to_another_kind_of_file(self, report, tmp_path):
        with pytest.raises(ValueError, match=r"'.html' or '.json'; got '.*search.pdf'"):
            report.save(tmp_path / "search.pdf")
        with pytest.raises(FileNotFoundError, match="in an existing folder"):
            report.save(tmp_path / "nowhere" / "search.html")


def test_report_on_the_search_itself_is_named_for_what_it_found(search, digits):
    report = DigitReport.from_estimator(search, *digits)
    assert report.name == "DecisionTreeClassifier"
    report = DigitReport.from_cross_validation(search, *digits, cv=2)
    assert report.name == "DecisionTreeClassifier, cross-validated"
