"""Trials that end early, because of their scores or of their training loss."""

import optuna
import pandas as pd
import pytest
from optuna.distributions import FloatDistribution, IntDistribution

from skdigits import OptunaSearchCV, make_digit_pipeline
from skdigits.model_selection._pruning import loss_ceiling


class PruneShallow(optuna.pruners.BasePruner):
    """A pruner of trees with a depth below 6, whatever their score."""

    def prune(self, study, trial):
        return trial.params["max_depth"] < 6


class TestPruning:
    def test_leaves_out_the_remaining_folds(self, make_search, digits):
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
        with pytest.raises(ValueError, match="None of the 6 finished trials can be"):
            search.fit(*digits)

    def test_ends_a_training_with_a_high_loss(self, digits):
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


@pytest.mark.parametrize(
    ("better_half_only", "ceiling"), [(True, [7.0, 3.0]), (False, [9.0, 8.0])]
)
def test_loss_ceiling_is_the_highest_loss_of_completed_trials(
    better_half_only, ceiling
):
    losses = {0.9: [7, 1], 0.8: [5, 3], 0.7: [2, 2], 0.2: [9, 8], 0.1: [8, 8]}
    trials = [
        optuna.trial.create_trial(
            value=score, user_attrs={"learning_curves": [{"loss": curve}]}
        )
        for score, curve in losses.items()
    ]
    assert loss_ceiling(trials, better_half_only=better_half_only) == ceiling
    assert loss_ceiling(trials[1:], better_half_only=better_half_only) is None


class TestIgnoredPruner:
    def test_is_warned_of_with_several_objectives(self, make_search, digits):
        search = make_search(
            pruner=optuna.pruners.MedianPruner(), objectives=["score", "fit_time"]
        )
        with pytest.warns(
            UserWarning, match=r"pruner is ignored.*\['score', 'fit_time"
        ):
            search.fit(*digits)

    @pytest.mark.parametrize("pruner", ["auto", None, optuna.pruners.NopPruner()])
    @pytest.mark.filterwarnings("error:pruner is ignored")
    def test_is_not_warned_of_without_a_custom_pruner(
        self, make_search, digits, pruner
    ):
        objectives = ["score", "fit_time"]
        make_search(pruner=pruner, objectives=objectives, n_trials=2).fit(*digits)
