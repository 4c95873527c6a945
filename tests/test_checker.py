"""The checker: each kind of fault, planted in a copy of a clean service, is found."""

import re
import shutil
from collections.abc import Callable
from functools import cache, reduce
from itertools import product
from operator import or_
from pathlib import Path
from typing import Any

import pytest

from tools import matrix
from tools.checker import OF_FAMILIES, OF_PROGRAMS, OF_SERVICES, code, faults_of_kind
from tools.checker.file import Fault
from tools.checker.origins import of_template
from tools.checker.programs import Program, Reading
from tools.checker.service import Service
from tools.combinations import DEFAULT, presets
from tools.conditions import NEVER, Space
from tools.template import TEMPLATE, Answers, answer, fill_in, template_files

from .conftest import Bake

Plant = Callable[[Path], None]


def change(path: str, old: str, new: str) -> Plant:
    """Replaces what stands in a file."""

    def plant(service: Path) -> None:
        text = (service / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r} any more: plant the fault elsewhere"
        (service / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def append(path: str, text: str) -> Plant:
    """Adds text to a file, which need not exist."""

    def plant(service: Path) -> None:
        (service / path).parent.mkdir(parents=True, exist_ok=True)
        with (service / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return plant


def remove(path: str) -> Plant:
    """Removes a file."""
    return lambda service: (service / path).unlink()


def raw(text: str) -> str:
    """A line that the template leaves as it is."""
    return f"<% raw %>{text}<% endraw %>\n"


APP = "src/color_palette/app.py"
COMPOSE, SCRAPES = "compose.yaml", "deploy/compose/prometheus.yaml"
CI, RELEASE = ".github/workflows/ci.yaml", ".github/workflows/release.yaml"
DEPENDABOT, GITLAB = ".github/dependabot.yml", ".gitlab-ci.yml"
CHART = "deploy/chart"
VALUES, TEMPLATES = f"{CHART}/values.yaml", f"{CHART}/templates"
DEPLOYMENT, HELPERS = f"{TEMPLATES}/deployment.yaml", f"{TEMPLATES}/_helpers.tpl"
MIGRATION, POLICY = f"{TEMPLATES}/migration.yaml", f"{TEMPLATES}/networkpolicy.yaml"
CHASSIS = "src/chassis"
SECTIONS = f"{CHASSIS}/settings/sections.py"
TEST = "tests/test_paging.py"
# Kind, what is planted, and what has to be found. `minimal` has none of the features.
IN_MINIMAL = [
    (
        "files",
        append(f"{CHASSIS}/metrics/server.py", "X = 1\n"),
        "belongs to metrics, which is not",
    ),
    ("files", append("migrations/env.py", "X = 1\n"), "migrations/env.py: belongs to database"),
    ("words", append(APP, "# Counted by Prometheus.\n"), "says 'Prometheus', but metrics"),
    ("words", append("README.md", "The Database\n"), "says 'Database', but database is not"),
    ("words", append("docs/operation.md", "Seed it\n"), "docs/operation.md:"),
    ("words", append("requirements.txt", "psycopg==3\n"), "but postgresql is not selected"),
    ("words", append("Makefile", "migrate:\n"), "Makefile:"),
    ("words", append("config/development.yaml", "metrics: 1\n"), "config/development.yaml:"),
    ("words", append("tests/conftest.py", "# APP_DATABASE__URL\n"), "says 'DATABASE'"),
    ("words", append("docs/metrics.md", "Nothing\n"), "docs/metrics.md: says 'metric'"),
    ("words", append("docs/a.md", "`db_pool` grows\n"), "but pool_metrics is not selected"),
]
IN_DEFAULT = [
    ("files", remove("docs/operation.md"), "docs/operation.md: is missing"),
    ("files", append("notes.txt", "A note\n"), "notes.txt: is not a file of the template"),
    ("files", lambda service: (service / "spare").mkdir(), "spare: is an empty directory"),
    (
        "words",
        append("README.md", "Data live in the memory of one\n"),
        "but memory is not selected",
    ),
    ("leftovers", append("README.md", raw("<< x >>")), "has '<<'"),
    ("leftovers", append(APP, "# " + raw("<% endif %>")), "has '<%'"),
    ("leftovers", append("Makefile", raw("<# a comment #>")), "has '<#'"),
    ("leftovers", append("CHANGELOG.md", "Made by Cookiecutter\n"), "has 'Cookiecutter'"),
    ("leftovers", append("CHANGELOG.md", "=======\n"), "has '======='"),
    ("formats", append("pyproject.toml", "[unclosed\n"), "pyproject.toml: cannot be parsed"),
    ("formats", append("config/development.yaml", "a: b: c\n"), "development.yaml: cannot be"),
    ("formats", append("a.json", "{\n"), "a.json: cannot be parsed"),
    ("formats", append("Makefile", "x"), "Makefile: does not end with a new line"),
    ("formats", append("Makefile", "\n"), "Makefile: has an empty line at its end"),
    ("formats", append("README.md", "Text \n"), "ends in white space"),
    ("references", append("README.md", "[x](docs/x.md)\n"), "links to docs/x.md"),
    ("references", append("docs/operation.md", "[x](x.md)\n"), "links to x.md"),
    ("references", append("README.md", "[x](#nowhere)\n"), "links to #nowhere"),
    ("references", append("README.md", "[x](docs/operation.md#x)\n"), "links to docs/operation"),
    ("references", append(APP, "# See docs/x.md.\n"), "names docs/x.md, which is"),
    ("references", append("Dockerfile", "COPY config/x.yaml /\n"), "names config/x.yaml"),
    ("references", append("compose.yaml", "file: ./deploy/x.yaml\n"), "names deploy/x.yaml"),
    ("references", append("README.md", "in `chassis/x.py`\n"), "names chassis/x.py"),
    ("references", append("README.md", "in `x.py`\n"), "names x.py"),
    ("references", append("README.md", "in `recommendations/http.py`\n"), "names recommendations/"),
    ("references", append("docs/http-client.md", "in `stock/http.py`\n"), "names stock/http.py"),
    ("references", append("README.md", "Run `make polish`.\n"), "names the target polish"),
    ("references", append("ci.yaml", "run: make polish\n"), "ci.yaml:1: names the target polish"),
    ("references", change("Makefile", "run: db-upgrade", "run: db-down"), "the target db-down"),
    ("references", change("Makefile", ".PHONY: tox\n", ""), "the target tox is not both"),
    ("references", append("Makefile", "x:\n\t$(BIN)/flake8 .\n"), "runs flake8, a command"),
    ("references", change("tests/conftest.py", "fixtures.server", "fixtures.x"), "fixtures.x"),
    ("references", change("pyproject.toml", ".cli:main", ".cli:start"), ".cli:start, which is"),
    ("references", change("gunicorn.conf.py", ".wsgi:app", ".asgi:app"), ".asgi, which is not"),
    (
        "settings",
        change(SECTIONS, "    timeout: int", "    pace: int = 1\n    timeout: int"),
        "pace",
    ),
    ("settings", change(APP, "api.swagger_ui", "api.swagger"), "reads CallingApiSettings.swagger,"),
    ("settings", change(APP, "settings.environment", "settings.stage"), "reads Settings.stage,"),
    ("settings", append("docs/operation.md", "`APP_API__CORS`\n"), "the variable APP_API__CORS"),
    (
        "settings",
        append("docs/operation.md", "`APP_UPSTREAMS__STOCK__PORT`\n"),
        "the variable APP_UPSTREAMS__STOCK__PORT",
    ),
    (
        "settings",
        change(DEPLOYMENT, "APP_UPSTREAMS__{{ upper $name }}__URL", "APP_{{ upper $name }}__URL"),
        "the variable APP_{{ upper $name }}__URL",
    ),
    ("settings", append("config/development.yaml", "cors:\n  all: 1\n"), "sets cors.all"),
    ("settings", append("config/development.yaml", "cors: 1\n"), "sets cors, which is no"),
    ("code", append(APP, "\n\ndef helper() -> None:\n    pass\n"), "the function helper"),
    ("code", append(f"{CHASSIS}/forgotten.py", "X = 1\n"), "no other module imports it"),
    (
        "code",
        append("src/color_palette/forgotten.py", '__all__ = ["X"]\nX = 1\n'),
        "src/color_palette/forgotten.py: no other module imports it",
    ),
    (
        "code",
        append(f"{CHASSIS}/http_client/metrics.py", "\n\ndef helper() -> None:\n    pass\n"),
        "nothing uses the function helper",
    ),
    ("code", append(TEST, "# A comment.def test_x():\n#    pass\n"), "test test_x does not run"),
    ("code", append(TEST, "def test_x(): ...\ndef test_x(): ...\n"), "test_x does not run"),
    ("style", append(APP, "import os\n"), "F401"),
    ("style", append(APP, "X = {'a':1}\n"), "unformatted: File would be reformatted"),
    ("style", append(APP, "def (\n"), "invalid-syntax"),
    ("secrets", append(APP, "KEY = 'AKIAIOSFODNN7EXAMPLQ'\n"), "(AWS Access Key)"),
    ("secrets", append("config/x.yaml", "password: 'hunter2-hunter2'\n"), "(Secret Keyword)"),
    ("secrets", append("a.pem", "-----BEGIN RSA PRIVATE " + "KEY-----\n"), "(Private Key)"),
    ("secrets", append("a.md", "postgresql://me:hunter22@db/x\n"), "(Basic Auth Credentials)"),
    ("containers", change("Dockerfile", "WORKDIR /build", "WORKDIR build"), "hadolint: "),
    ("containers", change("Dockerfile", "COPY src src", "COPY lib lib"), "copies lib, which is"),
    ("containers", change(".dockerignore", "!src\n", ""), "keeps out src, which"),
    (
        "containers",
        change("Dockerfile", "3.13-slim-bookworm AS", "latest AS"),
        "which is no version",
    ),
    ("containers", change("Dockerfile", "USER 10001:10001", "USER app"), "runs as app, which"),
    ("containers", change("Dockerfile", 'CMD ["serve"]', "CMD serve"), "CMD is not a list"),
    ("containers", change(COMPOSE, "read_only: true", "read_onyl: true"), "check-jsonschema: "),
    ("containers", change(COMPOSE, "[database__url]", "[data_url]"), "docker-compose: "),
    ("containers", change(COMPOSE, "v3.5.0", "latest"), "prom/prometheus:latest, which is no"),
    ("containers", change(COMPOSE, "127.0.0.1:9090:", "9090:"), "prometheus: publishes 9090:9090"),
    (
        "containers",
        change(
            COMPOSE, "    image: postgres", '    ports: ["127.0.0.1:5:5432"]\n    image: postgres'
        ),
        "database: publishes 127.0.0.1:5:5432",
    ),
    ("containers", change(COMPOSE, "8080:8080", "8080:8000"), "the Dockerfile does not expose"),
    (
        "containers",
        change(COMPOSE, "rules.yaml:/", "rule.yaml:/"),
        "mounts deploy/prometheus/rule.",
    ),
    ("containers", change(COMPOSE, "cap_drop: [ALL]", "cap_drop: [CHOWN]"), "cap_drop is not"),
    ("containers", change(COMPOSE, "      test: [", "      x-test: ["), "which has no check"),
    (
        "containers",
        change(COMPOSE, "volumes:\n  database:", "volumes:\n  database:\n  spare:"),
        "spare",
    ),
    (
        "containers",
        change(COMPOSE, "file: .secrets/", "file: config/"),
        "is a file of the repository",
    ),
    ("containers", append(COMPOSE, "services: 1\n"), "compose.yaml: cannot be understood"),
    ("containers", change(SCRAPES, "job_name: color-palette", "job_name: api"), "the job api is"),
    ("containers", change(SCRAPES, "api:8081", "api:9100"), "asks api:9100, where nothing is"),
    ("pipelines", change(CI, "runs-on:", "run-on:"), "check-jsonschema: "),
    ("pipelines", change(DEPENDABOT, "weekly", "rarely"), "check-jsonschema: "),
    ("pipelines", append(CI, "jobs: 1\n"), "pipelines: cannot be understood"),
    ("pipelines", change(RELEASE, "steps.name.outputs", "steps.nam.outputs"), "actionlint: "),
    ("pipelines", change(CI, "  workflow_call:\n", ""), "actionlint: "),
    (
        "pipelines",
        change(CI, "persist-credentials: false", "persist-credentials: true"),
        "ci.yaml:28: credential persistence through GitHub Actions artifacts",
    ),
    (
        "pipelines",
        change(RELEASE, '${GITHUB_REF_NAME#v}\\"', '${{ github.ref_name }}\\"'),
        "(zizmor template-injection)",
    ),
    ("pipelines", change(DEPENDABOT, "default-days: 7", "default-days: 1"), "dependabot-cooldown"),
    (
        "pipelines",
        change(CI, "@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "@v5"),
        "uses actions/checkout@v5, which is not pinned",
    ),
    ("pipelines", change(CI, " # v5.0.0", ""), "does not tell the version of act"),
    ("pipelines", change(CI, "permissions: {}", "permissions: read-all"), "to all"),
    (
        "pipelines",
        change(CI, "    permissions:\n      contents: read\n", ""),
        "lint: does not say which rights",
    ),
    ("pipelines", change(CI, "pull_request:", "pull_request_target:"), "strangers"),
    ("pipelines", change(CI, "    timeout-minutes: 15\n", ""), "lint: has no limit"),
    (
        "pipelines",
        change(CI, "- name: Check style and types\n        run", "- run"),
        "lint: has a command without a name",
    ),
    ("pipelines", change(CI, "make lint", "make polish"), "makes polish, which the"),
    ("pipelines", change(CI, "rules_test.yaml", "rule.yaml"), "/rule.yaml, which is"),
    ("pipelines", change(CI, "path: sbom.cdx", "path: bom"), "keeps bom.json, which"),
    (
        "pipelines",
        change(CI, '["3.11", "3.12", ', '["3.12", '),
        "test on Python ['3.12', '3.13', '3.14'], but tox on ['3.11', '3.12', '3.13', '3.14']",
    ),
    ("pipelines", change(CI, "make audit", "make sbom"), "nothing runs 'make audit'"),
    ("pipelines", remove("tests/test_migrations.py"), "the promise 'migrations'"),
    ("pipelines", remove("tests/contract/test_fuzz.py"), "nothing of the promise 'contract'"),
    ("pipelines", change("Makefile", "-m tools.gate\n", "\n"), "nothing of the promise 'clients'"),
    ("pipelines", change("Makefile", "$(BIN)/mypy", "true"), "nothing of the promise 'types'"),
    ("pipelines", remove("Dockerfile"), "dependabot.yml: renews ['docker', "),
    ("chart", append(DEPLOYMENT, '{{ include "x" . }}\n'), "helm lint: "),
    (
        "chart",
        change(DEPLOYMENT, "failureThreshold", "failureTreshold"),
        "'failureTreshold' was un",
    ),
    ("chart", change(DEPLOYMENT, "Seconds: 2", "Seconds: soon"), "'soon' is not of type 'integer'"),
    ("chart", change(f"{TEMPLATES}/hpa.yaml", "/v2", "/v9"), "does not know this kind"),
    (
        "chart",
        change(f"{TEMPLATES}/servicemonitor.yaml", "interval:", "every:"),
        "endpoints.0.every Extra inputs",
    ),
    (
        "chart",
        change(f"{TEMPLATES}/ingress.yaml", "{{ .host | quote }}", "{{ .host }}"),
        "(awkward): Error: YAML parse error",
    ),
    (
        "chart",
        change(HELPERS, ".Values.priorityClassName", ".Values.image.tag"),
        "no template reads priorityClassName",
    ),
    ("chart", change(HELPERS, ".Values.affinity", ".Values.affine"), "read affine, which values"),
    (
        "chart",
        change(f"{CHART}/values.schema.json", '"affinity":', '"affine": {},\n    "affinity":'),
        "has affine, which values.yaml does not",
    ),
    ("chart", change(HELPERS, "sub 62", "sub 66"), "(awkward): Service rrr"),
    (
        "chart",
        change(f"{TEMPLATES}/tests/metrics.yaml", "test-metrics", "test-api"),
        "is there 2 times",
    ),
    ("chart", change(VALUES, "runAsUser: 10001", "runAsUser: 1"), "does not run as 10001:10001"),
    ("chart", change(VALUES, "runAsNonRoot: true", "runAsNonRoot: false"), "runAsNonRoot is not"),
    ("chart", change(VALUES, "RuntimeDefault", "Unconfined"), "seccompProfile is not"),
    ("chart", change(HELPERS, "Token: false", "Token: true"), "automountServiceAccountToken is"),
    ("chart", change(HELPERS, "Links: false", "Links: true"), "enableServiceLinks is not False"),
    ("chart", change(VALUES, "Escalation: false", "Escalation: true"), "api: allowPrivilegeEscal"),
    ("chart", change(VALUES, "drop: [ALL]", "drop: [CHOWN]"), "migrate: capabilities is not"),
    ("chart", change(VALUES, "Filesystem: true", "Filesystem: false"), "api: readOnlyRootFile"),
    ("chart", change(DEPLOYMENT, "name: metrics", "name: metrics-of-colors"), "or a bad one"),
    ("chart", change(DEPLOYMENT, "name: metrics", "name: http"), "two ports have one name"),
    ("chart", change(DEPLOYMENT, "8081", "9090"), "port 9090, which the image does not expose"),
    ("chart", change(DEPLOYMENT, "livenessProbe:", "probe:"), "api: has no livenessProbe"),
    ("chart", change(DEPLOYMENT, "port: http", "port: web"), "startupProbe asks port web"),
    ("chart", change(DEPLOYMENT, "/livez", "/alive"), "startupProbe asks /alive, which is not"),
    ("chart", change(VALUES, "memory: 256Mi", "memory: 1Gi"), "more memory than the limit"),
    ("chart", change(VALUES, "    cpu: 200m\n", ""), "api: requests no cpu"),
    ("chart", change(VALUES, "limits:\n    memory: 512Mi", "limits: {}"), "no limit of memory"),
    ("chart", change(HELPERS, "APP_SECRETS_DIR", "APP_SECRET_DIR"), "sets APP_SECRET_DIR, which"),
    ("chart", change(MIGRATION, "[migrate]", "[upgrade]"), "starts upgrade, which the image"),
    ("chart", change(HELPERS, "- name: tmp\n  m", "- name: temp\n  m"), "mounts temp, which is no"),
    ("chart", change(HELPERS, "- name: tmp\n  e", "- name: temp\n  e"), "no container mounts temp"),
    (
        "chart",
        change(DEPLOYMENT, "APP_UPSTREAMS__{{", "APP_{{"),
        "sets APP_SPARE_PARTS__URL, which",
    ),
    ("chart", change(f"{TEMPLATES}/configmap.yaml", "name: ", "name: x"), "that is not there"),
    (
        "chart",
        change(f"{TEMPLATES}/service.yaml", "    app.kubernetes.io/component: api\n  p", "  p"),
        "Service color-color-palette: selects other pods",
    ),
    (
        "chart",
        change(POLICY, "      app.kubernetes.io/component: api\n  p", "  p"),
        "selects other",
    ),
    (
        "chart",
        change(f"{TEMPLATES}/service.yaml", "targetPort: http", "targetPort: web"),
        "leads to port web, which no pod has",
    ),
    (
        "chart",
        change(f"{TEMPLATES}/servicemonitor.yaml", "port: metrics", "port: numbers"),
        "scrapes a port that no Service has",
    ),
    ("chart", change(POLICY, "[Ingress, Egress]", "[Ingress]"), "does not deny both ways"),
    ("chart", change(POLICY, "      from:\n", "      some:\n"), "opens a way to everybody"),
    (
        "chart",
        change(MIGRATION, "if not .Values.serviceAccount.c", "if .Values.serviceAccount.c"),
        "made later",
    ),
    ("chart", change(DEPLOYMENT, "grace_period 10", "grace_period 5"), "before the 30 seconds"),
    (
        "chart",
        change(VALUES, "    drain_delay: 5", "    drains: 1\n    drain_delay: 5"),
        "server.drains",
    ),
    (
        "chart",
        change(f"{TEMPLATES}/prometheusrule.yaml", '.Files.Get "files/rules.yaml"', '"groups: []"'),
        "has other rules",
    ),
    ("chart", change(f"{TEMPLATES}/ingress.yaml", "name: http", "name: web"), "port web, which is"),
    ("chart", change(f"{TEMPLATES}/configmap.yaml", "settings.yaml", "x"), "cannot be understood"),
    ("dependencies", append(APP, "import mypy\n"), "'mypy' imported"),
    ("dependencies", append(APP, "import httpx\n"), "'httpx' imported"),
    (
        "dependencies",
        change("pyproject.toml", '    "orjson', '    "redis>=5",\n    "orjson'),
        "'redis' declared, but nothing imports it",
    ),
    (
        "dependencies",
        change("pyproject.toml", '    "mypy', '    "black>=25",\n    "mypy'),
        "nothing uses the development package black",
    ),
    (
        "dependencies",
        change("pyproject.toml", '    "mypy', '    "orjson>=3",\n    "mypy'),
        "orjson is declared twice",
    ),
    (
        "dependencies",
        change("Makefile", ",--cov=chassis", ",-q"),
        "nothing uses the package pytest-cov",
    ),
    ("deptry", append(APP, "import mypy\n"), "'mypy' imported"),
    (
        "deptry",
        change("pyproject.toml", '    "orjson', '    "redis>=5",\n    "orjson'),
        "'redis' defined as a dependency but not used",
    ),
    ("types", append(APP, 'PORT: int = "8080"\n'), "Incompatible types in assignment"),
    ("types", append(APP, "def untyped(x): ...\n"), "Function is missing a type annotation"),
]
IN_GITLAB = [
    ("pipelines", change(GITLAB, "containers:\n", "image:\n"), "check-jsonschema: "),
    ("pipelines", change("renovate.json", '"7 days"', "7"), "check-jsonschema: "),
    (
        "pipelines",
        change(GITLAB, "    - make up", "    - make all"),
        "containers: makes all, which",
    ),
    ("pipelines", change(GITLAB, "- make lint", "- make polish"), "lint: makes polish"),
    ("pipelines", change(GITLAB, "rules_test.yaml", "rule.yaml"), "/rule.yaml, which is not"),
    ("pipelines", change(GITLAB, "  timeout: 15 minutes\n", ""), "lint: has no limit of time"),
    ("pipelines", change(GITLAB, "docker:28.5\n", "docker\n"), ".docker: has the image docker,"),
    (
        "pipelines",
        change(GITLAB, "docker:28.5-dind", "docker:dind"),
        "the image docker:dind, which",
    ),
    ("pipelines", change(GITLAB, "prometheus:v3.5.0", "prometheus:latest"), "prometheus:latest,"),
    ("pipelines", change(GITLAB, "python:3.13-", "python:3-"), "default: has the image python:3-"),
    ("pipelines", change(GITLAB, "extends: .docker", "extends: .dock"), "extends .dock, which is"),
    (
        "pipelines",
        change(GITLAB, "stage: release", "stage: deploy"),
        "is in the stage deploy, which",
    ),
    ("pipelines", change(GITLAB, "paths: [sbom.cdx", "paths: [bom"), "keeps bom.json, which"),
    (
        "pipelines",
        change(GITLAB, '"3.12", ', ""),
        "test on Python ['3.11', '3.13', '3.14'], but tox on",
    ),
    ("pipelines", change(GITLAB, "    - make up\n", ""), "nothing runs 'make up' for"),
]
IN_SQLITE = [
    ("words", append(VALUES, "activeDeadlineSeconds: 1 # postgres\n"), "says 'postgres', but"),
    ("chart", change(HELPERS, '(list . "data")', '(list . "base")'), "which is not there"),
]
PLANTED = [
    *(({"database": "sqlite"}, *fault) for fault in IN_SQLITE),
    *((presets()["minimal"], *fault) for fault in IN_MINIMAL),
    *(({}, *fault) for fault in IN_DEFAULT),
    *(({"ci": "gitlab"}, *fault) for fault in IN_GITLAB),
]
# Each answer of these questions meets each of the others.
SMALL = Space(
    [
        DEFAULT | {"database": database, "metrics": metrics, "http_client": http_client}
        for database, metrics, http_client in product(
            ["postgresql", "none"], [True, False], [True, False]
        )
    ]
)


def when(question: str, text: str) -> str:
    """A text that is there where a question is answered with yes."""
    return f"<% if cookiecutter.{question} %>\n{text}<% endif %>\n"


# Kind, what is planted, what has to be found, and where: what is wrong there only, and mostly only two files show it.
TOGETHER = [
    ("leftovers", [append("NOTICE", when("metrics", "Cruft\n"))], "has 'Cruft'", {"metrics": True}),
    (
        "secrets",
        [append("NOTICE", when("metrics", "AKIAIOSFODNN7EXAMPLQ\n"))],
        "(AWS Access Key)",
        {"metrics": True},
    ),
    (
        "formats",
        [append("config/development.yaml", when("metrics", "a: b: c\n"))],
        "cannot be parsed",
        {"metrics": True},
    ),
    ("words", [append("docs/operation.md", "Prometheus\n")], "says 'Prom", {"metrics": False}),
    (
        "references",
        [append("README.md", "[x](docs/http-client.md)\n")],
        "links to docs/http-client.md, which is not there",
        {"http_client": False},
    ),
    (
        "references",
        [append("docs/operation.md", "Run `make db-upgrade`.\n")],
        "the target db-upgrade",
        {"database": "none"},
    ),
    (
        "references",
        [append(APP, "from chassis.metrics import requests\n")],
        "imports chassis.metrics, which is not there",
        {"metrics": False},
    ),
    (
        "references",
        [
            append("src/color_palette/wsgi.py", when("metrics", "PACE = 1\n")),
            append("src/color_palette/cli.py", "from color_palette.wsgi import PACE\n"),
        ],
        "imports PACE of color_palette.wsgi",
        {"metrics": False},
    ),
    (
        "settings",
        [append("docs/operation.md", "`APP_DATABASE__URL`\n")],
        "APP_DATABASE__URL",
        {"database": "none"},
    ),
    (
        "settings",
        [
            change(SECTIONS, "    timeout: int", "    pace: int = 1\n    timeout: int"),
            append(
                f"{CHASSIS}/metrics/server.py", "def f(settings: ServerSettings): settings.pace\n"
            ),
        ],
        "nothing reads the setting server.pace",
        {"metrics": False},
    ),
    (
        "code",
        [
            append(f"{CHASSIS}/server/health.py", "def helper(): ...\n"),
            append(f"{CHASSIS}/metrics/server.py", "helper()\n"),
        ],
        "nothing uses the function helper",
        {"metrics": False},
    ),
    (
        "code",
        [
            append(f"{CHASSIS}/spare.py", "X = 1\n"),
            append(APP, when("http_client", "from chassis import spare\n")),
        ],
        "spare.py: no other module imports it",
        {"http_client": False},
    ),
    (
        "dependencies",
        [append(APP, "import prometheus_client\n")],
        "'prometheus_client' imported",
        {"metrics": False},
    ),
    (
        "dependencies",
        [
            change("pyproject.toml", '    "orjson', '    "redis>=5",\n    "orjson'),
            append(APP, when("metrics", "import redis\n")),
        ],
        "'redis' declared, but nothing imports it",
        {"metrics": False},
    ),
    ("style", [append(APP, when("metrics", "import os\n"))], "F401", {"metrics": True}),
    (
        "types",
        [
            append("src/color_palette/wsgi.py", when("metrics", "pace: int = 1\n")),
            append("src/color_palette/wsgi.py", when("metrics == false", "pace: str = ''\n")),
            append("src/color_palette/cli.py", "from color_palette.wsgi import pace\n"),
            append("src/color_palette/cli.py", "PACE: int = pace\n"),
        ],
        "Incompatible types in assignment",
        {"metrics": False},
    ),
    (
        "containers",
        [append("Dockerfile", "COPY deploy/prometheus /rules\n")],
        "copies deploy/prometheus, which is not there",
        {"metrics": False},
    ),
    (
        "pipelines",
        [change(CI, "run: make lint\n", "run: make lint && cat deploy/prometheus/rules.yaml\n")],
        "names deploy/prometheus/rules.yaml, which is not there",
        {"metrics": False},
    ),
    (
        "chart",
        [change(DEPLOYMENT, "/livez", "/metrics")],
        "asks /metrics, which is not served",
        {"metrics": False},
    ),
]


# A service is a family of one: what finds a kind in families finds it there, so one of each is enough.
FIRST = {planted[1]: planted for planted in reversed(PLANTED)}
IN_A_SERVICE = [
    planted for planted in PLANTED if planted[1] not in OF_FAMILIES or planted is FIRST[planted[1]]
]


@pytest.mark.parametrize(
    ("answers", "kind", "plant", "expected"),
    IN_A_SERVICE,
    ids=[f"{kind}-{expected}" for _, kind, _, expected in IN_A_SERVICE],
)
def test_a_planted_fault_is_found_in_a_service(
    bake: Bake, environment, tmp_path, answers, kind, plant, expected
):
    root = shutil.copytree(bake(**answers), tmp_path / "service")
    plant(root)
    faults = list(faults_of_kind(kind, Service(root, answers, environment)))
    assert [fault for fault in faults if expected in fault], faults


@pytest.fixture(scope="session")
def named_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with the names filled in, so that texts of a service are found in it."""
    names = answer()
    expression = re.compile(r"<< (?!.*\b(?:database|license|has_database)\b)(.*?) >>")
    directory = tmp_path_factory.mktemp("named") / "template"
    for name in template_files():
        text = (TEMPLATE / name).read_text(encoding="utf-8")
        if not name.startswith("src/chassis/"):
            text = expression.sub(lambda found: fill_in(found[0], names), text)
        path = directory / fill_in(name, names)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


@cache
def space(answers: tuple[tuple[str, Any], ...]) -> Space:
    """Some answers, and others that differ in two: a fault has to be found under its condition."""
    given = DEFAULT | dict(answers)
    others = [{"license": "MIT"}, {"license": "Proprietary"}]
    return Space([given | other for other in others])


def found_by_conditions(
    template: Path, combinations: Space, kind: str, environment: Path
) -> list[Fault]:
    """What a kind finds in all services of a template."""
    family = of_template(combinations, environment, template=template)
    looks = [matrix.Look(kind)]
    if kind in OF_PROGRAMS:
        looks = [matrix.Look(kind, one) for one in matrix.program(kind, family).combinations]
    return [fault for look in looks for fault in matrix.faults(family, look)]


# A program is looked at as a whole service is; when that is done, TOGETHER shows.
BY_CONDITIONS = [planted for planted in PLANTED if planted[1] in OF_FAMILIES]


@pytest.mark.parametrize(
    ("answers", "kind", "plant", "expected"),
    BY_CONDITIONS,
    ids=[f"{kind}-{expected}" for _, kind, _, expected in BY_CONDITIONS],
)
def test_a_planted_fault_is_found_by_conditions(
    named_template: Path, environment, tmp_path, answers, kind, plant, expected
):
    template = shutil.copytree(named_template, tmp_path / "template")
    plant(template)
    faults = found_by_conditions(template, space(tuple(answers.items())), kind, environment)
    assert [fault for fault in faults if expected in fault.text], faults


@pytest.mark.parametrize(
    ("kind", "plants", "expected", "where"), TOGETHER, ids=range(len(TOGETHER))
)
def test_what_two_files_show_together_is_found_both_ways(
    named_template: Path, environment, tmp_path, kind, plants, expected, where
) -> None:
    template = shutil.copytree(named_template, tmp_path / "template")
    for plant in plants:
        plant(template)
    faults = found_by_conditions(template, SMALL, kind, environment)
    found = [fault for fault in faults if expected in fault.text]
    condition = reduce(or_, (fault.condition for fault in found), NEVER)
    assert condition, faults
    assert not condition & ~SMALL.where(**where)
    for wanted, combination in ((True, condition), (False, SMALL.always & ~SMALL.where(**where))):
        answers = SMALL.example(combination)
        root = write(template, answers, environment, tmp_path / str(wanted))
        whole = list(faults_of_kind(kind, Service(root, answers, environment)))
        assert any(expected in fault for fault in whole) is wanted, whole


def write(template: Path, answers: Answers, environment: Path, root: Path) -> Path:
    """Writes a whole service of a template in which something is planted."""
    space = Space([answers])
    family = of_template(space, environment, template=template)
    everything = Program(family, lambda _: Reading.TEXT, [space.always])
    return everything.write(space.always, root).root


def test_what_a_front_door_of_the_chassis_offers_counts_as_used(
    bake: Bake, environment: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(bake(), tmp_path / "service"))
    shutil.rmtree(root / "tests")
    offered = '__all__ = ["offer"]\n\n\ndef offer() -> None:\n    pass\n'
    append(f"{CHASSIS}/offers.py", offered)(root)
    assert not [
        fault
        for fault in faults_of_kind("code", Service(root, {}, environment))
        if "offer" in fault
    ]


def test_what_frameworks_call_is_in_services() -> None:
    code_of_services = "".join(path.read_text(encoding="utf-8") for path in TEMPLATE.rglob("*.py"))
    names = [name for names in code.FRAMEWORKS.values() for name in names]
    assert [name for name in names if not re.search(rf"\b{name}\b", code_of_services)] == []


def test_each_kind_of_fault_is_planted():
    assert {kind for _, kind, _, _ in PLANTED} == {*OF_SERVICES, *OF_FAMILIES, *OF_PROGRAMS}
    assert {kind for kind, *_ in TOGETHER} == {*OF_FAMILIES, *OF_PROGRAMS}
