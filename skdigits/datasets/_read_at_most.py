"""Reading from a stream without trusting the size that a header announces."""

from typing import Protocol

_CHUNK = 1 << 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_at_most(stream: _Readable, n_bytes: int) -> bytearray:
    """Return the next `n_bytes` bytes of `stream`, or fewer where it ends early.

    The buffer grows with what really arrives, so that a header which promises
    more than the stream holds costs no memory.
    """
    data = bytearray()
    while len(data) < n_bytes:
        chunk = stream.read(min(_CHUNK, n_bytes - len(data)))
        if not chunk:
            break
        data += chunk
    return data
