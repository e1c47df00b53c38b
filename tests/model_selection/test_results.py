"""The fitted attributes of a search, and which trial is the best."""

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import IntDistribution
from sklearn.metrics import accuracy_score
from sklearn.tree import DecisionTreeClassifier

from skdigits import OptunaSearchCV, make_digit_pipeline


@pytest.fixture(scope="module")
def constrained(digits):
    """Return a search over the width of a network of at most 2,000 weights."""
    return OptunaSearchCV(
        make_digit_pipeline("ann", epochs=3, random_state=0),
        {"annclassifier__hidden_layer_sizes": IntDistribution(4, 64)},
        n_trials=6,
        cv=2,
        constraints={"n_weights": 2_000},
        random_state=0,
    ).fit(*digits)


class TestResults:
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
            n_samples = [134, 133, 133]
            assert np.trace(matrix) == pytest.approx(np.dot(folds, n_samples))
        best = table["confusion_matrix"][fitted.best_index_]
        np.testing.assert_array_equal(fitted.confusion_matrix_, best)

    def test_best_parameters_are_fitted_on_all_samples(self, fitted, digits):
        X, y = digits
        tree = DecisionTreeClassifier(random_state=0, **fitted.best_params_).fit(X, y)
        np.testing.assert_array_equal(fitted.predict(X), tree.predict(X))
        assert fitted.score(X, y) == accuracy_score(y, tree.predict(X))
        assert fitted.refit_time_ > 0

    def test_contain_size_and_learning_curves_of_a_network(self, constrained):
        width = constrained.best_params_["annclassifier__hidden_layer_sizes"]
        results = constrained.cv_results_
        n_weights = results["n_weights"][constrained.best_index_]
        assert n_weights == 64 * width + width + width * 10 + 10
        assert n_weights == constrained.best_estimator_[-1].n_weights_
        curves = results["learning_curves"][constrained.best_index_]
        assert [len(curve["loss"]) for curve in curves] == [3, 3]
        assert results["predict_time"][constrained.best_index_] > 0


class TestBestTrial:
    def test_meets_the_constraints(self, constrained):
        results = constrained.cv_results_
        is_small = results["n_weights"] <= 2_000
        assert is_small.any()
        assert not is_small.all()
        np.testing.assert_array_equal(results["is_feasible"], is_small)
        assert is_small[constrained.best_index_]

    def test_is_on_the_pareto_front_of_several_objectives(self, make_search, digits):
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

    def test_can_be_selected_by_a_function(self, make_search, digits):
        search = make_search(refit=lambda results: 3).fit(*digits)
        assert search.best_index_ == 3
        assert search.best_params_ == search.cv_results_["params"][3]

    def test_can_be_selected_by_the_one_standard_error_rule(self, make_search, digits):
        seen = {}

        def smallest_tree(results):  # as in scikit-learn's gallery
            seen.update(results)
            scores, std = results["mean_test_score"], results["std_test_score"]
            best = np.argmax(scores)
            good = np.flatnonzero(scores >= scores[best] - std[best])
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

    def test_is_selected_among_feasible_trials(self, make_search, digits):
        seen = []

        def last(results):
            seen.append(results["is_feasible"].all())
            return len(results["params"]) - 1

        bound = np.median(make_search().fit(*digits).cv_results_["mean_fit_time"])
        search = make_search(refit=last, constraints={"fit_time": float(bound)})
        search.set_params(n_trials=12).fit(*digits)
        assert seen == [True]
        assert search.cv_results_["is_feasible"][search.best_index_]

    def test_is_not_fitted_without_refit(self, make_search, digits):
        search = make_search(refit=False).fit(*digits)
        assert search.best_params_
        assert not hasattr(search, "predict")

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"objectives": ["size"]}, r"objectives must be .*got \['size'\]"),
            ({"objectives": ["score", "score"]}, "objectives must be distinct"),
            (
                {"constraints": {"size": 1}},
                "constraints must have keys among .*got 'size'",
            ),
            ({"n_trials": 0}, "n_trials"),
            ({"timeout": 0}, "timeout"),
        ],
    )
    def test_needs_valid_parameters(self, make_search, digits, params, message):
        with pytest.raises(ValueError, match=message):
            make_search(**params).fit(*digits)

    @pytest.mark.parametrize("bound", ["1", np.nan])
    def test_constraint_must_be_a_number(self, make_search, digits, bound):
        message = f"'fit_time'.*must be a number; got {bound!r}"
        with pytest.raises(TypeError, match=message):
            make_search(constraints={"fit_time": bound}).fit(*digits)

    @pytest.mark.parametrize(
        "params",
        [{"constraints": {"n_weights": 9}}, {"objectives": ["score", "n_weights"]}],
    )
    def test_depends_on_a_measure_that_the_estimator_lacks(
        self, make_search, digits, params
    ):
        with pytest.raises(
            ValueError, match="must be among the scores.*got 'n_weights'"
        ):
            make_search(**params).fit(*digits)

    def test_does_not_exist_if_no_trial_meets_a_constraint(self, make_search, digits):
        search = make_search(constraints={"fit_time": 1e-9})
        with pytest.raises(ValueError, match=r"6 violated a constraint \(fit_time by"):
            search.fit(*digits)

    def test_is_selected_by_a_score_that_a_function_returns(
        self, make_search, digits, depth_and_accuracy
    ):
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
