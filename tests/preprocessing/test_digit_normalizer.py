"""Images of digits of any kind in the geometry of MNIST."""

import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline

from skdigits.preprocessing import DigitNormalizer
from skdigits.preprocessing._mnist_geometry import bounds, center_of_mass


def draw_seven(size=(200, 160), *, ink=0, paper=255, width=8, mode="L"):
    """Return a drawing of a 7 with its box at (40, 30) to (120, 160), x first."""
    image = Image.new(mode, size[::-1], paper)
    points = [(40, 34), (118, 34), (70, 158)]
    ImageDraw.Draw(image).line(points, fill=ink, width=width, joint="curve")
    return np.asarray(image)


def overlap(a, b):
    """Return the correlation of two images."""
    return np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1]


@pytest.fixture(scope="module")
def seven():
    """Return a normalized drawing."""
    return DigitNormalizer().transform(draw_seven()[None])[0]


class TestGeometry:
    def test_the_box_and_the_center_are_those_of_mnist(self, seven):
        assert seven.shape == (28, 28)
        assert seven.dtype == np.uint8
        rows, columns = bounds(seven > 0)
        assert max(rows.stop - rows.start, columns.stop - columns.start) == 20
        assert np.abs(np.subtract(center_of_mass(seven), 14)).max() <= 0.6
        assert seven.max() == 255
        assert seven[0, 0] == 0

    def test_keeps_proportions(self, seven):
        rows, columns = bounds(seven > 0)
        wide, high = columns.stop - columns.start, rows.stop - rows.start
        assert wide / high == pytest.approx(80 / 130, abs=0.1)

    @pytest.mark.parametrize("shape", [(28, 28), (32, 32), (64, 48), (8, 8)])
    def test_other_shapes(self, shape):
        result = DigitNormalizer(output_shape=shape).transform(draw_seven()[None])
        assert result.shape == (1, *shape)
        rows, columns = bounds(result[0] > 0)
        side = max(rows.stop - rows.start, columns.stop - columns.start)
        assert side == round(20 / 28 * min(shape))

    def test_normalized_images_stay_as_they_are(self, seven):
        again = DigitNormalizer().transform(seven[None])[0]
        np.testing.assert_array_equal(again, seven)

    @pytest.mark.parametrize("scale", [1, 255, 65535])
    def test_normalized_images_in_other_ranges(self, seven, scale):
        scaled = seven / np.float64(255) * scale
        again = DigitNormalizer().transform(scaled[None])[0]
        np.testing.assert_array_equal(again, seven)

    def test_thin_strokes_become_as_wide_as_in_mnist(self):
        thin = draw_seven((900, 700), width=1)
        image = DigitNormalizer().transform(thin[None])[0]
        assert 40 < np.count_nonzero(image > 127) < 120

    def test_real_digits_are_read(self):
        """8 x 8 pixels, enlarged and moved, look like those normalized directly."""
        images = load_digits().images[:50]
        large = np.kron(images, np.ones((1, 8, 8)))
        placed = np.pad(large, [(0, 0), (50, 10), (5, 90)])
        direct, moved = (DigitNormalizer().transform(X) for X in (large, placed))
        assert (
            np.median([overlap(a, b) for a, b in zip(direct, moved, strict=True)])
            > 0.95
        )


