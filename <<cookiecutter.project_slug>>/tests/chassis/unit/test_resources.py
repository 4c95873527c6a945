"""Resources: rules that use them need no framework."""

import subprocess
import sys


def test_no_framework_is_loaded() -> None:
    script = (
        "import sys; before = set(sys.modules); import chassis.resources, chassis.resources.memory;"
        " print(*(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert loaded - sys.stdlib_module_names == {"chassis", "orjson"}
