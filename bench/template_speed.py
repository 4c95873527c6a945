"""Compare a bake of the default service with cookiecutter's cost for the same files: python -m bench.template_speed"""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.template import REPOSITORY

ROUNDS = 15
BAKE = """
import sys
from cookiecutter.main import cookiecutter
cookiecutter(sys.argv[1], no_input=True, output_dir=sys.argv[2], default_config=True)
"""
RENDERED, COPIED = "the same files, rendered", "the same files, copied"


def bake(template: Path, output: Path) -> float:
    """Bakes in a process of its own; returns its CPU time in seconds, with that of its hooks."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", BAKE, str(template), str(output)]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def template_of(service: Path, directory: Path, *copied: str) -> Path:
    """Makes a template that has the files of a service as they are, without hooks.

    Args:
        service: the files.
        directory: where to make it.
        copied: patterns of the files that are copied, and not rendered.
    """
    shutil.copytree(service, directory / "<<cookiecutter.project_slug>>")
    # What looks like a template, such as a Helm chart, has other delimiters here, too.
    delimiters = json.loads((REPOSITORY / "cookiecutter.json").read_text())["_jinja2_env_vars"]
    answers = {
        "project_slug": service.name,
        "_copy_without_render": copied,
        "_jinja2_env_vars": delimiters,
    }
    (directory / "cookiecutter.json").write_text(json.dumps(answers), encoding="utf-8")
    return directory


def main() -> None:
    """Prints a table: medians of interleaved rounds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        bake(REPOSITORY, directory / "service")
        service = next((directory / "service").iterdir())
        templates = {
            "the template": REPOSITORY,
            RENDERED: template_of(service, directory / "rendered"),
            COPIED: template_of(service, directory / "copied", "*"),
        }
        seconds: dict[str, list[float]] = {label: [] for label in templates}
        for number in range(ROUNDS):
            for label, template in templates.items():
                seconds[label].append(bake(template, directory / f"out-{label}-{number}"))
    print("| | CPU | ratio of the template to it |\n|---|--:|--:|")
    for label, own in seconds.items():
        pairs = zip(seconds["the template"], own, strict=True)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        print(f"| {label} | {statistics.median(own):.2f} s | {ratio:.2f} |")


if __name__ == "__main__":
    main()
