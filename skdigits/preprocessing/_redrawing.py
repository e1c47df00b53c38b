"""What MNIST hardly has, drawn into its digits: habits, and traces of cutting out."""

from typing import NamedTuple

import numpy as np

from skdigits.preprocessing._habits import HABITS, Habit
from skdigits.preprocessing._habits import N_DRAWS as N_HABIT_DRAWS
from skdigits.preprocessing._mnist_geometry import bounds
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._pen import INK, fitted, inked_box

# The columns of the random numbers.
_WHICH_HABIT, _IS_TOUCHED, _IS_STRETCHED = range(3)
_HABIT = slice(3, 3 + N_HABIT_DRAWS)
_TOUCH = slice(_HABIT.stop, _HABIT.stop + 4)
_STRETCH = slice(_TOUCH.stop, _TOUCH.stop + 2)
N_DRAWS = _STRETCH.stop

_LEAST_SIDE = 8  # pixels of an image that lines can be drawn into


class Redrawing(NamedTuple):
    """How often digits are redrawn, each in a way that depends on its class.

    ``digits`` are the codes of the classes that have habits, and the digits they stand
    for.
    """

    habits: float
    neighbors: float
    stretch: float
    digits: dict[int, int]

    def apply(self, ink: np.ndarray, code: int, draws: np.ndarray) -> np.ndarray:
        """Return an image of `_pen`, redrawn as its random numbers say."""
        if min(ink.shape) < _LEAST_SIDE or not (ink > INK).any():
            return ink
        habit = self._habit(code, draws[_WHICH_HABIT])
        if habit is not None:
            ink = habit(ink, draws[_HABIT].tolist())
        if draws[_IS_TOUCHED] < self.neighbors:
            ink = touched(ink, draws[_TOUCH].tolist())
        if draws[_IS_STRETCHED] < self.stretch:
            ink = stretched(ink, draws[_STRETCH].tolist())
        return ink

    def may_change(self, codes: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Return which images `apply` may change."""
        has_habits = np.isin(codes, list(self.digits))
        return (
            ((draws[:, _WHICH_HABIT] < self.habits) & has_habits)
            | (draws[:, _IS_TOUCHED] < self.neighbors)
            | (draws[:, _IS_STRETCHED] < self.stretch)
        )

    def _habit(self, code: int, draw: float) -> Habit | None:
        upper = 0.0
        for share, habit in HABITS.get(self.digits.get(code, -1), ()):
            upper += share * self.habits
            if draw < upper:
                return habit
        return None


def touched(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a digit that the edge of a neighbor touches on the left or the right.

    The neighbor is the digit itself, upside down.
    """
    mask = ink > INK
    rows, columns = bounds(mask)
    height = rows.stop - rows.start
    depth = max(1, round((0.05 + 0.15 * draws[0]) * height))
    overlap = round(0.1 * draws[1] * height)
    down = round(0.3 * (draws[2] - 0.5) * height)
    neighbor = ink[::-1, ::-1]
    first, last = ink.shape[1] - columns.stop, ink.shape[1] - columns.start
    wider = np.pad(ink, ((0, 0), (depth, depth)))
    if draws[3] < 0.5:
        edge = neighbor[:, first : first + depth]
        start = depth + columns.stop - overlap
    else:
        edge = neighbor[:, max(0, last - depth) : last]
        start = columns.start + overlap
    place = wider[:, start : start + edge.shape[1]]
    np.maximum(place, np.roll(edge[:, : place.shape[1]], down, axis=0), out=place)
    return fitted(wider, ink)


def stretched(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a digit whose box is more like a square, with sharper edges."""
    cv2 = opencv()
    box = inked_box(ink)
    share = 0.5 + 0.5 * draws[0]
    longer = max(box.shape)
    shape = [max(1, round(side ** (1 - share) * longer**share)) for side in box.shape]
    larger = cv2.resize(box, tuple(shape[::-1]), interpolation=cv2.INTER_LINEAR)
    sharpness = 1 + 4 * draws[1]
    return fitted(np.clip((larger - 0.5) * sharpness + 0.5, 0, 1), ink)
