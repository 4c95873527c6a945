"""Updating: cruft brings a service to other versions and answers, and keeps its owner's edits."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.combinations import CHOICES, DEFAULT, neighbours, presets
from tools.template import QUESTIONS, REPOSITORY, render

from .conftest import Bake, key, lock
from .samples import todays

# Where the template is published: git is told to find the tests' own repository there.
ADDRESS = "https://github.com/org/cookiecutter-flask-chassis"
GUIDE = (REPOSITORY / "docs" / "updating.md").read_text(encoding="utf-8")

# Versions of the template; one older version is made, another is taken from the history.
CURRENT, MADE, PREVIOUS = "current", "made", "previous"
SERVICE, HOOK = "<<cookiecutter.project_slug>>", "hooks/post_gen_project.py"
PACKAGE = "src/<<cookiecutter.package_name>>"

# What cruft says; the guide shows it.
OUT_OF_DATE = "FAILURE: Project's cruft is out of date! Run `cruft update` to clean this mess up."
UP_TO_DATE = "SUCCESS: Good work! Project's cruft is up to date and as clean as possible :)."
UPDATED = "Good work! Project's cruft has been updated and is as clean as possible!"
NOTHING_TO_DO = "Nothing to do, project's cruft is already up to date!"
FAILED = "Failed to apply the update. Retrying again with a different update strategy."

FULL, MINIMAL = presets()["full"], presets()["minimal"]
OTHERS = [
    (name, value)
    for neighbour in neighbours(FULL)
    for name, value in neighbour.items()
    if value != FULL[name]
]
NAMES = {
    "project_name": 'Zoë\'s R&D: "Sheep" #1',
    "project_slug": "sheep-counter",
    "package_name": "woolly",
    "resource": "sheep",
    "resource_plural": "sheep",
}

Answers = dict[str, object]
Snapshot = dict[str, tuple[bool, bytes]]
Run = Callable[..., str]
Create = Callable[..., Path]
Expect = Callable[..., Snapshot]
Find = Callable[[str], str]
Check = Callable[..., None]


def replace(path: Path, old: str, new: str) -> None:
    """Replaces text that has to be there."""
    text = path.read_text() if path.exists() else ""
    assert old in text, (
        f"{path.name} has no {old!r} any more: choose another text in {Path(__file__).name}"
    )
    path.write_text(text.replace(old, new))


# The older version: path in the template, text of today, text of then.
OLDER_TEXTS = [
    ("pyproject.toml", "fail_under = 90", "fail_under = 80"),
    ("pyproject.toml", "[tool.pytest.ini_options]", "# Tests\n[tool.pytest.ini_options]"),
    ("Makefile", "## Create the environment in .venv", "## Install the packages"),
    ("README.md", "\n## Commands\n", "\n## The commands\n"),
    ("docs/development.md", "\n## Add an operation\n", "\n## Add an endpoint\n\nIt is easy.\n"),
    (f"{PACKAGE}/app.py", "\ndef create_app(", "\n# Once.\ndef create_app("),
    (f"{PACKAGE}/wsgi.py", '"""', '"""Once: '),
]
# Path of today, path of then.
OLDER_NAMES = [
    ("docs/operation.md", "docs/running.md"),
    (f"{PACKAGE}/configuration.py", f"{PACKAGE}/config.py"),
]
OBSOLETE = "docs/obsolete/style.md"


def make_older(template: Path) -> None:
    """Turns the template into a version that could have come before it."""
    service = template / SERVICE
    for path, now, then in OLDER_TEXTS:
        replace(service / path, now, then)
    for now, then in OLDER_NAMES:
        assert (service / now).exists(), f"choose another file than {now} in {Path(__file__).name}"
        (service / now).rename(service / then)
    (service / OBSOLETE).parent.mkdir()
    (service / OBSOLETE).write_text("# Style\n\nThis page is gone.\n")
    remove_a_file_of_a_feature(template)
    remove_a_question(template, next(name for name, value in QUESTIONS.items() if value is True))


def remove_a_file_of_a_feature(template: Path) -> None:
    """Takes the last file of the hook's manifest away, and its line there."""
    lines = re.findall(r'^ {8}"(.+)",\n', (template / HOOK).read_text(), re.MULTILINE)
    path = next(line for line in reversed(lines) if (template / SERVICE / line).is_file())
    replace(template / HOOK, f'        "{path}",\n', "")
    (template / SERVICE / path).unlink()


