"""Pipelines: what checks each change is valid, has few rights, and fits the repository it is in."""

import json
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from .. import documents
from .family import Family
from .memory import unless_clean
from .programs import Program, reader, whole
from .references import FILE
from .service import Service

TOOLS = Path(sys.executable).parent
WORKFLOWS, DEPENDABOT = ".github/workflows/", ".github/dependabot.yml"
GITLAB, RENOVATE = ".gitlab-ci.yml", "renovate.json"
# The beginning of a path, and the schema of what is there.
SCHEMAS = {
    WORKFLOWS: "github-workflows",
    DEPENDABOT: "dependabot",
    GITLAB: "gitlab-ci",
    RENOVATE: "renovate",
}
# `./` is the older way to name a workflow of the same repository; GitHub Enterprise Server has no other.
NOT_FAULTS = {"self-repository"}
# A stranger's proposal starts them with the rights of the repository.
FOREIGN = {"pull_request_target", "workflow_run"}
# What .gitlab-ci.yml has beside its jobs.
NOT_JOBS = {"default", "include", "stages", "variables", "workflow"}
# What is promised, the command that keeps the promise, and the file and the text that it needs.
PROMISES = [
    ("style", "make lint", "Makefile", r"/ruff check \."),
    ("types", "make lint", "Makefile", r"/mypy\n"),
    ("tests", "make test-all", "Makefile", r"\ntest-all: test test-chassis "),
    ("tests", "make test-all", "Makefile", r"/pytest --ignore=tests/chassis .*--cov=\w+\)\n"),
    ("tests", "make test-all", "Makefile", r"/pytest .*=tests/chassis .*--cov=chassis\)\n"),
    ("tests", "make test-all", "pyproject.toml", r"\ntestpaths = \[\"tests\"\]\n"),
    ("coverage", "make test-all", "pyproject.toml", r"\nfail_under = 9\d\n"),
    ("contract", "make test-all", "tests/contract/test_contract.py", r"\ndef test_"),
    ("contract", "make test-all", "tests/contract/test_fuzz.py", r"\ndef test_"),
    ("clients", "make contract-check", "Makefile", r"-m tools\.gate\n"),
    ("vulnerabilities", "make audit", "Makefile", r"pip-audit@[\d.]+ --strict "),
    ("list of packages", "make sbom", "Makefile", r"cyclonedx-py requirements "),
]
PROMISES_OF = {
    "database": [
        ("migrations", "make test-all", "tests/test_migrations.py", r"flask_migrate.check"),
    ],
    "metrics": [
        ("rules", "promtool check rules", "deploy/prometheus/rules.yaml", r"alert:"),
        ("rules", "promtool test rules", "deploy/prometheus/rules_test.yaml", r"tests:"),
    ],
    "helm": [("chart", "make chart", "Makefile", r"\thelm lint --strict ")],
    "docker": [
        ("image", "make up", "Makefile", r"docker build .*\n(.*\n)*\tdocker compose up .*--wait"),
        ("signature", "cosign sign", "docs/supply-chain.md", r"\$ cosign verify "),
    ],
}

# What else the commands of jobs name, or what is renewed.
NAMED = ("Dockerfile", "compose.yaml", "requirements", "deploy/", "migrations/", "tests/test_")

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Job:
    """A job of GitHub Actions or of GitLab CI."""

    place: str
    settings: dict[str, Any]
    commands: list[str]

    @property
    def is_call(self) -> bool:
        """Whether it is another workflow, whose jobs have limits of their own."""
        return "uses" in self.settings


def program(family: Family) -> Program:
    """The pipelines are seen with what keeps their promises."""
    narrowed = family.since("pyproject.toml", "[tool.tox]")
    promised = [*PROMISES, *(promise for promises in PROMISES_OF.values() for promise in promises)]
    keeping = {path for _, _, path, _ in promised}
    read = reader((*SCHEMAS, "Makefile", "pyproject.toml", *keeping), NAMED)
    return whole(narrowed, read, family.where(GITLAB) | family.within(WORKFLOWS))


def faults(service: Service) -> Iterator[str]:
    """Finds what is wrong with the pipelines, and what they forget to do."""
    if not pipelines(service.texts):
        return
    yield from repository_faults(service.texts, service.memory)
    try:
        found = jobs(service.texts)
        yield from python_faults(service.texts, found)
        yield from broken_promises(service, found)
        yield from renewal_faults(service.texts)
    except (AttributeError, KeyError, TypeError, yaml.YAMLError):
        return  # repository_faults reports it


def repository_faults(texts: Texts, memory: Path) -> Iterator[str]:
    """Finds the faults of pipelines in any repository.

    Args:
        texts: its files, by their paths.
        memory: where it is remembered which were clean.
    """
    yield from tool_faults(pipelines(texts), memory)
    try:
        for path, workflow in workflows(texts).items():
            yield from workflow_faults(path, texts[path], workflow)
        for job in jobs(texts):
            yield from job_faults(job)
            yield from command_faults(job, texts)
        if GITLAB in texts:
            yield from gitlab_faults(documents.load(texts[GITLAB]))
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as error:
        yield f"pipelines: cannot be understood: {error!r}"


