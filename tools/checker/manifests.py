"""What the schemas of Kubernetes do not see in the objects of a chart: whether they fit together."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from .. import documents
from . import settings
from .containers import instructions
from .service import Service

Object = dict[str, Any]
# What says how long a worker may take to close, after its last request.
GUNICORN = "src/chassis/server/gunicorn_settings.py"
# What adds them to those of the contract.
ROUTES = (
    "src/chassis/contract/swagger_ui.py",
    "src/chassis/metrics/requests.py",
    "src/chassis/server/health.py",
)
LONGEST_NAME = 63
LONGEST_PORT = 15
UNITS = {"": 1, "m": 0.001, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
BEFORE = ("pre-install", "pre-upgrade")


def faults(service: Service, objects: list[Object]) -> Iterator[str]:
    """Finds what does not fit.

    Args:
        service: the service that the objects deploy.
        objects: all that one rendering of the chart has.
    """
    yield from name_faults(objects)
    pods = [(name(manifest), *pod) for manifest in objects if (pod := pod_of(manifest))]
    for place, metadata, spec in pods:
        for fault in (
            *privilege_faults(service, spec),
            *container_faults(service, spec),
            *volume_faults(spec, objects),
        ):
            yield f"{place}: {fault}"
        for key in metadata["labels"]:
            if len(str(metadata["labels"][key])) > LONGEST_NAME:
                yield f"{place}: the label {key} is too long"
    for manifest in objects:
        for fault in (*selector_faults(manifest, objects), *hook_faults(manifest, objects)):
            yield f"{name(manifest)}: {fault}"
        if manifest["kind"] == "Deployment":
            for fault in end_faults(service, manifest["spec"]["template"]["spec"], objects):
                yield f"{name(manifest)}: {fault}"
        if manifest["kind"] == "ConfigMap":
            for fault in settings_faults(service, manifest):
                yield f"{name(manifest)}: {fault}"
        if manifest["kind"] == "PrometheusRule" and manifest["spec"] != rules(service):
            yield f"{name(manifest)}: has other rules than deploy/prometheus"
        for backend in backends(manifest):
            if backend not in service_ports(objects):
                yield f"{name(manifest)}: leads to {backend[0]}, port {backend[1]}, which is not there"


def rules(service: Service) -> Object:
    """The rules that Prometheus gets where there is no operator."""
    content: Object = documents.load(service.texts["deploy/prometheus/rules.yaml"])
    return content


def name(manifest: Object) -> str:
    """How an object is called."""
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def pod_of(manifest: Object) -> tuple[Object, Object] | None:
    """The metadata and the specification of the pods that an object makes."""
    if manifest["kind"] == "Pod":
        return manifest["metadata"], manifest["spec"]
    template = manifest.get("spec", {}).get("template")
    return (template["metadata"], template["spec"]) if template else None


def name_faults(objects: list[Object]) -> Iterator[str]:
    """Finds names that are too long or occur twice."""
    for called, count in Counter(map(name, objects)).items():
        if count > 1:
            yield f"{called}: is there {count} times"
        if len(called.partition(" ")[2]) > LONGEST_NAME:
            yield f"{called}: the name is too long"


def privilege_faults(service: Service, spec: Object) -> Iterator[str]:
    """Finds what pods may do without need, and a user who is not that of the image."""
    (*_, user) = instructions(service.texts["Dockerfile"], "USER")
    pod = spec.get("securityContext", {})
    if f"{pod.get('runAsUser')}:{pod.get('runAsGroup')}" != user:
        yield f"does not run as {user}, the user of the image"
    wanted = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    for key, value in wanted.items():
        if pod.get(key) != value:
            yield f"{key} is not {value}"
    for key in ("automountServiceAccountToken", "enableServiceLinks"):
        if spec.get(key) is not False:
            yield f"{key} is not False"
    wanted = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for container in containers(spec):
        for key, value in wanted.items():
            if container.get("securityContext", {}).get(key) != value:
                yield f"{container['name']}: {key} is not {value}"


def containers(spec: Object) -> list[Object]:
    """All containers of a pod."""
    return [*spec.get("initContainers", []), *spec["containers"]]


def container_faults(service: Service, spec: Object) -> Iterator[str]:
    """Finds containers whose ports, probes, resources, variables or arguments are wrong."""
    exposed = " ".join(instructions(service.texts["Dockerfile"], "EXPOSE")).split()
    processes = re.findall(r"^  (\w+)\)$", service.texts["deploy/docker/entrypoint.sh"], re.M)
    served = routes(service)
    known = settings.names(service.family)
    for container in containers(spec):
        place = container["name"]
        ports = [port.get("name") for port in container.get("ports", [])]
        for port in container.get("ports", []):
            if not re.fullmatch(rf"(?=.*[a-z])[a-z\d-]{{1,{LONGEST_PORT}}}", port.get("name", "")):
                yield f"{place}: the port {port['containerPort']} has no name, or a bad one"
            if str(port["containerPort"]) not in exposed:
                yield f"{place}: has port {port['containerPort']}, which the image does not expose"
        if len(set(ports)) < len(ports):
            yield f"{place}: two ports have one name"
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if ports and probe not in container:
                yield f"{place}: has no {probe}"
            asked = container.get(probe, {}).get("httpGet")
            if asked and asked["port"] not in ports:
                yield f"{place}: {probe} asks port {asked['port']}, which has no such name"
            if asked and asked["path"] not in served:
                yield f"{place}: {probe} asks {asked['path']}, which is not served"
        yield from resource_faults(place, container.get("resources", {}))
        for variable in container.get("env", []):
            name = variable["name"]
            if name.startswith("APP_") and not settings.variable(name, known):
                yield f"{place}: sets {name}, which is no setting"
        if not {*container.get("args", [])[:1]} <= {*processes, "python"}:
            yield f"{place}: starts {container['args'][0]}, which the image does not know"


def routes(service: Service) -> set[str]:
    """The paths that are served beside the contract."""
    texts = "".join(service.texts.get(path, "") for path in ROUTES)
    return set(re.findall(r'add_url_rule\(\s*"(/\w+)"', texts))


def resource_faults(place: str, resources: Object) -> Iterator[str]:
    """Finds requests that are missing or above the limits, and memory without a limit."""
    requests, limits = resources.get("requests", {}), resources.get("limits", {})
    for resource in ("cpu", "memory"):
        if resource not in requests:
            yield f"{place}: requests no {resource}"
        elif resource in limits and quantity(requests[resource]) > quantity(limits[resource]):
            yield f"{place}: requests more {resource} than the limit"
    if "memory" not in limits:
        yield f"{place}: has no limit of memory"


def quantity(text: object) -> float:
    """The number that Kubernetes reads from a quantity such as 200m or 64Mi."""
    found = re.fullmatch(r"([\d.]+)(\w*)", str(text))
    if not found or found[2] not in UNITS:
        raise ValueError(f"{text} is no quantity")
    return float(found[1]) * UNITS[found[2]]


def volume_faults(spec: Object, objects: list[Object]) -> Iterator[str]:
    """Finds mounts without a volume, volumes that nobody mounts, and those of nothing."""
    volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
    mounts = [
        mount for container in containers(spec) for mount in container.get("volumeMounts", [])
    ]
    for mount in mounts:
        if mount["name"] not in volumes:
            yield f"mounts {mount['name']}, which is no volume"
    for unused in volumes.keys() - {mount["name"] for mount in mounts}:
        yield f"no container mounts {unused}"
    names = {(manifest["kind"], manifest["metadata"]["name"]) for manifest in objects}
    if (
        "settings" in volumes
        and ("ConfigMap", volumes["settings"]["configMap"]["name"]) not in names
    ):
        yield "the settings are those of a ConfigMap that is not there"
    claim = volumes.get("data", {}).get("persistentVolumeClaim", {}).get("claimName")
    claims = {called for kind, called in names if kind == "PersistentVolumeClaim"}
    if "data" in volumes and claims and claim not in claims:
        yield f"the data are in {claim}, which is not there"


def matches(selector: Object, labels: Object) -> bool:
    """Whether a selector of labels selects these."""
    return bool(selector) and selector.items() <= labels.items()


def selector_faults(manifest: Object, objects: list[Object]) -> Iterator[str]:
    """Finds selectors that select nothing, or something else."""
    spec, kind = manifest.get("spec", {}), manifest["kind"]
    workloads = {
        pod[0]["labels"]["app.kubernetes.io/component"]: pod for o in objects if (pod := pod_of(o))
    }
    component = manifest["metadata"]["labels"].get("app.kubernetes.io/component")
    if kind == "ServiceMonitor":
        services = [o for o in objects if o["kind"] == "Service"]
        chosen = [
            o for o in services if matches(spec["selector"]["matchLabels"], o["metadata"]["labels"])
        ]
        served = {port["name"] for o in chosen for port in o["spec"]["ports"]}
        if not {endpoint["port"] for endpoint in spec["endpoints"]} <= served:
            yield "scrapes a port that no Service has"
        return
    selectors = [
        spec.get("podSelector", {}).get("matchLabels"),
        spec["selector"] if kind == "Service" else spec.get("selector", {}).get("matchLabels"),
    ]
    if pod := pod_of(manifest):
        spread = pod[1].get("topologySpreadConstraints", [])
        selectors += [constraint["labelSelector"]["matchLabels"] for constraint in spread]
    for selector in filter(None, selectors):
        for name_of, (metadata, _) in workloads.items():
            if matches(selector, metadata["labels"]) != (name_of == component):
                yield f"selects other pods than those of {component}"
    if kind == "Service":
        named = [port["name"] for c in workloads[component][1]["containers"] for port in c["ports"]]
        for port in spec["ports"]:
            if port["targetPort"] not in named:
                yield f"leads to port {port['targetPort']}, which no pod has"
    if kind == "NetworkPolicy":
        if spec.get("policyTypes") != ["Ingress", "Egress"]:
            yield "does not deny both ways"
        for rule in (*spec.get("ingress", []), *spec.get("egress", [])):
            if not (rule.get("from") or rule.get("to")) or not rule.get("ports"):
                yield "opens a way to everybody"


def hook_faults(manifest: Object, objects: list[Object]) -> Iterator[str]:
    """Finds what comes before the release and needs what comes with it."""
    hooks = manifest["metadata"].get("annotations", {}).get("helm.sh/hook", "").split(",")
    pod = pod_of(manifest)
    if not pod or not set(hooks) & set(BEFORE):
        return
    later = {
        o["metadata"]["name"]
        for o in objects
        if "helm.sh/hook" not in o["metadata"].get("annotations", {})
        and o["kind"] in ("ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim")
    }
    needed = re.findall(
        r"'(?:name|secretName|claimName|serviceAccountName)': '([^']*)'", str(pod[1])
    )
    for missing in sorted(later & set(needed)):
        yield f"needs {missing}, which is made later"


def end_faults(service: Service, spec: Object, objects: list[Object]) -> Iterator[str]:
    """Finds a grace period in which the service cannot end by itself."""
    (settings_file,) = [o["data"]["settings.yaml"] for o in objects if o["kind"] == "ConfigMap"]
    server = documents.load(settings_file)["server"]
    (closing,) = re.findall(r"^CLOSING_SECONDS = (\d+)$", service.texts[GUNICORN], re.MULTILINE)
    needed = server["drain_delay"] + server["grace_period"] + int(closing)
    if spec.get("terminationGracePeriodSeconds", 30) <= needed:
        yield f"is killed before the {needed} seconds have passed that it may take to end"


def settings_faults(service: Service, manifest: Object) -> Iterator[str]:
    """Finds settings that the service does not have."""
    for name_of in settings.names_in(documents.load(manifest["data"]["settings.yaml"])):
        if name_of not in settings.names(service.family):
            yield f"sets {name_of}, which is no setting"


def backends(manifest: Object) -> Iterator[tuple[str, object]]:
    """The Services, and their ports, that requests from outside are sent to."""
    if manifest["kind"] == "Ingress":
        for rule in manifest["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                yield service["name"], service["port"].get("name", service["port"].get("number"))
    if manifest["kind"] == "HTTPRoute":
        for rule in manifest["spec"]["rules"]:
            for reference in rule["backendRefs"]:
                yield reference["name"], reference["port"]


def service_ports(objects: list[Object]) -> set[tuple[str, object]]:
    """The Services with their ports, by name and by number."""
    return {
        (manifest["metadata"]["name"], port[key])
        for manifest in objects
        if manifest["kind"] == "Service"
        for port in manifest["spec"]["ports"]
        for key in ("name", "port")
    }
