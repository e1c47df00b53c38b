"""The folds of a search."""

import numpy as np
import pytest
from sklearn.model_selection import KFold


class TestFolds:
    def test_of_an_iterator_can_be_read_once(self, make_search, digits):
        folds = KFold(3).split(digits[0])
        search = make_search(cv=folds).fit(*digits)
        assert search.n_splits_ == 3
        with pytest.raises(
            ValueError, match=r"cv must yield at least one fold; got no"
        ):
            search.fit(*digits)

    @pytest.mark.parametrize("cv", [[], iter(()), np.empty((0, 2))])
    def test_that_do_not_exist(self, make_search, digits, cv):
        with pytest.raises(ValueError, match="cv must yield at least one fold"):
            make_search(cv=cv).fit(*digits)

    @pytest.mark.parametrize("cv", [[1, 2], [np.arange(9)], [(0, 1, 2)]], ids=str)
    def test_that_are_not_pairs(self, make_search, digits, cv):
        with pytest.raises(ValueError, match="cv must yield a pair of indices"):
            make_search(cv=cv).fit(*digits)

    def test_of_lists_and_masks(self, make_search, digits):
        first = np.arange(400) < 200
        for cv in (
            [(first, ~first), (~first, first)],
            [(list(range(200)), list(range(200, 400)))],
        ):
            search = make_search(cv=cv, n_trials=2).fit(*digits)
            n_tested = 400 if len(cv) == 2 else 200
            assert search.confusion_matrix_.sum() == n_tested
