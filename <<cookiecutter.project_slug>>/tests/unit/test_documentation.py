"""The documentation: what it lists is what there is."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from << cookiecutter.package_name >>.settings import Settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([a-z_.]+)` \| (?:`([^`]*)`)? ?\|", re.MULTILINE)
LINK = re.compile(r"\[[^]]*\]\(([^)#:]+)(?:#[^)]*)?\)")


def documented() -> dict[str, str]:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return {key: default.lower() for key, default in ROW.findall(text)}


def declared() -> dict[str, str]:
    settings = {}
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            for key, inner in section.model_fields.items():
                default = "" if inner.default is PydanticUndefined else inner.default
                settings[f"{name}.{key}"] = str(default).lower()
        else:
            settings[name] = str(field.default).lower()
    return settings


def test_every_setting_is_documented_with_its_default() -> None:
    assert documented() == declared()


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_no_link_is_dead(page: str) -> None:
    path = ROOT / page
    # What is above the first section may say anything.
    sections = path.read_text(encoding="utf-8").partition("\n## ")[2]
    targets = LINK.findall(sections)
    assert targets or page != "README.md"
    assert not [target for target in targets if not (path.parent / target).exists()]