def pipelines(texts: Texts) -> dict[str, str]:
    """The files that the systems read."""
    return {path: text for path, text in texts.items() if path.startswith(tuple(SCHEMAS))}


def tool_faults(files: dict[str, str], memory: Path) -> Iterator[str]:
    """Lets the well-known tools look, each at what it reads, unless that was clean."""
    for start in SCHEMAS:
        read = {path: text for path, text in files.items() if path.startswith(start)}
        if read:
            key = ("schema", *read.items())
            yield from unless_clean(memory, key, partial(schema_faults, start, read))
    read = {path: text for path, text in files.items() if path.startswith(".github/")}
    if any(path.startswith(WORKFLOWS) for path in read):
        key = ("workflows", *read.items())
        yield from unless_clean(memory, key, partial(github_tool_faults, read))


@contextmanager
def written(files: dict[str, str]) -> Iterator[str]:
    """Writes files into a directory that looks like a repository."""
    with tempfile.TemporaryDirectory() as directory:
        for path, text in files.items():
            Path(directory, path).parent.mkdir(parents=True, exist_ok=True)
            Path(directory, path).write_text(text, encoding="utf-8")
        # actionlint looks for workflows that are called from the root of a repository on.
        Path(directory, ".git").mkdir()
        yield directory


def run(directory: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the tools."""
    return subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def schema_faults(start: str, files: dict[str, str]) -> Iterator[str]:
    """Compares files with the schema of the system that reads them."""
    command = ["check-jsonschema", "--color=never", "--builtin-schema", f"vendor.{SCHEMAS[start]}"]
    with written(files) as directory:
        result = run(directory, *command, *files)
    if result.returncode:
        yield f"check-jsonschema: {' '.join((result.stdout + result.stderr).split())}"


def github_tool_faults(files: dict[str, str]) -> Iterator[str]:
    """Lets actionlint and zizmor look at the workflows."""
    options = ["--offline", "--strict-collection", "--persona=auditor"]
    with written(files) as directory:
        # What these two find more must not depend on the machine.
        lint = run(directory, "actionlint", "-no-color", "-oneline", "-shellcheck=", "-pyflakes=")
        result = run(directory, "zizmor", *options, "--no-progress", "--format=json-v1", ".")
    if lint.returncode:
        yield f"actionlint: {' '.join((lint.stdout + lint.stderr).split())}"
    try:
        findings = json.loads(result.stdout)
    except ValueError:
        yield f"zizmor: {' '.join(result.stderr.split())}"
        return
    for finding in findings:
        if finding["ident"] not in NOT_FAULTS:
            place = next(p for p in finding["locations"] if p["symbolic"]["kind"] == "Primary")
            path = place["symbolic"]["key"]["Local"]["verbatim_path"].removeprefix("./")
            line = place["concrete"]["location"]["start_point"]["row"] + 1
            yield f"{path}:{line}: {finding['desc']} (zizmor {finding['ident']})"


def workflows(texts: Texts) -> dict[str, dict[Any, Any]]:
    """The workflows of GitHub Actions by their paths."""
    paths = [path for path in texts if path.startswith(WORKFLOWS)]
    return {path: documents.load(texts[path]) for path in paths}


def jobs(texts: Texts) -> list[Job]:
    """All jobs; those of GitLab with what they extend."""
    found = []
    for path, workflow in workflows(texts).items():
        for name, settings in workflow["jobs"].items():
            commands = lines(step.get("run") for step in settings.get("steps", []))
            found.append(Job(f"{path}: {name}", settings, commands))
    if GITLAB in texts:
        pipeline = documents.load(texts[GITLAB])
        for name, job in pipeline.items():
            if name not in NOT_JOBS and not name.startswith("."):
                settings = pipeline.get(job.get("extends"), {}) | job
                keys = ("before_script", "script", "after_script")
                scripts = [settings.get(key, []) for key in keys]
                parts = [
                    line for part in scripts for line in ([part] if part == str(part) else part)
                ]
                found.append(Job(f"{GITLAB}: {name}", settings, lines(parts)))
    return found


def lines(scripts: Any) -> list[str]:
    """The commands of scripts, each in one line."""
    joined = (re.sub(r"\\\n\s*", "", script) for script in scripts if script)
    return [line for script in joined for line in script.splitlines()]


def workflow_faults(path: str, text: str, workflow: dict[Any, Any]) -> Iterator[str]:
    """Finds actions that may change, rights that are not needed, and dangerous events."""
    for number, line in enumerate(text.splitlines(), 1):
        used = re.match(r"\s*(?:- )?uses: (\S+)(.*)", line)
        if used and not used[1].startswith("./"):
            if not re.search(r"@[0-9a-f]{40}$", used[1]):
                yield f"{path}:{number}: uses {used[1]}, which is not pinned to a commit"
            elif not re.fullmatch(r" # v\d+(\.\d+)*", used[2]):
                yield f"{path}:{number}: does not tell the version of {used[1]}"
    if workflow.get("permissions") != {}:
        yield f"{path}: gives rights to all jobs"
    # YAML reads the key `on` as true.
    for event in FOREIGN & set(workflow[True]):
        yield f"{path}: runs on {event}, with rights for what strangers propose"
    for name, job in workflow["jobs"].items():
        if "permissions" not in job:
            yield f"{path}: {name}: does not say which rights it needs"
        for step in job.get("steps", []):
            if "run" in step and "name" not in step:
                yield f"{path}: {name}: has a command without a name"


def job_faults(job: Job) -> Iterator[str]:
    """Finds jobs that may run for hours."""
    if not job.is_call and not {"timeout", "timeout-minutes"} & set(job.settings):
        yield f"{job.place}: has no limit of time"


def command_faults(job: Job, texts: Texts) -> Iterator[str]:
    """Finds Make targets and files that commands name and that are not there."""
    makefile = texts.get("Makefile", "")
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", makefile, re.MULTILINE))
    everything = "\n".join([makefile, *job.commands])
    written = set(re.findall(r"--(?:output|metadata)-file[ =](\S+)", everything))
    for command in job.commands:
        for found in re.finditer(r"(?:^|&& |; )make ([\w -]+)", command):
            for target in found[1].split():
                if target not in targets:
                    yield f"{job.place}: makes {target}, which the Makefile does not have"
        for word in words(command):
            path = word.removeprefix("./").rstrip("/")
            if re.fullmatch(FILE, word) and path not in written and not is_there(path, texts):
                yield f"{job.place}: names {word}, which is not there"
    for path in artifacts(job):
        if path not in written:
            yield f"{job.place}: keeps {path}, which nothing writes"


def words(command: str) -> list[str]:
    """The words of a command, as a shell reads it."""
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        return command.split()


def is_there(path: str, texts: Texts) -> bool:
    """Whether there is a file or directory."""
    return any(f"{name}/".startswith(f"{path}/") for name in texts)


def artifacts(job: Job) -> list[str]:
    """The files that a job hands over."""
    uploads = [
        step["with"]["path"]
        for step in job.settings.get("steps", [])
        if "upload-artifact" in step.get("uses", "")
    ]
    return [*job.settings.get("artifacts", {}).get("paths", []), *uploads]


def gitlab_faults(pipeline: dict[str, Any]) -> Iterator[str]:
    """Finds images without a version, and stages and jobs that are not there."""
    for name, job in pipeline.items():
        if name in NOT_JOBS - {"default"}:
            continue
        place = f"{GITLAB}: {name}"
        images = [job["image"]] if "image" in job else []
        for image in [*images, *job.get("services", [])]:
            image = image if isinstance(image, str) else image["name"]
            if not re.fullmatch(r"[\w./-]+:(v?\d+\.\d+|\$PYTHON_VERSION)[\w.-]*", image):
                yield f"{place}: has the image {image}, which is no version"
        if job.get("extends") not in (None, *pipeline):
            yield f"{place}: extends {job['extends']}, which is not there"
        if "stage" in job and job["stage"] not in pipeline["stages"]:
            yield f"{place}: is in the stage {job['stage']}, which is not there"


def python_faults(texts: Texts, found: list[Job]) -> Iterator[str]:
    """Compares the Pythons of the jobs with those of tox."""
    tox = tomllib.loads(texts["pyproject.toml"])["tool"]["tox"]["env_list"]
    supported = [f"3.{name.removeprefix('py3')}" for name in tox if name.startswith("py3")]
    tested = []
    for job in found:
        matrix = job.settings.get("strategy", {}).get("matrix", {})
        parallel = job.settings.get("parallel", {}).get("matrix", [{}])[0]
        tested += matrix.get("python", []) + parallel.get("PYTHON_VERSION", [])
    if tested != supported:
        yield f"pipelines: test on Python {tested}, but tox on {supported}"


def broken_promises(service: Service, found: list[Job]) -> Iterator[str]:
    """Finds what a pipeline has to do and does not."""
    commands = "\n".join(command for job in found for command in job.commands)
    has = {**service.answers, "database": service.answers["database"] != "none"}
    kept = [
        *PROMISES,
        *(p for name, promises in PROMISES_OF.items() if has[name] for p in promises),
    ]
    for promise, command, path, pattern in kept:
        if not re.search(rf"^(.*&& )?{command}\b", commands, re.MULTILINE):
            yield f"pipelines: nothing runs {command!r} for the promise {promise!r}"
        if not re.search(pattern, service.texts.get(path, "")):
            yield f"{path}: has nothing of the promise {promise!r} that {command!r} keeps"


def renewal_faults(texts: Texts) -> Iterator[str]:
    """Compares what Dependabot renews with what there is."""
    if DEPENDABOT not in texts:
        return
    updates = documents.load(texts[DEPENDABOT])["updates"]
    renewed = {update["package-ecosystem"] for update in updates}
    there = {"docker": "Dockerfile", "docker-compose": "compose.yaml", "pip": "requirements.txt"}
    expected = {name for name, path in there.items() if path in texts} | {"github-actions"}
    if renewed != expected:
        yield f"{DEPENDABOT}: renews {sorted(renewed)}, but there are {sorted(expected)}"
