"""Chart: Helm takes it, Kubernetes takes what it renders, and that fits itself and the service."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator.v1 import PrometheusRule, ServiceMonitor
from pydantic import ValidationError

from .. import documents, helm
from . import manifests
from .family import Family
from .memory import unless_clean
from .programs import Program, Reading, reader, whole
from .service import Service

CHART = "deploy/chart"
# What else decides on whether the chart is right.
BESIDE = (
    "Dockerfile",
    "deploy/docker/entrypoint.sh",
    "deploy/prometheus/rules.yaml",
    "src/chassis/settings/",
    manifests.GUNICORN,
    *manifests.ROUTES,
)
OLDEST = "1.28"
# Kubernetes knows these from others. There is no schema of HTTPRoute that can be installed.
CUSTOM = {"ServiceMonitor": ServiceMonitor, "PrometheusRule": PrometheusRule, "HTTPRoute": None}

# The least that has to be given.
REQUIRED = {"database": {"existingSecret": "database"}}
# Everything is on.
FULL = {
    "image": {"digest": f"sha256:{'0' * 64}", "pullPolicy": "Always"},
    "imagePullSecrets": [{"name": "registry"}],
    "upstreams": {
        "spare_parts": {
            "url": "https://parts.example.com",
            "egress": {"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"port": 443}]},
        },
    },
    "persistence": {"storageClass": "fast"},
    "tracing": {"endpoint": "http://collector.observability:4318"},
    "extraEnv": [{"name": "TZ", "value": "UTC"}],
    "extraVolumes": [{"name": "certificates", "configMap": {"name": "authorities"}}],
    "extraVolumeMounts": [{"name": "certificates", "mountPath": "/etc/ssl/private"}],
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/x"}},
    "service": {"type": "LoadBalancer", "annotations": {"example.com/internal": "true"}},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"},
        "tls": [{"secretName": "certificate", "hosts": ["colors.example.com"]}],
    },
    "httpRoute": {"enabled": True, "annotations": {"example.com/route": "1"}},
    "autoscaling": {"enabled": True},
    "metrics": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "podAnnotations": {"example.com/scrape": "false"},
    "podLabels": {"team": "painting"},
    "priorityClassName": "high",
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 1,
                    "preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
                }
            ]
        }
    },
}
# Values that a template which is careless about quotes, lengths or empty lists stumbles over.
AWKWARD = {
    "replicaCount": 1,
    "nameOverride": "n" * 63,
    "image": {"tag": "1e3"},
    "settings": {
        "server": {"drain_delay": 0, "grace_period": 120},
        "api": {"max_body_bytes": 10485760},
        "log": {"level": "ERROR"},
    },
    "extraEnv": [
        {"name": "YES", "value": "yes"},
        {"name": "NUMBER", "value": "0x1e3"},
        {"name": "TEXT", "value": "a: 'b' \"c\" #d\n{{ e }}\n"},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ],
    "persistence": {"existingClaim": "old-volume"},
    "migration": {"backoffLimit": 0},
    "serviceAccount": {"create": False},
    "service": {"type": "NodePort", "port": 80},
    "ingress": {
        "enabled": True,
        "hosts": [
            {
                "host": f"*.{number}.example.com",
                "paths": [
                    {"path": "/v1", "pathType": "Prefix"},
                    {"path": "/ui", "pathType": "Exact"},
                ],
            }
            for number in range(30)
        ],
    },
    "httpRoute": {"enabled": True, "hostnames": [], "rules": [{}]},
    "podDisruptionBudget": {"maxUnavailable": "50%"},
    "networkPolicy": {
        "ingress": {"api": []},
        "egress": {
            "dns": None,
            "others": {
                "to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}],
                "ports": [{"port": 1024, "endPort": 65535}],
            },
        },
    },
    "podAnnotations": {"a": "true", "b": "1", "c": "{}", "d": "a\nb"},
    "topologySpreadConstraints": [],
}
# It reads the definitions of all kinds for each object.
kubernetes_validate.utils.schema_contents = cache(kubernetes_validate.utils.schema_contents)
CASES = {
    "default": ("color", {}),
    "full": ("color", FULL),
    "awkward": ("r" * 53, AWKWARD),
}


def program(family: Family) -> Program:
    """The chart is seen with what it deploys and with what that can be told."""
    read = reader((f"{CHART}/", *BESIDE, f"{family.package}/settings.py"))
    narrowed = family.since("Dockerfile", "USER")
    return whole(narrowed, read, family.where(f"{CHART}/Chart.yaml"))


def faults(service: Service) -> Iterator[str]:
    """Finds what Helm, the schemas of Kubernetes and `manifests` find."""
    if f"{CHART}/Chart.yaml" not in service.texts:
        return
    read = program(service.family).read
    files = [item for item in service.texts.items() if read(item[0]) is Reading.TEXT]
    yield from unless_clean(service.memory, ("chart", *files), lambda: find(service))


def find(service: Service) -> Iterator[str]:
    """Finds all faults."""
    chart = str(service.root / CHART)
    lint = helm.run("lint", "--strict", chart)
    if lint.returncode:
        yield f"helm lint: {' '.join((lint.stdout + lint.stderr).split())}"
        return
    yield from value_faults(service)
    versions = (OLDEST, kubernetes_validate.latest_version())
    for case in CASES:
        try:
            objects = render(service.root / CHART, case)
            for manifest in objects:
                look = partial(schema_faults, manifest, versions)
                for fault in unless_clean(service.memory, ("object", manifest, versions), look):
                    yield f"{CHART} ({case}): {fault}"
            for fault in manifests.faults(service, objects):
                yield f"{CHART} ({case}): {fault}"
        except (ChartError, yaml.YAMLError) as error:
            yield f"{CHART} ({case}): {' '.join(str(error).split())}"
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            yield f"{CHART} ({case}): cannot be understood: {error!r}"


class ChartError(Exception):
    """Helm does not render the chart; the message is Helm's."""


