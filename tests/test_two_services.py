"""Two generated services: one asks the other, as docs/two-services.md tells."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.template import REPOSITORY

from .conftest import Bake
from .live import Service, run, wait_for

PATH = "/v1/recommendations"
GENERATED = re.compile(r"^\$ cookiecutter --no-input \S+ (.*)$", re.MULTILINE)


def answers() -> list[dict[str, object]]:
    """What the document answers, service by service."""
    text = (REPOSITORY / "docs" / "two-services.md").read_text(encoding="utf-8")
    given = [dict(pair.split("=") for pair in line.split()) for line in GENERATED.findall(text)]
    return [{k: False if v == "false" else v for k, v in service.items()} for service in given]


@pytest.fixture(scope="module")
def roots(install: Bake, install_caller: Bake) -> list[Path]:
    """The installed services: the recommendations, and the marketplace, which calls them."""
    recommendations, marketplace = answers()
    return [install(**recommendations), install_caller(**marketplace)]


def start(root: Path, output: Path, **variables: str) -> Service:
    """Makes a service with a database of its own."""
    variables |= {
        "APP_ENVIRONMENT": "development",
        "APP_DATABASE__URL": f"sqlite:///{output / root.name}.db",
        "APP_SERVER__DRAIN_DELAY": "0",
        "APP_SERVER__WORKERS": "1",
    }
    assert run(root, root.name, "db", "upgrade", **variables).returncode == 0
    return Service(root, output, **variables)


@pytest.fixture
def recommendations(roots: list[Path], tmp_path: Path) -> Iterator[Service]:
    with start(roots[0], tmp_path) as service:
        yield service


@pytest.mark.timeout(180)
def test_a_marketplace_asks_for_recommendations_and_survives_without_them(
    roots: list[Path], recommendations: Service, tmp_path: Path
) -> None:
    assert [root.name for root in roots] == ["recommendations", "marketplace"]
    variables = {
        "APP_UPSTREAMS__RECOMMENDATIONS__URL": recommendations.url,
        "APP_UPSTREAMS__RECOMMENDATIONS__RESET_AFTER": "1",
    }
    with start(roots[1], tmp_path, **variables) as marketplace:
        candle = recommendations.post(PATH, name="Candle", category="light").json()
        lamp = marketplace.post("/v1/products", name="Lamp", category="light").json()
        asked = f"{PATH}?category={lamp['category']}"
        answer = marketplace.get(asked)
        assert answer.json() == {"items": [{"id": candle["id"], "name": "Candle"}]}
        wait_for(lambda: traces(marketplace, PATH) & traces(recommendations, PATH), "one trace")
        recommendations.terminate()
        assert recommendations.wait() == 0
        for _ in range(6):
            problem = marketplace.get(asked)
            assert problem.status_code == 503
            assert problem.json()["detail"] == "recommendations is not available at the moment."
        assert int(problem.headers["Retry-After"]) == 1
        assert marketplace.ready()
        assert marketplace.get("/v1/products").json()["items"] == [lamp]
        again = {"APP_SERVER__BIND": recommendations.url.removeprefix("http://")}
        restarted = start(roots[0], tmp_path, **again)
        restarted.url = recommendations.url
        with restarted:
            wait_for(lambda: marketplace.status(asked) == 200, "answers that come back")


def traces(service: Service, text: str) -> set[str]:
    """The traces of the lines of a log that have a text."""
    return {line["trace"] for line in service.log() if text in line["message"]} - {""}
