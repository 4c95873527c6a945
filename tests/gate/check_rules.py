"""The rules of `make contract-check`: run in the root of a service, by its own pytest."""

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from cases import BREAKS, CONTRACT, HARMLESS, SCHEMAS, Edit
from chassis.contract import ContractError
from tools.gate import accepted
from tools.gate.compare import changes
from tools.gate.nodes import Document
from tools.gate.schemas import REQUEST, RESPONSE, Comparison, Direction

IDS = set(Path(__file__).with_name("oasdiff.txt").read_text(encoding="utf-8").split())
DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT)
# oasdiff compares these keywords in parameters only, or not in requests.
OWN_IDS = {
    f"{subject}-{suffix}"
    for subject in ("request-body", "request-property")
    for suffix in ("max-items-decreased", "max-items-increased", "min-items-decreased")
}


def found(edit: Edit) -> tuple[set[str], set[str]]:
    """Returns the rules that find a change which breaks something, and those that find a harmless one."""
    new = deepcopy(DOCUMENT)
    edit(new)
    told = list(changes([DOCUMENT], [new]))
    assert {change.rule for change in told} <= IDS | OWN_IDS
    return (
        {change.rule for change in told if change.is_breaking},
        {change.rule for change in told if not change.is_breaking},
    )


@pytest.mark.parametrize(("edit", "in_requests", "in_responses"), SCHEMAS)
def test_a_schema_breaks_what_is_sent_or_what_is_received(
    edit: Edit, in_requests: set[str], in_responses: set[str]
) -> None:
    breaks, _ = found(edit)
    assert breaks == in_requests | in_responses


@pytest.mark.parametrize(("edit", "rules"), BREAKS)
def test_a_break_is_found_and_nothing_else(edit: Edit, rules: set[str]) -> None:
    breaks, _ = found(edit)
    assert breaks == rules


@pytest.mark.parametrize(("edit", "rules"), HARMLESS)
def test_a_harmless_change_breaks_nothing(edit: Edit, rules: set[str]) -> None:
    assert found(edit) == (set(), rules)


def test_schemas_that_share_others_are_compared_in_no_time() -> None:
    depth = 60
    schemas: dict[str, Any] = {
        f"S{number}": {
            "type": "object",
            "properties": {
                side: {"$ref": f"#/components/schemas/S{number + 1}"} for side in ("left", "right")
            },
        }
        for number in range(depth)
    }
    schemas[f"S{depth}"] = {"type": "string"}
    document = {
        "paths": {
            "/": {
                "post": {
                    "requestBody": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/S0"}}
                        }
                    },
                    "responses": {},
                }
            }
        },
        "components": {"schemas": schemas},
    }
    new = deepcopy(document)
    new["components"]["schemas"][f"S{depth}"]["maxLength"] = 5
    (change,) = changes([document], [new])
    assert change.rule == "request-property-max-length-set"


# A schema that each of these makes narrower, from a wide one.
NARROWINGS: list[Edit] = [
    lambda schema: schema.update(maximum=5),
    lambda schema: schema.update(minimum=3),
    lambda schema: schema.update(type="integer"),
    lambda schema: schema.update(nullable=False),
    lambda schema: schema.update(maximum=9, exclusiveMaximum=True),
]
OF_TEXTS: list[Edit] = [
    lambda schema: schema.update(maxLength=5),
    lambda schema: schema.update(minLength=3),
    lambda schema: schema.update(enum=["abc", "abd"]),
    lambda schema: schema.update(format="uuid"),
    lambda schema: schema.update(nullable=False),
]
OF_OBJECTS: list[Edit] = [
    lambda schema: schema.update(required=["a"]),
    lambda schema: schema.update(required=["a", "b"]),
    lambda schema: schema.update(nullable=False),
]
OF_ARRAYS: list[Edit] = [
    lambda schema: schema.update(maxItems=5),
    lambda schema: schema.update(minItems=3),
]


