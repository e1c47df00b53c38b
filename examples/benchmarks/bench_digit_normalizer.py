"""
Speed of DigitNormalizer
========================

This benchmark measures how many images a second :class:`~skdigits.DigitNormalizer`
reads on one core, and how many times as long it takes as resizing the same images to
28 x 28 gray pixels with OpenCV, Pillow and scikit-image. All of them take turns.
Pillow and scikit-image are skipped if they are not installed. The times are those of
the process, since other programs disturb them less.

The images are the first of the test images of MNIST; the same as gray ink on light,
noisy paper; and the same as drawings of 300 x 300 colored pixels. At last, a photograph
of 12 megapixels is read in processes of its own, which tell the memory that it takes
(on Linux). ``python examples/benchmarks/bench_digit_normalizer.py --help`` lists the
options.

The images are those of MNIST, from the folder in the environment variable
``SKDIGITS_DATA``, or downloaded if it is not set.
"""

# sphinx_gallery_thumbnail_path = "charts/bench_digit_normalizer.png"

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec

import cv2
import numpy as np
from _machine import load_mnist, print_run
from _tables import print_table, spread
from threadpoolctl import threadpool_limits

from skdigits import DigitNormalizer

SHAPE = 28, 28
INK, PAPER = (40, 50, 160), (250, 250, 245)
PHOTO_SHAPE = 3000, 4000

READ_PHOTO = """
import json, sys, time
import cv2
import numpy as np
from skdigits import DigitNormalizer
def peak():
    with open("/proc/self/status") as lines:
        return next(int(l.split()[1]) / 1024 for l in lines if l.startswith("VmHWM"))
cv2.setNumThreads(1)
photo = np.load(sys.argv[1])
normalizer = DigitNormalizer(on_blank="error")
normalizer.transform([photo[:500, :500]])
before, start = peak(), time.process_time()
normalizer.transform([photo])
print(json.dumps([time.process_time() - start, peak() - before]))
"""


def make_images(digits, n_drawings, seed):
    """Return images of several kinds by their names."""
    noise = np.random.default_rng(seed).normal(0, 6, digits.shape)
    paper = np.clip(np.rint(230 - 0.8 * digits + noise), 0, 255).astype(np.uint8)
    large = np.stack([cv2.resize(x, (300, 300)) for x in digits[:n_drawings]])
    drawings = np.where(large[..., None] > 127, INK, PAPER).astype(np.uint8)
    return {
        "MNIST, 28 x 28": digits,
        "on noisy paper, 28 x 28": paper,
        "drawings, 300 x 300, RGB": drawings,
    }


def make_photo(digit, seed):
    """Return a photograph of a digit on paper with grain, half of it in a shadow."""
    ink = np.zeros(PHOTO_SHAPE, np.float32)
    ink[700:2300, 1200:2800] = cv2.resize(digit, (1600, 1600)) / np.float32(255)
    grain = np.random.default_rng(seed).standard_normal(PHOTO_SHAPE, np.float32)
    places = np.linspace(-4, 4, PHOTO_SHAPE[1], dtype=np.float32)
    shadow = 1 / (1 + np.exp(places))
    light = (0.9 - 0.4 * shadow + 0.03 * grain) * (1 - 0.7 * ink)
    gray = np.clip(255 * light, 0, 255).astype(np.uint8)
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)


def with_opencv(images):
    for image in images:
        if image.ndim == 3:
            image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        cv2.resize(image, SHAPE, interpolation=cv2.INTER_AREA)


def with_pillow(images):
    from PIL import Image

    for image in images:
        np.asarray(Image.fromarray(image).convert("L").resize(SHAPE))


def with_scikit_image(images):
    from skimage import color, transform

    for image in images:
        gray = color.rgb2gray(image) if image.ndim == 3 else image
        transform.resize(gray, SHAPE, anti_aliasing=True)


RESIZERS = {
    "OpenCV": ("cv2", with_opencv),
    "Pillow": ("PIL", with_pillow),
    "scikit-image": ("skimage", with_scikit_image),
}


def take_turns(calls, rounds):
    """Return the seconds of each call, after a round of warming up."""
    seconds = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            start = time.process_time()
            call()
            if turn:
                seconds[name].append(time.process_time() - start)
    return seconds


def rates(images, resizers, rounds):
    """Return the cells of a row: images a second, and ratios to plain resizing."""
    normalizer = DigitNormalizer(on_blank="error")
    calls = {"skdigits": lambda: normalizer.transform(images)}
    for name, resize in resizers.items():
        calls[name] = lambda resize=resize: resize(images)
    seconds = take_turns(calls, rounds)
    ours = seconds.pop("skdigits")
    ratios = (
        spread([a / b for a, b in zip(ours, others, strict=True)])
        for others in seconds.values()
    )
    return [spread([len(images) / value for value in ours]), *ratios]


def read_photo(path):
    """Return the seconds, and the memory in MB, that reading a photograph takes."""
    command = [sys.executable, "-c", READ_PHOTO, path]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--drawings", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    digits = load_mnist("test")[0][: arguments.images].reshape(-1, *SHAPE)
    kinds = make_images(digits, arguments.drawings, arguments.seed)
    resizers = {
        name: resize for name, (module, resize) in RESIZERS.items() if find_spec(module)
    }
    cv2.setNumThreads(1)
    with threadpool_limits(1):
        rows = [
            [kind, *rates(images, resizers, arguments.rounds)]
            for kind, images in kinds.items()
        ]
    photo = make_photo(digits[0], arguments.seed)
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, photo)
        file.flush()
        photos = [read_photo(file.name) for _ in range(arguments.rounds)]
    seconds, megabytes = zip(*photos, strict=True)
    shares = [value / (photo.nbytes / 2**20) for value in megabytes]

    packages = {"OpenCV": "opencv-python-headless", "Pillow": "pillow"}
    print_run(*(packages.get(name, name) for name in resizers))
    header = ["images", "images a second", *(f"time / {name}" for name in resizers)]
    print_table("DigitNormalizer on one core, and plain resizing", [header, *rows])
    header = ["photograph", "seconds", "memory, MB", "memory / photograph"]
    size = "{1} x {0}, RGB".format(*PHOTO_SHAPE)
    row = [size, spread(seconds), spread(megabytes), spread(shares)]
    print_table("DigitNormalizer on one core, a photograph", [header, row])
    print(
        f"\nMedian (smallest-largest); rounds: {arguments.rounds}. The memory is what "
        "the process takes at most, beyond what it has with the photograph."
    )


if __name__ == "__main__":
    main()
