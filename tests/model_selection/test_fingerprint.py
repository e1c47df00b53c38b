"""What makes a search the same one."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from skdigits.model_selection._fingerprint import (
    by_value,
    digest,
    digest_of_function,
    without_addresses,
)

ARRAY = np.random.default_rng(0).integers(0, 9, (6, 4)).astype(float)
TABLE = pd.DataFrame(ARRAY, columns=list("abcd"))
ORDER = np.array([3, 0, 5, 1, 4, 2])


def of(data):
    return digest(by_value(data))


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
    def test_that_lie_otherwise_in_memory(self, same):
        assert of(same) == of(ARRAY)

    def test_of_an_axis_of_length_one(self):
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
    def test_in_a_table_that_was_made_otherwise(self, same):
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
    def test_of_another_kind(self, other):
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
    def test_in_another_table(self, other):
        assert of(other) != of(TABLE)


class TestFunction:
    def scorer(self, text):
        exec(text, names := {})
        return digest_of_function(names["score"])

    @pytest.mark.parametrize(
        "text",
        [
            "def score(e, X, y):\n    # why\n\n    return e.score(X, y) - len('a')",
            "def score(e, X, y):\n    '''Why.'''\n    return e.score(X, y) - len('a')",
            "def score(e: int, X, y) -> float:\n    return e.score(X, y) - len('a')",
            'def score(e, X, y):\n    return e.score(X, y) - len("a")',
        ],
        ids=["comment", "docstring", "hints", "quotes"],
    )
    def test_of_another_text(self, text):
        plain = "def score(e, X, y):\n    return e.score(X, y) - len('a')"
        assert self.scorer(text) == self.scorer(plain)
        assert self.scorer(text) != self.scorer(plain.replace("'a'", "'ab'"))

    def test_that_has_other_values(self):
        def scorer(beta):
            return lambda estimator, X, y: beta

        assert digest_of_function(scorer(1)) == digest_of_function(scorer(1))
        assert digest_of_function(scorer(1)) != digest_of_function(scorer(2))
        bound = [partial(scorer, beta=beta) for beta in (1, 1, 2)]
        first, again, other = map(digest_of_function, bound)
        assert first == again != other


@pytest.mark.parametrize("kind", [set, frozenset])
def test_sets_are_the_same_in_whatever_order(kind):
    one, other = kind([0, 8]), kind([8, 0])
    assert list(one) != list(other)

    def scorer(members):
        return lambda estimator, X, y: y in members

    assert without_addresses([(one,)]) == without_addresses([(other,)])
    assert digest_of_function(scorer(one)) == digest_of_function(scorer(other))


def test_what_is_printed_keeps_to_builtins():
    things = [(1,), (), [], {}, set(), {1: (2, "a")}, frozenset({1}), {1}, "a", None]
    assert list(map(without_addresses, things)) == list(map(repr, things))
