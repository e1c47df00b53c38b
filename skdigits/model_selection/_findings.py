"""The findings of a search, as data for its report."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from skdigits.model_selection._misread_samples import Misread
from skdigits.reports import DigitReport


@dataclass(frozen=True, repr=False)
class SearchFindings:
    """The data of a `SearchReport`, whose docstring describes them."""

    name: str
    best_trial: int
    best_params: dict[str, Any]
    metric: str
    fold_scores: list[float]
    digits: DigitReport | None
    misread: list[Misread]
    images: dict[int, np.ndarray]
    importances: dict[str, float]
    course: list[tuple[int, float, float]]
    front: list[tuple[int, dict[str, float]]]
    counts: dict[str, int]

    @property
    def title(self) -> str:
        """The title of the report."""
        return f"Hyperparameter search for {self.name}"
