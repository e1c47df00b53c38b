"""How the learning rate changes from one update of the weights to the next."""

import numpy as np

_SHARE_OF_WARM_UP = 0.3
_FIRST_RATE = 0.04


def one_cycle(n_updates: int) -> np.ndarray:
    """Return the share of the largest learning rate that each update takes.

    It rises from a 25th for a little less than a third of the updates, and falls to 0
    along a cosine. Large rates find good weights soon, and the small ones at the end
    make them settle, in fewer epochs than one rate takes (Smith and Topin, 2019).

    Examples
    --------
    >>> one_cycle(10).round(2)
    array([0.2 , 0.52, 0.84, 0.99, 0.89, 0.72, 0.5 , 0.28, 0.11, 0.01])
    """
    progress = (np.arange(n_updates) + 0.5) / n_updates
    rise = _FIRST_RATE + (1 - _FIRST_RATE) * progress / _SHARE_OF_WARM_UP
    way_down = (progress - _SHARE_OF_WARM_UP) / (1 - _SHARE_OF_WARM_UP)
    fall = (1 + np.cos(np.pi * way_down)) / 2
    return np.where(progress < _SHARE_OF_WARM_UP, rise, fall)
