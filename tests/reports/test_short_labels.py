"""Short labels of plots: printable and distinct."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skdigits.reports._short_labels import short_labels

NAMES = {
    "common prefix": [f"handwritten_digit_class_{i}" for i in range(1000)],
    "common prefix and suffix": [
        f"the digit {i} of the training set" for i in range(1000)
    ],
    "two differences": [
        f"set {a} of the digits, number {b} of the page" for a in range(9) for b in "ab"
    ],
    "different lengths": ["a" * n for n in range(1, 60)],
    "equal when printed": [1, "1", 1.0, "1.0", "1.0 "],
    "different only in unprintable characters": ["a\x00", "a", "a\u200b", "\u0061\n"],
    "one character in two Unicode forms": ["\u00e9", "e\u0301"],
    "Chinese": [f"手写数字识别数据集中的第{i}个类别" for i in "零一二三四五六七八九"],
    "already shortened": ["abcdefghijklmnop", "abcdefghijk…", "abcdefghijkxyz"],
    "numbers": np.arange(1000) * 10**12,
}


@pytest.mark.parametrize("case", NAMES)
def test_are_distinct(case):
    texts = short_labels(NAMES[case])
    assert len(set(texts)) == len(NAMES[case])
    assert max(map(len, texts)) <= 12
    assert all(text.isprintable() for text in texts)


@given(st.lists(st.text("ab1#…", max_size=24) | st.text(), unique=True))
@example(["ab" * 20 + c + "ab" * 20 for c in "ab#"])
def test_any_strings_are_distinct(labels):
    texts = short_labels(labels)
    assert len(set(texts)) == len(labels) == len(texts)
    assert all(len(text) <= 12 and text.isprintable() for text in texts)


def test_of_short_labels_are_unchanged():
    labels = ["zero", "$x$", "五", "twelve chars"]
    assert short_labels(labels) == labels
