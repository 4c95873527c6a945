"""Segments: a file of the template, taken apart where its conditions are blocks of whole lines.

Each segment is rendered once for each set of the answers that it reads, and not once for each of
those that the whole file reads.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from jinja2 import Template, nodes

from ..combinations import CHOICES
from ..conditions import Condition, Space
from ..template import QUESTIONS, Answers, answer, fill_in, jinja

Segment = dict[str, Condition]
CONTEXT = "cookiecutter"


def segments(source: str, space: Space, condition: Condition, names: Answers) -> list[Segment]:
    """Takes a text apart and renders the parts.

    Args:
        source: as it stands in the template.
        space: the combinations.
        condition: where there is the file.
        names: the answers that are alike everywhere.

    Returns:
        For each part its texts, which end with a line or are empty, and where they are.
    """
    found: list[Segment] = []
    waiting: list[nodes.Node] = []
    body = jinja().parse(source).body
    for number, node in enumerate(body):
        waiting.append(node)
        segment = render(waiting, space, condition, names)
        is_last = number == len(body) - 1
        if is_last or all(text.endswith("\n") or not text for text in segment):
            found.append(segment)
            waiting = []
    return found


def render(part: list[nodes.Node], space: Space, condition: Condition, names: Answers) -> Segment:
    """Renders a part for all answers that it reads."""
    template = compiled(part)
    found: Segment = {}
    for answers, where in space.assignments(sorted(reads(part)), condition):
        text = template.render(**{CONTEXT: complete(names, answers)})
        found[text] = found.get(text, 0) | where
    return found


def compiled(part: list[nodes.Node]) -> Template:
    """Makes a template of a part."""
    tree = nodes.Template(list(part), lineno=1)
    tree.set_environment(jinja())
    template: Template = jinja().from_string(tree)
    return template


def reads(part: Iterable[nodes.Node]) -> set[str]:
    """The questions whose answers a part reads, by derived ones too."""
    found: set[str] = set()
    for node in part:
        for getter in [node, *node.find_all((nodes.Getattr, nodes.Getitem))]:
            if isinstance(getter, nodes.Getattr) and is_context(getter.node):
                found |= behind(getter.attr)
            elif isinstance(getter, nodes.Getitem) and is_context(getter.node):
                raise ValueError(f"line {getter.lineno}: write cookiecutter.name")
    return found


def is_context(node: nodes.Node) -> bool:
    """Whether this is the object that has the answers."""
    return isinstance(node, nodes.Name) and node.name == CONTEXT


@cache
def behind(name: str) -> frozenset[str]:
    """The questions that have a few answers and that decide on an answer."""
    if name in CHOICES:
        return frozenset([name])
    further = re.findall(rf"\b{CONTEXT}\.(\w+)", str(QUESTIONS.get(name, "")))
    return frozenset[str]().union(*map(behind, further))


def complete(names: Answers, answers: Answers) -> Answers:
    """Gives all answers, those that some of these decide on too."""
    found = {**named(tuple(names.items())), **answers}
    for name in derived():
        if behind(name) <= answers.keys():
            found[name] = derive(name, tuple((key, answers[key]) for key in sorted(behind(name))))
    return found


@cache
def named(names: tuple[tuple[str, Any], ...]) -> Answers:
    """Gives all answers for some names."""
    return answer(**dict(names))


@cache
def derived() -> list[str]:
    """The answers that others decide on."""
    return [name for name in QUESTIONS if name.startswith("__") and behind(name)]


@cache
def derive(name: str, answers: tuple[tuple[str, Any], ...]) -> str:
    """Gives an answer that others decide on."""
    return fill_in(QUESTIONS[name], dict(answers))
