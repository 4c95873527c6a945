"""The part of Kubernetes' pod that an engine can do as it is told.

Whatever else is in a manifest, be it a field or a value, is refused while it is read: nothing that the
chart says is passed over.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt
from pydantic.alias_generators import to_camel

from tools.checker.manifests import quantity


def without_references(text: str) -> str:
    """Returns a text in which the kubelet has nothing to replace.

    Raises:
        ValueError: there is a reference of a variable, such as $(NAME).
    """
    if "$(" in text:
        raise ValueError("references of variables are not known")
    return text


Text = Annotated[str, AfterValidator(without_references)]
Bytes = Annotated[int, BeforeValidator(lambda text: int(quantity(text)))]
# What the scheduler reads, and not the kubelet.
Elsewhere = Any


class Part(BaseModel):
    """A part of a manifest."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class EmptyDir(Part):
    medium: Literal["Memory"]
    size_limit: Bytes


class KeyToPath(Part):
    key: str
    path: str


class SecretVolume(Part):
    secret_name: str
    items: list[KeyToPath]


class ConfigMapVolume(Part):
    name: str


class ClaimVolume(Part):
    claim_name: str


class Volume(Part):
    name: str
    empty_dir: EmptyDir | None = None
    secret: SecretVolume | None = None
    config_map: ConfigMapVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None


class VolumeMount(Part):
    name: str
    mount_path: str
    read_only: bool = False


class Variable(Part):
    name: str
    value: Text


class Port(Part):
    name: str
    container_port: int


class Limits(Part):
    memory: Bytes


class Resources(Part):
    requests: Elsewhere
    limits: Limits


class HttpGet(Part):
    path: str
    port: str


class Probe(Part):
    http_get: HttpGet
    period_seconds: PositiveInt
    timeout_seconds: PositiveInt
    failure_threshold: PositiveInt


class Capabilities(Part):
    drop: list[str]


class SecurityContext(Part):
    allow_privilege_escalation: Literal[False]
    read_only_root_filesystem: Literal[True]
    capabilities: Capabilities


class ContainerSpec(Part):
    name: str
    image: str
    # It is there.
    image_pull_policy: Literal["IfNotPresent"]
    args: list[Text] = []
    env: list[Variable] = []
    ports: list[Port] = []
    volume_mounts: list[VolumeMount] = []
    resources: Resources
    security_context: SecurityContext
    startup_probe: Probe | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None

    @property
    def probes(self) -> list[Probe]:
        """The probes that there are, in the order in which the kubelet begins with them."""
        probes = (self.startup_probe, self.liveness_probe, self.readiness_probe)
        return [probe for probe in probes if probe]

    def port(self, name: str) -> int:
        """The number of a port.

        Raises:
            ValueError: no port has this name.
        """
        (number,) = [port.container_port for port in self.ports if port.name == name]
        return number


class SeccompProfile(Part):
    # The engine does this if nothing is said.
    type: Literal["RuntimeDefault"]


class PodSecurityContext(Part):
    run_as_non_root: Literal[True]
    run_as_user: PositiveInt
    run_as_group: int
    fs_group: int | None = None
    fs_group_change_policy: Literal["OnRootMismatch"] | None = None
    seccomp_profile: SeccompProfile


class PodSpec(Part):
    automount_service_account_token: Literal[False]
    enable_service_links: Literal[False]
    service_account_name: str = "default"
    topology_spread_constraints: Elsewhere = None
    # One that ends badly is a fault, whether it would be tried again or not.
    restart_policy: Literal["Always", "Never"] = "Always"
    security_context: PodSecurityContext
    termination_grace_period_seconds: PositiveInt = 30
    init_containers: list[ContainerSpec] = []
    # One: containers of a pod would share a network and an emptyDir.
    containers: Annotated[list[ContainerSpec], Field(min_length=1, max_length=1)]
    volumes: list[Volume] = []
