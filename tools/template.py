"""The template: its questions, how it is rendered, and which of its files belong to which feature."""

import ast
import json
import runpy
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

from cookiecutter.generate import generate_context
from cookiecutter.main import cookiecutter
from cookiecutter.prompt import prompt_for_config
from cookiecutter.utils import create_env_with_context
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

REPOSITORY = Path(__file__).resolve().parents[1]
TEMPLATE = REPOSITORY / "<<cookiecutter.project_slug>>"
REFUSING_HOOK = REPOSITORY / "hooks" / "pre_gen_project.py"
PRUNING_HOOK = REPOSITORY / "hooks" / "post_gen_project.py"
QUESTIONS_FILE = REPOSITORY / "cookiecutter.json"
QUESTIONS: dict[str, Any] = json.loads(QUESTIONS_FILE.read_text(encoding="utf-8"))

Answers = dict[str, Any]


def answer(**given: Any) -> Answers:
    """Gives all answers, derived ones too, where only some are given."""
    context = generate_context(str(QUESTIONS_FILE), extra_context=given)
    answers: Answers = prompt_for_config(context, no_input=True)
    return answers


@cache
def jinja() -> Any:
    """Jinja, set up as cookiecutter does for this template."""
    return create_env_with_context(generate_context(str(QUESTIONS_FILE)))


def fill_in(text: str, answers: Answers) -> str:
    """Renders a text of the template; `answers` are complete, as `answer` gives them."""
    return str(jinja().from_string(text).render(cookiecutter=answers))


class CompiledFiles(BytecodeCache):
    """The template's files as Jinja has compiled them, for as long as the process lives."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (compiled := self._compiled.get(bucket.key)) is not None:
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED_FILES = CompiledFiles()


def create_environment(context: dict[str, Any]) -> Environment:
    """Makes cookiecutter's Jinja, which compiles a file once and not for each service."""
    environment: Environment = create_env_with_context(context)
    environment.bytecode_cache = COMPILED_FILES
    return environment


def render(directory: Path, **given: Any) -> Path:
    """Generates a service into a new directory and returns its root."""
    directory.mkdir(parents=True)
    with patch("cookiecutter.generate.create_env_with_context", create_environment):
        service = cookiecutter(
            str(REPOSITORY),
            no_input=True,
            default_config=True,
            output_dir=str(directory),
            extra_context=given,
        )
    return Path(service)


@cache
def conflicts() -> list[Answers]:
    """The answers that do not go together, as the hook knows them."""
    return [conflict.answers for conflict in runpy.run_path(str(REFUSING_HOOK))["CONFLICTS"]]


@cache
def manifest_paths() -> dict[str, list[str]]:
    """The hook's paths of each feature, as they are named in the template."""
    scope: dict[str, Any] = {}
    exec(compile(ast.Module([assigned("FEATURES")], []), PRUNING_HOOK.name, "exec"), scope)
    features: dict[str, list[str]] = scope["FEATURES"]
    return features


@cache
def selection() -> dict[str, tuple[list[str], Callable[[Answers], bool]]]:
    """What decides on each feature, as the hook sees it: the questions, and a function of their answers."""
    conditions = assigned("SELECTED").value
    assert isinstance(conditions, ast.Dict)
    found = {}
    for feature, condition in zip(conditions.keys, conditions.values, strict=True):
        assert isinstance(feature, ast.Constant)
        code = compile(ast.Expression(condition), PRUNING_HOOK.name, "eval")
        questions = {
            str(node.slice.value)
            for node in ast.walk(condition)
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        }
        found[str(feature.value)] = (sorted(questions), partial(decide, code))
    return found


def decide(code: CodeType, answers: Answers) -> bool:
    """Whether a condition of the hook holds for some answers."""
    return bool(eval(code, {"ANSWERS": answers}))


def written_by_hook() -> str:
    """The file that the hook writes, from what it finds."""
    return str(ast.literal_eval(assigned("CHECKSUMS").value))


def assigned(name: str) -> ast.Assign:
    """The statement of the hook that gives a name its value."""
    tree = ast.parse(PRUNING_HOOK.read_text(encoding="utf-8"))
    (statement,) = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    return statement


def manifest(answers: Answers) -> tuple[dict[str, list[str]], dict[str, bool]]:
    """The paths of each feature, and whether some answers select it."""
    paths = {
        feature: [fill_in(path, answers) for path in names]
        for feature, names in manifest_paths().items()
    }
    return paths, {
        feature: is_selected(answers) for feature, (_, is_selected) in selection().items()
    }


def template_files(template: Path = TEMPLATE) -> list[str]:
    """The paths of the template's files, as they are named there."""
    return sorted(
        path.relative_to(template).as_posix()
        for path in template.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