def remove_a_question(template: Path, name: str) -> None:
    """Takes a question away: what it decides is always there."""
    path = template / "cookiecutter.json"
    questions = json.loads(path.read_text())
    del questions[name], questions["__prompts__"][name]
    path.write_text(json.dumps(questions, indent=2))
    replace(template / HOOK, f'ANSWERS["{name}"]', "True")
    replace(template / "hooks/pre_gen_project.py", f'    "{name}": [True, False],\n', "")
    for path in (template / SERVICE).rglob("*"):
        if path.is_file():
            text = path.read_text()
            path.write_text(re.sub(rf"\bcookiecutter\.{name}\b", "true", text))


def edit(service: Path) -> None:
    """What an owner does to a service: adds, changes and removes."""
    (package,) = [path for path in (service / "src").iterdir() if path.name != "chassis"]
    (package / "tariffs.py").write_text("TARIFFS = (1, 2)\n")
    (service / "docs/tariffs.md").write_text("# Tariffs\n\nOne or two.\n")
    (service / ".editorconfig").unlink()
    replace(service / "README.md", "\n## Try it\n", "\n## Our team\n\nAsk us.\n\n## Try it\n")
    replace(service / "config/development.yaml", "grace_period: 3", "grace_period: 5")
    replace(service / "pyproject.toml", '    "injector', '    "httpx>=0.28,<1",\n    "injector')
    (operations,) = package.glob("*/api.py")
    operations.write_text(
        f"{operations.read_text()}\n\ndef tell_tariffs() -> list[int]:\n    ...\n"
    )


def snapshot(service: Path) -> Snapshot:
    """All files with their executable bits and contents, without what git and cruft keep."""
    return {
        path.relative_to(service).as_posix(): (bool(path.stat().st_mode & 0o111), path.read_bytes())
        for path in service.rglob("*")
        if path.is_file() and path.relative_to(service).parts[0] not in (".git", ".cruft.json")
    }


def differing(before: Snapshot, after: Snapshot) -> list[str]:
    return sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def empty_directories(service: Path) -> list[Path]:
    paths = (path for path in service.rglob("*") if ".git" not in path.parts and path.is_dir())
    return [path for path in paths if not any(path.iterdir())]


