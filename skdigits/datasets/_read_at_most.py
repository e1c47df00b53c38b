"""Reading from a stream without trusting the size that a header states."""

from typing import Protocol

_CHUNK = 1 << 20


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_at_most(stream: _Readable, n_bytes: int) -> bytearray:
    """Return the next `n_bytes` bytes of `stream`, or fewer if it ends earlier.

    The buffer grows with the bytes that are read, so a header that states more bytes
    than the stream holds takes no memory.
    """
    data = bytearray()
    while len(data) < n_bytes:
        chunk = stream.read(min(_CHUNK, n_bytes - len(data)))
        if not chunk:
            break
        data += chunk
    return data