def render(chart: Path, case: str, major: int = helm.NEWEST) -> list[dict[str, Any]]:
    """Renders a chart for one of the cases and returns the objects.

    Raises:
        ChartError: Helm refuses.
    """
    release, values = CASES[case]
    known = documents.load((chart / "values.yaml").read_text(encoding="utf-8"))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(only_known(REQUIRED | values, known), file)
        file.flush()
        arguments = ["template", release, str(chart), "--namespace", "painting"]
        rendered = helm.run(*arguments, "--values", file.name, major=major)
    if rendered.returncode:
        raise ChartError(rendered.stderr)
    return [document for document in documents.load_all(rendered.stdout) if document]


def only_known(values: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what belongs to features that a service does not have."""
    return {name: value for name, value in values.items() if name in known}


def schema_faults(manifest: dict[str, Any], versions: Iterable[str]) -> Iterator[str]:
    """Finds fields of an object that versions of Kubernetes do not know, and wrong types."""
    name = f"{manifest['kind']} {manifest['metadata']['name']}"
    for version in versions:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            if manifest["kind"] not in CUSTOM:
                yield f"{name}: Kubernetes {version} does not know this kind"
            elif model := CUSTOM[manifest["kind"]]:
                try:
                    model.model_validate(manifest, extra="forbid")
                except ValidationError as error:
                    yield f"{name}: {' '.join(str(error).split())}"
        except kubernetes_validate.ValidationError as error:
            path = ".".join(map(str, error.absolute_path))
            yield f"{name}: {path}: {error.message[:300]} (Kubernetes {version})"


def value_faults(service: Service) -> Iterator[str]:
    """Finds values that no template reads, that are read but not there, or only in the schema."""
    values = documents.load(service.texts[f"{CHART}/values.yaml"])
    schema = json.loads(service.texts[f"{CHART}/values.schema.json"])
    templates = "".join(
        text for path, text in service.texts.items() if path.startswith(f"{CHART}/templates/")
    )
    read = set(re.findall(r"\.Values\.([\w.]*\w)", templates))
    for path in leaves(values):
        parts = path.split(".")
        if not read & {".".join(parts[:end]) for end in range(1, len(parts) + 1)}:
            yield f"{CHART}/values.yaml: no template reads {path}"
    for path in sorted(read):
        if not is_in(values, path):
            yield f"{CHART}/templates: read {path}, which values.yaml does not have"
    for path in sorted(declared(schema)):
        if not path.startswith(("settings.", "global")) and not is_in(values, path):
            yield f"{CHART}/values.schema.json: has {path}, which values.yaml does not have"


def leaves(values: dict[str, Any], within: str = "") -> Iterator[str]:
    """The dotted names of all values that are no groups."""
    for name, value in values.items():
        path = f"{within}.{name}".strip(".")
        if isinstance(value, dict) and value:
            yield from leaves(value, path)
        else:
            yield path


def is_in(values: dict[str, Any], path: str) -> bool:
    """Whether there is a value of this dotted name."""
    for name in path.split("."):
        if not isinstance(values, dict) or name not in values:
            return False
        values = values[name]
    return True


def declared(schema: dict[str, Any], within: str = "") -> Iterator[str]:
    """The dotted names of all properties of objects."""
    for name, inner in schema.get("properties", {}).items():
        path = f"{within}.{name}".strip(".")
        yield path
        if isinstance(inner, dict):
            yield from declared(inner, path)
