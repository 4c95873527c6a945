"""The documentation: what it lists is what there is."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
<% if cookiecutter.tracing == 'opentelemetry' %>
from tests.chassis.fixtures import variables
<% endif %>

<% if cookiecutter.http_client %>
from chassis.settings.upstreams import UpstreamSettings

<% endif %>
from << cookiecutter.package_name >>.settings import Settings

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `([a-z_.<>]+)` \| (?:`([^`]*)`)? ?\|", re.MULTILINE)
LINK = re.compile(r"\[[^]]*\]\(([^)#:]+)(?:#[^)]*)?\)")


def documented() -> dict[str, str]:
    """Returns the default of each setting; `<name>` stands for any."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return {key: default.lower() for key, default in ROW.findall(text)}


def declared(
    section: type[BaseModel] = Settings, within: str = "", given: object = None
) -> dict[str, str]:
    settings: dict[str, str] = {}
    for key, field in section.model_fields.items():
        name, kind = f"{within}{key}", field.annotation
        default = getattr(given, key) if given else field.default
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner = None if default is PydanticUndefined else default
            settings |= declared(kind, f"{name}.", inner)
        else:
            settings[name] = "" if default is PydanticUndefined else str(default).lower()
    return settings


def test_every_setting_is_documented_with_its_default() -> None:
    table, settings = documented(), declared()
    assert {key for key in table if "<name>" not in key} <= settings.keys()
    for key, default in settings.items():
        row = key if key in table else re.sub(r"\.\w+\.", ".<name>.", key)
        assert table.get(row) == default, key
<% if cookiecutter.http_client %>


def test_the_settings_of_any_upstream_are_documented() -> None:
    rows = {key: default for key, default in documented().items() if "<name>" in key}
    assert rows == declared(UpstreamSettings, "upstreams.<name>.")
<% endif %>


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_no_link_is_dead(page: str) -> None:
    path = ROOT / page
    # What is above the first section may say anything.
    sections = path.read_text(encoding="utf-8").partition("\n## ")[2]
    targets = LINK.findall(sections)
    assert targets or page != "README.md"
    assert not [target for target in targets if not (path.parent / target).exists()]
<% if cookiecutter.tracing == 'opentelemetry' %>


def test_the_page_names_the_variables_of_opentelemetry_that_are_tried() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    tried = {*variables.POSSIBLE, *variables.IMPOSSIBLE, *variables.FREE}
    of_traces_alone = {name for name in tried if name.startswith(f"{variables.OTLP}_TRACES_")}
    assert set(re.findall(r"`(OTEL_[A-Z_0-9]*[A-Z])[`=]", page)) == tried - of_traces_alone
<% endif %>
