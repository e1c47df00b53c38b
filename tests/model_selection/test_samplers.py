"""Samplers that the user passes."""

import pytest
from optuna.samplers import QMCSampler, RandomSampler, TPESampler


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize("kind", [RandomSampler, TPESampler, QMCSampler])
def test_each_fit_uses_a_new_copy(make_search, digits, kind):
    search = make_search(sampler=kind(seed=3))
    first = search.fit(*digits).cv_results_["params"]
    assert search.fit(*digits).cv_results_["params"] == first
    untouched = make_search(sampler=kind(seed=3))
    assert untouched.fit(*digits).cv_results_["params"] == first
