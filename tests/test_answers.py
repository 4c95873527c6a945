"""Bad answers are refused in one sentence; good but awkward ones make a project that works."""

import ast
import builtins
import json
import keyword
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

from tools.combinations import CHOICES
from tools.template import REPOSITORY, TEMPLATE, conflicts

SENTENCE = re.compile(r"(\w+) (.+) (is|has|starts) .+; a good value is ['\"](.+)['\"]\.")
CONFLICT = re.compile(r"(\w+=\w+ and \w+=\w+) do not go together: .+; answer (.+)\.")

BAD = [
    ("project_name", ""),
    ("project_name", "   "),
    ("project_name", " Colors"),
    ("project_name", "Colors "),
    ("project_name", "Two\nlines"),
    ("project_name", "Tab\tbed"),
    ("project_name", "Back\\slash"),
    ("project_name", "Zero\u200bwidth"),
    ("project_name", "Right\u202eto left"),
    ("project_name", "No\u00a0break"),
    ("project_name", "Private\ue000use"),
    ("project_name", "Line\u2028separator"),
    ("project_name", "Bell\a"),
    ("project_name", "Expression {{ 7 * 7 }}"),
    ("project_name", "C" * 81),
    ("project_slug", ""),
    ("project_slug", "a"),
    ("project_slug", "a" * 41),
    ("project_slug", "a" * 300),
    ("project_slug", "3d-models"),
    ("project_slug", "Colors"),
    ("project_slug", "color_palette"),
    ("project_slug", "color--palette"),
    ("project_slug", "palette-"),
    ("project_slug", "-rf"),
    ("project_slug", "--help"),
    ("project_slug", "color palette"),
    ("project_slug", "color\npalette"),
    ("project_slug", "palette\n"),
    ("project_slug", "couleur-é"),
    ("project_slug", "$(reboot)"),
    ("project_slug", "a'b"),
    ("project_slug", "'''"),
    ("project_slug", 'a"b'),
    ("project_slug", "a\\b"),
    ("project_slug", "a/b"),
    ("project_slug", "a/../../b"),
    ("project_slug", "../x"),
    ("project_slug", "."),
    ("project_slug", ".."),
    ("project_slug", "~"),
    ("project_slug", "class"),
    ("project_slug", "json"),
    ("project_slug", "test"),
    ("project_slug", "flask"),
    ("project_slug", "connexion"),
    ("project_slug", "flask-injector"),
    ("project_slug", "pyyaml"),
    ("project_slug", "python"),
    ("package_name", ""),
    ("package_name", "color-palette"),
    ("package_name", "_palette"),
    ("package_name", "2d"),
    ("package_name", "palétte"),
    ("package_name", "../palette"),
    ("package_name", "color.palette"),
    ("package_name", "class"),
    ("package_name", "match"),
    ("package_name", "json"),
    ("package_name", "test"),
    ("package_name", "tests"),
    ("package_name", "chassis"),
    ("package_name", "flask"),
    ("package_name", "connexion"),
    ("package_name", "yaml"),
    ("description", ""),
    ("description", "Two\nlines"),
    ("description", "A \\ backslash"),
    ("description", "<script>alert(1)</script>"),
    ("description", "{% raw %}"),
    ("description", "D" * 201),
    ("author_name", ""),
    ("author_name", "Back\\slash"),
    ("author_name", "A" * 101),
    ("author_email", ""),
    ("author_email", "nobody"),
    ("author_email", "me@localhost"),
    ("author_email", "Me <me@example.com>"),
    ("author_email", 'me"@example.com'),
    ("author_email", "mé@example.com"),
    ("author_email", "me@example.com\n"),
    ("resource", ""),
    ("resource", "Color"),
    ("resource", "order-line"),
    ("resource", "c" * 21),
    ("resource", "class"),
    ("resource", "list"),
    ("resource", "none"),
    ("resource", "warning"),
    ("resource", "session"),
    ("resource_plural", ""),
    ("resource_plural", "../colors"),
    ("resource_plural", "c" * 25),
    ("resource_plural", "settings"),
    ("resource_plural", "events"),
]

