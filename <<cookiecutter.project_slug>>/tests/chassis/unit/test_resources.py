"""Resources: rules that use them need neither a framework nor a database."""

import subprocess
import sys


def test_neither_flask_nor_a_database_is_loaded() -> None:
    script = "import sys, chassis.resources, chassis.resources.memory; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert "chassis" in loaded
    assert not loaded & {"flask", "sqlalchemy", "connexion", "werkzeug", "gevent"}
