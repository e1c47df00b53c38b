"""Reports as JSON-compatible data."""

import json

import numpy as np

from skdigits.reports import (
    DigitReport,
)


def test_json_is_exact(report, tmp_path):
    report.save(tmp_path / "report.json")
    data = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert data == report.to_dict()
    assert data["accuracy"] == report.accuracy_
    assert data["accuracy_interval"] == list(report.accuracy_interval_)
    assert data["confusion_matrix"] == report.confusion_matrix_.tolist()
    assert data["log_loss"] == report.log_loss_
    assert data["roc_auc_macro"] == report.roc_auc_macro_
    assert data["expected_calibration_error"] == report.expected_calibration_error_
    assert [c["roc_auc"] for c in data["by_class"]] == report.roc_auc_.tolist()
    assert [c["f1"] for c in data["by_class"]] == report.f1_.tolist()
    assert data["rejections"][2]["error"] == report.rejections_[2].error
    assert data["top_losses"][0]["sample_index"] == report.top_losses()[0].sample_index


def test_json_keeps_its_keys(report):
    # Programs read files that earlier versions wrote.
    data = report.to_dict()
    assert list(data) == [
        "name",
        "n_digits",
        "classes",
        "accuracy",
        "accuracy_interval",
        "confusion_matrix",
        "log_loss",
        "expected_calibration_error",
        "roc_auc_macro",
        "by_class",
        "most_confused",
        "rejections",
        "top_losses",
        "guarantees",
        "notes",
    ]
    assert list(data["by_class"][0]) == [
        "label",
        "precision",
        "recall",
        "f1",
        "support",
        "roc_auc",
    ]
    assert list(data["most_confused"][0]) == ["a", "b", "a_as_b", "b_as_a"]
    assert list(data["rejections"][0]) == ["rejected", "threshold", "error"]
    assert list(data["top_losses"][0]) == [
        "sample_index",
        "true",
        "predicted",
        "confidence",
        "loss",
    ]


def test_json_has_no_nan(tmp_path):
    report = DigitReport.from_predictions(
        ["b", "b"], [[0, 0.5, 0.5], [0, 1, 0]], labels=["a", "b", "c"]
    )
    report.save(tmp_path / "report.JSON")
    text = (tmp_path / "report.JSON").read_text("utf-8")
    assert "NaN" not in text
    assert json.loads(text)["by_class"][0]["recall"] is None


def test_json_of_dates():
    days = np.array(["2026-01-01", "2026-01-02"], "datetime64[D]")
    report = DigitReport.from_predictions(days, y_pred=days)
    assert json.loads(json.dumps(report.to_dict()))["classes"] == [
        "2026-01-01",
        "2026-01-02",
    ]
