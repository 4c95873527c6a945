"""Encrypted settings: the commands of a service, its server, and its chart work on one file, which the real SOPS reads too."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tools import helm
from tools.checker.chart import CHART

from .conftest import Bake
from .kubernetes import Object, mount_files
from .live import PASSWORD, Database, Service, environment, run

pytestmark = pytest.mark.timeout(600)
FILE = "config/production.yaml"
KEY = ".secrets/age.key"
SOPS = "sops --disable-version-check"
Make = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def service(install: Bake, tmp_path: Path) -> Path:
    """A copy of an installed service, which keeps the environment of that one."""
    installed = install(encrypted_config=True)
    copy = tmp_path / installed.name
    subprocess.run(["cp", "--archive", str(installed), str(copy)], check=True)
    # Its scripts name the directory that it was made in; `make` would make it anew.
    subprocess.run(["rm", "--recursive", str(copy / ".venv")], check=True)
    copy.joinpath(".venv").symlink_to(installed / ".venv")
    return copy


@pytest.fixture
def make(service: Path) -> Make:
    """Runs a target of the Makefile; with `status`, it has to end with it."""

    def made(target: str, status: int = 0, **variables: str) -> "subprocess.CompletedProcess[str]":
        given = [f"{name}={value}" for name, value in variables.items() if name != "EDITOR"]
        result = subprocess.run(
            ["make", "--no-print-directory", target, *given],
            cwd=service,
            env=environment(PYTHONPATH=str(service / "src"), **variables),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == status, result.stdout + result.stderr
        return result

    return made


def recipients(service: Path) -> list[str]:
    """Those that the service's `.sops.yaml` lists."""
    rules = yaml.safe_load((service / ".sops.yaml").read_text())["creation_rules"]
    return list(rules[0]["key_groups"][0]["age"] or [])


def write(service: Path, url: str) -> str:
    """Writes the settings of production, and returns their text."""
    text = f"# Production.\nserver: {{drain_delay: 0}}\ndatabase:\n  url: {url} # a secret\n"
    (service / FILE).write_text(text)
    return text


def decrypted(service: Path, **variables: str) -> str:
    """What the real SOPS reads."""
    variables.setdefault("SOPS_AGE_KEY_FILE", str(service / KEY))
    result = run(service, *SOPS.split(), "decrypt", FILE, **variables)
    assert result.returncode == 0, result.stderr
    return str(result.stdout)


def test_a_key_is_made_on_this_machine_alone(service: Path, make: Make) -> None:
    refused = make("encrypt", 2, FILE="config/development.yaml", KEYS="database.url")
    assert ".sops.yaml names no recipient: run make secret-key\n" in refused.stderr
    for count in (1, 2):
        said = make("secret-key").stdout
        found = recipients(service)
        assert len(found) == count
        assert found[-1] in said
        assert "AGE-SECRET-KEY" not in said
    assert (service / KEY).stat().st_mode & 0o777 == 0o600
    assert (service / KEY).parent.stat().st_mode & 0o777 == 0o700
    ignored = (service / ".gitignore").read_text().splitlines()
    assert "/.secrets/" in ignored
    (service / ".sops.yaml").write_text("creation_rules: []\n")
    assert "add it by hand" in make("secret-key", 2).stderr
    assert (service / KEY).read_text().count("AGE-SECRET-KEY") == 2


def test_values_are_encrypted_edited_and_rotated(service: Path, make: Make, tmp_path: Path) -> None:
    make("secret-key")
    text = write(service, f"postgresql+psycopg://app:{PASSWORD}@db/app")
    wrong = make("encrypt", 2, FILE=FILE, KEYS="database.ulr")
    assert f"{FILE} has no database.ulr\n" in wrong.stderr
    assert (service / FILE).read_text() == text
    assert "Encrypted: database.url\n" in make("encrypt", FILE=FILE, KEYS="database.url").stdout
    encrypted = (service / FILE).read_text()
    assert PASSWORD not in encrypted
    assert "drain_delay: 0" in encrypted
    assert yaml.safe_load(decrypted(service)) == yaml.safe_load(text)
    assert "# Production." in encrypted

    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/drain_delay: 0/drain_delay: 1/; s/db/other/" "$1"\n')
    editor.chmod(0o755)
    make("edit-secrets", FILE=FILE, EDITOR=str(editor))
    assert "drain_delay: 1" in (service / FILE).read_text()
    assert f"{PASSWORD}@other/" in decrypted(service)
    make("edit-secrets", FILE=FILE, EDITOR="true")

    said = make("encrypt", FILE=FILE, KEYS="server.drain_delay database.url").stdout
    assert "Encrypted: database.url, server.drain_delay\n" in said
    assert yaml.safe_load(decrypted(service))["server"] == {"drain_delay": 1}

    # A key that has leaked: a new one takes its place.
    old = tmp_path / "old.key"
    old.write_text((service / KEY).read_text())
    (first,) = recipients(service)
    make("secret-key")
    rules = (service / ".sops.yaml").read_text()
    (service / ".sops.yaml").write_text(rules.replace(f"          - {first}\n", ""))
    before = (service / FILE).read_text()
    make("rotate-secrets", FILE=FILE)
    assert first not in (service / FILE).read_text()
    assert yaml.safe_load(decrypted(service))["server"] == {"drain_delay": 1}
    refused = run(service, *SOPS.split(), "decrypt", FILE, SOPS_AGE_KEY_FILE=str(old))
    assert refused.returncode != 0
    assert (
        yaml.safe_load(before)["database"]
        != yaml.safe_load((service / FILE).read_text())["database"]
    )

    plain = make("edit-secrets", 2, FILE="config/development.yaml")
    assert "config/development.yaml is not encrypted: run make encrypt" in plain.stderr
    assert (
        "nowhere.yaml: No such file or directory"
        in make("encrypt", 2, FILE="nowhere.yaml", KEYS="a").stderr
    )


