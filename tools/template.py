"""The template: its questions, how it is rendered, and which of its files belong to which feature."""

import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

from cookiecutter.generate import generate_context
from cookiecutter.main import cookiecutter
from cookiecutter.prompt import prompt_for_config
from cookiecutter.utils import create_env_with_context

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


def render(directory: Path, **given: Any) -> Path:
    """Generates a service into a new directory and returns its root."""
    directory.mkdir(parents=True)
    return Path(
        cookiecutter(
            str(REPOSITORY),
            no_input=True,
            default_config=True,
            output_dir=str(directory),
            extra_context=given,
        )
    )


@cache
def conflicts() -> list[Answers]:
    """The answers that do not go together, as the hook knows them."""
    return [conflict.answers for conflict in runpy.run_path(str(REFUSING_HOOK))["CONFLICTS"]]


def manifest(answers: Answers) -> tuple[dict[str, list[str]], dict[str, bool]]:
    """The hook's paths of each feature and whether some answers select it, as the hook sees both."""
    scope: dict[str, Any] = {"__name__": "hook"}
    source = fill_in(PRUNING_HOOK.read_text(encoding="utf-8"), answers)
    exec(compile(source, PRUNING_HOOK.name, "exec"), scope)
    return scope["FEATURES"], scope["SELECTED"]


def template_files() -> list[str]:
    """The paths of the template's files, as they are named there."""
    return sorted(
        path.relative_to(TEMPLATE).as_posix()
        for path in TEMPLATE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
