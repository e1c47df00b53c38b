import subprocess
import sys


def test_import_is_light():
    code = (
        "import sys, skdigits.datasets\n"
        "heavy = {'PIL', 'pooch', 'requests', 'keras', 'tensorflow', 'matplotlib'}\n"
        "ours = {'skdigits.estimators', 'skdigits.preprocessing'}\n"
        "print(*sorted((heavy | ours) & set(sys.modules)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""
