"""Writes the first resource of the template as `make resource` of a service would: `make first-resource`.

The templates of that command stand in the service. Rendered with the template's own expressions as names, they are the
files of the first resource; its migration, settings of tests and other files stay as they are.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from .template import TEMPLATE, render

FIELDS = "name:string(80)! category:string(40) description:string(500)? priority:integer(0..9)=0"
PACKAGE = "src/<<cookiecutter.package_name>>"
RESOURCE = f"{PACKAGE}/<<cookiecutter.resource_plural>>"
TESTS = "tests/<<cookiecutter.resource_plural>>"
FILES = {
    "openapi.yaml": f"{PACKAGE}/openapi.yaml",
    "bindings.py": f"{PACKAGE}/bindings.py",
    "__init__.py": f"{RESOURCE}/__init__.py",
    "api.py": f"{RESOURCE}/api.py",
    "model.py": f"{RESOURCE}/model.py",
    "service.py": f"{RESOURCE}/service.py",
    "table.py": f"{RESOURCE}/table.py",
    "test_api.py": f"{TESTS}/test_api.py",
    "test_service.py": f"{TESTS}/test_service.py",
}
"""The template of each file, and the file."""
EMPTY = re.compile(r"^<% if .* %>\n<% endif %>\n", re.MULTILINE)

# Runs with the modules of a service.
CODE = """
import json, sys
from pathlib import Path
from tools.resource import fields, names, tables, texts

described, templates, expressions, *files = sys.argv[1:]
resource = names.Resource(**json.loads(expressions))
found = fields.read(described)
context = texts.context(resource, found, "/v1") | tables.context(found)
print(json.dumps({name: texts.render(name, context, Path(templates)) for name in files}))
"""
EXPRESSIONS = {
    "name": "<< cookiecutter.resource >>",
    "plural": "<< cookiecutter.resource_plural >>",
    "class_name": "<< cookiecutter.__resource_class >>",
    "article": "<< 'an' if cookiecutter.resource[0] in 'aeiou' else 'a' >>",
    "label": "<< cookiecutter.__resource_label >>",
    "plural_label": "<< cookiecutter.__resource_plural_label >>",
    "title": "<< cookiecutter.__resource_plural_label | capitalize >>",
    "path": "<< cookiecutter.__resource_path >>",
}


def texts(service: Path) -> dict[str, str]:
    """Returns the texts of the template's files.

    Args:
        service: a service with a database, whose modules know what is written.
    """
    templates = TEMPLATE / "tools" / "resource" / "templates"
    result = subprocess.run(
        [sys.executable, "-c", CODE, FIELDS, templates, json.dumps(EXPRESSIONS), *FILES],
        cwd=service,
        env=os.environ | {"PYTHONPATH": str(service), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(result.stdout)
    # A part of a template that these fields do not need leaves its condition without lines.
    return {FILES[name]: EMPTY.sub("", text) for name, text in found.items()}


def main() -> None:
    """Writes the files."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in texts(render(Path(directory, "service"))).items():
            (TEMPLATE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
