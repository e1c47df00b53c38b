"""Opening of a path or a file object, compressed or not, as a stream of UTF-8."""

import bz2
import codecs
import gzip
import io
import lzma
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

_GZIP = b"\x1f\x8b"
_BZ2 = b"BZh"
_XZ = b"\xfd7zXZ\0"
_ZIP = b"PK\x03\x04"
_ZSTD = b"\x28\xb5\x2f\xfd"
# Four bytes may decompress to 128 KiB.
_ZSTD_CHUNK = 1 << 10
# Size above which a zip file from a stream that can't seek is spooled to disk.
_MAX_SPOOL = 1 << 24

# UTF-32 comes first, since its mark starts with that of UTF-16.
_ENCODINGS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
_DAMAGE_OF_GZIP_AND_BZ2 = (gzip.BadGzipFile, OSError)


class TextSource(NamedTuple):
    """An opened text, whose `stream` is UTF-8 without a byte order mark."""

    stream: io.BufferedReader
    filename: Any
    compressed: bool

    def __str__(self) -> str:
        return repr(self.filename)


class _Reader(io.RawIOBase):
    """A raw stream of the bytes or str that a function ``read(size)`` returns."""

    def __init__(self, read: Callable[[int], bytes | str], name: str) -> None:
        self._read = read
        self._name = name
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._rest or self._fetch(len(buffer))
        n_bytes = min(len(buffer), len(data))
        buffer[:n_bytes] = data[:n_bytes]
        self._rest = data[n_bytes:]
        return n_bytes

    def _fetch(self, size: int) -> bytes:
        try:
            data = self._read(size)
        except UnicodeError as error:
            raise ValueError(f"{self._name} cannot be decoded: {error}.") from error
        except _DAMAGE as error:
            raise ValueError(f"{self._name} is damaged: {error}.") from error
        except OSError as error:
            # gzip and bz2 raise an OSError for damage, without the error number that
            # errors of the system have. Network errors have other types.
            if error.errno is not None or type(error) not in _DAMAGE_OF_GZIP_AND_BZ2:
                raise
            raise ValueError(f"{self._name} is damaged: {error}.") from error
        return data.encode(errors="replace") if isinstance(data, str) else data


def _buffered(read: Callable[[int], bytes | str], name: str) -> io.BufferedReader:
    return io.BufferedReader(_Reader(read, name))


def _is_visible(file: str) -> bool:
    """Return whether a file in an archive is not hidden and not added by macOS."""
    is_hidden = file.rpartition("/")[2].startswith(".")
    return not is_hidden and not file.startswith("__MACOSX/")


def _only_file(names: list[str], name: str) -> str:
    """Return the only file of an archive."""
    files = [file for file in names if not file.endswith("/") and _is_visible(file)]
    if "[Content_Types].xml" in files:
        raise ValueError(
            f"{name} must be a text file; got an Excel workbook. Save it as a CSV file."
        )
    if len(files) != 1:
        shown = ", ".join(map(repr, files[:3])) + ", ..." * (len(files) > 3)
        raise ValueError(
            f"{name} must hold exactly one file; got {len(files)}"
            f"{f' ({shown})' if files else ''}. Open a file of the archive and pass it."
        )
    return files[0]


def _open_zip(stream: IO[bytes], file: IO[Any], name: str) -> IO[bytes]:
    if not (hasattr(file, "seekable") and file.seekable()):
        # The directory of a zip file is at its end.
        file = tempfile.SpooledTemporaryFile(max_size=_MAX_SPOOL)  # noqa: SIM115
        shutil.copyfileobj(stream, file)
    try:
        archive = zipfile.ZipFile(file)
        return archive.open(_only_file(archive.namelist(), name))
    # Encrypted files raise RuntimeError, and unknown methods NotImplementedError.
    except (zipfile.BadZipFile, RuntimeError, io.UnsupportedOperation) as error:
        raise ValueError(f"{name} is not a readable zip file: {error}.") from error


