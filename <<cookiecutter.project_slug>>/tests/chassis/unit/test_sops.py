"""Encrypted files: what the real SOPS has written is read, and what anybody else has changed is refused."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml
from hypothesis import strategies as st
from tests.chassis.fixtures import sops as real

from chassis import sops
from chassis.sops import SopsError
from chassis.sops.keys import KEY_FILE

DOCUMENT = """\
# The first comment.
environment: production
server: {timeout: 5, drain_delay: 0}
nested:
  url: amqp://user:password@host/s3cr3t
  number: 12
  negative: -7
  share: 0.25
  right: true
  wrong: false
  empty: ""
  nothing: null
  list: [s3cr3t, two, 3, false]   # at the end of a line
  deeper:
    - {key: s3cr3t-a, other: 1}
    - [s3cr3t-b, [s3cr3t-c]]
  text: |
    several
    lines: with s3cr3t
  awkward: "ü \\t ' \\" : # [s3cr3t]"
"""


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"encrypted_regex": "^(url|list|deeper|text|number)$"},
        {"unencrypted_regex": "^(url|list)$"},
        {"encrypted_regex": "^nested$", "mac_only_encrypted": True},
        {"encrypted_comment_regex": "first"},
    ],
    ids=str,
)
def test_what_sops_has_written_is_read(recipient: str, rule: dict[str, Any]) -> None:
    encrypted = real.encrypt(DOCUMENT, recipient, **rule)
    assert "ENC[" in encrypted
    assert sops.decrypt(encrypted) == yaml.safe_load(DOCUMENT)


NOTATIONS = [
    *("on", "yes", "True", "NULL", "~", "012", "0x1F", "1_000", "-0", "-0.0", "+5", ".5"),
    *("1e3", "1E-9", "1.10", "123456789012345678901", "6.02e23", ".inf", "-.INF", ".nan"),
    *("2026-02-03", "2026-02-03T04:05:06.789Z", "12:30:45", "'1'", '"on"', "a b", "{}", "[]"),
    *("[1, on, 1e3]", "|\n  text\n", ">-\n  folded\n  text\n", "!!str 5"),
]


def test_a_value_that_is_not_encrypted_may_be_written_in_any_way(recipient: str) -> None:
    lines = [f"plain-{number}: {notation}\n" for number, notation in enumerate(NOTATIONS)]
    text = "".join(["secret: s3cr3t\n", *lines])
    encrypted = real.encrypt(text, recipient, encrypted_regex="^secret$")
    found = sops.decrypt(encrypted)
    assert found.pop("secret") == "s3cr3t"
    as_written = yaml.safe_load(encrypted)
    # Not a number is not equal to itself.
    assert {key: str(value) for key, value in found.items()} == {
        key: str(as_written[key]) for key in found
    }
    assert len(found) == len(NOTATIONS)


# A text that begins as an encrypted value does is taken for one.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20).filter(
    lambda text: not text.startswith("ENC[")
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=20,
)


@hypothesis.settings(
    # The profile of pipelines takes the same examples each time, however long they take.
    hypothesis.settings.get_profile("ci"),
    max_examples=25,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(content=st.dictionaries(TEXTS.filter(bool), VALUES, min_size=1, max_size=5))
def test_what_was_written_is_what_is_read(recipient: str, content: dict[str, Any]) -> None:
    # JSON is YAML whose texts are all in quotes.
    document = json.dumps({"encrypted": content, "plain": content}, ensure_ascii=False)
    encrypted = real.encrypt(document, recipient, encrypted_regex="^encrypted$")
    found = sops.decrypt(encrypted)
    assert found["encrypted"] == content
    assert found["plain"] == yaml.safe_load(encrypted)["plain"]


def test_the_places_of_encrypted_values_are_known_without_a_key(encrypted: str) -> None:
    content = yaml.safe_load(encrypted)
    assert list(sops.encrypted(content)) == [("first",), ("second",), ("list",), ("list",)]
    assert sops.is_encrypted(content)
    assert not sops.is_encrypted({"plain": ["ENC", {"deeper": None}]})
    assert sops.is_encrypted({"plain": [{"deeper": "ENC[AES256_GCM,"}]})


def test_what_sops_has_changed_is_read(recipient: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(real.encrypt(DOCUMENT, recipient))
    real.run("set", str(file), '["nested"]["url"]', '"an0ther"')
    real.run("set", str(file), '["nested"]["new"]', "17")
    nested = sops.decrypt(file.read_text())["nested"]
    assert (nested["url"], nested["new"]) == ("an0ther", 17)


def test_a_key_is_replaced_by_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_key, new_key = tmp_path / "old.key", tmp_path / "new.key"
    old, new = real.new_key(old_key), real.new_key(new_key)
    file = tmp_path / "file.yaml"

    def is_read_with(key: Path) -> bool:
        monkeypatch.setenv(KEY_FILE, str(key))
        try:
            return bool(sops.decrypt(file.read_text()))
        except SopsError:
            return False

    file.write_text(real.encrypt(DOCUMENT, old))
    assert (is_read_with(old_key), is_read_with(new_key)) == (True, False)
    variables = {KEY_FILE: str(old_key)}
    real.run("rotate", "--in-place", "--add-age", new, str(file), **variables)
    assert (is_read_with(old_key), is_read_with(new_key)) == (True, True)
    real.run("rotate", "--in-place", "--rm-age", old, str(file), **variables)
    assert (is_read_with(old_key), is_read_with(new_key)) == (False, True)


def flip(text: str, key: str) -> str:
    """Changes a bit of an encrypted value."""
    before, data = text.split(f"{key}: ENC[AES256_GCM,data:", 1)
    encoded, after = data.split(",", 1)
    changed = bytearray(b64decode(encoded))
    changed[0] ^= 1
    return f"{before}{key}: ENC[AES256_GCM,data:{b64encode(changed).decode()},{after}"


def swap(text: str, first: str, second: str) -> str:
    """Swaps the ends of two lines, which are found by their beginnings."""
    lines = text.splitlines(keepends=True)
    places = [
        number
        for start in (first, second)
        for number, line in enumerate(lines)
        if line.startswith(start)
    ]
    one, other = places[0], places[-1]
    ends = lines[one].removeprefix(first), lines[other].removeprefix(second)
    lines[one], lines[other] = first + ends[1], second + ends[0]
    return "".join(lines)


SOURCE = """\
plain: a
other: b
number: 5
first: s3cr3t-1
second: s3cr3t-2
list:
- s3cr3t-3
- s3cr3t-4
"""
RULE = "^(first|second|list)$"


@pytest.fixture(scope="module")
def key_and_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A file of keys, and what is encrypted for its key."""
    key_file = tmp_path_factory.mktemp("sops") / "age.key"
    return key_file, real.encrypt(SOURCE, real.new_key(key_file), encrypted_regex=RULE)


