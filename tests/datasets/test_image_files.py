import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from PIL import Image

from skdigits.datasets import load_images

KINDS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]


def chunk(kind, data):
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png(width, height, depth, color, rows, *extra):
    """Return the bytes of a PNG file, including kinds that Pillow cannot write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    chunks = [
        chunk(b"IHDR", header),
        *extra,
        chunk(b"IDAT", zlib.compress(rows)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture
def load_one(tmp_path):
    """Return a function that loads an image from bytes, or as Pillow saves it."""

    def load(content, suffix="png", **save):
        path = tmp_path / f"digit.{suffix}"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path, **save)
        return load_images([path])[0]

    return load


def test_gray_images_keep_their_values(tmp_path):
    rng = np.random.default_rng(0)
    expected = rng.integers(0, 256, (3, 6, 4), dtype=np.uint8)
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for path, pixels in zip(paths, expected, strict=True):
        Image.fromarray(pixels).save(path)
    images = load_images(paths)
    assert images.dtype == np.uint8
    assert images.flags.writeable
    assert_array_equal(images, expected)
    assert_array_equal(load_images(str(path) for path in paths), expected)
    assert_array_equal(load_images(reversed(paths)), expected[::-1])


def test_colors_are_converted_to_luma(load_one):
    colors = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255] * 3]], np.uint8)
    luma = [[76, 150, 29, 255]]
    image = Image.fromarray(colors)
    assert_array_equal(load_one(image), luma)
    assert_array_equal(
        load_one(image.convert("P", palette=Image.Palette.ADAPTIVE)), luma
    )
    flat = Image.new("RGB", (8, 8), (255, 0, 0))
    assert_array_equal(load_one(flat, "jpg", quality=95), np.full((8, 8), 76))
    black = Image.new("CMYK", (8, 8), (0, 0, 0, 255))
    assert_array_equal(load_one(black, "jpg"), np.zeros((8, 8)))


def test_black_and_white_image(load_one):
    image = Image.fromarray(np.array([[True, False]]))
    assert image.mode == "1"
    assert_array_equal(load_one(image), [[255, 0]])


def test_transparent_pixels_are_white(load_one):
    pixels = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [0, 0, 0, 128]]], np.uint8)
    assert_array_equal(load_one(Image.fromarray(pixels)), [[255, 0, 127]])
    assert_array_equal(
        load_one(Image.fromarray(pixels[..., 2:], "LA")), [[255, 0, 127]]
    )
    palette = chunk(b"PLTE", bytes([0, 0, 0, 0, 0, 0])) + chunk(b"tRNS", b"\x00\xff")
    assert_array_equal(load_one(png(2, 1, 8, 3, b"\0\0\1", palette)), [[255, 0]])
    key = chunk(b"tRNS", struct.pack(">H", 7))
    assert_array_equal(load_one(png(2, 1, 8, 0, b"\0\x07\x08", key)), [[255, 8]])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_white_ink_is_on_black(load_one, kind):
    """White strokes on a transparent canvas, as drawing programs save them."""
    pixels = np.full((40, 30, 4), 255, np.uint8)
    pixels[..., 3] = 0
    pixels[10:30, 12:18, 3] = 255
    pixels[10:30, 18, 3] = 100
    save = {"lossless": True} if kind == "WEBP" else {}
    image = load_one(Image.fromarray(pixels), kind.lower(), format=kind, **save)
    assert_array_equal(image, pixels[..., 3])


def test_white_paper_with_transparent_corners_stays_on_white(load_one):
    paper = np.full((40, 30), 255, np.uint8)
    paper[10:30, 14:16] = 90
    alpha = np.full_like(paper, 255)
    alpha[:3, :3] = alpha[-20:, -20:] = 0
    image = load_one(Image.fromarray(np.stack([paper, alpha], axis=2), "LA"))
    assert image[0, 0] == 255
    assert image[12, 14] == 90
    assert image[-1, -1] == 255


def test_an_image_without_opaque_pixels_is_white(load_one):
    image = Image.new("RGBA", (3, 2), (255, 255, 255, 0))
    assert_array_equal(load_one(image), np.full((2, 3), 255))


@pytest.mark.parametrize(
    ("depth", "color_type"),
    [*((depth, 0) for depth in (1, 2, 4, 8, 16)), *((d, 3) for d in (1, 2, 4, 8))],
)
@pytest.mark.parametrize("key", [0, 1, -2])
def test_transparent_gray_of_every_bit_depth(load_one, depth, color_type, key):
    """A gray value is transparent, by a color key or by an entry of the palette."""
    highest = 2**depth - 1
    values = np.unique(np.linspace(0, highest, 8).astype(np.uint16))
    bits = np.unpackbits(values.astype(">u2").view(np.uint8)).reshape(-1, 16)
    row = b"\0" + np.packbits(bits[:, 16 - depth :]).tobytes()
    transparent = values[key]
    gray = np.round(values * (255 / highest))
    if color_type == 0:
        extra = chunk(b"tRNS", struct.pack(">H", transparent))
    else:
        palette = np.round(np.arange(highest + 1) * (255 / highest)).astype(np.uint8)
        alpha = np.full(highest + 1, 255, np.uint8)
        alpha[transparent] = 0
        extra = chunk(b"PLTE", np.repeat(palette, 3).tobytes())
        extra += chunk(b"tRNS", alpha.tobytes())
    only_white_is_left = depth == 1 and transparent == 0
    background = 0 if only_white_is_left else 255
    expected = np.where(values == transparent, background, gray)[None]
    image = load_one(png(len(values), 1, depth, color_type, row, extra))
    assert_array_equal(image, expected)


@pytest.mark.parametrize("mode", ["P", "L", "1", "RGB"])
def test_transparency_saved_by_pillow(load_one, mode):
    image = Image.fromarray(np.array([[0, 255, 0]], np.uint8)).convert(mode)
    white, black = ((255,) * 3, (0,) * 3) if mode == "RGB" else (255, 0)
    if mode == "1":
        white = 1
    assert_array_equal(load_one(image), [[0, 255, 0]])
    assert_array_equal(load_one(image, transparency=white), [[0, 255, 0]])
    # White ink is left, which is put on black.
    assert_array_equal(load_one(image, transparency=black), [[0, 255, 0]])


def test_transparent_16_bit_color(load_one):
    rows = b"\0" + struct.pack(">6H", 65535, 0, 0, 0, 0, 0)
    key = chunk(b"tRNS", struct.pack(">3H", 0, 0, 0))
    assert_array_equal(load_one(png(2, 1, 16, 2, rows, key)), [[76, 255]])
    key = chunk(b"tRNS", struct.pack(">3H", 65535, 0, 0))
    assert_array_equal(load_one(png(2, 1, 16, 2, rows, key)), [[255, 0]])


def test_16_bit_gray_is_scaled(load_one):
    values = np.array([[0, 128, 129, 257, 32768, 65535]])
    rows = b"\0" + values.astype(">u2").tobytes()
    expected = [[0, 0, 1, 1, 128, 255]]
    assert_array_equal(load_one(png(6, 1, 16, 0, rows)), expected)
    key = chunk(b"tRNS", struct.pack(">H", 128))
    expected = [[0, 255, 1, 1, 128, 255]]
    assert_array_equal(load_one(png(6, 1, 16, 0, rows, key)), expected)


def test_16_bit_color(load_one):
    rows = b"\0" + struct.pack(">6H", 65535, 0, 0, 65535, 65535, 65535)
    assert_array_equal(load_one(png(2, 1, 16, 2, rows)), [[76, 255]])


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_orientation_in_exif_data(load_one, suffix):
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, 8:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = load_one(Image.fromarray(pixels), suffix, exif=exif)
    assert_array_equal(turned, np.rot90(pixels, -1))


def test_sizes_are_compared_after_rotation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    paths = [tmp_path / "upright.jpg", tmp_path / "turned.jpg"]
    Image.new("L", (8, 16)).save(paths[0])
    Image.new("L", (16, 8)).save(paths[1], exif=exif)
    assert load_images(paths).shape == (2, 16, 8)


def test_different_sizes_make_a_list(tmp_path):
    sizes = [(28, 30), (28, 30), (30, 28), (5, 1)]
    paths = [tmp_path / f"{gray}.png" for gray in range(4)]
    for gray, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        Image.new("L", size, gray).save(path)
    images = load_images(paths)
    assert isinstance(images, list)
    assert [image.shape[::-1] for image in images] == sizes
    assert [image.max() for image in images] == [0, 1, 2, 3]
    assert all(image.flags.owndata for image in images)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_formats_without_loss(load_one, kind, mode):
    pixels = np.random.default_rng(0).choice([0, 255], (7, 5)).astype(np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    save = {"lossless": True} if kind == "WEBP" else {}
    assert_array_equal(load_one(image, kind.lower(), format=kind, **save), pixels)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "WEBP"])
def test_transparency_in_every_format(load_one, kind):
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    save = {"lossless": True} if kind == "WEBP" else {}
    assert_array_equal(load_one(image, kind.lower(), format=kind, **save), [[255, 0]])


def test_transparent_gray_of_a_gif_file(load_one):
    image = Image.fromarray(np.arange(0, 256, 5, dtype=np.uint8)[None])
    expected = np.asarray(image).copy()
    expected[0, 3] = 255
    assert_array_equal(load_one(image, "gif", transparency=15), expected)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP"])
def test_first_frame(load_one, kind):
    frames = [Image.new("L", (3, 2), gray) for gray in (255, 0)]
    save = {"save_all": True, "append_images": frames[1:]}
    loaded = load_one(frames[0], kind.lower(), format=kind, **save)
    assert_array_equal(loaded, np.full((2, 3), 255))


def test_16_bit_tiff(load_one):
    image = Image.fromarray(np.array([[0, 257, 65535]], np.uint16))
    assert_array_equal(load_one(image, "tiff"), [[0, 1, 255]])


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_values_of_32_bits_are_rejected(load_one, dtype):
    with pytest.raises(
        ValueError, match=r"digit\.tiff' must have values of at most 16"
    ):
        load_one(Image.fromarray(np.ones((2, 2), dtype)), "tiff")


@pytest.mark.parametrize(
    "content", [b"", b"not an image", b"%PDF-1.7\n", b"\x89PNG\r\n"]
)
def test_files_that_are_not_images_are_rejected(load_one, content):
    with pytest.raises(ValueError, match=r"digit\.png' must be a PNG, JPEG, GIF"):
        load_one(content)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "ICO"])
def test_other_formats_are_rejected_regardless_of_their_name(load_one, kind):
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, kind)
    with pytest.raises(ValueError, match=r"digit\.png' must be a PNG, JPEG, GIF"):
        load_one(buffer.getvalue())


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_truncated_image(load_one, kind):
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (64, 64), dtype=np.uint8)).save(buffer, kind)
    content = buffer.getvalue()
    with pytest.raises(
        ValueError, match=r"digit\.png' is a damaged image: .*truncated"
    ):
        load_one(content[: len(content) // 2])


@pytest.mark.parametrize("side", [4097, 10_000, 20_000, 2**31 - 1])
@pytest.mark.parametrize("action", ["ignore", "error"])
def test_decompression_bomb_is_rejected_from_its_header(load_one, side, action):
    content = png(side, side, 8, 0, b"")
    limit = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        with pytest.raises(ValueError, match=r"digit\.png' is too large"):
            load_one(content)
    assert limit == Image.MAX_IMAGE_PIXELS


def test_decompression_bomb_in_the_text_of_an_image(load_one):
    text = chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(100 * 2**20)))
    with pytest.raises(ValueError, match=r"digit\.png' is a damaged image"):
        load_one(png(1, 1, 8, 0, b"\0\1", text))


def test_max_pixels(tmp_path):
    path = tmp_path / "digit.png"
    Image.new("L", (10, 7)).save(path)
    assert load_images([path], max_pixels=70).shape == (1, 7, 10)
    with pytest.raises(ValueError, match=r"max_pixels=69 pixels; got 10 x 7"):
        load_images([path], max_pixels=69)


@settings(deadline=None, max_examples=200)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_random_damage_raises_a_value_error_or_is_harmless(scratch, data, kind):
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    path = scratch / "damaged.png"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            assert load_images([path]).ndim == 3
        except ValueError as error:
            if "damaged.png" not in str(error):
                raise


@pytest.mark.parametrize("paths", ["digit.png", b"digit.png"])
def test_single_path_raises_a_type_error(paths, tmp_path):
    with pytest.raises(TypeError, match=r"paths must be .*digit\.png.*\[path\]"):
        load_images(paths)
    with pytest.raises(TypeError, match="paths must be"):
        load_images(tmp_path)


def test_empty_paths_are_rejected():
    with pytest.raises(ValueError, match=r"paths must hold at least one"):
        load_images([])


def test_file_system_errors_are_not_changed(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_images([tmp_path / "missing.png"])
    with pytest.raises(IsADirectoryError):
        load_images([tmp_path])
    with pytest.raises(TypeError):
        load_images([3])
