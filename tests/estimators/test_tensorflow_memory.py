"""Freed memory is returned to the system."""

import ctypes
import platform

import pytest

from skdigits.estimators._tensorflow import release_memory

FREED = """
import numpy as np
from skdigits.estimators._tensorflow import release_memory


def megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def free_between_what_stays():
    arrays = [np.ones(2_000) for _ in range(10_000)]
    return arrays[::100]


stays = free_between_what_stays()
before = megabytes()
release_memory()
print(before - megabytes())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="requires glibc")
def test_freed_memory_is_returned_to_the_system(run_python):
    output, _ = run_python(FREED)
    assert float(output) > 50


@pytest.mark.parametrize("error", [AttributeError, TypeError])
def test_a_c_library_without_malloc_trim_is_accepted(monkeypatch, error):
    asked = []

    def cdll(name):
        asked.append(name)
        raise error

    monkeypatch.setattr(ctypes, "CDLL", cdll)
    release_memory()
    assert asked == [None]
