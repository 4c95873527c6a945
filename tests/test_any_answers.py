"""Any answers at all: one sentence and no directory, or a project that can be read and that starts.

test_answers.py has the examples; here are the properties, over names and texts of every kind.
"""

import ast
import builtins
import json
import keyword
import os
import re
import runpy
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tools.checker import faults_of_kind
from tools.checker.service import Service
from tools.combinations import CHOICES, every
from tools.template import QUESTIONS, REPOSITORY, TEMPLATE, Answers, answer, jinja, render

from .conftest import Bake
from .interpreters import find_python
from .test_answers import SENTENCE
from .test_service import OPTIONAL, PYTHONS

HOOK = REPOSITORY / "hooks" / "pre_gen_project.py"
HOOK_TEMPLATE = jinja().from_string(HOOK.read_text(encoding="utf-8"))
HOOK_NAMES = runpy.run_path(str(HOOK))
FORMS = HOOK_NAMES["QUESTIONS"]
TEXTS = ["project_name", "description", "author_name"]
NAMES = ["project_slug", "package_name", "resource", "resource_plural"]
QUESTIONS_OF_TEXT = [*TEXTS, "author_email", *NAMES]
DEFAULTS = answer()

# `make test-all` looks longer. A test that is given a number of its own tries other answers.
MORE = 5 if os.environ.get("TEST_ALL") else 1
PARTS = range(2)

# What means something to one of the formats that an answer is written into, or to who reads it.
SIGNS = r"""
    ' '' " "" \" ` ``` ~~~ \ \n \u0041 / // ../ ./ ~ . .. : :: ; , # #! - -- --- --help + * ** _ __
    = == != | || & && ! !! ? @ $ $$ $( ${HOME} $(reboot) % %s %% ^ ( ) [ ] [x](y) [[x]] project]
    < > <> <!-- --> {{ }} {{7*7}} {% %} {# #} { } {0} &amp; &gt; null true yes 0x1F 1e3 .inf None
    é ß 色 🎨 ½ № İ ﬁ א
"""
FRAGMENTS = [*SIGNS.split(), 3 * "'", 3 * '"', "e\u0301"]
SPACES = [" ", "  ", "\n", "\r", "\t", "\0", "\a", "\x1b[31m", "\x7f", "\x85", "\u00a0", "\u00ad"]
SPACES += ["\u200b", "\u2028", "\u202e", "\ufeff", "\ue000", "\udc80", "\U0010ffff"]
# Cookiecutter reads these as its own where an answer is not typed at its prompt.
DELIMITERS = re.compile(r"<<|<%|<#")

RESERVED_IN_SQL = """
    all analyze and any array as asc between by case cast check collate column columns commit
    constraint create cross current_date default delete desc distinct do drop else end except
    fetch first for foreign from full grant group groups having in index inner insert intersect
    interval into is join key left like limit natural not null offset on only or order outer
    partition placing plan pragma primary references release replace returning right rollback
    row rows select session set some table temp then to transaction trigger union unique update
    user using values view virtual when where window with
"""


def few(number: int, **more: object) -> settings:
    """The same examples in every run, and no limit of time for a busy machine."""
    return settings(
        max_examples=number * MORE,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )


def find_problem(question: str, value: object) -> str | None:
    return HOOK_NAMES["find_problem"](value, FORMS[question])


def is_accepted(question: str) -> Callable[[object], bool]:
    return lambda value: find_problem(question, value) is None


def is_no_expression(text: str) -> bool:
    return not DELIMITERS.search(text)