def test_a_sops_that_is_another_is_not_run(service: Path, make: Make) -> None:
    path = service / "tools" / "secrets" / "sops.py"
    path.write_text(re.sub(r'"[0-9a-f]{64}"', '"0"', path.read_text()))
    make("secret-key")
    write(service, "postgresql://db/app")
    refused = make("encrypt", 2, FILE=FILE, KEYS="database.url")
    assert "is not a SOPS whose checksum is in tools/secrets/sops.py" in refused.stderr


def test_the_service_and_its_chart_work_by_an_encrypted_file(
    service: Path, make: Make, empty_database: Database, tmp_path: Path
) -> None:
    url = empty_database.variables["APP_DATABASE__URL"]
    make("secret-key")
    write(service, url)
    make("encrypt", FILE=FILE, KEYS="database.url")

    result = helm.run(
        *("template", "color", str(service / CHART)),
        *("--set-file", f"encryptedSettings.content={service / FILE}"),
        *("--set", "encryptedSettings.existingSecret=age"),
    )
    assert result.returncode == 0, result.stderr
    objects: list[Object] = [found for found in yaml.safe_load_all(result.stdout) if found]
    root = tmp_path / "root"

    def mounted(kind: str) -> tuple[Object, dict[str, str]]:
        """The container of an object, with its files mounted, and its variables."""
        (found,) = [o for o in objects if o["kind"] == kind]
        pod = found["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        contents = {o["metadata"]["name"]: o["data"] for o in objects if o["kind"] == "ConfigMap"}
        for volume in pod["volumes"]:
            (mount,) = [m for m in container["volumeMounts"] if m["name"] == volume["name"]]
            place = root / kind / mount["mountPath"][1:]
            if "configMap" in volume:
                mount_files(place, contents[volume["configMap"]["name"]])
            elif "secret" in volume:
                assert volume["secret"]["secretName"] == "age"
                (item,) = volume["secret"]["items"]
                mount_files(place, {item["path"]: (service / KEY).read_text()})
        return container, {
            variable["name"]: str(root / kind) + variable["value"]
            if variable["value"][0] == "/"
            else variable["value"]
            for variable in container["env"]
        }

    migration, variables = mounted("Job")
    assert migration["args"] == ["migrate"]
    migrated = run(service, "color-palette", "db", "upgrade", **variables)
    assert migrated.returncode == 0, migrated.stderr

    _, variables = mounted("Deployment")
    shown = run(service, "color-palette", "show-config", **variables).stdout
    file = variables["APP_CONFIG_FILE"]
    (line,) = [line for line in shown.splitlines() if line.startswith("database.url")]
    assert ":***@" in line
    assert line.endswith(f"  # file {file}")
    with Service(service, tmp_path, **variables) as running:
        assert running.ready()
        assert running.post("/v1/colors", name="Red", category="warm").status_code == 201
        running.terminate()
        assert running.wait() == 0

    # Whoever changes a value that anybody can read is noticed, by each command.
    tampered = tmp_path / "tampered.yaml"
    text = (service / FILE).read_text()
    tampered.write_text(text.replace("drain_delay: 0", "drain_delay: 9"))
    variables["APP_CONFIG_FILE"] = str(tampered)
    for command in ("gunicorn", "color-palette routes", "flask --app color_palette.wsgi routes"):
        refused = run(service, *command.split(), **variables)
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert refused.stderr == (
            f"configuration: {tampered}: changed after it was encrypted:"
            " its values do not fit sops.mac\n"
        )
