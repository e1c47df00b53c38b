"""What is the same data, function or value."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from skdigits.model_selection._fingerprint import (
    canonical_data,
    comparison_key,
    fingerprint,
    fingerprint_of_function,
    stable_repr,
)

ARRAY = np.random.default_rng(0).integers(0, 9, (6, 4)).astype(float)
TABLE = pd.DataFrame(ARRAY, columns=list("abcd"))
ORDER = np.array([3, 0, 5, 1, 4, 2])


def of(data):
    return fingerprint(canonical_data(data))


class TestData:
    @pytest.mark.parametrize(
        "same",
        [
            np.asfortranarray(ARRAY),
            np.repeat(ARRAY, 2, axis=1)[:, ::2],
            np.vstack([ARRAY, ARRAY])[:6],
            ARRAY[ORDER][np.argsort(ORDER)],
            ARRAY[::-1][::-1],
        ],
        ids=["Fortran", "slice", "head", "sorted back", "reversed twice"],
    )
    def test_in_another_memory_layout(self, same):
        assert of(same) == of(ARRAY)

    def test_with_an_axis_of_length_one(self):
        assert of(ARRAY[..., None]) == of(ARRAY.reshape(6, 4, 1))

    @pytest.mark.parametrize(
        "same",
        [
            pd.DataFrame({name: TABLE[name].to_numpy().copy() for name in TABLE}),
            pd.DataFrame(np.asfortranarray(ARRAY), columns=list("abcd")),
            TABLE.iloc[ORDER].sort_index(),
            pd.concat([TABLE, TABLE])[:6],
        ],
        ids=["by column", "Fortran", "sorted back", "slice"],
    )
    def test_in_a_table_with_another_layout(self, same):
        assert of(same) == of(TABLE)

    def test_in_a_series(self):
        series = pd.Series(list("abcdef"))
        assert of(series.iloc[ORDER].sort_index()) == of(series)

    def test_that_are_sparse(self):
        assert of(csr_matrix(ARRAY)) == of(csc_matrix(ARRAY))
        assert of(csr_matrix(ARRAY)) != of(csr_matrix(ARRAY + 1))

    @pytest.mark.parametrize(
        "other",
        [
            ARRAY.astype(np.float32),
            ARRAY.reshape(4, 6),
            ARRAY.T,
            ARRAY[ORDER],
            np.where(np.arange(4) == 2, ARRAY + 1e-12, ARRAY),
            TABLE,
        ],
        ids=["dtype", "shape", "transposed", "order", "value", "table"],
    )
    def test_that_differ(self, other):
        assert of(other) != of(ARRAY)

    @pytest.mark.parametrize(
        "other",
        [
            TABLE.rename(columns={"a": "x"}),
            TABLE.astype({"a": int}),
            TABLE[list("bacd")],
        ],
        ids=["name", "dtype", "order"],
    )
    def test_in_a_table_that_differs(self, other):
        assert of(other) != of(TABLE)


class TestFunction:
    def scorer(self, source):
        exec(source, names := {})
        return fingerprint_of_function(names["score"])

    @pytest.mark.parametrize(
        "source",
        [
            "def score(e, X, y):\n    # why\n\n    return e.score(X, y) - len('a')",
            "def score(e, X, y):\n    '''Why.'''\n    return e.score(X, y) - len('a')",
            "def score(e: int, X, y) -> float:\n    return e.score(X, y) - len('a')",
            'def score(e, X, y):\n    return e.score(X, y) - len("a")',
        ],
        ids=["comment", "docstring", "hints", "quotes"],
    )
    def test_with_another_source(self, source):
        plain = "def score(e, X, y):\n    return e.score(X, y) - len('a')"
        assert self.scorer(source) == self.scorer(plain)
        assert self.scorer(source) != self.scorer(plain.replace("'a'", "'ab'"))

    def test_with_other_bound_values(self):
        def scorer(beta):
            return lambda estimator, X, y: beta

        assert fingerprint_of_function(scorer(1)) == fingerprint_of_function(scorer(1))
        assert fingerprint_of_function(scorer(1)) != fingerprint_of_function(scorer(2))
        bound = [partial(scorer, beta=beta) for beta in (1, 1, 2)]
        first, again, other = map(fingerprint_of_function, bound)
        assert first == again != other


@pytest.mark.parametrize("kind", [set, frozenset])
def test_order_of_a_set_has_no_influence(kind):
    one, other = kind([0, 8]), kind([8, 0])
    assert list(one) != list(other)

    def scorer(members):
        return lambda estimator, X, y: y in members

    assert stable_repr([(one,)]) == stable_repr([(other,)])
    assert fingerprint_of_function(scorer(one)) == fingerprint_of_function(
        scorer(other)
    )


def test_repr_of_builtins_is_unchanged():
    things = [(1,), (), [], {}, set(), {1: (2, "a")}, frozenset({1}), {1}, "a", None]
    assert list(map(stable_repr, things)) == list(map(repr, things))


class TestComparisonKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (1, 1.0),
            (1, True),
            (0, False),
            (None, "None"),
            ((1, 2), [1, 2]),
            ("1", 1),
            (DecisionTreeClassifier(max_depth=2), DecisionTreeClassifier(max_depth=3)),
            (np.arange(3), np.arange(4)),
            (FunctionTransformer(np.log), FunctionTransformer(np.exp)),
            (lambda x: x, lambda x: x + 1),
            (DecisionTreeClassifier, DecisionTreeClassifier()),
        ],
    )
    def test_of_different_values(self, one, other):
        assert comparison_key({"a": one}) != comparison_key({"a": other})

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (np.int64(3), 3),
            ({"x": 1, "y": 2}, {"y": 2, "x": 1}),
            ({1, 2, 3}, {3, 2, 1}),
            (DecisionTreeClassifier(max_depth=2), DecisionTreeClassifier(max_depth=2)),
            (np.arange(3), np.arange(3)),
            (float("nan"), float("nan")),
            (CategoricalDistribution([1, 2]), CategoricalDistribution([1, 2])),
        ],
    )
    def test_of_equal_values(self, one, other):
        assert comparison_key({"a": [one]}) == comparison_key({"a": [other]})