LONG_NAME = f"The {'very ' * 13}big one"
AWKWARD = [
    {"project_name": "O'Brien's Colors"},
    {"project_name": "Café Crème — Größe №1"},
    {"project_name": 'R&D: "Colors" #1'},
    {"project_name": '\'Tis #3, or: "so"', "description": '"'},
    {"project_name": LONG_NAME, "project_slug": "big"},
    {"project_name": "色のパレット", "author_name": "色彩設計部"},
    {"project_name": "Paint 🎨", "description": "Keeps 🎨 & `code` | $HOME | 100% [x](y) * ~ @ !"},
    {"project_name": "#hash", "description": "- dash: 'a' # not a comment", "author_name": "*star"},
    {"project_name": "@home", "description": "%percent", "author_name": "!bang & Söhne, Inc."},
    {"project_name": "null", "description": "true", "author_name": "0x1F"},
    {"project_name": "Palette", "author_email": "o'brien+colors@mail.example.co.uk"},
    {"resource": "person", "resource_plural": "people"},
    {"resource": "sheep", "resource_plural": "sheep"},
    {"resource": "order_line"},
    {"resource": "city"},
    {"resource": "box"},
    {"resource": "case2"},
]


@pytest.fixture
def output(tmp_path):
    """An empty directory to generate into, in another one that holds nothing else."""
    output = tmp_path / "outside" / "output"
    output.mkdir(parents=True)
    return output


@pytest.fixture
def config(tmp_path):
    """A user's configuration that keeps the real one, and the real home, out of the tests."""
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"replay_dir": str(tmp_path / "replay")}))
    return config


@pytest.fixture
def bake(output, config):
    """Generates a project in this process."""

    def bake(**answers):
        project = cookiecutter(
            str(REPOSITORY),
            no_input=True,
            config_file=str(config),
            output_dir=str(output),
            extra_context=answers,
        )
        return Path(project)

    return bake


@pytest.fixture
def run(output, config):
    """Runs cookiecutter's command."""

    def run(*options, **answers):
        command = [sys.executable, "-m", "cookiecutter", str(REPOSITORY), *options]
        if "--replay-file" not in options:
            command.append("--no-input")
        command += ["--config-file", str(config), "--output-dir", str(output)]
        command += [f"{question}={answer}" for question, answer in answers.items()]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        return subprocess.run(
            command, env=environment, capture_output=True, encoding="utf-8", check=False
        )

    return run


@pytest.fixture(scope="module")
def find_problem():
    """Asks the hook alone what is wrong with an answer."""
    hook = runpy.run_path(str(REPOSITORY / "hooks" / "pre_gen_project.py"))
    return lambda question, answer: hook["find_problem"](answer, hook["QUESTIONS"][question])


def assert_nothing_left(output):
    assert list(output.parent.rglob("*")) == [output]


@pytest.mark.parametrize(("question", "answer"), BAD)
def test_a_bad_answer_is_refused_in_one_sentence(run, output, find_problem, question, answer):
    result = run(**{question: answer})

    assert result.returncode != 0
    refusals = [line for line in result.stderr.splitlines() if "; a good value is " in line]
    assert len(refusals) == 1
    assert refusals == result.stderr.splitlines()[:1]
    sentence = SENTENCE.fullmatch(refusals[0])
    assert sentence
    assert sentence[1] == question
    assert find_problem(question, sentence[4]) is None
    assert_nothing_left(output)


@pytest.mark.parametrize(
    ("question", "answer"),
    [("project_slug", "../x"), ("package_name", "json"), ("description", "Two\nlines")],
)
def test_a_bad_answer_is_refused_in_process_too(bake, output, capfd, question, answer):
    with pytest.raises(FailedHookException):
        bake(**{question: answer})

    assert capfd.readouterr().err.startswith(f"{question} {answer!r} ")
    assert_nothing_left(output)


def test_an_absolute_path_is_refused_as_a_slug(run, output):
    result = run(project_slug=str(output.parent / "elsewhere"))

    assert result.returncode != 0
    assert result.stderr.startswith("project_slug ")
    assert_nothing_left(output)


