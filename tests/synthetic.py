"""Synthetic questions: how the matrix grows is seen before the next question is there.

python -m tests.synthetic DIRECTORY COUNT copies the template into a directory that does not exist yet, and adds questions. They
are independent of each other and of all others, and have what a feature of a service usually has.
"""

import shutil
import sys
from pathlib import Path
from string import ascii_lowercase

from tools.template import REPOSITORY, TEMPLATE

COPIED = (TEMPLATE.name, "hooks", "presets", "tools", "cookiecutter.json", "requirements.txt")
PACKAGE = f"{TEMPLATE.name}/src/<<cookiecutter.package_name>>"
CHASSIS = f"{TEMPLATE.name}/src/chassis"
CHART = f"{TEMPLATE.name}/deploy/chart"

MODULE = '''"""Number {n}."""

from flask import Flask

__all__ = ["init_app"]


def init_app(app: Flask, pace: int) -> None:
    """Adds it."""
    app.extensions["surplus_{n}"] = pace
'''
SETTINGS = '''"""The settings of number {n}."""

from pydantic import Field

from chassis.settings import Section


class {N}Settings(Section):
    """How fast it is."""

    pace: int = Field(1, description="Its pace")
'''
NEW = {
    f"{CHASSIS}/surplus_{{n}}.py": MODULE,
    f"{CHASSIS}/settings/surplus_{{n}}.py": SETTINGS,
}
FILES = '["src/chassis/surplus_{n}.py", "src/chassis/settings/surplus_{n}.py"]'
# The file, the text that something is put before, and what that is.
ADDED = [
    ("cookiecutter.json", '  "metrics": true', '  "surplus_{n}": true,\n'),
    ("cookiecutter.json", '    "metrics": "', '    "surplus_{n}": "Number {n}?",\n'),
    ("hooks/pre_gen_project.py", '    "metrics": [True', '    "surplus_{n}": [True, False],\n'),
    ("hooks/post_gen_project.py", '    "pool_metrics": [', f'    "surplus_{{n}}": {FILES},\n'),
    (
        "hooks/post_gen_project.py",
        '    "pool_metrics": ANSWERS',
        '    "surplus_{n}": ANSWERS["surplus_{n}"],\n',
    ),
    ("tools/checker/words.py", '    "pool_metrics": [', '    "surplus_{n}": ["surplus_{n}"],\n'),
]
# The same, under the condition of the question.
UNDER_CONDITION = [
    (
        f"{PACKAGE}/app.py",
        "<% if cookiecutter.tracing == 'none' %>\n    tracing,",
        "    surplus_{n},\n",
    ),
    (
        f"{PACKAGE}/app.py",
        "    server.init_health(",
        "    surplus_{n}.init_app(app, settings.surplus_{n}.pace)\n",
    ),
    (
        f"{PACKAGE}/settings.py",
        "<% if cookiecutter.http_client %>\nfrom chassis.settings.upstreams",
        "from chassis.settings.surplus_{n} import {N}Settings\n",
    ),
    (
        f"{PACKAGE}/settings.py",
        "    log: LogSettings =",
        "    surplus_{n}: {N}Settings = {N}Settings()\n",
    ),
    (f"{TEMPLATE.name}/README.md", "## ", "Number {n}: `APP_SURPLUS_{N}__PACE`.\n\n"),
    (f"{TEMPLATE.name}/docs/operation.md", "## Stop", "## Number {n}\n\n`surplus_{n}.pace`\n\n"),
    (f"{TEMPLATE.name}/compose.yaml", "    read_only: true", "    # surplus_{n}\n"),
    (f"{CHART}/values.yaml", "    # Seconds for requests", "    # surplus_{n}\n"),
]


def add_questions(repository: Path, count: int) -> Path:
    """Copies the template and adds questions.

    Args:
        repository: where it is copied to; does not exist yet.
        count: the number of questions.
    """
    repository.mkdir(parents=True)
    for name in COPIED:
        source = REPOSITORY / name
        ignored = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, repository / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(source, repository / name)
    for n in ascii_lowercase[:count]:
        for name, text in NEW.items():
            (repository / name.format(n=n)).write_text(
                text.format(n=n, N=n.upper()), encoding="utf-8"
            )
        for name, before, text in ADDED:
            put(repository / name, before, text.format(n=n, N=n.upper()))
        for name, before, text in UNDER_CONDITION:
            condition = f"<% if cookiecutter.surplus_{n} %>\n"
            put(
                repository / name,
                before,
                f"{condition}{text.format(n=n, N=n.upper())}<% endif %>\n",
            )
    return repository


def put(path: Path, before: str, text: str) -> None:
    """Puts a text before the first place of another one."""
    content = path.read_text(encoding="utf-8")
    assert before in content, f"{path.name} has no {before!r} any more"
    path.write_text(content.replace(before, text + before, 1), encoding="utf-8")


if __name__ == "__main__":
    add_questions(Path(sys.argv[1]), int(sys.argv[2]))
