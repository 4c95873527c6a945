"""Words: nothing speaks of what was not selected."""

import re
from collections.abc import Iterator

from .family import Family
from .file import Fault

# What a service without the feature does not say anywhere, in any case. One that stands for a
# feature in code, settings, documents or packages is enough.
WORDS: dict[str, list[str]] = {
    "database": ["sql", "alembic", "migrat", "database", "db_", "seed"],
    "postgresql": ["postgres", "psycopg", "pgserver"],
    # SQLite is also what a service with PostgreSQL is developed with.
    "sqlite": [],
    "memory": ["in the memory of"],
    # Those without words are named by the words of others.
    # Plain "OpenTelemetry" may be told of as where others could go.
    "opentelemetry": ["opentelemetry-", "opentelemetry.sdk", "otel_", "otlp"],
    "opentelemetry_sql": [],
    # Jaeger itself may be where OpenTelemetry's spans go.
    "jaeger": ["jaeger-client", "jaeger_client", "opentracing", "uber-trace"],
    "jaeger_sql": [],
    "spans": ["jaeger"],
    "metrics": ["metric", "prometheus", "promtool", "promql", "grafana", "dashboard"],
    "docker": ["docker", "compose.yaml"],
    "docker_metrics": [],
    # Plain "Kubernetes" is said of probes and names.
    "helm": ["helm", "kubectl", "chart"],
    "helm_database_server": [],
    "helm_sqlite": [],
    "helm_metrics": [],
    "ci": ["supply-chain", "sbom", "pip-audit", "cyclonedx"],
    # The image may name its source there, and the changelog its format.
    "github": ["github actions", ".github", "dependabot"],
    "github_docker": ["ghcr.io", "release.yaml"],
    "gitlab": ["gitlab", "renovate"],
    "http_client": ["upstream", "http_client", "http-client", "circuit", "deadline"],
    "http_client_metrics": ["http_client_calls"],
    "pool_metrics": ["pool_metrics", "db_pool"],
}

# Fields of Kubernetes that are called so.
FIELDS = re.compile(r"activeDeadlineSeconds|^  metrics:$")
WITH_FIELDS = ("deploy/chart/", "docs/kubernetes.md")


def faults(family: Family) -> Iterator[Fault]:
    """Finds the words of features that are not selected, in the files and in their paths."""
    for feature, words in WORDS.items():
        if not words:
            continue
        without = family.space.always & ~family.selected[feature]
        pattern = "|".join(map(re.escape, words))
        for line, found in family.search(pattern, re.IGNORECASE):
            if line.path.startswith(WITH_FIELDS) and is_field(found):
                continue
            if wrong := line.condition & without:
                yield line.fault(f"says {found[0]!r}, but {feature} is not selected", wrong)
        for path, file in family.files.items():
            found = re.search(pattern, path, re.IGNORECASE)
            if found and (wrong := file.condition & without):
                yield Fault(f"{path}: says {found[0]!r}, but {feature} is not selected", wrong)


def is_field(found: re.Match[str]) -> bool:
    """Whether a word that was found is part of a field's name."""
    return any(
        field.start() <= found.start() and found.end() <= field.end()
        for field in FIELDS.finditer(found.string)
    )
