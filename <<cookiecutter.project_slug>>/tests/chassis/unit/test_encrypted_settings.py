"""Encrypted settings: they are read like others, never shown, and a file that cannot be read is named in one line."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, SecretStr
from tests.chassis.fixtures import sops as real

from chassis import settings
from chassis.settings import ConfigurationError, Section, encrypted
from chassis.settings.encrypted import EncryptedSettings
from chassis.sops.keys import KEY_FILE

CONTENT = """\
flag: true
peer:
  # The hook has a token in its path.
  url: http://user:password@host:8080/a?token=s3cr3t
  hook: http://hooks/T0/s3cr3t
  token: s3cr3t
  limit: 424242
  share: 0.424242
  tags: [s3cr3t, plain]
  pairs: {a: s3cr3t}
  name: plain
"""
RULE = "^(flag|url|hook|token|limit|share|tags|pairs)$"


class Peer(Section):
    """What is encrypted."""

    url: str = ""
    hook: str = ""
    token: SecretStr = SecretStr("")
    limit: int = Field(1, le=500_000)
    share: float = 0.5
    tags: tuple[str, ...] = ()
    pairs: dict[str, str] = Field({})
    name: str = "default"


class Settings(EncryptedSettings):
    """Settings of these tests."""

    flag: bool = False
    peer: Peer = Peer()


def load() -> Settings:
    return settings.load(Settings, lambda loaded: None)


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "production.yaml"
    monkeypatch.setenv(settings.CONFIG_FILE, str(path))
    return path


def fault() -> str:
    """The only line that ends the start."""
    with pytest.raises(ConfigurationError) as caught:
        load()
    (line,) = str(caught.value).splitlines()
    assert "s3cr3t" not in line
    assert "password@" not in line
    assert "424242" not in line
    return line


def test_encrypted_settings_are_read_like_others(config_file: Path, recipient: str) -> None:
    config_file.write_text(CONTENT)
    plain = load()
    config_file.write_text(real.encrypt(CONTENT, recipient, encrypted_regex=RULE))
    assert "s3cr3t" not in config_file.read_text()
    assert "password" not in config_file.read_text()
    assert load() == plain
    assert plain.peer.tags == ("s3cr3t", "plain")
    assert plain.flag is True


def test_nothing_that_was_encrypted_is_shown(config_file: Path, recipient: str) -> None:
    config_file.write_text(real.encrypt(CONTENT, recipient, encrypted_regex=RULE))
    shown = {key: (value, source) for key, value, source in encrypted.effective(load())}
    assert {source for _, source in shown.values()} == {f"file {config_file}"}
    values = {key: value for key, (value, _) in shown.items()}
    assert values.pop("peer.url") == "http://user:***@host:8080/a?token=***"
    assert values.pop("peer.name") == "plain"
    assert values.keys() == {"flag", *(f"peer.{key}" for key in Peer.model_fields)} - {
        "peer.url",
        "peer.name",
    }
    assert set(values.values()) == {"***"}


def test_another_source_overrides_an_encrypted_value(
    config_file: Path, recipient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file.write_text(real.encrypt(CONTENT, recipient, encrypted_regex=RULE))
    monkeypatch.setenv("APP_PEER__LIMIT", "7")
    loaded = load()
    assert loaded.peer.limit == 7
    shown = {key: (value, source) for key, value, source in encrypted.effective(loaded)}
    assert shown["peer.limit"] == (7, "environment variable APP_PEER__LIMIT")


def test_a_wrong_value_is_named_without_it(config_file: Path, recipient: str) -> None:
    for key, value, words in (
        ("limit", "s3cr3t", "Input should be a valid integer"),
        ("limit", "4242420", "Input should be less than or equal to 500000"),
        ("lmiit", "s3cr3t", "there is no such setting"),
        ("url", "http://user:password@host@s3cr3t", "user name and password have to be escaped"),
    ):
        config_file.write_text(real.encrypt(f"peer: {{{key}: '{value}'}}", recipient))
        line = fault()
        assert line.startswith(f"configuration: peer.{key}: {words}")
        assert line.endswith(f"(file {config_file})")


def test_a_file_that_cannot_be_decrypted_is_named(
    config_file: Path, recipient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = real.encrypt(CONTENT, recipient, encrypted_regex=RULE)
    changes: list[tuple[Any, str]] = [
        (text.replace("name: plain", "name: other"), "changed after it was encrypted"),
        (text.partition("\nsops:")[0], "not complete: has encrypted values, but no part sops"),
        (text[: text.index("    mac:") + 40], "damaged: sops.mac is not a complete"),
        (f"sops: 5\n{CONTENT}", "not complete"),
        (f"a: &a [*a]\n{text}", "nested too deeply"),
    ]
    for content, words in changes:
        config_file.write_text(content)
        assert fault().startswith(f"configuration: {config_file}: {words}")
    config_file.write_text(text)
    load()
    monkeypatch.delenv(KEY_FILE)
    assert fault() == (
        f"configuration: {config_file}: encrypted for {recipient}:"
        f" set {KEY_FILE} to the file with a key of these"
    )


def test_without_a_file_there_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv(settings.CONFIG_FILE, value)
        loaded = load()
        assert loaded.peer.name == "default"
        assert all(source.startswith("default") for *_, source in encrypted.effective(loaded))