def _read_zstd(stream: io.BufferedReader, name: str) -> Callable[[int], bytes]:
    try:
        import zstandard
    except ImportError as error:
        raise ImportError(
            f"{name} is compressed with Zstandard, which requires the package "
            "zstandard. Install it with 'pip install zstandard'."
        ) from error
    decompressor = zstandard.ZstdDecompressor()
    frame = decompressor.decompressobj()

    # The streams of the package do not detect truncated files.
    def read(_: int) -> bytes:
        nonlocal frame
        data = b""
        while not data:
            rest = frame.unused_data if frame.eof else b""
            chunk = rest or stream.read(_ZSTD_CHUNK)
            if not chunk and frame.eof:
                break
            if frame.eof:
                frame = decompressor.decompressobj()
            if not chunk:
                raise EOFError("it ends before the end of its data")
            try:
                data = frame.decompress(chunk)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
        return data

    return read


def _read_tar(stream: IO[bytes], name: str) -> Callable[[int], bytes]:
    archive = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115
    files = (m for m in archive if m.isfile() and _is_visible(m.name))
    first = next(files, None)
    if first is None:
        raise ValueError(f"{name} must hold exactly one file; got none.")
    file = archive.extractfile(first)
    assert file is not None

    def read(size: int) -> bytes:
        data = file.read(size)
        # A tar file has no directory, so other files are found only at the end.
        if not data and (other := next(files, None)) is not None:
            _only_file([first.name, other.name], name)
        return data

    return read


def _decompressed(
    stream: io.BufferedReader, file: IO[Any], name: str
) -> tuple[io.BufferedReader, bool]:
    """Return the decompressed stream, and whether `stream` was compressed."""
    head = stream.peek(6)
    read: Callable[[int], bytes]
    if head.startswith(_GZIP):
        read = gzip.GzipFile(fileobj=stream).read
    elif head.startswith(_BZ2):
        read = bz2.BZ2File(stream).read
    elif head.startswith(_XZ):
        read = lzma.LZMAFile(stream).read  # noqa: SIM115
    elif head.startswith(_ZSTD):
        read = _read_zstd(stream, name)
    elif head.startswith(_ZIP):
        read = _open_zip(stream, file, name).read
    else:
        return stream, False
    return _buffered(read, name), True


@contextmanager
def open_text(path: Any) -> Iterator[TextSource]:
    """Open a path or a file object, which may return text or bytes.

    The compression (gzip, bz2, xz, zstd, zip or tar with one file) and the encoding
    (UTF-8, UTF-16 or UTF-32) are detected from the first bytes. A file object stays
    open.

    Raises
    ------
    TypeError
        If `path` is neither a path nor a file object.
    ValueError
        If the content is damaged. The message names the file.
    ImportError
        If the file is compressed with Zstandard and zstandard is not installed.
    OSError
        If the file cannot be opened, as Python raises it.
    """
    if hasattr(path, "read"):
        filename = getattr(path, "name", None)
        if not isinstance(filename, str):
            filename = f"<{type(path).__name__}>"
        yield _text_source(path, filename)
        return
    if not isinstance(path, str | bytes | os.PathLike):
        raise TypeError(
            f"path must be a path or a file object; got {path!r} of type "
            f"{type(path).__name__}."
        )
    filename = os.fspath(path)
    with open(filename, "rb") as file:
        yield _text_source(file, filename)


def _text_source(file: IO[Any], filename: str | bytes) -> TextSource:
    name = repr(filename)
    stream = _buffered(file.read, name)
    stream, compressed = _decompressed(stream, file, name)
    if stream.peek(512)[257:262] == b"ustar":
        stream = _buffered(_read_tar(stream, name), name)
        compressed = True
    head = stream.peek(4)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    for mark, encoding in _ENCODINGS.items():
        if head.startswith(mark):
            text = io.TextIOWrapper(stream, encoding, newline="")
            stream = _buffered(text.read, name)
            break
    return TextSource(stream, filename, compressed)
