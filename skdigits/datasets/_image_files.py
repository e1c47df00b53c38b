"""Loading of digits from image files."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from skdigits._images import over_background

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
_NAMES = "a PNG, JPEG, GIF, BMP, TIFF or WebP image"


def _to_gray(image: "Image.Image", bit_depth: int) -> NDArray[np.uint8]:
    """Return the pixels of an opened image as opaque gray values.

    `bit_depth` is the number of bits per value in a PNG file. It matters if the file
    declares one of its values transparent, since Pillow doesn't scale that value to 8
    bits.
    """
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    transparent = image.info.get("transparency")
    if image.mode.startswith("I"):
        # 16-bit gray: Pillow's own conversion clips at 255 instead of scaling.
        wide = np.asarray(image).astype(np.uint32)
        gray = ((wide + 128) // 257).astype(np.uint8)
        return gray if transparent is None else _opaque(gray, wide != transparent)
    if image.mode in ("1", "L"):
        gray = np.array(image.convert("L"))
        if transparent is None:
            return gray
        # Pillow scales pixels of 1, 2 and 4 bits, but not the transparent value, whose
        # bits beyond the bit depth have no meaning.
        highest = 2**bit_depth - 1
        return _opaque(gray, gray != (transparent & highest) * (255 // highest))
    if isinstance(transparent, tuple) and bit_depth == 16:
        # Pillow keeps the upper 8 bits of the pixels, but all 16 bits of the
        # transparent color.
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    if transparent is not None or image.mode in ("LA", "PA", "RGBA"):
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
        return _opaque(np.array(image.convert("L")), alpha / np.float32(255))
    if image.mode in ("P", "CMYK"):
        image = image.convert("RGB")
    return np.array(image.convert("L"))


def _opaque(gray: NDArray[np.uint8], alpha: NDArray[Any]) -> NDArray[np.uint8]:
    """Return gray values of the opacity `alpha`, in [0, 1], over white or black."""
    opaque = over_background(gray, alpha.astype(np.float32), 255)
    return np.rint(opaque).astype(np.uint8)


def _load_gray(path: str, max_pixels: int) -> NDArray[np.uint8]:
    from PIL import Image

    with open(path, "rb") as file:
        # The header of a PNG file has a fixed layout.
        header = file.read(25)
        bit_depth = header[24] if header.startswith(b"\x89PNG") and header[24:] else 8
        file.seek(0)
        try:
            with Image.open(file, formats=_FORMATS) as image:
                width, height = image.size
                is_wide = image.mode == "F" or (
                    image.mode == "I" and image.format != "PNG"
                )
                if width * height <= max_pixels and not is_wide:
                    return _to_gray(image, bit_depth)
        # Pillow has two limits of its own: exceeding the lower one is a warning, which
        # users may turn into an error.
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ValueError(f"{path!r} is too large: {error}") from error
        except Image.UnidentifiedImageError as error:
            raise ValueError(
                f"{path!r} must be {_NAMES}; got another format."
            ) from error
        # A damaged image raises errors of many types: OSError, SyntaxError,
        # struct.error, ValueError, IndexError...
        except Exception as error:
            raise ValueError(
                f"{path!r} is a damaged image: {error or type(error).__name__}."
            ) from error
    if is_wide:
        raise ValueError(
            f"{path!r} must have values of at most 16 bits; got values of 32 bits, "
            "whose range the file does not tell."
        )
    raise ValueError(
        f"{path!r} is too large: it must have at most max_pixels={max_pixels} pixels; "
        f"got {width} x {height}."
    )


def load_images(
    paths: Iterable[str | os.PathLike[str]], *, max_pixels: int = 2**24
) -> NDArray[np.uint8] | list[NDArray[np.uint8]]:
    """Load image files as gray images.

    The formats are PNG, JPEG, GIF, BMP, TIFF and WebP.

    The gray values are those of the files. MNIST has white ink on black (0 is paper and
    255 is ink), whereas scans and photographs usually have dark ink on white: pass
    ``255 - images`` to a classifier that was trained on MNIST.

    Parameters
    ----------
    paths : iterable of str or path-like
        The files to load. For a single file, pass ``[path]``.
    max_pixels : int, default=2**24
        Size of the largest image to decode, in pixels (4096 x 4096 by default). Since
        the size is read from the header, a small file that claims to be huge takes no
        memory. The limit of Pillow, ``PIL.Image.MAX_IMAGE_PIXELS``, applies as well.

    Returns
    -------
    images : ndarray of shape (n_samples, height, width), dtype uint8
        The images in the order of `paths`, from 0 (black) to 255 (white). If their
        sizes differ, a list of arrays of shape (height, width).

    Raises
    ------
    TypeError
        If `paths` is a single path.
    ValueError
        If `paths` is empty, or if a file has another format, is damaged, has more than
        `max_pixels` pixels, or has values of 32 bits. The message names the file.
    OSError
        If a file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    load_pixel_csv : Load images from the rows of a CSV file.

    Notes
    -----
    - Colors are converted to gray with the luma of ITU-R BT.601 [1]_,
      ``0.299 * red + 0.587 * green + 0.114 * blue``, which is mode ``"L"`` in Pillow.
      Palettes and CMYK are converted to RGB first.
    - Transparent pixels are shown on a white background, since most images with
      transparency have dark ink. If everything else is nearly white, as white strokes
      from a drawing program are, the background is black. This applies to alpha
      channels, to transparent entries of a palette, and to the gray value or color that
      a PNG file of any bit depth may declare transparent.
    - 16-bit gray values are scaled from 0-65535 to 0-255 and rounded. 16-bit colors
      keep their upper 8 bits.
    - The orientation that cameras store in the EXIF data is applied before the sizes
      are compared.
    - Only the first frame of an animated file, and the first page of a TIFF file, is
      read.

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
            f"paths must be an iterable of paths; got the single path {paths!r}. "
            "Pass [path] to load one image."
        )
    names: list[Any] = [os.fspath(path) for path in paths]
    if not names:
        raise ValueError("paths must hold at least one path; got none.")
    first = _load_gray(names[0], max_pixels)
    images = np.empty((len(names), *first.shape), np.uint8)
    images[0] = first
    for i, name in enumerate(names[1:], start=1):
        gray = _load_gray(name, max_pixels)
        if gray.shape != first.shape:
            others = (_load_gray(other, max_pixels) for other in names[i + 1 :])
            return [*map(np.copy, images[:i]), gray, *others]
        images[i] = gray
    return images
