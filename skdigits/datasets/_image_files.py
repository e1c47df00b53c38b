"""Digits from image files."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("PNG", "JPEG")


def _to_grey(image: "Image.Image", bit_depth: int) -> NDArray[np.uint8]:
    """Return the pixels of an opened image as gray values on a white ground.

    `bit_depth` is that of the samples in the file, which matters where one of its
    values, not yet scaled to 8 bits, stands for transparent.
    """
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    transparent = image.info.get("transparency")
    if image.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion clips at 255 instead of scaling.
        wide = np.asarray(image).astype(np.uint32)
        grey = ((wide + 128) // 257).astype(np.uint8)
        if transparent is not None:
            grey[wide == transparent] = 255
        return grey
    if image.mode in ("1", "L"):
        grey = np.array(image.convert("L"))
        if transparent is not None:
            # Pillow scales the pixels of 1, 2 and 4 bits, but not this value. Bits
            # above those of a sample don't count.
            highest = 2**bit_depth - 1
            grey[grey == (transparent & highest) * (255 // highest)] = 255
        return grey
    if isinstance(transparent, tuple) and bit_depth == 16:
        # Pillow keeps the upper 8 bits of the pixels, but all 16 of this color.
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    if transparent is not None or image.mode in ("LA", "PA", "RGBA"):
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    elif image.mode in ("P", "CMYK"):
        image = image.convert("RGB")
    return np.array(image.convert("L"))


def _load_grey(path: str, max_pixels: int) -> NDArray[np.uint8]:
    from PIL import Image

    with open(path, "rb") as file:
        # The header of a PNG file has a fixed layout. JPEG knows no transparency.
        bit_depth = int.from_bytes(file.read(25)[24:])
        file.seek(0)
        try:
            with Image.open(file, formats=_FORMATS) as image:
                width, height = image.size
                if width * height <= max_pixels:
                    return _to_grey(image, bit_depth)
        # Pillow measures against limits of its own, which the program may have
        # set, and by default it only warns.
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ValueError(f"{path!r} is too large: {error}") from error
        except Image.UnidentifiedImageError as error:
            raise ValueError(
                f"{path!r} is no image that can be read, expected PNG or JPEG."
            ) from error
        # A damaged image fails in many ways: OSError, SyntaxError, struct.error,
        # ValueError, IndexError and others.
        except Exception as error:
            raise ValueError(
                f"{path!r} is a damaged image: {error or type(error).__name__}."
            ) from error
    raise ValueError(
        f"{path!r} is too large: got {width} x {height} pixels, expected at most "
        f"max_pixels={max_pixels}."
    )


def load_images(
    paths: Iterable[str | os.PathLike[str]], *, max_pixels: int = 2**24
) -> NDArray[np.uint8]:
    """Load PNG and JPEG files of one size as grey images.

    The pixels come as the files show them. MNIST is white ink on black (0 is paper,
    255 is ink), and scans and photographs are usually the opposite: give
    ``255 - images`` to a classifier that has learnt from MNIST.

    Parameters
    ----------
    paths : iterable of str or path-like
        The files. For a single file pass ``[path]``.
    max_pixels : int, default=2**24
        The largest image that is decoded, in pixels (4096 x 4096 by default). The
        size is taken from the header, so that a small file which claims to be huge
        costs no memory. Pillow's own limit, ``PIL.Image.MAX_IMAGE_PIXELS``, holds as
        well.

    Returns
    -------
    images : ndarray of shape (n, h, w), dtype uint8
        The images in the order of `paths`, from 0 (black) to 255 (white).

    Raises
    ------
    TypeError
        If `paths` is a single path.
    ValueError
        If `paths` is empty; if a file is no PNG or JPEG image, is damaged, has more
        than `max_pixels` pixels, or has another size than the first one. The
        message names the file.
    OSError
        If a file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    load_pixel_csv : Load images that are the rows of a table.

    Notes
    -----
    - Colour becomes grey by the luma of ITU-R BT.601,
      ``0.299 * red + 0.587 * green + 0.114 * blue``, which is mode ``"L"`` in Pillow.
      Palettes and CMYK are turned into RGB first.
    - Transparent pixels are laid on white, as a page would show them: dark ink on a
      transparent ground is the common case, and its hidden color is mostly black.
      White ink on a transparent ground is lost. This holds for alpha channels, for
      transparent entries of a palette, and for the one gray or color that a PNG file
      of any bit depth may declare transparent.
    - Grey of 16 bits is scaled from 0-65535 to 0-255 and rounded; colour of 16 bits
      keeps its upper 8.
    - The orientation that cameras store in EXIF is applied, and the size is compared
      after that.
    - Of an animated file the first frame is read.

    References
    ----------
    .. [1] "Studio encoding parameters of digital television for standard 4:3 and
           wide-screen 16:9 aspect ratios", Recommendation ITU-R BT.601-7, 2011.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skdigits.datasets import load_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = [Path(folder) / "paper.png", Path(folder) / "red.png"]
    ...     Image.new("L", (28, 28), 255).save(paths[0])
    ...     Image.new("RGB", (28, 28), (255, 0, 0)).save(paths[1])
    ...     images = load_images(paths)
    >>> images.shape
    (2, 28, 28)
    >>> images[:, 0, 0]
    array([255,  76], dtype=uint8)
    """
    if isinstance(paths, str | bytes | os.PathLike):
        raise TypeError(
            f"The 'paths' parameter must be an iterable of paths, got the single "
            f"path {paths!r}. Pass [path] to load one image."
        )
    names: list[Any] = [os.fspath(path) for path in paths]
    if not names:
        raise ValueError("The 'paths' parameter must hold at least one path, got none.")
    first = _load_grey(names[0], max_pixels)
    images = np.empty((len(names), *first.shape), np.uint8)
    images[0] = first
    for i, name in enumerate(names[1:], start=1):
        grey = _load_grey(name, max_pixels)
        if grey.shape != first.shape:
            raise ValueError(
                f"{name!r} is {grey.shape[1]} x {grey.shape[0]} pixels (width x "
                f"height), expected {first.shape[1]} x {first.shape[0]} as in "
                f"{names[0]!r}."
            )
        images[i] = grey
    return images
