"""Format numbers for reports."""

from math import ceil, log10


def confidence_percent(probability: float, n_decimals: int = 1) -> str:
    """Return a probability as a percentage, which is 100 % only if it is 1.

    Examples
    --------
    >>> confidence_percent(0.98765), confidence_percent(0.9999996)
    ('98.8 %', '99.99996 %')
    >>> confidence_percent(1.0)
    '100.0 %'
    """
    doubt = 1 - probability
    if doubt > 0:
        n_decimals = max(n_decimals, ceil(-log10(doubt)) - 2)
    return f"{100 * probability:.{n_decimals}f} %"


def percent(share: float) -> str:
    """Return a share as a percentage.

    Examples
    --------
    >>> percent(0.98765)
    '98.77 %'
    """
    return f"{100 * share:.2f} %"


def count(number: float) -> str:
    """Return an integer in full, and a sum of weights with four significant digits.

    Examples
    --------
    >>> count(12345), count(2.0), count(2 / 3)
    ('12,345', '2', '0.6667')
    """
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.4g}"
