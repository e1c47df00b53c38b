"""Numbers as text."""

from math import ceil, log10


def sureness(probability: float, n_decimals: int = 1) -> str:
    """Return a probability in per cent, which is 100 % only if it is 1.

    Examples
    --------
    >>> sureness(0.98765), sureness(0.9999996), sureness(1.0)
    ('98.8 %', '99.99996 %', '100.0 %')
    """
    doubt = 1 - probability
    if doubt > 0:
        n_decimals = max(n_decimals, ceil(-log10(doubt)) - 2)
    return f"{100 * probability:.{n_decimals}f} %"


def percent(share: float) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> percent(0.98765)
    '98.77 %'
    """
    return f"{100 * share:.2f} %"


def count(number: float) -> str:
    """Return a count, or a sum of weights, in full or to four digits.

    Examples
    --------
    >>> count(12345), count(2.0), count(2 / 3)
    ('12,345', '2', '0.6667')
    """
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.4g}"
