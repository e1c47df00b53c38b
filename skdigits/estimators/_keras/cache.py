"""What is made once and used again, by one user at a time.

Cross-validation and searches train one kind of network many times over. What TensorFlow
makes of a network, by tracing and compiling it, belongs to that network's variables; so
it is the whole network that is kept, and its numbers are set anew each time.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

_T = TypeVar("_T")

# Few kinds are in use at a time, and each network that waits takes memory.
_MOST = 4
_idle: deque[tuple[Hashable, Any, Callable[[Any], None]]] = deque()
_lock = Lock()


@contextmanager
def borrowed(
    key: Hashable, make: Callable[[], _T], discard: Callable[[_T], None]
) -> Iterator[_T]:
    """Lend what ``make`` makes, or has made for an equal ``key`` before.

    Nobody else has it meanwhile. After an error it is discarded. The least recently
    used is discarded where there are too many.
    """
    thing = _take(key) or make()
    try:
        yield thing
    except BaseException:
        discard(thing)
        raise
    with _lock:
        _idle.append((key, thing, discard))
        spare = [_idle.popleft()] if len(_idle) > _MOST else []
    for _, oldest, discard_it in spare:
        discard_it(oldest)


def _take(key: Hashable) -> Any:
    with _lock:
        for i, (other_key, thing, _) in enumerate(_idle):
            if other_key == key:
                del _idle[i]
                return thing
    return None
