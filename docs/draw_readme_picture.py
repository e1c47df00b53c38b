"""Draw the picture of the README, for light and for dark pages.

``python docs/draw_readme_picture.py`` takes the first figure of an example.
"""

import runpy
from pathlib import Path

import matplotlib.pyplot as plt

DOCS = Path(__file__).resolve().parent
EXAMPLE = DOCS.parent / "examples" / "plot_reading.py"

if __name__ == "__main__":
    plt.switch_backend("agg")
    for style, page in (("default", "light"), ("dark_background", "dark")):
        with plt.style.context(style):
            runpy.run_path(str(EXAMPLE))
            path = DOCS / "_static" / f"digits_{page}.png"
            plt.figure(1).savefig(path, dpi=150, transparent=True)
            plt.close("all")