class TestInk:
    @pytest.mark.parametrize(
        "image",
        [
            draw_seven(ink=255, paper=0),
            draw_seven(ink=90, paper=120),
            draw_seven(ink=(20, 30, 160), paper=(250, 245, 220), mode="RGB"),
            draw_seven().astype(np.float64) / 255,
            draw_seven() > 127,
            (draw_seven() > 127).astype(int),
            draw_seven().astype(np.uint16) * 257,
            draw_seven()[..., None],
            draw_seven().astype(np.float16),
            draw_seven().astype(">f4"),
            -draw_seven().astype(np.float32),
            draw_seven().astype(np.uint64) * np.uint64(2**56),
            draw_seven() * 1e300,
            (draw_seven() / 127.5 - 1).astype(np.float32) * np.float32(3.4e38),
            draw_seven().astype(object),
        ],
        ids=[
            "light",
            "faint",
            "color",
            "float",
            "bool",
            "0 and 1",
            "16 bits",
            "channel",
            "half precision",
            "big-endian",
            "negative",
            "64 bits",
            "huge",
            "huge, single precision",
            "objects",
        ],
    )
    def test_any_dtype_and_range(self, image, seven):
        assert overlap(DigitNormalizer().transform([image])[0], seven) > 0.98

    @pytest.mark.parametrize("ink", [0, 255])
    def test_transparent_paper(self, ink, seven):
        alpha = 255 - draw_seven()
        image = np.stack([np.full_like(alpha, ink)] * 3 + [alpha], axis=2)
        assert overlap(DigitNormalizer().transform([image])[0], seven) > 0.98

    def test_paper_with_transparent_corners(self, seven):
        page = np.dstack([draw_seven()] * 3 + [np.full_like(draw_seven(), 255)])
        page[:20, :20] = page[-25:, -25:] = 0
        assert overlap(DigitNormalizer().transform([page])[0], seven) > 0.98

    def test_opacity_alone_changes_nothing(self):
        color = draw_seven(ink=(20, 30, 160), paper=(250, 245, 220), mode="RGB")
        opaque = np.dstack([color, np.full_like(color[..., 0], 255)])
        first, second = DigitNormalizer().transform([color, opaque])
        np.testing.assert_array_equal(first, second)

    @pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float64])
    def test_two_levels_are_as_good_as_255(self, dtype):
        large = np.kron(draw_seven() > 127, np.ones((3, 3))).astype(dtype)
        two, many = DigitNormalizer().transform([large, 255 * large.astype(np.uint8)])
        np.testing.assert_allclose(two.astype(int), many, atol=3)

    def test_photographs_of_pillow_are_turned_upright(self, seven, tmp_path):
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned clockwise
        turned = Image.fromarray(np.rot90(draw_seven()))
        turned.save(tmp_path / "seven.png", exif=exif)
        with Image.open(tmp_path / "seven.png") as image:
            np.testing.assert_array_equal(
                DigitNormalizer().transform([image])[0], seven
            )

    @pytest.mark.parametrize(("mode", "key"), [("P", 255), ("L", 255), ("I;16", 65535)])
    def test_transparent_color_of_pillow(self, mode, key, seven):
        image = Image.fromarray(draw_seven()).convert(mode)
        if mode == "I;16":
            image = Image.fromarray(draw_seven(ink=90).astype(np.uint16) * 257)
        image.info["transparency"] = key
        assert overlap(DigitNormalizer().transform([image])[0], seven) > 0.98

    @pytest.mark.parametrize(
        "mode", ["1", "L", "P", "LA", "La", "RGBA", "RGBa", "CMYK", "I;16", "F"]
    )
    def test_modes_of_pillow(self, mode, seven):
        image = Image.fromarray(draw_seven())
        between = {"CMYK": "RGB", "La": "LA", "RGBa": "RGBA"}
        image = image.convert(between.get(mode, "L"))
        if mode == "I;16":
            image = Image.fromarray(draw_seven().astype(np.uint16) * 257)
        assert (
            overlap(DigitNormalizer().transform([image.convert(mode)])[0], seven) > 0.98
        )

    def test_shadows_and_noise(self, seven):
        rng = np.random.default_rng(0)
        y, x = np.mgrid[-1:1:200j, -1:1:160j]
        image = draw_seven(ink=80, paper=200) + 40 * x + 15 * y**2
        noisy = np.clip(image + rng.normal(0, 12, image.shape), 0, 255)
        result = DigitNormalizer().transform(noisy.astype(np.uint8)[None])[0]
        assert overlap(result, seven) > 0.9

    def test_specks_are_left_out(self, seven):
        image = draw_seven().copy()
        image[180:185, 20:25] = 0
        image[5:8, 150:153] = 0
        assert overlap(DigitNormalizer().transform([image])[0], seven) > 0.98

    def test_parts_of_a_neighbor_are_left_out(self, seven):
        image = draw_seven().copy()
        image[60:90, :4] = 0
        assert overlap(DigitNormalizer().transform([image])[0], seven) > 0.98

    @pytest.mark.parametrize("noise", [0, 5])
    @pytest.mark.parametrize("level", [0, 60])
    @pytest.mark.parametrize("slant", [0, 3])
    def test_ruled_lines_are_left_out(self, slant, level, noise, seven):
        image = Image.fromarray(draw_seven())
        pen = ImageDraw.Draw(image)
        for y in (20, 100, 180):
            pen.line([(0, y), (159, y + slant)], fill=level, width=3)
        rng = np.random.default_rng(0)
        ruled = np.clip(
            np.asarray(image) + rng.normal(0, noise, image.size[::-1]), 0, 255
        )
        result = DigitNormalizer().transform(ruled[None])[0]
        for place, expected in zip(
            bounds(result > 99), bounds(seven > 99), strict=True
        ):
            assert abs(place.start - expected.start) <= 1
            assert abs(place.stop - expected.stop) <= 1

    @pytest.mark.parametrize("inset", [0, 4])
    @pytest.mark.parametrize("width", [2, 8])
    def test_a_box_around_a_digit_is_left_out(self, width, inset, seven):
        image = Image.fromarray(draw_seven())
        box = [inset, inset, 159 - inset, 199 - inset]
        ImageDraw.Draw(image).rectangle(box, outline=0, width=width)
        result = DigitNormalizer().transform(np.asarray(image)[None])[0]
        assert overlap(result, seven) > 0.95

    @pytest.mark.parametrize("size", [(16, 16), (32, 32), (131, 81)])
    def test_strokes_that_reach_both_sides_are_no_lines(self, size, seven):
        tight = Image.fromarray(draw_seven()[30:161, 40:121]).resize(size[::-1])
        result = DigitNormalizer().transform(np.asarray(tight)[None])[0]
        square = Image.fromarray(seven[bounds(seven > 0)]).resize((20, 20))
        mine = Image.fromarray(result[bounds(result > 0)]).resize((20, 20))
        assert overlap(np.asarray(mine), np.asarray(square)) > 0.8

    @pytest.mark.parametrize("width", [2, 6])
    def test_one_line_alone_is_a_digit(self, width):
        one = np.full((60, 30), 255, np.uint8)
        one[:, 12 : 12 + width] = 0
        assert not DigitNormalizer().is_blank([one])[0]

    def test_a_separate_stroke_is_kept(self):
        image = np.full((100, 100), 255, np.uint8)
        image[20:26, 30:70] = 0  # the top of a 5, say
        image[32:80, 30:36] = 0
        rows, _ = bounds(DigitNormalizer().transform([image])[0] > 0)
        result = DigitNormalizer().stages(image).strokes
        assert result[23, 50] > 0.5
        assert rows.stop - rows.start == 20

    def test_the_ink_can_be_told(self):
        image = draw_seven()
        light = DigitNormalizer(ink="light").stages(image)
        dark = DigitNormalizer(ink="dark").stages(image)
        assert (dark.ink > 0).mean() < 0.2
        assert (light.ink > 0).mean() > 0.8

    def test_faint_means_of_float_images(self, seven):
        """The mean of an area may be above all of its pixels, by rounding."""
        image = np.full((400, 400), 255.0, np.float32)
        image[100:300, 100:260][draw_seven() < 127] = 67
        assert overlap(DigitNormalizer().transform([image])[0], seven) > 0.95

    def test_a_small_digit_on_a_large_canvas(self, seven):
        canvas = np.full((2000, 3000), 255, np.uint8)
        canvas[1500:1700, 2500:2660] = draw_seven()
        assert overlap(DigitNormalizer().transform([canvas])[0], seven) > 0.95


