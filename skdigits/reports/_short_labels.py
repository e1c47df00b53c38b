"""Labels shortened for a figure, so that no two of them look alike."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any
from unicodedata import normalize

# Characters before the first difference, where that is all there is to show.
_CONTEXT = 2


def short_labels(labels: Iterable[Any], longest: int = 12) -> list[str]:
    """Return labels as texts of at most `longest` characters, all of them different.

    A text is cut at its end. Where that makes some alike, these are cut in the middle,
    at their beginning, or to the part in which they differ. Labels that are printed
    alike, such as 1 and "1", are told apart by their position.

    Parameters
    ----------
    labels : iterable of n labels
        The labels, of any type.
    longest : int, default=12
        The most characters, at least 8.

    Returns
    -------
    texts : list of n str
        Printable texts of one line.

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
            {i: t for i, t in enumerate(texts) if i not in shown}, longest
        )
        times = Counter(proposals.values()) + Counter(shown.values())
        shown |= {i: text for i, text in proposals.items() if times[text] == 1}
    taken = set(shown.values())
    for i, text in enumerate(texts):
        if i not in shown:
            marks = (f"#{i + step * len(texts)}" for step in count())
            numbered = (text[: longest - len(mark)] + mark for mark in marks)
            shown[i] = next(name for name in numbered if name not in taken)
            taken.add(shown[i])
    return [shown[i] for i in range(len(texts))]


def _printable(text: str) -> str:
    words = normalize("NFC", text).split()
    return "".join(c for c in " ".join(words) if c.isprintable())


def _whole(texts: dict[int, str], longest: int) -> dict[int, str]:
    return {i: text for i, text in texts.items() if len(text) <= longest}


def _head(texts: dict[int, str], longest: int) -> dict[int, str]:
    return _cut(texts, longest, lambda text: f"{text[: longest - 1]}…")


def _middle(texts: dict[int, str], longest: int) -> dict[int, str]:
    n_last = (longest - 1) // 2
    n_first = longest - 1 - n_last
    return _cut(texts, longest, lambda text: f"{text[:n_first]}…{text[-n_last:]}")


def _tail(texts: dict[int, str], longest: int) -> dict[int, str]:
    return _cut(texts, longest, lambda text: f"…{text[1 - longest :]}")


def _cut(
    texts: dict[int, str], longest: int, cut: Callable[[str], str]
) -> dict[int, str]:
    return {i: cut(text) for i, text in texts.items() if len(text) > longest}


def _difference(texts: dict[int, str], longest: int) -> dict[int, str]:
    """Return the part of each in which it differs from those most like it."""
    proposals: dict[int, str] = {}
    groups = [_cut(texts, longest, lambda text: text)]
    while groups:
        group = groups.pop()
        start = max(0, _n_in_common(group.values()) - _CONTEXT)
        alike: dict[str, dict[int, str]] = defaultdict(dict)
        for i, text in group.items():
            part = text[start : start + longest - 2]
            is_last = start + longest - 2 >= len(text)
            proposals[i] = f"…{part}" + ("" if is_last else "…")
            alike[proposals[i]][i] = text
        if len(alike) > 1:
            groups += [part for part in alike.values() if len(part) > 1]
    return proposals


def _n_in_common(texts: Iterable[str]) -> int:
    """Return how many characters all the texts begin with."""
    n_alike = 0
    for characters in zip(*texts, strict=False):
        if len(set(characters)) > 1:
            break
        n_alike += 1
    return n_alike
