"""A cache of networks that are ready to train, each used by one training at a time.

Cross-validation and searches train one kind of network many times. The code that
TensorFlow traces and compiles for a network belongs to the variables of that network,
so the whole network is kept, and its variables get new values for each training.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

_T = TypeVar("_T")

# Few kinds of networks are in use at a time, and each one kept takes memory.
_MAX_IDLE = 4
_idle: deque[tuple[Hashable, Any, Callable[[Any], None]]] = deque()
_lock = Lock()


@contextmanager
def borrowed(
    key: Hashable, make: Callable[[], _T], discard: Callable[[_T], None]
) -> Iterator[_T]:
    """Lend an object that was made for an equal ``key`` before, or a new one.

    No other caller gets the object until it is returned. After an error it is
    discarded. The least recently used object is discarded when there are too many.
    """
    made = _take(key) or make()
    try:
        yield made
    except BaseException:
        discard(made)
        raise
    with _lock:
        _idle.append((key, made, discard))
        spare = [_idle.popleft()] if len(_idle) > _MAX_IDLE else []
    for _, oldest, discard_oldest in spare:
        discard_oldest(oldest)


def _take(key: Hashable) -> Any:
    with _lock:
        for i, (other_key, made, _) in enumerate(_idle):
            if other_key == key:
                del _idle[i]
                return made
    return None