class TestBlank:
    BLANK = (
        np.zeros((1, 1)),
        np.full((28, 28), 255, np.uint8),
        np.ones((1, 5000), bool),
        np.full((40, 30, 3), 128, np.uint8),
        np.zeros((30, 30, 4), np.uint8),
        np.full((50, 50), 200, np.uint8) + np.eye(50, dtype=np.uint8),
    )

    def test_zeros_and_a_warning(self):
        images = [*self.BLANK[:2], draw_seven(), *self.BLANK[2:]]
        normalizer = DigitNormalizer()
        message = "6 of 7 images in X .* 0, 1, 3, 4, 5, ..."
        with pytest.warns(UserWarning, match=message):
            result = normalizer.transform(images)
        assert np.flatnonzero(result.any(axis=(1, 2))).tolist() == [2]

    def test_zeros_alone(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = DigitNormalizer(on_blank="zeros").transform(self.BLANK)
        assert not result.any()

    def test_error(self):
        with pytest.raises(ValueError, match="1 of 2 images in X .*: 1"):
            DigitNormalizer(on_blank="error").transform([draw_seven(), self.BLANK[0]])

    def test_is_blank(self):
        is_blank = DigitNormalizer().is_blank([draw_seven(), *self.BLANK])
        assert is_blank.dtype == bool
        assert is_blank.tolist() == [False] + [True] * len(self.BLANK)


class TestProtocol:
    def test_an_image_alone_and_among_others(self):
        images = [*load_digits().images[:20], draw_seven()]
        together = DigitNormalizer().transform(images)
        alone = [DigitNormalizer().transform([image])[0] for image in images]
        np.testing.assert_array_equal(together, alone)

    def test_flattened_images(self):
        digits = load_digits()
        flat, square = (
            DigitNormalizer().transform(X[:9]) for X in (digits.data, digits.images)
        )
        np.testing.assert_array_equal(flat, square)

    def test_nested_lists_and_arrays_of_objects(self):
        expected = DigitNormalizer().transform([draw_seven()]).astype(int)
        objects = np.empty(1, object)
        objects[0] = draw_seven()
        for X in (draw_seven()[None].tolist(), (draw_seven(),), objects):
            result = DigitNormalizer().transform(X)
            np.testing.assert_allclose(result, expected, atol=3)

    def test_data_frames(self):
        pd = pytest.importorskip("pandas")
        X = load_digits().data[:9].astype(int)
        expected = DigitNormalizer().transform(X)
        for dtype in (int, "Int64"):
            frame = pd.DataFrame(X).astype(dtype)
            np.testing.assert_array_equal(DigitNormalizer().transform(frame), expected)
        series = pd.Series(list(X.reshape(-1, 8, 8)), index=range(5, 14))
        np.testing.assert_array_equal(DigitNormalizer().transform(series), expected)

    def test_clone_pickle_and_pipeline(self):
        normalizer = clone(DigitNormalizer(ink="dark", output_shape=(20, 20)))
        pipe = pickle.loads(pickle.dumps(make_pipeline(normalizer))).fit([draw_seven()])
        assert pipe.transform([draw_seven()]).shape == (1, 20, 20)

    def test_the_input_is_not_modified(self):
        image = draw_seven().copy()
        before = image.copy()
        image.flags.writeable = False
        DigitNormalizer().transform([image, np.asfortranarray(image)])
        np.testing.assert_array_equal(image, before)

    def test_stages(self):
        stages = DigitNormalizer().stages(draw_seven())
        assert stages._fields == ("gray", "ink", "strokes", "normalized")
        assert stages.gray.shape == (200, 160)
        assert stages.normalized.shape == (28, 28)


class Unconvertible:
    """Like a tensor on a GPU."""

    def __len__(self):
        return 3

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call detach() first")


class TestBadInput:
    @pytest.mark.parametrize(
        ("X", "message"),
        [
            ([], "X must hold at least one image"),
            (np.zeros((0, 28, 28)), "X must hold at least one image"),
            (draw_seven(), "shape .200, 160.. Pass image.None."),
            (np.zeros((40, 30, 3)), r"shape \(40, 30, 3\) of a single image"),
            (np.zeros((400, 400)), r"shape \(400, 400\). Pass image.None."),
            (np.zeros((5, 785)), r"flattened square images; got shape \(5, 785\)"),
            (np.zeros((5, 3, 30, 30)), "moveaxis"),
            ([draw_seven(), np.zeros((0, 5))], r"X\[1\] must have pixels"),
            ([draw_seven(), "seven.png"], r"X\[1\] .* str 'seven.png'.*load_images"),
            ([draw_seven(), None], r"X\[1\] must be an image of numbers; got NoneType"),
            ([draw_seven(), 7], r"X\[1\] must be an image .* got shape \(\)"),
            ([draw_seven(), np.zeros((5, 5, 7))], r"X\[1\] .*got shape \(5, 5, 7\)"),
            ([draw_seven(), np.full((5, 5), np.nan)], r"X\[1\] .* got NaN"),
            ([draw_seven(), np.full((5, 5), np.inf)], r"X\[1\] .* got infinity"),
            ([draw_seven(), np.ones((5, 5), complex)], r"X\[1\] .* dtype complex"),
            ([draw_seven(), [[1, 2], [3]]], r"X\[1\] must be an image of numbers"),
            ([[[1, 2], [3]], [[1, 2], [3, 4]]], r"X\[0\] must be an image of numbers"),
            ([[1, 2], [3]], "X must be an array of images"),
            ([[]], r"X\[0\] must be an image of shape .* got shape \(0,\)"),
            ([draw_seven(), np.full((5, 5), "a", object)], r"X\[1\] must be an image"),
            ([draw_seven(), np.full((5, 5), None)], r"X\[1\] .* got NaN"),
            (
                [draw_seven(), Path("seven.png")],
                r"X\[1\] .* got PosixPath.*load_images",
            ),
            ([draw_seven(), Unconvertible()], r"X\[1\] .* call detach"),
            (Unconvertible(), "X must be an array of images: call detach"),
            ([draw_seven(), Image.new("L", (0, 5))], r"X\[1\] must have pixels"),
            ([draw_seven(), np.zeros((5, 5), "M8[s]")], r"X\[1\] .* dtype datetime64"),
        ],
    )
    def test_values(self, X, message):
        with pytest.raises(ValueError, match=message):
            DigitNormalizer().transform(X)

    @pytest.mark.parametrize(
        "X",
        [
            "seven.png",
            Path("seven.png"),
            7,
            None,
            {0: draw_seven()},
            (image for image in [draw_seven()]),
            Image.fromarray(draw_seven()),
            csr_array(np.ones((2, 64))),
        ],
        ids=lambda X: type(X).__name__,
    )
    def test_no_images(self, X):
        with pytest.raises(TypeError, match="X must be an array of shape"):
            DigitNormalizer().transform(X)

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"ink": "blue"}, "ink"),
            ({"on_blank": "skip"}, "on_blank"),
            ({"output_shape": 28}, "output_shape"),
            ({"output_shape": (28,)}, "output_shape must be a tuple"),
            ({"output_shape": (28, 7)}, "output_shape must be a tuple"),
            ({"output_shape": (28, 28.0)}, "output_shape must be a tuple"),
        ],
    )
    def test_parameters(self, params, message):
        for method in ("fit", "transform"):
            with pytest.raises(ValueError, match=message):
                getattr(DigitNormalizer(**params), method)([draw_seven()])


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 5000), (5000, 1), (20000, 3), (2, 2), (128, 128), (9, 9, 4)]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, bool])
def test_noise_of_any_shape(shape, dtype):
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    result = DigitNormalizer(on_blank="zeros").transform([noise])
    assert result.shape == (1, 28, 28)