def narrowed(wide: dict[str, Any], edits: list[Edit]) -> st.SearchStrategy[Any]:
    """Makes pairs of a wide schema and a narrower one."""

    def edited(chosen: list[Edit]) -> tuple[dict[str, Any], dict[str, Any]]:
        narrow = deepcopy(wide)
        for edit in chosen:
            edit(narrow)
        return wide, narrow

    return st.lists(st.sampled_from(edits), min_size=1, max_size=3).map(edited)


PROPERTIES = {"a": {"type": "string"}, "b": {}}
LEAVES = st.one_of(
    narrowed({"type": "number", "nullable": True, "maximum": 9}, NARROWINGS),
    narrowed({"type": "string", "nullable": True}, OF_TEXTS),
    narrowed({"type": "object", "nullable": True, "properties": PROPERTIES}, OF_OBJECTS),
    narrowed({"type": "array", "items": {}}, OF_ARRAYS),
)
OTHER = {"type": "object", "required": ["other"], "properties": {"other": {"type": "boolean"}}}
# The same pair further inside.
PAIRS = st.recursive(
    LEAVES,
    lambda pairs: st.one_of(
        pairs.map(lambda pair: [{"type": "object", "properties": {"x": one}} for one in pair]),
        pairs.map(lambda pair: [{"type": "array", "items": one} for one in pair]),
        pairs.map(lambda pair: [{"allOf": [{"description": "x"}, one]} for one in pair]),
        pairs.map(
            lambda pair: [
                {"oneOf": [OTHER, {"type": "object", "required": ["y"], "properties": {"y": one}}]}
                for one in pair
            ]
        ),
        pairs.map(lambda pair: [{"type": "object", "additionalProperties": one} for one in pair]),
    ),
    max_leaves=4,
)


def breaks(direction: Direction, old: Any, new: Any) -> bool:
    nodes = Document({}).node(old), Document({}).node(new)
    findings = Comparison(direction).findings(*nodes, "body", "request-body")
    return any(finding.is_breaking for finding in findings)


@settings(max_examples=100, deadline=None)
@given(PAIRS)
def test_both_directions_have_opposite_verdicts(pair: Any) -> None:
    wide, narrow = pair
    assert breaks(REQUEST, wide, narrow)
    assert not breaks(REQUEST, narrow, wide)
    assert breaks(RESPONSE, narrow, wide)
    assert not breaks(RESPONSE, wide, narrow)


@settings(max_examples=50, deadline=None)
@given(PAIRS, st.sampled_from([REQUEST, RESPONSE]))
def test_what_stays_breaks_nothing(pair: Any, direction: Direction) -> None:
    for schema in pair:
        assert not breaks(direction, schema, deepcopy(schema))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([edit for edit, *_ in [*SCHEMAS, *BREAKS]]), max_size=3))
def test_a_contract_is_like_itself(edits: list[Edit]) -> None:
    document = deepcopy(DOCUMENT)
    for edit in edits:
        try:
            edit(document)
        except (KeyError, IndexError):
            continue  # an earlier edit has removed what it changes
    assert list(changes([document], [deepcopy(document)])) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: b\n", "it has to be a list"),
        ("- [", "not valid YAML in line 1, column 4: expected the node content"),
        ("- a\n", "entry 1 has to have rule, operation, place, reason"),
        ("- {rule: x, place: body}\n", "entry 1 has no reason"),
        ("- {rule: x, reason: y}\n", "entry 1 names neither an operation nor a place"),
        ("- {rule: x, place: '', reason: y}\n", "entry 1: place has to be a text"),
        (
            "- {rule: x, where: body, reason: y}\n",
            "entry 1: where is not known, only rule, operation, place, reason",
        ),
        (
            "- {rule: answered-otherwise, place: body, reason: y}\n",
            "entry 1 has to have rule, operation and reason",
        ),
    ],
)
def test_a_mistake_in_what_is_accepted_is_told(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "accepted.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as error:
        accepted.read(file)
    assert str(error.value).startswith(f"{tmp_path.name}/accepted.yaml: {reason}")