@pytest.fixture(scope="session")
def directory(shared_directory: Path) -> Path:
    """What the processes of these tests share."""
    directory = shared_directory / "updating"
    (directory / "home").mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def run(directory: Path) -> Run:
    """Runs a command that has to end with a status; it sees no settings and no network."""
    settings = {f"url.{directory}/template.git.insteadOf": ADDRESS, "safe.directory": "*"}
    environment = {
        "HOME": str(directory / "home"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONUTF8": "1",
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (name, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "Owner", f"GIT_{role}_EMAIL": "owner@example.com"}

    def run_in(cwd: Path, *command: str, status: int = 0) -> str:
        result = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == status, result.stdout[-8000:]
        return result.stdout

    return run_in


@pytest.fixture(scope="session")
def template(directory: Path, run: Run) -> Path:
    """The repository that cruft finds at the template's address."""
    repository, older = directory / "template.git", directory / MADE
    with lock(directory / "template.lock"):
        if not repository.exists():
            unfinished = directory / "template.unfinished"
            for leftover in (unfinished, older):
                shutil.rmtree(leftover, ignore_errors=True)
            run(directory, "git", "init", "--quiet", "--bare", "-b", "main", str(unfinished))
            store(unfinished, REPOSITORY, CURRENT, run)
            run(unfinished, "git", "branch", "main", CURRENT)
            run(directory, "git", "clone", "--quiet", str(unfinished), str(older))
            make_older(older)
            store(unfinished, older, MADE, run)
            unfinished.rename(repository)
    return repository


def store(repository: Path, tree: Path, version: str, run: Run) -> None:
    """Makes a commit of what git does not ignore in a directory."""
    git = ("git", "--git-dir", str(repository), "--work-tree", str(tree))
    run(tree, *git, "add", "--all")
    content = run(tree, *git, "write-tree").strip()
    commit = run(tree, *git, "commit-tree", "-m", version, content).strip()
    run(tree, *git, "tag", version, commit)


@pytest.fixture(scope="session")
def find(directory: Path, run: Run, template: Path) -> Find:
    """Finds the commit of a version; takes it from the history first if it comes from there."""

    def find_commit(version: str) -> str:
        if version == PREVIOUS:
            commit = previous_commit(run)
            archive = directory / "previous.tar"
            with lock(directory / "previous.lock"):
                if not archive.exists():
                    run(REPOSITORY, "git", "archive", "--output", str(archive), commit)
                    with tarfile.open(archive) as file:
                        file.extractall(directory / PREVIOUS, filter="data")
                    store(template, directory / PREVIOUS, PREVIOUS, run)
        return run(template, "git", "rev-parse", version).strip()

    return find_commit


def previous_commit(run: Run) -> str:
    """The newest commit whose template differs from that of the working tree."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("There is no .git here, so there is no previous version to update from.")
    paths = ("--", SERVICE, "hooks", "cookiecutter.json")
    new = run(REPOSITORY, "git", "ls-files", "--others", "--exclude-standard", *paths)
    for commit in run(REPOSITORY, "git", "rev-list", "HEAD").split():
        if new or run(REPOSITORY, "git", "diff", "--name-only", commit, *paths):
            return commit
    if run(REPOSITORY, "git", "rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("This clone is shallow, so there is no previous version to update from.")
    pytest.fail("No commit of the history has another template than the working tree.")


@pytest.fixture
def create(tmp_path: Path, directory: Path, run: Run, find: Find) -> Create:
    """Creates a service by cruft, commits it as created and, unless told not to, edited."""

    def create_in(target: Path, answers: Answers, version: str) -> None:
        checkout = () if version == CURRENT else ("--checkout", find(version))
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        run(target, "cruft", "create", ADDRESS, "--no-input", *checkout, *extra(answers))
        (service,) = target.iterdir()
        assert not (service / ".git").exists()
        run(service, "git", "init", "--quiet", "-b", "main")
        save(service, run)

    def created(answers: Answers, version: str = CURRENT, *, edited: bool = True) -> Path:
        source = directory / f"{version}-{key(answers)}"
        with lock(source.with_suffix(".lock")):
            if not source.exists():
                create_in(source.with_suffix(".unfinished"), answers, version)
                source.with_suffix(".unfinished").rename(source)
        service = shutil.copytree(next(source.iterdir()), tmp_path / "service", symlinks=True)
        if edited:
            edit(service)
            save(service, run)
        return service

    return created


def extra(answers: Answers, option: str = "--extra-context") -> tuple[str, str]:
    return option, json.dumps(answers)


def save(service: Path, run: Run) -> None:
    run(service, "git", "add", "--all")
    run(service, "git", "commit", "--quiet", "--message", "Save")


@pytest.fixture
def expect(bake: Bake, tmp_path: Path) -> Expect:
    """The files of a service that is generated anew and, unless told not to, edited."""

    def expected(answers: Answers, *, edited: bool = True) -> Snapshot:
        service = shutil.copytree(bake(**answers), tmp_path / "expected")
        if edited:
            edit(service)
        files = snapshot(service)
        shutil.rmtree(service)
        return files

    return expected


@pytest.fixture
def check(find: Find, expect: Expect) -> Check:
    """Fails unless a service is what the template makes of some answers, with its edits."""

    def check_service(service: Path, answers: Answers, *, edited: bool = True) -> None:
        found = snapshot(service)
        assert [path for path in found if path.endswith((".rej", ".orig"))] == []
        assert differing(found, expect(answers, edited=edited)) == []
        assert empty_directories(service) == []
        assert json.loads((service / ".cruft.json").read_text())["commit"] == find(CURRENT)
        assert known(service).items() >= answers.items()

    return check_service


def known(service: Path) -> Answers:
    """The answers that cruft has written down."""
    answers = json.loads((service / ".cruft.json").read_text())["context"]["cookiecutter"]
    return {name: value for name, value in answers.items() if not name.startswith("_")}


def switch(service: Path, run: Run, answers: Answers) -> str:
    """Changes some answers of a service; cruft reports success in any case."""
    output = run(service, "cruft", "update", "-y", *extra(answers, "--variables-to-update"))
    assert UPDATED in output
    return output


@pytest.mark.parametrize(
    ("version", "answers"),
    [(PREVIOUS, {}), (MADE, {**NAMES, "database": "sqlite"})],
    ids=[PREVIOUS, MADE],
)
def test_an_older_service_is_updated(create: Create, run: Run, check: Check, version, answers):
    service = create(answers, version)
    answers = DEFAULT | known(service)
    assert OUT_OF_DATE in run(service, "cruft", "check", status=1)
    output = run(service, "cruft", "update", "-y")
    assert UPDATED in output
    assert FAILED not in output
    check(service, answers)
    assert UP_TO_DATE in run(service, "cruft", "check")
    save(service, run)
    assert NOTHING_TO_DO in run(service, "cruft", "update", "-y")
    assert run(service, "git", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("question", "value"), todays(OTHERS, 3), ids=lambda value: str(value).lower()
)
def test_an_answer_is_changed_and_changed_back(
    create: Create, run: Run, check: Check, question, value
):
    service = create(FULL)
    start = run(service, "git", "rev-parse", "HEAD").strip()
    for answers in (FULL | {question: value}, FULL):
        assert FAILED not in switch(service, run, {question: answers[question]})
        check(service, answers)
        save(service, run)
    assert run(service, "git", "diff", "--name-only", start) == ""


def test_what_does_not_go_together_is_refused_and_changes_nothing(create: Create, run: Run):
    service = create(FULL)
    change = extra({"docker": False}, "--variables-to-update")
    output = run(service, "cruft", "update", "-y", *change, status=1)
    assert "helm=true and docker=false do not go together" in output
    assert run(service, "git", "status", "--porcelain") == ""


def test_two_features_that_go_together_are_switched_off_and_on_together(
    create: Create, run: Run, check: Check
):
    service = create(FULL)
    for value in (False, True):
        answers = {"docker": value, "helm": value}
        assert FAILED not in switch(service, run, answers)
        check(service, FULL | answers)
        save(service, run)
    assert (service / "deploy" / "chart" / "files" / "rules.yaml").is_symlink()


def of_features(expect: Expect) -> str:
    """A module that only a service with everything has."""
    paths = expect(FULL).keys() - expect(MINIMAL).keys()
    return min(path for path in paths if path.startswith("src/"))


def test_an_edited_file_stays_when_its_feature_is_switched_off(
    create: Create, run: Run, check: Check, expect: Expect
):
    service = create(FULL, edited=False)
    path = service / of_features(expect)
    path.write_text(f"{path.read_text()}\n# Ours.\n")
    save(service, run)
    assert FAILED in switch(service, run, MINIMAL)
    assert path.read_text().endswith("# Ours.\n")
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()
    check(service, MINIMAL, edited=False)


def test_an_edited_file_can_be_removed_before_its_feature_is_switched_off(
    create: Create, run: Run, check: Check, expect: Expect
):
    service = create(FULL)
    path = service / of_features(expect)
    path.write_text(f"{path.read_text()}\n# Ours.\n")
    save(service, run)
    run(service, "git", "rm", "--quiet", str(path))
    save(service, run)
    assert FAILED not in switch(service, run, MINIMAL)
    check(service, MINIMAL)


def test_a_line_that_both_changed_is_marked(create: Create, run: Run):
    service = create(FULL, edited=False)
    path = service / "LICENSE"
    path.write_text(f"Ours\n{path.read_text()}")
    save(service, run)
    output = switch(service, run, {"license": CHOICES["license"][-1]})
    assert "U LICENSE" in output.splitlines()
    assert run(service, "git", "diff", "--name-only", "--diff-filter=U") == "LICENSE\n"
    assert "<<<<<<< ours\nOurs\n" in path.read_text()


def test_a_fresh_clone_is_told_what_the_template_had(create: Create, run: Run, check: Check):
    service = create(FULL)
    switch(service, run, MINIMAL)
    save(service, run)
    clone = service.parent / "clone"
    run(service, "git", "clone", "--quiet", f"file://{service}", str(clone))
    assert FAILED in switch(clone, run, FULL)
    assert list(clone.rglob("*.rej")) == [clone / "config" / "development.yaml.rej"]
    run(clone, "git", "reset", "--hard", "--quiet")
    run(clone, "git", "clean", "-d", "--force", "--quiet")
    (remedy,) = re.findall(r"^cruft diff .+ git .+$", GUIDE, re.MULTILINE)
    run(clone, "sh", "-c", remedy)
    assert FAILED not in switch(clone, run, FULL)
    check(clone, FULL)


def test_a_minimal_service_of_cookiecutter_is_linked_and_grows_step_by_step(
    tmp_path: Path, run: Run, template: Path, check: Check
):
    service = render(tmp_path / "rendered", **MINIMAL)
    run(service, "git", "init", "--quiet", "-b", "main")
    save(service, run)
    edit(service)
    run(service, "cruft", "link", ADDRESS, "--no-input", *extra(MINIMAL))
    save(service, run)
    assert UP_TO_DATE in run(service, "cruft", "check")
    answers = dict(MINIMAL)
    for question in [name for name in CHOICES if MINIMAL[name] != FULL[name]]:
        answers[question] = FULL[question]
        assert FAILED not in switch(service, run, {question: answers[question]})
        check(service, answers)
        save(service, run)
    assert answers == FULL


@pytest.mark.parametrize("words", [OUT_OF_DATE, UP_TO_DATE, UPDATED, NOTHING_TO_DO, FAILED])
def test_the_guide_shows_what_cruft_says(words):
    assert words in GUIDE
