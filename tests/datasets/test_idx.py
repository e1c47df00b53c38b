import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from skdigits.datasets import load_idx

DTYPES = ["u1", "i1", "i2", "i4", "f4", "f8"]

arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=5)
    )
)


def header(code, *shape):
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def assert_rejected(path):
    with pytest.raises(ValueError, match=path.name):
        load_idx(path)


def loaded_or_value_error(path):
    """Return the array, or None if loading raises a ValueError that names the file."""
    try:
        return load_idx(path)
    except ValueError as error:
        if path.name not in str(error):
            raise
        return None


@settings(deadline=None)
@given(array=arrays, compressed=st.booleans())
def test_round_trip(scratch, idx_bytes, array, compressed):
    content = idx_bytes(array)
    path = scratch / "array"
    path.write_bytes(gzip.compress(content) if compressed else content)
    loaded = load_idx(path)
    assert loaded.dtype == array.dtype
    assert loaded.dtype.isnative
    assert loaded.flags.writeable
    assert_array_equal(loaded, array)


def test_layout_of_the_format(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes.fromhex("00000b02 00000001 00000002 0100 ff00"))
    assert_array_equal(load_idx(path), [[256, -256]])


def test_gzip_is_detected_from_the_content(tmp_path, idx_bytes):
    content = idx_bytes(np.arange(6, dtype=np.uint8))
    (tmp_path / "plain.gz").write_bytes(content)
    (tmp_path / "packed").write_bytes(gzip.compress(content))
    assert_array_equal(load_idx(str(tmp_path / "plain.gz")), np.arange(6))
    assert_array_equal(load_idx(tmp_path / "packed"), np.arange(6))


def test_gzip_of_several_members(tmp_path, idx_bytes):
    content = idx_bytes(np.arange(60, dtype=np.uint8))
    path = tmp_path / "members"
    path.write_bytes(gzip.compress(content[:20]) + gzip.compress(content[20:]))
    assert_array_equal(load_idx(path), np.arange(60))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "got 0 bytes"),
        (b"\0\0\x08", "got 3 bytes"),
        (b"\x89PNG\r\n\x1a\n", "got the bytes 89 50 4e 47"),
        (b"\0\0\x0a\x01\0\0\0\0", "0x08, 0x09, 0x0b"),
        (b"\0\x01\x08\x01\0\0\0\0", "got the bytes 00 01"),
        (b"\0\0\x08\x00\x05", "got 0 dimensions"),
        (b"\0\0\x08\xff" + b"\0\0\0\x01" * 255 + b"\x05", "got 255 dimensions"),
        (b"\0\0\x08\x03\0\0\0\x01", "header must have 16 bytes .* got 8 bytes"),
        (header(0x08, 3) + b"ab", "must hold 3 bytes .* got 2"),
        (header(0x0E, 2) + b"a" * 15, "must hold 16 bytes .* got 15"),
        (header(0x08, 3) + b"abcd", "must hold 3 bytes .* got (4|more)"),
        (header(0x08, 2**31, 5) + b"ab", "must hold 10737418240 bytes"),
        (header(0x0E, *[2**32 - 1] * 32) + b"ab", "is too large"),
        (header(0x08, 0, 2**32 - 1, 2**32 - 1), "is too large"),
    ],
)
def test_invalid_content_is_rejected(tmp_path, content, message, compressed):
    path = tmp_path / "some-file"
    path.write_bytes(gzip.compress(content) if compressed else content)
    with pytest.raises(ValueError, match=f"some-file.*{message}"):
        load_idx(path)


def test_truncated_gzip(tmp_path, idx_bytes):
    rng = np.random.default_rng(0)
    content = gzip.compress(idx_bytes(rng.integers(0, 256, 500, dtype=np.uint8)))
    path = tmp_path / "packed.gz"
    for n_bytes in [
        2,
        5,
        12,
        30,
        len(content) // 2,
        len(content) - 9,
        len(content) - 1,
    ]:
        path.write_bytes(content[:n_bytes])
        with pytest.raises(ValueError, match=r"packed\.gz.*truncated"):
            load_idx(path)


def test_damaged_gzip(tmp_path, idx_bytes):
    content = bytearray(gzip.compress(idx_bytes(np.zeros(500, np.uint8))))
    content[-6] ^= 1
    path = tmp_path / "packed.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"packed\.gz.*damaged gzip file: CRC"):
        load_idx(path)


@pytest.mark.parametrize("n_stated", [10 * 2**30, 900 * 2**20])
def test_false_header_takes_no_memory(tmp_path, peak_memory, n_stated):
    content = header(0x08, n_stated // 4, 4) + bytes(2**20)
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    for path in (plain, packed):
        assert peak_memory(assert_rejected, path) < 2**20


def test_false_header_of_a_large_gzip_file_takes_no_memory(tmp_path, peak_memory):
    # The size on disk agrees with the header, so only reading reveals the damage.
    rng = np.random.default_rng(0)
    content = header(0x08, 500 * 2**20) + rng.bytes(2**20)
    path = tmp_path / "packed"
    path.write_bytes(gzip.compress(content))
    assert peak_memory(assert_rejected, path) < 8 * 2**20


def test_max_bytes_limits_a_decompression_bomb(tmp_path, peak_memory):
    n_bytes = 40 * 2**20
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(header(0x08, n_bytes) + bytes(n_bytes)))
    assert path.stat().st_size < n_bytes / 900

    def load():
        with pytest.raises(ValueError, match=r"bomb.*max_bytes=1000000"):
            load_idx(path, max_bytes=1_000_000)

    assert peak_memory(load) < 2**20
    assert load_idx(path).shape == (n_bytes,)


def test_data_after_the_array_is_not_decompressed(tmp_path, peak_memory):
    path = tmp_path / "tail"
    path.write_bytes(gzip.compress(header(0x08, 3) + bytes(100 * 2**20), 1))
    assert peak_memory(assert_rejected, path) < 4 * 2**20


def test_max_bytes_is_the_size_of_the_array(tmp_path, idx_bytes):
    path = tmp_path / "array"
    path.write_bytes(idx_bytes(np.zeros((3, 4), np.float32)))
    assert load_idx(path, max_bytes=48).shape == (3, 4)
    with pytest.raises(ValueError, match=r"max_bytes=47 bytes; got 48 bytes"):
        load_idx(path, max_bytes=47)


@settings(deadline=None, max_examples=300)
@given(data=st.data(), compressed=st.booleans())
def test_random_damage_raises_a_value_error_or_is_harmless(
    scratch, idx_bytes, data, compressed
):
    content = idx_bytes(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    content = bytearray(gzip.compress(content) if compressed else content)
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.integers(0, 255)
        )
    kept = data.draw(st.integers(0, len(content)))
    extra = data.draw(st.binary(max_size=8))
    path = scratch / "damaged-array"
    path.write_bytes(content[:kept] + extra)
    array = loaded_or_value_error(path)
    assert array is None or array.nbytes <= 1032 * path.stat().st_size


@settings(deadline=None, max_examples=200)
@given(content=st.binary(max_size=60), magic=st.sampled_from([b"", b"\0\0\x08\x01"]))
def test_arbitrary_bytes(scratch, content, magic):
    path = scratch / "any-bytes"
    path.write_bytes(magic + content)
    loaded_or_value_error(path)


def test_file_system_errors_are_not_changed(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_idx(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        load_idx(tmp_path)
    with pytest.raises(TypeError):
        load_idx(3)