def test_a_bad_derived_answer_is_refused_by_its_own_name(run, output):
    result = run(project_name="Flask")

    assert result.returncode != 0
    assert result.stderr.startswith("project_slug 'flask' is the name of a dependency;")
    assert_nothing_left(output)


def test_an_unknown_choice_is_refused(run, output):
    result = run(database="oracle")

    assert result.returncode != 0
    assert "oracle" in result.stderr
    assert_nothing_left(output)


# What a file may answer: values that do not exist, and those that are something else in YAML.
WRONG = [
    ("database", "None"),
    ("database", "~"),
    ("tracing", "zipkin"),
    ("tracing", "no"),
    ("metrics", "maybe"),
    ("metrics", "'null'"),
    ("metrics", "~"),
    ("docker", "1"),
    ("helm", "0.0"),
    ("ci", "true"),
    ("license", "mit"),
]


@pytest.mark.parametrize(("question", "answer"), WRONG)
def test_a_wrong_answer_of_a_preset_is_refused(run, output, config, question, answer):
    preset = (REPOSITORY / "presets" / "minimal.yaml").read_text(encoding="utf-8")
    kept = [line for line in preset.splitlines() if not line.startswith(f"  {question}:")]
    wrong = "\n".join([*kept[:-1], f"  {question}: {answer}", kept[-1]])
    config.write_text(config.read_text() + wrong)

    result = run()

    assert result.returncode != 0
    assert question in result.stderr
    assert_nothing_left(output)


@pytest.mark.parametrize("preset", sorted((REPOSITORY / "presets").iterdir()), ids=lambda p: p.stem)
def test_a_preset_is_taken_to_its_end(run, output, config, preset):
    config.write_text(config.read_text() + preset.read_text(encoding="utf-8"))

    assert run().returncode == 0
    assert (output / "color-palette" / "compose.yaml").exists() == (preset.stem == "full")


@pytest.mark.parametrize(
    ("question", "answer"), [("database", "oracle"), ("metrics", None), ("helm", "yes")]
)
def test_a_wrong_answer_of_a_replay_is_refused_in_one_sentence(
    run, output, tmp_path, question, answer
):
    assert run().returncode == 0
    shutil.rmtree(output / "color-palette")
    (replay,) = (tmp_path / "replay").iterdir()
    answers = json.loads(replay.read_text(encoding="utf-8"))
    answers["cookiecutter"][question] = answer
    replay.write_text(json.dumps(answers), encoding="utf-8")

    result = run("--replay-file", str(replay))

    assert result.returncode != 0
    sentence = SENTENCE.fullmatch(result.stderr.splitlines()[0])
    assert (sentence[1], sentence[2]) == (question, repr(answer))
    assert sentence[4] == str(CHOICES[question][0]).lower()
    assert_nothing_left(output)


def test_the_hook_knows_the_choices():
    hook = runpy.run_path(str(REPOSITORY / "hooks" / "pre_gen_project.py"))
    assert hook["CHOICES"] == CHOICES


@pytest.mark.parametrize("answers", conflicts(), ids=str)
def test_answers_that_do_not_go_together_are_refused_in_one_sentence(run, output, answers):
    result = run(**answers)

    assert result.returncode != 0
    sentence = CONFLICT.fullmatch(result.stderr.splitlines()[0])
    assert sentence
    assert sentence[1] == " and ".join(
        f"{name}={answer}".lower() for name, answer in answers.items()
    )
    for advice in sentence[2].split(" or "):
        name, _, answer = advice.partition("=")
        assert answer == str(not answers[name]).lower()
    assert_nothing_left(output)


def test_a_bad_answer_is_told_before_answers_that_do_not_go_together(run):
    assert run(docker=False, package_name="json").stderr.startswith("package_name 'json' is a ")


def test_a_project_that_exists_is_left_alone(run, output):
    kept = output / "color-palette" / "kept"
    kept.mkdir(parents=True)

    assert run(package_name="json").returncode != 0
    assert run(project_slug="../output/color-palette").returncode != 0
    assert list(output.rglob("*")) == [kept.parent, kept]


