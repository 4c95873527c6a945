"""Removes the files of what was not selected. Runs again on every update: the same every time."""

import json
import sys
from pathlib import Path
from zlib import crc32

ANSWERS = json.loads(r"""<< cookiecutter | tojson >>""")

# Feature -> the files that exist for it alone, as they are named in the template. No directories: what
# an owner has put beside them stays.
FEATURES = {
    "database": [
        "migrations/alembic.ini",
        "migrations/env.py",
        "migrations/script.py.mako",
        "migrations/versions/0001_create_<<cookiecutter.resource_plural>>.py",
        "src/chassis/database/__init__.py",
        "src/chassis/database/autogenerate.py",
        "src/chassis/database/commands.py",
        "src/chassis/database/engine.py",
        "src/chassis/database/fair_pool.py",
        "src/chassis/database/environment.py",
        "src/chassis/database/migrations.py",
        "src/chassis/database/rooms.py",
        "src/chassis/server/database.py",
        "src/chassis/settings/database.py",
        "src/chassis/settings/workers.py",
        "src/<<cookiecutter.package_name>>/tables.py",
        "src/<<cookiecutter.package_name>>/<<cookiecutter.resource_plural>>/table.py",
        "src/chassis/database/seed.py",
        "src/chassis/resources/sql.py",
        "tests/chassis/domain/sql.py",
        "tests/chassis/fixtures/database.py",
        "tests/chassis/integration/test_database.py",
        "tests/chassis/integration/test_sql_repository.py",
        "tests/chassis/unit/test_seed.py",
        "tests/test_database.py",
        "tests/test_migrations.py",
        "tests/test_parameters.py",
        "tests/chassis/unit/test_autogenerate.py",
        "tests/chassis/unit/test_commands.py",
        "tests/chassis/unit/test_database_part.py",
        "tests/chassis/unit/test_fair_pool.py",
        "tests/chassis/unit/test_parameters.py",
        "tests/chassis/unit/test_rooms.py",
        "tools/resource/tables.py",
        "tools/resource/templates/table.py.jinja",
    ],
    "postgresql": [
        "src/chassis/database/enum_types.py",
        "src/chassis/database/postgresql.py",
        "src/chassis/database/postgresql_migrations.py",
        "src/chassis/settings/postgresql.py",
        "tests/chassis/fixtures/postgresql.py",
        "tests/chassis/integration/test_postgresql.py",
        "tests/chassis/unit/test_enum_types.py",
        "tests/chassis/unit/test_postgresql.py",
    ],
    "sqlite": [
        "src/chassis/settings/sqlite.py",
        "tests/chassis/fixtures/sqlite.py",
    ],
    "memory": [
        "tests/chassis/domain/memory.py",
        "tests/chassis/fixtures/memory.py",
    ],
    "opentelemetry": [
        "src/chassis/server/opentelemetry.py",
        "src/chassis/tracing/opentelemetry/__init__.py",
        "src/chassis/tracing/opentelemetry/switch.py",
        "src/chassis/tracing/opentelemetry/log.py",
        "src/chassis/tracing/opentelemetry/sdk.py",
        "src/chassis/tracing/opentelemetry/variables.py",
        "tests/chassis/fixtures/opentelemetry.py",
        "tests/chassis/fixtures/variables.py",
        "tests/chassis/unit/test_opentelemetry.py",
        "tests/chassis/unit/test_opentelemetry_log.py",
        "tests/chassis/unit/test_opentelemetry_variables.py",
    ],
    "opentelemetry_sql": [
        "src/chassis/server/opentelemetry_sql.py",
        "src/chassis/tracing/opentelemetry/sql.py",
        "tests/chassis/integration/test_opentelemetry_sql.py",
    ],
    "jaeger": [
        "src/chassis/server/jaeger.py",
        "src/chassis/settings/jaeger.py",
        "src/chassis/tracing/jaeger/__init__.py",
        "src/chassis/tracing/jaeger/tracer.py",
        "src/chassis/tracing/jaeger/propagation.py",
        "src/chassis/tracing/jaeger/reporter.py",
        "src/chassis/tracing/jaeger/requests.py",
        "tests/chassis/fixtures/jaeger.py",
        "tests/chassis/unit/test_jaeger.py",
        "tests/chassis/unit/test_jaeger_propagation.py",
        "tests/chassis/unit/test_jaeger_reporter.py",
        "tests/chassis/unit/test_jaeger_requests.py",
    ],
    "jaeger_sql": [
        "src/chassis/tracing/jaeger/sql.py",
        "tests/chassis/integration/test_jaeger_sql.py",
    ],
    "spans": [
        "tests/chassis/integration/test_spans.py",
    ],
    "metrics": [
        "deploy/grafana/dashboard.json",
        "deploy/prometheus/rules.yaml",
        "deploy/prometheus/rules_test.yaml",
        "src/chassis/metrics/__init__.py",
        "src/chassis/metrics/requests.py",
        "src/chassis/metrics/server.py",
        "src/chassis/server/metrics.py",
        "src/chassis/settings/metrics.py",
        "src/chassis/shared_counts.py",
        "tests/chassis/integration/test_metrics_server.py",
        "tests/test_monitoring.py",
        "tests/chassis/unit/test_metrics.py",
        "tests/chassis/unit/test_metrics_part.py",
        "tests/chassis/unit/test_metrics_server.py",
        "tests/chassis/unit/test_shared_counts.py",
        "tests/test_alerts.py",
    ],
    "docker": [
        ".dockerignore",
        "Dockerfile",
        "compose.yaml",
        "deploy/docker/entrypoint.sh",
        "deploy/docker/healthcheck.py",
        "docs/container.md",
        "requirements-build.txt",
        "tests/test_healthcheck.py",
    ],
    "docker_metrics": [
        "deploy/compose/grafana/dashboards.yaml",
        "deploy/compose/grafana/datasources.yaml",
        "deploy/compose/prometheus.yaml",
    ],
    "helm": [
        "deploy/chart/.helmignore",
        "deploy/chart/Chart.yaml",
        "deploy/chart/templates/NOTES.txt",
        "deploy/chart/templates/_helpers.tpl",
        "deploy/chart/templates/configmap.yaml",
        "deploy/chart/templates/deployment.yaml",
        "deploy/chart/templates/httproute.yaml",
        "deploy/chart/templates/ingress.yaml",
        "deploy/chart/templates/networkpolicy.yaml",
        "deploy/chart/templates/service.yaml",
        "deploy/chart/templates/serviceaccount.yaml",
        "deploy/chart/templates/tests/api.yaml",
        "deploy/chart/values.schema.json",
        "deploy/chart/values.yaml",
        "docs/kubernetes.md",
        "tests/test_chart.py",
    ],
    "helm_database_server": [
        "deploy/chart/templates/hpa.yaml",
        "deploy/chart/templates/migration.yaml",
        "deploy/chart/templates/pdb.yaml",
    ],
    "helm_sqlite": [
        "deploy/chart/templates/pvc.yaml",
    ],
    "helm_metrics": [
        "deploy/chart/files/rules.yaml",
        "deploy/chart/templates/prometheusrule.yaml",
        "deploy/chart/templates/service-metrics.yaml",
        "deploy/chart/templates/servicemonitor.yaml",
        "deploy/chart/templates/tests/metrics.yaml",
    ],
    "ci": [
        "docs/supply-chain.md",
    ],
    "github": [
        ".github/dependabot.yml",
        ".github/workflows/ci.yaml",
    ],
    "github_docker": [
        ".github/workflows/release.yaml",
    ],
    "gitlab": [
        ".gitlab-ci.yml",
        "renovate.json",
    ],
    "http_client": [
        "src/chassis/calls/__init__.py",
        "src/chassis/calls/answers.py",
        "src/chassis/calls/call.py",
        "src/chassis/calls/circuit_breaker.py",
        "src/chassis/calls/deadlines.py",
        "src/chassis/calls/fault_injection.py",
        "src/chassis/calls/retries.py",
        "src/chassis/contract/calls.py",
        "src/chassis/http_client/__init__.py",
        "src/chassis/http_client/operations.py",
        "src/chassis/http_client/session.py",
        "src/chassis/settings/upstreams.py",
        "docs/http-client.md",
        "tests/chassis/domain/called.yaml",
        "tests/chassis/domain/stock.py",
        "tests/chassis/fixtures/fake_calls.py",
        "tests/chassis/fixtures/peer.py",
        "tests/chassis/integration/test_http_client.py",
        "tests/chassis/integration/test_operations.py",
        "tests/chassis/unit/test_circuit_breaker.py",
        "tests/chassis/unit/test_fake_calls.py",
        "tests/chassis/unit/test_deadlines.py",
        "tests/chassis/unit/test_http_client.py",
        "tests/chassis/unit/test_retries.py",
        "tools/client/__init__.py",
        "tools/client/__main__.py",
        "tools/client/client.py",
        "tools/client/described.py",
        "tools/client/modules.py",
        "tools/client/plan.py",
        "tools/client/wiring.py",
    ],
    "http_client_metrics": [
        "src/chassis/http_client/metrics.py",
        "tests/chassis/unit/test_http_client_metrics.py",
    ],
    "pool_metrics": [
        "src/chassis/metrics/pool.py",
        "tests/chassis/integration/test_pool_metrics.py",
    ],
}

