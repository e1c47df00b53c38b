"""Scores that can be printed, shown in a notebook, and saved."""

import os
from typing import Any

from skdigits.reports._render._dict import as_dict
from skdigits.reports._render._frame import as_frame
from skdigits.reports._render._html import as_fragment, as_page
from skdigits.reports._render._text import as_text
from skdigits.reports._saving import save_report
from skdigits.reports._scores import Scores


class RenderedScores(Scores):
    """Scores as text, HTML, JSON, and a table: the outputs of `DigitReport`."""

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as JSON-compatible data.

        Returns
        -------
        scores : dict
            Built-in Python types. Numbers are exactly those of the attributes; unknown
            values are None. The keys are

            - "name", "n_digits", "classes", "accuracy", "accuracy_interval",
              "confusion_matrix", "log_loss", "expected_calibration_error", and
              "roc_auc_macro": the attributes of these names;
            - "by_class": "label", "precision", "recall", "f1", "support", and "roc_auc"
              of each class;
            - "most_confused": "a", "b", "a_as_b", and "b_as_a" of each pair of classes;
            - "rejections": "rejected", "threshold", and "error" of `rejections_`;
            - "top_losses": "sample_index", "true", "predicted", "confidence", and
              "loss" of ten samples;
            - "guarantees": "max_error", "confidence", "threshold", "accepted", and
              "fewest_digits" of `guarantees_`;
            - "notes": `notes_`.

            Labels of types that JSON does not support are converted to strings.
        """
        return as_dict(self)

    def to_frame(self) -> Any:
        """Return the scores of each class as a table.

        Returns
        -------
        frame : pandas.DataFrame
            One row per class, indexed by label, with the columns precision, recall, f1,
            support, and, if there are probabilities, roc_auc.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return as_frame(self)

    def save(self, path: str | os.PathLike) -> None:
        """Save the report to a file.

        Parameters
        ----------
        path : str or path
            Path of the file. The suffix selects the format: ".html" for a
            self-contained page that needs no network, ".json" for the data that
            `to_dict` returns. An existing file is replaced only once the new one is
            complete.

        Raises
        ------
        ValueError
            If the path has another suffix.
        FileNotFoundError
            If the folder does not exist.
        """
        save_report(path, lambda: as_page(self), self.to_dict)

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_fragment(self)