@pytest.mark.parametrize("answers", AWKWARD, ids=lambda answers: ", ".join(answers.values()))
def test_an_awkward_answer_reaches_the_project_as_it_was_given(bake, answers):
    project = bake(**answers)

    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    author = metadata["authors"][0]
    name = answers.get("project_name", "Color Palette")
    assert project.name == metadata["name"] == answers.get("project_slug", project.name)
    assert metadata["description"] == answers.get(
        "description", f"A microservice that keeps {name} data behind an HTTP API."
    )
    assert author["name"] == answers.get("author_name", f"The {name} Authors")
    assert author["email"] == answers.get("author_email", "team@example.com")
    assert f"Copyright (c) {author['name']}\n" in (project / "LICENSE").read_text(encoding="utf-8")
    for contract in (project / "src").rglob("openapi.yaml"):
        assert yaml.safe_load(contract.read_text(encoding="utf-8"))["info"]["title"] == name
    for module in project.rglob("*.py"):
        compile(module.read_text(encoding="utf-8"), str(module), "exec")


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("color", "colors"),
        ("city", "cities"),
        ("key", "keys"),
        ("box", "boxes"),
        ("dish", "dishes"),
    ],
)
def test_the_plural_follows_from_the_singular(bake, singular, plural):
    project = bake(resource=singular)

    assert (project / "src" / "color_palette" / plural).is_dir()


@pytest.mark.parametrize("question", ["project_slug", "package_name"])
def test_no_name_that_python_has_is_free(find_problem, question):
    taken = {name for name in (*keyword.kwlist, *sys.stdlib_module_names) if len(name) > 1}

    assert not {name for name in taken if find_problem(question, name) is None}


@pytest.mark.parametrize("question", ["resource", "resource_plural"])
def test_no_keyword_and_no_builtin_is_a_resource(find_problem, question):
    taken = {*keyword.kwlist, *dir(builtins)}

    assert not {name for name in taken if find_problem(question, name) is None}


@pytest.mark.parametrize("question", ["project_slug", "package_name"])
def test_no_name_that_the_service_installs_is_free(find_problem, question):
    def normalize(name):
        return re.sub(r"[-_.]+", "_", name).lower()

    modules = defaultdict(set)
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules[normalize(distribution)].add(module)
    # Read as it is, the template's lock has the pins of every combination of options.
    lock = "".join(path.read_text() for path in TEMPLATE.glob("requirements*.txt"))
    pins = {normalize(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    assert "flask" in pins

    taken = pins.union(*(modules[pin] for pin in pins))
    importable = {name for name in taken if name.isidentifier() and not name.startswith("_")}
    separator = "-" if question == "project_slug" else "_"
    names = {name.lower().replace("_", separator) for name in importable}
    assert not {name for name in names if find_problem(question, name) is None}


def test_no_directory_of_the_project_is_a_package_name(find_problem):
    directories = {path.name for path in TEMPLATE.iterdir() if path.is_dir()}

    assert not {name for name in directories if find_problem("package_name", name) is None}


def test_no_module_of_the_package_is_a_resource_plural(find_problem):
    package = TEMPLATE / "src" / "<<cookiecutter.package_name>>"
    modules = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}

    modules.discard("<<cookiecutter")
    assert not {name for name in modules if find_problem("resource_plural", name) is None}


def test_no_directory_of_the_tests_is_a_resource_plural(find_problem):
    directories = {path.name for path in (TEMPLATE / "tests").iterdir() if path.is_dir()}

    directories.discard("<<cookiecutter.resource_plural>>")
    assert directories >= {"chassis", "contract"}
    assert not {name for name in directories if find_problem("resource_plural", name) is None}


@pytest.mark.parametrize("database", CHOICES["database"])
def test_no_class_beside_the_resource_s_own_has_the_name_of_a_resource(
    bake, find_problem, database
):
    project = bake(database=database, resource="zebra_crossing")

    beside = set()
    for path in project.rglob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
        if "ZebraCrossing" in names:
            beside |= {name for name in names if "ZebraCrossing" not in name}
    hidden = set()
    for name in beside:
        resource = re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name).lower()
        if resource.replace("_", " ").title().replace(" ", "") == name:
            hidden.add(resource)
    assert "query" in hidden
    assert not {resource for resource in hidden if find_problem("resource", resource) is None}