@pytest.fixture
def encrypted(key_and_file: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A file that can be decrypted."""
    monkeypatch.setenv(KEY_FILE, str(key_and_file[0]))
    return key_and_file[1]


Change = Callable[[str], str]
CHANGES: dict[str, tuple[Change, str]] = {
    "a bit": (lambda text: flip(text, "first"), "first was changed"),
    "swapped values": (lambda text: swap(text, "first: ", "second: "), "first was changed"),
    "swapped items": (lambda text: swap(text, "    - ", "    - "), "do not fit sops.mac"),
    "another plain value": (lambda text: text.replace("plain: a", "plain: c"), "do not fit"),
    "another number": (lambda text: text.replace("number: 5", "number: 6"), "do not fit"),
    "another type": (lambda text: text.replace("type:str", "type:file", 1), "has the type file"),
    "a key more": (lambda text: f"more: x\n{text}", "do not fit sops.mac"),
    "a key less": (lambda text: text.replace("other: b\n", ""), "do not fit sops.mac"),
    "a key twice": (lambda text: f"plain: ''\n{text}", "has a key twice"),
    "a value without encryption": (
        lambda text: re.sub("first: .*", "first: known", text),
        "do not fit sops.mac",
    ),
    "half a value": (lambda text: text.replace(",type:str]", "", 1), "not a complete value"),
    "no base64": (lambda text: text.replace("iv:", "iv:!", 1), "damaged: first"),
    "another time": (lambda text: text.replace('lastmodified: "2', 'lastmodified: "3'), "sops.mac"),
    "no MAC": (lambda text: text.replace("    mac:", "    mec:"), "has no sops.mac"),
    "no metadata": (lambda text: text.partition("\nsops:")[0], "no part sops at its end"),
    "another recipient": (lambda text: text.replace("recipient: age1", "recipient: age2"), "age2"),
    "half a data key": (
        lambda text: text.replace("-----END AGE", "ABCD\n            -----END AGE"),
        "data key",
    ),
    "no data key": (lambda text: text.replace("enc: |", "end: |"), "sops.age is not complete"),
    "no recipients": (lambda text: text.replace("    age:", "    ege:"), "sops.age is not"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_refused_in_one_line_without_a_secret(
    encrypted: str, change: str
) -> None:
    text = encrypted
    assert sops.decrypt(text)["first"] == "s3cr3t-1"
    changed, words = CHANGES[change]
    assert changed(text) != text
    with pytest.raises(SopsError) as caught:
        sops.decrypt(changed(text))
    message = str(caught.value)
    assert words in message
    assert "s3cr3t" not in message
    assert "\n" not in message


def test_no_part_of_a_file_is_taken_for_the_whole(encrypted: str) -> None:
    # What comes after the MAC says how SOPS goes on, not what the values are.
    end = encrypted.index("\n    encrypted_regex:")
    for length in range(20, end, 17):
        with pytest.raises((SopsError, yaml.YAMLError)):
            sops.decrypt(encrypted[:length])
    assert sops.decrypt(encrypted[:end]) == yaml.safe_load(SOURCE)


def test_values_of_another_file_are_refused(recipient: str) -> None:
    one, other = (real.encrypt(SOURCE, recipient, encrypted_regex=RULE) for _ in range(2))
    own, foreign = (yaml.safe_load(text)["first"] for text in (one, other))
    with pytest.raises(SopsError, match="first was changed"):
        sops.decrypt(one.replace(own, foreign))


def test_without_a_key_the_recipients_are_named(
    recipient: str, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = real.encrypt(SOURCE, recipient, encrypted_regex=RULE)
    real.new_key(key_file)
    assert sops.decrypt(text)["plain"] == "a"
    for content, words in (
        ("# no key\n", f"{key_file} has no key of these"),
        ("AGE-SECRET-KEY-1S3CR3T\n", f"{KEY_FILE} {key_file}: line 1 is not a key of age"),
    ):
        key_file.write_text(content)
        with pytest.raises(SopsError) as caught:
            sops.decrypt(text)
        assert str(caught.value) == f"encrypted for {recipient}, and {words}"
    key_file.write_bytes(b"\xff")
    with pytest.raises(SopsError, match=r"not text in UTF-8$"):
        sops.decrypt(text)
    key_file.unlink()
    with pytest.raises(SopsError, match=r"No such file or directory$"):
        sops.decrypt(text)
    monkeypatch.delenv(KEY_FILE)
    with pytest.raises(SopsError, match=f"encrypted for {recipient}: set {KEY_FILE} to"):
        sops.decrypt(text)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ("{age: [], kms: [{arn: x}]}", "encrypted for no recipient of age"),
        ("{key_groups: [{age: []}], shamir_threshold: 2}", "several groups of keys"),
    ],
)
def test_keys_of_another_kind_are_refused(metadata: str, words: str) -> None:
    with pytest.raises(SopsError, match=words):
        sops.decrypt(f"a: 1\nsops: {metadata}")
