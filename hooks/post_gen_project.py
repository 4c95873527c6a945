"""Removes the files of what was not selected. Runs again on every update: the same every time."""

import json
import sys
from pathlib import Path

ANSWERS = json.loads(r"""<< cookiecutter | tojson >>""")

# Feature -> the files that exist for it alone, as they are named in the template. No directories: what
# an owner has put beside them stays.
FEATURES = {
    "database": [
        "migrations/alembic.ini",
        "migrations/env.py",
        "migrations/script.py.mako",
        "migrations/versions/0001_create_<<cookiecutter.resource_plural>>.py",
        "src/<<cookiecutter.package_name>>/chassis/autogenerate.py",
        "src/<<cookiecutter.package_name>>/chassis/commands.py",
        "src/<<cookiecutter.package_name>>/chassis/database.py",
        "src/<<cookiecutter.package_name>>/chassis/fair_pool.py",
        "src/<<cookiecutter.package_name>>/chassis/migrations.py",
        "src/<<cookiecutter.package_name>>/seeds.py",
        "src/<<cookiecutter.package_name>>/sql.py",
        "src/<<cookiecutter.package_name>>/<<cookiecutter.resource_plural>>/sql.py",
        "tests/fixtures/database.py",
        "tests/integration/test_database.py",
        "tests/integration/test_migrations.py",
        "tests/unit/chassis/test_autogenerate.py",
        "tests/unit/chassis/test_commands.py",
        "tests/unit/chassis/test_fair_pool.py",
    ],
    "postgresql": [
        "src/<<cookiecutter.package_name>>/chassis/enum_types.py",
        "src/<<cookiecutter.package_name>>/chassis/postgresql.py",
        "tests/fixtures/postgresql.py",
        "tests/integration/test_postgresql.py",
        "tests/unit/chassis/test_enum_types.py",
        "tests/unit/chassis/test_postgresql.py",
    ],
    "sqlite": [
        "tests/fixtures/sqlite.py",
    ],
    "memory": [
        "src/<<cookiecutter.package_name>>/memory.py",
        "src/<<cookiecutter.package_name>>/<<cookiecutter.resource_plural>>/memory.py",
        "tests/fixtures/memory.py",
    ],
    "opentelemetry": [
        "src/<<cookiecutter.package_name>>/chassis/opentelemetry.py",
        "src/<<cookiecutter.package_name>>/chassis/opentelemetry_log.py",
        "src/<<cookiecutter.package_name>>/chassis/opentelemetry_sdk.py",
        "src/<<cookiecutter.package_name>>/chassis/opentelemetry_variables.py",
        "tests/fixtures/opentelemetry.py",
        "tests/unit/chassis/test_opentelemetry.py",
        "tests/unit/chassis/test_opentelemetry_log.py",
        "tests/unit/chassis/test_opentelemetry_variables.py",
    ],
    "opentelemetry_sql": [
        "src/<<cookiecutter.package_name>>/chassis/opentelemetry_sql.py",
        "tests/integration/test_opentelemetry_sql.py",
    ],
    "jaeger": [
        "src/<<cookiecutter.package_name>>/chassis/jaeger.py",
        "src/<<cookiecutter.package_name>>/chassis/jaeger_propagation.py",
        "src/<<cookiecutter.package_name>>/chassis/jaeger_reporter.py",
        "src/<<cookiecutter.package_name>>/chassis/jaeger_requests.py",
        "tests/fixtures/jaeger.py",
        "tests/unit/chassis/test_jaeger.py",
        "tests/unit/chassis/test_jaeger_propagation.py",
        "tests/unit/chassis/test_jaeger_reporter.py",
        "tests/unit/chassis/test_jaeger_requests.py",
    ],
    "jaeger_sql": [
        "src/<<cookiecutter.package_name>>/chassis/jaeger_sql.py",
        "tests/integration/test_jaeger_sql.py",
    ],
    "spans": [
        "tests/integration/test_spans.py",
    ],
    "routes": [
        "src/<<cookiecutter.package_name>>/chassis/routes.py",
        "tests/unit/chassis/test_routes.py",
    ],
    "metrics": [
        "deploy/grafana/dashboard.json",
        "deploy/prometheus/rules.yaml",
        "deploy/prometheus/rules_test.yaml",
        "src/<<cookiecutter.package_name>>/chassis/metrics.py",
        "src/<<cookiecutter.package_name>>/chassis/metrics_server.py",
        "src/<<cookiecutter.package_name>>/chassis/shared_counts.py",
        "tests/integration/test_metrics_server.py",
        "tests/integration/test_monitoring.py",
        "tests/unit/chassis/test_metrics.py",
        "tests/unit/chassis/test_metrics_server.py",
        "tests/unit/chassis/test_shared_counts.py",
        "tests/unit/test_alerts.py",
    ],
    "docker": [
        ".dockerignore",
        "Dockerfile",
        "compose.yaml",
        "deploy/docker/entrypoint.sh",
        "deploy/docker/healthcheck.py",
        "docs/container.md",
        "requirements-build.txt",
        "tests/integration/test_healthcheck.py",
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
        "tests/integration/test_chart.py",
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
        "src/<<cookiecutter.package_name>>/chassis/answers.py",
        "src/<<cookiecutter.package_name>>/chassis/calls.py",
        "src/<<cookiecutter.package_name>>/chassis/circuit_breaker.py",
        "src/<<cookiecutter.package_name>>/chassis/deadlines.py",
        "src/<<cookiecutter.package_name>>/chassis/fault_injection.py",
        "src/<<cookiecutter.package_name>>/chassis/http_client.py",
        "src/<<cookiecutter.package_name>>/chassis/retries.py",
        "src/<<cookiecutter.package_name>>/related/__init__.py",
        "src/<<cookiecutter.package_name>>/related/api.py",
        "src/<<cookiecutter.package_name>>/related/http.py",
        "src/<<cookiecutter.package_name>>/related/recommendations.py",
        "src/<<cookiecutter.package_name>>/related/service.py",
        "src/<<cookiecutter.package_name>>/upstreams.py",
        "docs/http-client.md",
        "tests/fixtures/peer.py",
        "tests/integration/related/test_api.py",
        "tests/integration/test_http_client.py",
        "tests/unit/chassis/test_circuit_breaker.py",
        "tests/unit/chassis/test_deadlines.py",
        "tests/unit/chassis/test_http_client.py",
        "tests/unit/chassis/test_retries.py",
    ],
    "http_client_metrics": [
        "src/<<cookiecutter.package_name>>/chassis/http_client_metrics.py",
        "tests/unit/chassis/test_http_client_metrics.py",
    ],
    "pool_metrics": [
        "src/<<cookiecutter.package_name>>/chassis/pool_metrics.py",
        "tests/integration/test_pool_metrics.py",
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
    "routes": ANSWERS["tracing"] != "none" or ANSWERS["metrics"],
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


if __name__ == "__main__":
    main()