SELECTED = {
    "database": ANSWERS["database"] != "none",
    "postgresql": ANSWERS["database"] == "postgresql",
    "sqlite": ANSWERS["database"] == "sqlite",
    "memory": ANSWERS["database"] == "none",
    "opentelemetry": ANSWERS["tracing"] == "opentelemetry",
    "opentelemetry_sql": ANSWERS["tracing"] == "opentelemetry" and ANSWERS["database"] != "none",
    "jaeger": ANSWERS["tracing"] == "jaeger-client",
    "jaeger_sql": ANSWERS["tracing"] == "jaeger-client" and ANSWERS["database"] != "none",
    "spans": ANSWERS["tracing"] != "none",
    "metrics": ANSWERS["metrics"],
    "docker": ANSWERS["docker"],
    "docker_metrics": ANSWERS["docker"] and ANSWERS["metrics"],
    "helm": ANSWERS["helm"],
    "helm_database_server": ANSWERS["helm"] and ANSWERS["database"] == "postgresql",
    "helm_sqlite": ANSWERS["helm"] and ANSWERS["database"] == "sqlite",
    "helm_metrics": ANSWERS["helm"] and ANSWERS["metrics"],
    "ci": ANSWERS["ci"] != "none",
    "github": ANSWERS["ci"] == "github",
    "github_docker": ANSWERS["ci"] == "github" and ANSWERS["docker"],
    "gitlab": ANSWERS["ci"] == "gitlab",
    "http_client": ANSWERS["http_client"],
    "http_client_metrics": ANSWERS["http_client"] and ANSWERS["metrics"],
    "pool_metrics": ANSWERS["metrics"] and ANSWERS["database"] != "none",
}

