"""docs/http-client.md of a service: whoever follows the page word by word has another service called."""

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tools import recipes
from tools.checker import chart
from tools.combinations import describe

from .conftest import Bake
from .live import Service, environment, run, wait_for
from .samples import todays
from .test_sick_peers import Peer

PATH = "/v1/recommendations?category=light"
SERVICES = [{}, {"database": "none"}, {"database": "none", "metrics": False, "tracing": "none"}]
CANDLE = {"id": "94ba52af-74ff-4b25-a6cc-2f2b04d13bb2", "name": "Candle"}
AWAY = "recommendations is not available at the moment."
RECIPE = """\
`src/names.py`, a new file:

```python
NAMES = ["Zoe"]
```

`README.md` lists them:

```diff
 # Names
+
+Zoe

-is old
+is new
@@
-The end.
```
"""
README = "# Names\n\nis old\n\nMore.\nThe end.\n"


def test_a_new_service_calls_no_other(default: Path) -> None:
    shown = run(
        default, default.name, "show-config", APP_DATABASE__URL="postgresql+psycopg://a@b/c"
    )
    assert shown.returncode == 0, shown.stderr
    assert "api.deadline = 10.0" in shown.stdout
    assert "upstream" not in shown.stdout


@pytest.fixture(params=todays(SERVICES, 3), ids=describe)
def service(request: pytest.FixtureRequest, install_caller: Bake) -> Path:
    """A service in which the page has been followed."""
    return install_caller(**request.param)


@pytest.mark.timeout(300)
def test_the_service_is_as_clean_as_before(service: Path) -> None:
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        result = run(service, *command.split())
        assert result.returncode == 0, result.stdout


@pytest.mark.timeout(600)
def test_the_tests_of_the_service_pass(service: Path) -> None:
    tests = ["tests", "--ignore=tests/chassis"]
    result = subprocess.run(
        [service / ".venv" / "bin" / "pytest", "-q", "--no-cov", *tests],
        cwd=service,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.timeout(120)
def test_the_other_service_is_called_and_may_go_away(service: Path, tmp_path: Path) -> None:
    variables = {"APP_ENVIRONMENT": "development", "APP_SERVER__DRAIN_DELAY": "0"}
    if (service / "migrations").exists():
        variables |= {"APP_DATABASE__URL": f"sqlite:///{tmp_path / 'test.db'}"}
        assert run(service, service.name, "db", "upgrade", **variables).returncode == 0
    with closing(Peer()) as peer:
        variables["APP_UPSTREAMS__RECOMMENDATIONS__URL"] = peer.url
        with Service(service, tmp_path, **variables) as caller:
            assert caller.get(PATH).json() == {"items": [CANDLE]}
            assert caller.get("/v1/recommendations").status_code == 400
            peer.close()
            wait_for(lambda: caller.status(PATH) == 503, "a peer that is away")
            answer = caller.get(PATH)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["detail"] == AWAY
            assert caller.ready()


def test_faults_on_purpose_need_development(install_caller: Bake) -> None:
    root = install_caller(database="none")
    fault = {"APP_UPSTREAMS__RECOMMENDATIONS__FAULT_ERRORS": "0.5"}
    refused = run(root, root.name, "show-config", **fault)
    assert refused.returncode == 1
    assert "upstreams.recommendations.fault_errors: injected faults are for" in refused.stderr
    shown = run(root, root.name, "show-config", **fault, APP_ENVIRONMENT="development")
    assert "upstreams.recommendations.fault_errors = 0.5" in shown.stdout


def test_the_chart_gives_the_other_service_an_address_and_a_way_out(install_caller: Bake) -> None:
    objects = chart.render(install_caller() / chart.CHART, "default")
    (deployment,) = [manifest for manifest in objects if manifest["kind"] == "Deployment"]
    (api,) = deployment["spec"]["template"]["spec"]["containers"]
    variables = {variable["name"]: variable["value"] for variable in api["env"]}
    assert variables["APP_UPSTREAMS__RECOMMENDATIONS__URL"] == "http://recommendations:8080"
    # The pods that serve have it, the migration has not.
    policies = [
        manifest["spec"]["egress"] for manifest in objects if manifest["kind"] == "NetworkPolicy"
    ]
    way = {"to": [{"podSelector": {}}], "ports": [{"port": 8080, "protocol": "TCP"}]}
    assert [way in ways for ways in policies] == [True, False]


def test_a_recipe_is_followed_word_by_word(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(RECIPE)
    (tmp_path / "README.md").write_text(README)
    recipes.follow(tmp_path, "page.md")
    assert (tmp_path / "src" / "names.py").read_text() == 'NAMES = ["Zoe"]\n'
    assert (tmp_path / "README.md").read_text() == "# Names\n\nZoe\n\nis new\n\nMore.\n"
    with pytest.raises(ValueError, match=r"src/names\.py is there already"):
        recipes.follow(tmp_path, "page.md")


@pytest.mark.parametrize(("readme", "places"), [("# Name\n", 0), (README * 2, 2)])
def test_a_recipe_that_leads_nowhere_is_refused(tmp_path: Path, readme: str, places: int) -> None:
    (tmp_path / "page.md").write_text(RECIPE)
    (tmp_path / "README.md").write_text(readme)
    with pytest.raises(ValueError, match=rf"README\.md has {places} places with these lines:\n# N"):
        recipes.follow(tmp_path, "page.md")