def words_of_the_template() -> list[str]:
    """Every word of the template's files, written as a name: what a name could be mixed up with."""
    found = set(RESERVED_IN_SQL.split())
    for path in TEMPLATE.rglob("*"):
        if path.is_file() and not path.name.startswith("requirements"):
            found |= {path.stem, *re.findall(r"[A-Za-z_]\w+", path.read_text(encoding="utf-8"))}
    snake = {re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", word).lower() for word in found}
    return sorted(snake)


WORDS = words_of_the_template()

characters = st.characters(exclude_categories=())
any_text = st.one_of(
    st.text(characters, max_size=30),
    st.lists(st.sampled_from(FRAGMENTS + SPACES) | characters, max_size=12).map("".join),
    st.text(characters, min_size=70, max_size=300),
)


@cache
def any_name(question: str) -> st.SearchStrategy[str]:
    """Names in the question's form, whether they are free or taken, and of any length."""
    form = FORMS[question]
    separator = "-" if question == "project_slug" else "_"
    taken = sorted({name for names in form.taken.values() for name in names})
    words = st.sampled_from(WORDS + taken)
    long = st.lists(words, min_size=2, max_size=9).map("_".join)
    cut = st.builds(lambda name, end: name[:end], long, st.integers(1, form.longest + 1))
    named = st.one_of(words, cut, long).map(lambda name: name.replace("_", separator))
    return named | formed(question)


@cache
def formed(question: str) -> st.SearchStrategy[str]:
    """Answers in the question's form, most of them short."""
    return st.from_regex(re.compile(FORMS[question].form.pattern, re.ASCII), fullmatch=True)


def any_answer(question: str) -> st.SearchStrategy[str]:
    return any_text | any_name(question) if question in NAMES else any_text


@cache
def good_name(question: str) -> st.SearchStrategy[str]:
    """Names that are accepted: the longest, the shortest, words of the template, and others."""
    edges = [("abcdefghijklmnopqrstuvwxyz" * 2)[: FORMS[question].longest], "ox"]
    free = list(filter(is_accepted(question), WORDS))
    names = formed(question).filter(is_accepted(question))
    return st.sampled_from(edges) | st.sampled_from(free) | names


@cache
def good_text(question: str) -> st.SearchStrategy[str]:
    """Texts that are accepted, most of them awkward, some as long as can be."""
    longest = FORMS[question].longest
    printable = st.characters(exclude_categories=["C", "Z"], exclude_characters="\\<>{}")
    fragments = [
        fragment for fragment in [*20 * [" "], *FRAGMENTS] if not re.search(r"[\\<>{}]", fragment)
    ]
    pieces = st.lists(st.sampled_from(fragments) | printable, min_size=1, max_size=longest)
    texts = pieces.map(lambda some: "".join(some).strip()[:longest].strip())
    longest_texts = st.text(printable, min_size=longest, max_size=longest)
    return (texts | longest_texts).filter(is_accepted(question))


@st.composite
def good_answers(draw: st.DrawFn) -> Answers:
    """Answers of all questions that make a project together."""
    answers = dict(draw(st.sampled_from(every())))
    answers |= {question: draw(good_text(question)) for question in TEXTS}
    answers |= {question: draw(good_name(question)) for question in ("project_slug", "resource")}
    answers["author_email"] = draw(formed("author_email").filter(is_accepted("author_email")))
    resource, slug = answers["resource"], answers["project_slug"].replace("-", "_")
    answers["resource_plural"] = draw(
        name_like(
            "resource_plural",
            resource,
            f"{resource}s",
            f"{resource}_list",
            resource[:-1],
            resource[:2],
            slug,
        )
    )
    answers["package_name"] = draw(
        name_like("package_name", slug, resource, answers["resource_plural"], f"flask_{resource}")
    )
    return answers


def name_like(question: str, *names: str) -> st.SearchStrategy[str]:
    """One of some names, as far as they are accepted, or another one."""
    accepted = list(filter(is_accepted(question), names))
    return st.sampled_from(accepted) | good_name(question) if accepted else good_name(question)


some_answers = st.fixed_dictionaries(
    {}, optional={question: any_answer(question) for question in QUESTIONS_OF_TEXT}
)


def refusal(answers: Answers) -> str | None:
    """Runs the hook as cookiecutter does, with all answers; returns the sentence it ends with."""
    source = HOOK_TEMPLATE.render(cookiecutter=answers)
    scope = {"__name__": "hook"}
    exec(compile(source, HOOK.name, "exec"), scope)
    try:
        scope["main"]()
    except SystemExit as end:
        return str(end.code)
    return None


def assert_is_our_sentence(text: str, answers: Answers) -> None:
    """One line that names a question and a good value of it, and can be shown anywhere."""
    sentence = SENTENCE.fullmatch(text)
    assert sentence, text
    assert text.isprintable()
    assert len(text) < 250
    question = sentence[1]
    assert find_problem(question, answers[question])
    assert find_problem(question, sentence[4]) is None


def assert_is_usable(answers: Answers) -> None:
    """What every accepted answer keeps to, said in another way than in the hook."""
    for question in TEXTS:
        text = answers[question]
        assert text.isprintable()
        assert text == text.strip() != ""
        assert not set(text) & set("\\<>{}\n")
        assert len(text) <= 200
    for question in NAMES:
        name = answers[question].replace("-", "_")
        assert name.isascii()
        assert name.isidentifier()
        assert name == name.lower().strip("_")
        assert not keyword.iskeyword(name)
        assert 2 <= len(name) <= 40
    for question in ("project_slug", "package_name"):
        assert answers[question] not in sys.stdlib_module_names
    for question in ("resource", "resource_plural"):
        name = answers[question]
        assert yaml.safe_load(name) == name
        assert not hasattr(builtins, name.title().replace("_", ""))
    assert re.fullmatch(r"[^\s\"<>]+@[\w.-]+\.[\w-]+", answers["author_email"], re.ASCII)


@pytest.mark.parametrize("question", QUESTIONS_OF_TEXT)
def test_any_answer_is_refused_in_one_sentence_or_can_be_used(question):
    @few(100)
    @given(any_answer(question))
    def check(value):
        answers = {**DEFAULTS, question: value}
        answers["__given_slug"] = answers["project_slug"]
        sentence = refusal(answers)
        if sentence is None:
            assert_is_usable(answers)
        else:
            assert sentence.startswith(f"{question} ")
            assert_is_our_sentence(sentence, answers)

    check()


@pytest.mark.parametrize("question", QUESTIONS_OF_TEXT)
@pytest.mark.parametrize("value", [None, True, False, {}, {"a": 1}], ids=repr)
def test_what_is_no_text_is_refused(question, value):
    answers = {**DEFAULTS, question: value}
    answers["__given_slug"] = answers["project_slug"]

    assert_is_our_sentence(refusal(answers), answers)


@few(50)
@given(some_answers.filter(lambda some: all(map(is_no_expression, some.values()))))
def test_answers_that_follow_from_any_others_are_refused_or_can_be_used(given_answers):
    answers = answer(**given_answers)
    sentence = refusal(answers)

    assert re.fullmatch(r"[\w-]{1,40}", answers["project_slug"], re.ASCII)
    answers["project_slug"] = answers["__given_slug"]
    if sentence is None:
        assert_is_usable(answers)
    else:
        assert_is_our_sentence(sentence, answers)


@few(50)
@given(good_answers())
def test_good_answers_are_accepted_together(answers):
    assert refusal({**DEFAULTS, **answers, "__given_slug": answers["project_slug"]}) is None


# Each of them made a project that was broken somewhere.
BREAKING = [
    ("project_slug", "awk"),
    ("package_name", "dist"),
    ("package_name", "sitecustomize"),
    ("package_name", "pkg_resources"),
    ("description", "```"),
    ("description", "~~~ x"),
    ("resource", "no"),
    ("resource_plural", "off"),
    ("resource_plural", "null"),
    ("resource_plural", "build"),
    ("resource_plural", "alembic_version"),
    ("resource_plural", "sqlite_stat1"),
    ("resource_plural", "pg_class"),
]


@pytest.mark.parametrize(("question", "value"), BREAKING)
def test_what_breaks_a_project_is_refused(question, value):
    assert find_problem(question, value)


def test_no_module_of_any_supported_python_is_free_whatever_python_generates():
    found = {version: find_python(version) for version in PYTHONS}
    pythons = [str(python) for python in found.values() if python]
    missing = {version for version in PYTHONS if not found[version]} - OPTIONAL
    assert not missing, f"this test needs Python {', '.join(sorted(missing))} on the PATH"
    names = set()
    for python in pythons:
        names |= set(run(python, "import sys; print(*sys.stdlib_module_names)").split())
    script = (
        "import runpy\n"
        f"hook = runpy.run_path({str(HOOK)!r})\n"
        "question = hook['QUESTIONS']['package_name']\n"
        f"print([name for name in {names} if not hook['find_problem'](name, question)])\n"
    )
    assert {run(python, script) for python in pythons} == {"[]\n"}


def run(python: str, script: str) -> str:
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout


@contextmanager
def empty_place() -> Iterator[Path]:
    """A directory that is to be made, in another one that holds nothing else."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory, "outside", "output")


def assert_nothing_is_left(output: Path) -> None:
    outside = output.parent
    assert sorted(outside.parent.rglob("*")) == [outside, output]


def read(project: Path, name: str) -> str:
    return (project / name).read_text(encoding="utf-8")


def assert_texts_arrive(project: Path, answers: Answers) -> None:
    """The answers, as they are read out of the files by what reads these."""
    name, description = answers["project_name"], answers["description"]
    author = {"name": answers["author_name"], "email": answers["author_email"]}
    metadata = tomllib.loads(read(project, "pyproject.toml"))["project"]
    assert project.name == metadata["name"] == answers["project_slug"]
    assert metadata["description"] == description
    assert metadata["authors"] == [author]
    package = answers["package_name"]
    contract = yaml.safe_load(read(project, f"src/{package}/openapi.yaml"))
    assert contract["info"]["title"] == name
    assert contract["info"]["description"] == description
    assert contract["tags"][0]["name"] == answers["resource_plural"]
    assert read(project, "README.md").startswith(f"# {name}\n\n{description}\n\n")
    assert author["name"] in read(project, "LICENSE")


def assert_can_be_read(project: Path, answers: Answers) -> None:
    """Every file by its own reader; the code is formatted and in style."""
    service = Service(project, answers, Path())
    for kind in ("files", "formats", "leftovers", "style"):
        assert list(faults_of_kind(kind, service)) == []
    for path, text in service.texts.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
    dry_run = ["make", "--dry-run", "help", "run"]
    subprocess.run(dry_run, cwd=project, stdout=subprocess.DEVNULL, check=True)


@pytest.mark.parametrize("part", PARTS)
def test_any_good_answers_make_a_project_that_can_be_read(part):
    @seed(part)
    @few(9, phases=[Phase.generate])
    @given(good_answers())
    def check(answers):
        with empty_place() as output:
            project = render(output, **answers)
            assert list(output.iterdir()) == [project]
            assert_can_be_read(project, answers)
            assert_texts_arrive(project, answers)

    check()


def test_any_bad_answer_among_good_ones_leaves_nothing(capfd):
    @few(10, phases=[Phase.generate])
    @given(good_answers(), some_answers, st.sampled_from(QUESTIONS_OF_TEXT), st.data())
    def check(good, others, question, data):
        bad = any_answer(question).filter(lambda value: not is_accepted(question)(value))
        answers = {**good, **others, question: data.draw(bad)}
        answers = {name: value for name, value in answers.items() if is_no_expression(str(value))}
        answers.setdefault(question, "")
        with empty_place() as output:
            with pytest.raises(FailedHookException):
                render(output, **answers)
            assert_nothing_is_left(output)
        sentence, *rest = capfd.readouterr().err.splitlines()
        assert_is_our_sentence(sentence, answer(**answers) | answers)
        assert not [line for line in rest if SENTENCE.fullmatch(line)]

    check()


@pytest.mark.parametrize("typed", ["<< 7 * 7 >>", "<% for", "[/red]\\", "'''"])
def test_what_is_typed_is_no_expression_and_leaves_nothing(typed):
    with empty_place() as output:
        output.mkdir(parents=True)
        command = [sys.executable, "-m", "cookiecutter", "--default-config", str(REPOSITORY)]
        result = subprocess.run(
            [*command, "--output-dir", str(output)],
            input=typed + "\n" * len(QUESTIONS),
            env={**os.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert result.returncode != 0
        assert_nothing_is_left(output)
    sentence = result.stderr.splitlines()[0]
    assert_is_our_sentence(sentence, {"project_name": typed, "project_slug": ""})


@pytest.mark.parametrize("expression", ["<<", "<% for", "<< cookiecutter.no.x >>"])
def test_an_expression_that_cookiecutter_cannot_read_leaves_nothing(expression):
    with empty_place() as output:
        output.mkdir(parents=True)
        command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
        command += ["--output-dir", str(output), str(REPOSITORY), f"description={expression}"]
        assert subprocess.run(command, capture_output=True, check=False).returncode != 0
        assert_nothing_is_left(output)


# Runs in the project's directory; its arguments are the package, the command and the path.
START = """
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

package, slug, path = sys.argv[1:]
app = import_module(f"{package}.app").create_app()
if Path("migrations").exists():
    import flask_migrate
    from chassis.database import migrations
    migrations.init_app(app)
    with app.app_context():
        flask_migrate.upgrade()
client = app.test_client()
created = client.post(path, json={"name": "First", "category": "common"})
assert created.status_code == 201, created.text
assert created.location.startswith(f"{path}/"), created.location
assert client.get(created.location).get_json() == created.get_json()
assert client.get(path).get_json()["items"] == [created.get_json()]
assert client.get("/readyz").status_code == 200
print(client.get("/openapi.json").text, flush=True)
(command,) = entry_points(group="console_scripts", name=slug)
sys.exit(command.load()(["show-config"]))
"""


def install_for(project: Path, environment: Path) -> dict[str, str]:
    """Builds the project and returns the variables that put it into an environment."""
    python = environment / "bin" / "python"
    target = project.parent / "installed"
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--offline"]
    command += ["--no-build-isolation", "--python", str(python), "--target", str(target)]
    subprocess.run([*command, "--editable", str(project)], check=True)
    settings_of_this_shell = ("APP_", "PYTHON", "PYTEST_")
    variables = {k: v for k, v in os.environ.items() if not k.startswith(settings_of_this_shell)}
    variables["PYTHONPATH"] = os.pathsep.join([str(project / "src"), str(target)])
    return {**variables, "APP_CONFIG_FILE": "config/development.yaml"}


@pytest.mark.parametrize("database", CHOICES["database"])
def test_any_good_answers_make_a_service_that_starts(environment: Path, database):
    @seed(database)
    @few(2, phases=[Phase.generate])
    @given(good_answers())
    def check(answers):
        answers = {**answers, "database": database}
        path = f"/v1/{answers['resource_plural'].replace('_', '-')}"
        with empty_place() as output:
            project = render(output, **answers)
            command = [environment / "bin" / "python", "-c", START]
            command += [answers["package_name"], answers["project_slug"], path]
            result = subprocess.run(
                command,
                cwd=project,
                env=install_for(project, environment),
                capture_output=True,
                text=True,
                check=False,
            )
        assert result.returncode == 0, result.stderr
        contract, *shown = result.stdout.splitlines()
        assert json.loads(contract)["info"]["title"] == answers["project_name"]
        assert "environment = development  # file config/development.yaml" in shown

    check()


# Names that parts of the service's own tests once took for something else.
CONFUSING = [
    {"package_name": "chassis_palette", "resource": "reference", "database": "sqlite"},
    {"package_name": "flask_palette", "resource": "chassis_part", "database": "none"},
]


@pytest.mark.parametrize("answers", CONFUSING, ids=lambda answers: answers["package_name"])
def test_a_service_with_a_confusing_name_passes_its_own_tests(environment: Path, answers):
    with empty_place() as output:
        project = render(output, **answers, description="[not](a link)")
        command = [environment / "bin" / "python", "-m", "pytest", "-p", "no:cacheprovider"]
        command += ["tests/test_architecture.py", "tests/test_documentation.py"]
        if answers["database"] != "none":
            command.append("tests/test_migrations.py")
        result = subprocess.run(
            [*command, "-k", "not imported_first"],
            cwd=project,
            env=install_for(project, environment),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("database", CHOICES["database"])
def test_no_module_names_something_like_the_package_or_the_resource(bake: Bake, database):
    project = bake(database=database, package_name="zebra", resource="yak", resource_plural="yaks")
    bound = set()
    for path in project.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.asname or alias.name.split(".")[0] for alias in node.names]
                bound |= {(path.name, name) for name in names}
            elif isinstance(node, ast.Name | ast.arg | ast.FunctionDef):
                name = {ast.Name: "id", ast.arg: "arg"}.get(type(node), "name")
                bound.add((path.name, getattr(node, name)))
    assert ("test_architecture.py", "composition") in bound
    assert [place for place in bound if place[1] in ("zebra", "yak", "yaks")] == []


def test_no_module_of_the_environment_is_a_package_name(environment: Path):
    (site,) = environment.glob("lib/python*/site-packages")
    modules = {path.name.partition(".")[0] for path in site.iterdir() if path.suffix != ".pth"}
    names = {name for name in modules if name.isidentifier() and name == name.lower().strip("_")}

    assert {"flask", "uv_build"} <= names
    assert [name for name in sorted(names) if find_problem("package_name", name) is None] == []