# The first resource: as long as these files are as they are now, another contract may replace them.
FIRST_RESOURCE = [
    "migrations/versions/0001_create_<<cookiecutter.resource_plural>>.py",
    "src/<<cookiecutter.package_name>>/bindings.py",
    "src/<<cookiecutter.package_name>>/openapi.yaml",
    "src/<<cookiecutter.package_name>>/<<cookiecutter.resource_plural>>/*.py",
    "tests/<<cookiecutter.resource_plural>>/*.py",
]
CHECKSUMS = "tools/contract/first_resource.json"

# The links of the template: cookiecutter makes copies of what they lead to.
LINKS = {
    "deploy/chart/files/rules.yaml": "../../prometheus/rules.yaml",
}


def remove(path: Path) -> None:
    """Removes a file, and the directories around it that are empty then."""
    path.unlink()
    for directory in path.parents:
        if any(directory.iterdir()):
            break
        directory.rmdir()


def checksums() -> dict[str, int]:
    """Returns the checksum of each file of the first resource."""
    found = sorted(path for pattern in FIRST_RESOURCE for path in Path().glob(pattern))
    return {path.as_posix(): crc32(path.read_bytes()) for path in found}


def main() -> None:
    """Fails if the manifest names a file that does not exist: it has been renamed, or forgotten."""
    missing = [path for paths in FEATURES.values() for path in paths if not Path(path).is_file()]
    if missing:
        sys.exit(f"hooks/post_gen_project.py names {missing[0]}, which the template does not have.")
    for feature, paths in FEATURES.items():
        if not SELECTED[feature]:
            for path in paths:
                remove(Path(path))
    for name, target in LINKS.items():
        if Path(name).exists():
            Path(name).unlink()
            Path(name).symlink_to(target)
    Path(CHECKSUMS).write_text(json.dumps(checksums(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
