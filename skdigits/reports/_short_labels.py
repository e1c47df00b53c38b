"""Shorten labels for plots without making two of them look alike."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any
from unicodedata import normalize

# Number of characters to show before the first difference.
_CONTEXT = 2


def short_labels(labels: Iterable[Any], max_length: int = 12) -> list[str]:
    """Return distinct strings of at most `max_length` characters for labels.

    A long label is cut at its end. If that makes some labels look alike, these are cut
    in the middle, at their start, or to the part in which they differ. Labels that look
    the same in full, such as 1 and "1", get their position as a suffix.

    Parameters
    ----------
    labels : iterable of length n_labels
        Labels of any type.
    max_length : int, default=12
        Maximum number of characters, at least 8.

    Returns
    -------
    texts : list of str, of length n_labels
        Printable strings of a single line.

    Examples
    --------
    >>> short_labels([7, "seven", "seven hundred and ten"])
    ['7', 'seven', 'seven hundr…']
    >>> short_labels(["handwritten digit 1", "handwritten digit 2"])
    ['handwr…git 1', 'handwr…git 2']
    >>> short_labels(["twenty thousand and one miles", "twenty thousand and two miles"])
    ['…d one miles', '…d two miles']
    >>> short_labels([f"one of the class {name} of the data" for name in ("A", "B")])
    ['…s A of the…', '…s B of the…']
    >>> short_labels([1, "1"])
    ['1#0', '1#1']
    """
    texts = [_printable(str(label)) for label in labels]
    shown: dict[int, str] = {}
    for shorten in (_whole, _head, _middle, _tail, _difference):
        proposals = shorten(
            {i: t for i, t in enumerate(texts) if i not in shown}, max_length
        )
        times = Counter(proposals.values()) + Counter(shown.values())
        shown |= {i: text for i, text in proposals.items() if times[text] == 1}
    taken = set(shown.values())
    for i, text in enumerate(texts):
        if i not in shown:
            marks = (f"#{i + step * len(texts)}" for step in count())
            numbered = (text[: max_length - len(mark)] + mark for mark in marks)
            shown[i] = next(name for name in numbered if name not in taken)
            taken.add(shown[i])
    return [shown[i] for i in range(len(texts))]


def _printable(text: str) -> str:
    words = normalize("NFC", text).split()
    return "".join(c for c in " ".join(words) if c.isprintable())


def _whole(texts: dict[int, str], max_length: int) -> dict[int, str]:
    return {i: text for i, text in texts.items() if len(text) <= max_length}


def _head(texts: dict[int, str], max_length: int) -> dict[int, str]:
    return _cut(texts, max_length, lambda text: f"{text[: max_length - 1]}…")


def _middle(texts: dict[int, str], max_length: int) -> dict[int, str]:
    n_last = (max_length - 1) // 2
    n_first = max_length - 1 - n_last
    return _cut(texts, max_length, lambda text: f"{text[:n_first]}…{text[-n_last:]}")


def _tail(texts: dict[int, str], max_length: int) -> dict[int, str]:
    return _cut(texts, max_length, lambda text: f"…{text[1 - max_length :]}")


def _cut(
    texts: dict[int, str], max_length: int, cut: Callable[[str], str]
) -> dict[int, str]:
    return {i: cut(text) for i, text in texts.items() if len(text) > max_length}


def _difference(texts: dict[int, str], max_length: int) -> dict[int, str]:
    """Return the part of each text in which it differs from the most similar ones."""
    proposals: dict[int, str] = {}
    groups = [_cut(texts, max_length, lambda text: text)]
    while groups:
        group = groups.pop()
        start = max(0, _n_common_characters(group.values()) - _CONTEXT)
        alike: dict[str, dict[int, str]] = defaultdict(dict)
        for i, text in group.items():
            part = text[start : start + max_length - 2]
            is_last = start + max_length - 2 >= len(text)
            proposals[i] = f"…{part}" + ("" if is_last else "…")
            alike[proposals[i]][i] = text
        if len(alike) > 1:
            groups += [part for part in alike.values() if len(part) > 1]
    return proposals


def _n_common_characters(texts: Iterable[str]) -> int:
    """Return the length of the common prefix of all texts."""
    n_common = 0
    for characters in zip(*texts, strict=False):
        if len(set(characters)) > 1:
            break
        n_common += 1
    return n_common
