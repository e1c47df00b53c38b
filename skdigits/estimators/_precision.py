"""Which floating-point type convolutions are quickest in, on this machine."""

from functools import cache
from pathlib import Path

from skdigits.estimators._tensorflow import quiet_tensorflow

_CPU_INFO = Path("/proc/cpuinfo")


@cache
def quickest_for_convolutions() -> str:
    """Return "bfloat16" or "float32", always the same one on one machine.

    The matrix units of a processor with AMX take bfloat16. Where there are none it is
    slower, and a GPU has units for float32 too. TensorFlow's own test for bfloat16
    finds it on processors that emulate it, hence the flags.
    """
    if not has_matrix_units(_CPU_INFO):
        return "float32"
    with quiet_tensorflow():
        import tensorflow as tf

        return "float32" if tf.config.list_physical_devices("GPU") else "bfloat16"


def has_matrix_units(cpu_info: Path) -> bool:
    """Return whether the file lists the flag of matrix units that take bfloat16."""
    try:
        lines = cpu_info.read_text(errors="replace").splitlines()
    except OSError:  # not on Linux
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return "amx_bf16" in flags.split()
