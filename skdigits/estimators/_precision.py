"""The floating-point type in which convolutions are fastest on this machine."""

from functools import cache
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


@cache
def fastest_for_convolutions() -> str:
    """Return "bfloat16" or "float32", always the same one on a machine.

    The matrix units of a processor with AMX compute in bfloat16. On other processors
    bfloat16 is slower, and a GPU has fast units for float32 as well. TensorFlow's own
    test for bfloat16 also accepts processors that emulate it, so the flags decide.
    """
    if not has_matrix_units(_CPU_INFO):
        return "float32"
    from skdigits.estimators._keras.devices import has_gpu

    return "float32" if has_gpu() else "bfloat16"


def has_matrix_units(cpu_info: Path) -> bool:
    """Return whether the file lists the flag of matrix units that take bfloat16."""
    try:
        lines = cpu_info.read_text(errors="replace").splitlines()
    except OSError:  # not on Linux
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return "amx_bf16" in flags.split()
