"""Labels in figures: short, printable and all different."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from skdigits.reports._short_labels import short_labels

NAMES = {
    "alike at the beginning": [f"handwritten_digit_class_{i}" for i in range(1000)],
    "alike at both ends": [f"the digit {i} of the training set" for i in range(1000)],
    "different in two places": [
        f"set {a} of the digits, number {b} of the page" for a in range(9) for b in "ab"
    ],
    "longer than one another": ["a" * n for n in range(1, 60)],
    "printed alike": [1, "1", 1.0, "1.0", "1.0 "],
    "alike but for what is not printed": ["a\x00", "a", "a\u200b", "\u0061\n"],
    "one character written in two ways": ["\u00e9", "e\u0301"],
    "Chinese": [f"手写数字识别数据集中的第{i}个类别" for i in "零一二三四五六七八九"],
    "shortened already": ["abcdefghijklmnop", "abcdefghijk…", "abcdefghijkxyz"],
    "numbers": np.arange(1000) * 10**12,
}


@pytest.mark.parametrize("case", NAMES)
def test_stay_apart(case):
    texts = short_labels(NAMES[case])
    assert len(set(texts)) == len(NAMES[case])
    assert max(map(len, texts)) <= 12
    assert all(text.isprintable() for text in texts)


@given(st.lists(st.text("ab1#…", max_size=24) | st.text(), unique=True))
@example(["ab" * 20 + c + "ab" * 20 for c in "ab#"])
def test_any_stay_apart(labels):
    texts = short_labels(labels)
    assert len(set(texts)) == len(labels) == len(texts)
    assert all(len(text) <= 12 and text.isprintable() for text in texts)


def test_that_are_short_stay_as_they_are():
    labels = ["zero", "$x$", "五", "twelve chars"]
    assert short_labels(labels) == labels
