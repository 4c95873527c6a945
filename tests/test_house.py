"""The picture of the house: drawn from the imports, and the page around it."""

import re
import xml.etree.ElementTree as ElementTree
from graphlib import CycleError
from pathlib import Path

import pytest

from tools.house import PICTURE, Drawing, House, draw, rows_of, without_detours
from tools.template import REPOSITORY

from .conftest import Bake

PAGE = REPOSITORY / "docs" / "house.md"
PACKAGE = "src/books"
SMALL = {
    "gunicorn.conf.py": 'wsgi_app = "books.wsgi:app"\n',
    f"{PACKAGE}/__init__.py": "",
    f"{PACKAGE}/openapi.yaml": "x-openapi-router-controller: books.novels.api\n",
    f"{PACKAGE}/wsgi.py": "from .app import create_app\n",
    f"{PACKAGE}/app.py": (
        "from chassis import logs\n"
        "from chassis.logs import output\n"
        "from . import settings\n"
        'CONTRACT = "openapi.yaml"\n'
    ),
    f"{PACKAGE}/settings.py": "from chassis import logs\n",
    f"{PACKAGE}/novels/__init__.py": "",
    f"{PACKAGE}/novels/api.py": "from ..settings import X\nfrom . import service\n",
    f"{PACKAGE}/novels/service.py": "import json\n",
    "src/chassis/__init__.py": "",
    "src/chassis/start.py": "",
    "src/chassis/logs/__init__.py": "from .output import configure\n",
    "src/chassis/logs/output.py": "from ..start import StartError\nfrom os import path\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The files of a small service, of which nothing runs."""
    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_picture_is_what_the_command_draws() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(), "The house has changed: `make house`"


def test_the_page_names_modules_that_there_are(bake: Bake) -> None:
    named = re.findall(r"`([\w./]+\.(?:py|yaml))`", PAGE.read_text(encoding="utf-8"))
    paths = [name for name in named if "/" in name]
    assert len(paths) >= 15
    service = bake()
    assert [name for name in paths if not (service / name).is_file()] == []
    names = {path.name for path in service.rglob("*.py")}
    assert [name for name in named if "/" not in name and name not in names] == []


def test_the_page_leads_from_the_worker_to_the_table_by_way_of_the_resource(bake: Bake) -> None:
    rows = re.findall(r"^\| `([\w./]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert rows[0].endswith("server/worker.py")
    assert "/database/" in rows[-1]
    resource = [Path(row).stem for row in rows if "/colors/" in row]
    assert resource[:2] == ["api", "service"]


def test_a_box_has_its_modules_and_an_arrow_leaves_out_detours(small: Path) -> None:
    house = House(small)
    assert house.modules == {
        "gunicorn.conf.py": [],
        "openapi.yaml": [],
        "books.app": [],
        "books.novels": ["api", "service"],
        "books.settings": [],
        "books.wsgi": [],
        "chassis.logs": ["output"],
        "chassis.start": [],
    }
    assert house.arrows == {
        "gunicorn.conf.py": {"books.wsgi"},
        "openapi.yaml": {"books.novels"},
        "books.app": {"openapi.yaml"},
        "books.novels": {"books.settings"},
        "books.settings": {"chassis.logs"},
        "books.wsgi": {"books.app"},
        "chassis.logs": {"chassis.start"},
        "chassis.start": set(),
    }


def test_a_name_in_a_text_is_another_arrow_than_an_import(small: Path) -> None:
    picture = Drawing(House(small)).svg()
    assert picture.count("by-name") == 1 + len(["gunicorn to wsgi", "app to contract", "to novels"])
    assert picture == Drawing(House(small)).svg()


def test_every_arrow_points_down_and_no_two_boxes_overlap() -> None:
    root = ElementTree.fromstring(PICTURE.read_text(encoding="utf-8"))
    shapes = [shape for shape in root.iter() if shape.get("class") == "box"]
    boxes = [
        [float(shape.get(key, "")) for key in ("x", "y", "width", "height")] for shape in shapes
    ]
    assert len(boxes) > 20
    for number, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[number + 1 :]:
            beside = x + width < other_x or other_x + other_width < x
            assert beside or y + height < other_y or other_y + other_height < y
    for arrow in root.iter():
        if (arrow.get("class") or "").startswith("arrow"):
            steps = re.findall(r"(?:M|C[^VC]* )[\d.]+ ([\d.]+)(?=V|C|$)", arrow.get("d", ""))
            assert len(steps) >= 2
            assert steps == sorted(steps, key=float)


def test_two_boxes_that_need_each_other_cannot_be_drawn() -> None:
    with pytest.raises(CycleError):
        without_detours({"a": {"b"}, "b": {"a"}})


def test_whoever_imports_stands_above() -> None:
    arrows = {"a": {"b", "c"}, "b": {"c"}, "c": set(), "d": {"c"}}
    assert without_detours(arrows) == {"a": {"b"}, "b": {"c"}, "c": set(), "d": {"c"}}
    assert rows_of(set(arrows), arrows) == {"a": 0, "b": 1, "c": 2, "d": 1}
