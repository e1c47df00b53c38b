"""Calibration of probabilities by a temperature."""

import numpy as np
import pytest

from skdigits.model_selection._temperature import fit_temperature, with_temperature


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_the_temperature_is_found(temperature):
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(10) * 0.3, 20_000)
    codes = (proba.cumsum(axis=1) < rng.random((len(proba), 1))).sum(axis=1)
    changed = with_temperature(proba, temperature)
    assert fit_temperature(changed, codes, None) == pytest.approx(
        1 / temperature, rel=0.05
    )


def test_probabilities_of_zero_and_unknown_labels():
    proba = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    assert np.isfinite(fit_temperature(proba, np.array([0, 0, -1]), None))
    assert np.isfinite(with_temperature(proba, 0.01)).all()
    assert fit_temperature(proba, np.array([-1, -1, -1]), None) == 1
