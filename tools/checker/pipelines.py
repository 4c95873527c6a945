"""Pipelines: what runs on every push is valid, pinned, and has no rights that it does not need."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from .service import Service

TOOLS = Path(sys.executable).parent
WORKFLOWS = ".github/workflows/"
SCHEMAS = {
    ".github/dependabot.yml": "vendor.dependabot",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    "renovate.json": "vendor.renovate",
}
ZIZMOR = ["--offline", "--no-progress", "--persona=pedantic", "--format=plain"]
# What may be done with the rights of a fork's author must not be done with the repository's.
FOREIGN = {"pull_request_target", "workflow_run"}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(?:\.\d+)*")
# A word of a command that names a file of the service.
FILE = re.compile(r"(?<![\w./-])(?:deploy|docs|src|tests)/[\w./-]+|(?<![\w./-])\w+\.(?:toml|txt)\b")

_clean: set[tuple[tuple[str, str], ...]] = set()


def faults(service: Service) -> Iterator[str]:
    """Finds what the tools find, and what they do not look at.

    Many services have equal files: what was clean is not looked at again.
    """
    files = pipelines(service.texts)
    key = (*files.items(), ("Makefile", service.texts.get("Makefile", "")))
    if not files or key in _clean:
        return
    found = list(find(service.root, service.texts))
    yield from found
    if not found:
        _clean.add(key)


def pipelines(texts: dict[str, str]) -> dict[str, str]:
    """The files of pipelines and of those that renew packages, by their paths."""
    return {
        path: text for path, text in texts.items() if path.startswith(WORKFLOWS) or path in SCHEMAS
    }


def find(root: Path, texts: dict[str, str]) -> Iterator[str]:
    """Finds all faults.

    Args:
        root: the directory of the repository.
        texts: the texts of its files by their paths.
    """
    files = pipelines(texts)
    yield from tool_faults(root, files)
    for path, text in files.items():
        try:
            if path.startswith(WORKFLOWS):
                yield from workflow_faults(path, text, texts)
            elif path == ".gitlab-ci.yml":
                yield from gitlab_faults(path, text, texts)
        except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            yield f"{path}: cannot be understood: {error!r}"


def tool_faults(root: Path, files: dict[str, str]) -> Iterator[str]:
    """Lets the well-known tools look."""
    workflows = [path for path in files if path.startswith(WORKFLOWS)]
    commands = [
        ["check-jsonschema", "--color=never", "--builtin-schema", schema, path]
        for path in files
        for schema in [SCHEMAS.get(path, "vendor.github-workflows")]
    ]
    if workflows:
        config = str(Path(__file__).with_name("zizmor.yaml"))
        on_github = [path for path in files if path.startswith(".github/")]
        commands.append(["actionlint", "-no-color", *workflows])
        commands.append(["zizmor", *ZIZMOR, "--config", config, *on_github])
    for command in commands:
        run = subprocess.run(
            [str(TOOLS / command[0]), *command[1:]],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            yield f"{command[0]}: {' '.join((run.stdout + run.stderr).split())}"


def workflow_faults(path: str, text: str, texts: dict[str, str]) -> Iterator[str]:
    """Finds actions without a digest, rights for all, jobs without an end, and what is not there."""
    # YAML 1.1 reads the key `on` as true.
    workflow: dict[Any, Any] = yaml.safe_load(text)
    if workflow.get("permissions") != {}:
        yield f"{path}: gives rights to all jobs"
    for event in FOREIGN & set(workflow[True]):
        yield f"{path}: runs on {event}"
    for used in re.findall(r"uses: (.+)", text):
        if used.startswith("./"):
            if used.removeprefix("./") not in texts:
                yield f"{path}: uses {used}, which is not there"
        elif not PINNED.fullmatch(used):
            yield f"{path}: uses {used}, which is not a digest and its version"
    for name, job in workflow["jobs"].items():
        place = f"{path}: {name}"
        if "permissions" not in job:
            yield f"{place}: does not say what rights it needs"
        if "uses" not in job and "timeout-minutes" not in job:
            yield f"{place}: may run for ever"
        versions = job.get("strategy", {}).get("matrix", {}).get("python")
        if versions:
            yield from version_faults(place, versions, texts)
        for step in job.get("steps", []):
            yield from command_faults(place, step.get("run", ""), texts)


def gitlab_faults(path: str, text: str, texts: dict[str, str]) -> Iterator[str]:
    """Finds images without a version, jobs without an end, and what is not there."""
    pipeline = yaml.safe_load(text)
    if "timeout" not in pipeline["default"]:
        yield f"{path}: jobs may run for ever"
    for image in re.findall(r"(?:image|name): (\S+)$|services: \[\"(.+)\"\]", text, re.MULTILINE):
        (name,) = filter(None, image)
        if not re.fullmatch(r"[\w./-]+:(v?\d[\w.-]+|\$PYTHON_VERSION-\w+)", name):
            yield f"{path}: has the image {name}, which is no version"
    for name, job in pipeline.items():
        if not isinstance(job, dict) or "script" not in job:
            continue
        place = f"{path}: {name}"
        for group in job.get("parallel", {}).get("matrix", []):
            yield from version_faults(place, group["PYTHON_VERSION"], texts)
        scripts = job["script"]
        commands = [scripts] if isinstance(scripts, str) else scripts
        yield from command_faults(place, "\n".join(commands), texts)


def version_faults(place: str, versions: list[str], texts: dict[str, str]) -> Iterator[str]:
    """Finds a matrix of other Pythons than those of tox."""
    environments = tomllib.loads(texts["pyproject.toml"])["tool"]["tox"]["env_list"]
    pythons = [re.sub(r"py(\d)(\d+)", r"\1.\2", one) for one in environments if one[:2] == "py"]
    if versions != pythons:
        yield f"{place}: tests {', '.join(versions)}, but tox {', '.join(pythons)}"


def command_faults(place: str, script: str, texts: dict[str, str]) -> Iterator[str]:
    """Finds targets of make and files that are not there."""
    for target in re.findall(r"\bmake ([\w-]+)", script):
        if not re.search(rf"^{target}:", texts["Makefile"], re.MULTILINE):
            yield f"{place}: makes {target}, which the Makefile does not"
    for name in FILE.findall(script):
        if name not in texts and not any(one.startswith(f"{name}/") for one in texts):
            yield f"{place}: names {name}, which is not there"
