"""Does on an engine what the kubelet does with a pod on a node.

Network policies are not enforced, and an init container has an emptyDir of its own.
"""

import base64
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import requests

from ..kubernetes import Object, mount_files
from .container import Container
from .engine import Engine
from .pod import ContainerSpec, EmptyDir, PodSpec, Probe, Volume

Source = EmptyDir | Path


class PodError(Exception):
    """A pod does not do what it should; the message says why."""


def find(objects: list[Object], kind: str, name: str) -> Object:
    """The object of a kind and a name.

    Raises:
        PodError: it is not there.
    """
    for manifest in objects:
        if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name):
            return manifest
    raise PodError(f"there is no {kind} {name}")


class Node:
    """A node.

    Args:
        engine: what runs the containers.
        network: the network of its pods; they find each other by the names of Services.
        directory: an empty one, for their volumes.
    """

    def __init__(self, engine: Engine, network: str, directory: Path) -> None:
        self._engine, self.network, self._directory = engine, network, directory

    def claimed(self, name: str) -> Path:
        """The volume of a PersistentVolumeClaim; like that of a disk, it is there to stay."""
        return self._directory / "claims" / name

    def complete(self, manifest: Object, objects: list[Object], seconds: float = 60) -> str:
        """Runs a pod that ends by itself.

        Args:
            manifest: the specification of the pod.
            objects: what there is in the cluster.
            seconds: how long a container may take.

        Returns:
            What the last container writes to standard output, and then to standard error.

        Raises:
            ValidationError: the manifest has something that is not known.
            PodError: the pod cannot start, or a container ends with a status other than 0.
            TimeoutExpired: a container takes longer.
        """
        pod = PodSpec.model_validate(manifest)
        sources = self._mount(pod, objects)
        for container in (*pod.init_containers, *pod.containers):
            output = self._finish(pod, container, sources, seconds)
        return output

    @contextmanager
    def start(self, template: Object, objects: list[Object]) -> Iterator["Replica"]:
        """Starts a pod that stays, and removes it at the end.

        Args:
            template: the template of the pod.
            objects: what there is in the cluster.

        Raises:
            ValidationError: the manifest has something that is not known.
            PodError: the pod cannot start, or an init container ends with a status other than 0.
        """
        pod = PodSpec.model_validate(template["spec"])
        sources = self._mount(pod, objects)
        for container in pod.init_containers:
            self._finish(pod, container, sources, 60)
        (container,) = pod.containers
        names = services(template["metadata"]["labels"], container, objects)
        site = Container(
            self._engine,
            container.image,
            *self._options(pod, container, sources),
            *(f"--network-alias={name}" for name in names),
            command=container.args,
            ports=[port.container_port for port in container.ports],
        )
        try:
            yield Replica(pod, site)
        finally:
            site.remove()

    def _finish(
        self, pod: PodSpec, container: ContainerSpec, sources: dict[str, Source], seconds: float
    ) -> str:
        if container.ports or container.probes:
            raise PodError(f"{container.name} ends by itself: nobody asks it")
        result = self._engine.run(
            "run",
            "--rm",
            *self._options(pod, container, sources),
            container.image,
            *container.args,
            check=False,
            timeout=seconds,
        )
        if result.returncode:
            raise PodError(
                f"{container.name} ended with {result.returncode}: {result.stdout}{result.stderr}"
            )
        return f"{result.stdout}{result.stderr}"

    def _options(
        self, pod: PodSpec, container: ContainerSpec, sources: dict[str, Source]
    ) -> list[str]:
        rights, memory = container.security_context, container.resources.limits.memory
        user = pod.security_context
        return [
            # The kubelet does not know the image's HEALTHCHECK.
            "--no-healthcheck",
            "--pull=never",
            f"--network={self.network}",
            f"--user={user.run_as_user}:{user.run_as_group}",
            *([] if user.fs_group is None else [f"--group-add={user.fs_group}"]),
            "--read-only",
            "--security-opt=no-new-privileges",
            *(f"--cap-drop={name}" for name in rights.capabilities.drop),
            # The engine only warns where it cannot limit; there is no swap on a node.
            f"--memory={memory}",
            f"--memory-swap={memory}",
            *(f"--env={variable.name}={variable.value}" for variable in container.env),
            *(
                mount_option(sources[mount.name], mount.mount_path, mount.read_only)
                for mount in container.volume_mounts
            ),
        ]

    def _mount(self, pod: PodSpec, objects: list[Object]) -> dict[str, Source]:
        if pod.service_account_name != "default":
            find(objects, "ServiceAccount", pod.service_account_name)
        group = pod.security_context.fs_group
        return {volume.name: self._source(volume, group, objects) for volume in pod.volumes}

    def _source(self, volume: Volume, group: int | None, objects: list[Object]) -> Source:
        if volume.empty_dir:
            return volume.empty_dir
        if claim := volume.persistent_volume_claim:
            find(objects, "PersistentVolumeClaim", claim.claim_name)
            directory = self.claimed(claim.claim_name)
            directory.mkdir(parents=True, exist_ok=True)
            if group is not None:
                os.chown(directory, -1, group)
                directory.chmod(0o2775)
            return directory
        directory = self._directory / uuid4().hex
        mount_files(directory, files(volume, objects))
        return directory


def files(volume: Volume, objects: list[Object]) -> dict[str, str]:
    """What the volume of a ConfigMap or a Secret has in it: a text for each name.

    Raises:
        PodError: there is no such object, or it lacks a key.
    """
    if volume.config_map:
        content: dict[str, str] = find(objects, "ConfigMap", volume.config_map.name)["data"]
        return content
    assert volume.secret, f"{volume.name} is no volume"
    name = volume.secret.secret_name
    data = find(objects, "Secret", name)["data"]
    for item in volume.secret.items:
        if item.key not in data:
            raise PodError(f"the Secret {name} has no key {item.key}")
    return {item.path: base64.b64decode(data[item.key]).decode() for item in volume.secret.items}


def mount_option(source: Source, path: str, read_only: bool) -> str:
    """The option that mounts a volume."""
    mode = "ro" if read_only else "rw"
    if isinstance(source, EmptyDir):
        return f"--tmpfs={path}:{mode},exec,mode=0777,size={source.size_limit}"
    return f"--volume={source}:{path}:{mode}"


def services(labels: Object, container: ContainerSpec, objects: list[Object]) -> list[str]:
    """The names of the Services that lead to a pod.

    Raises:
        PodError: a Service has another port than the container; names in a network keep the ports.
    """
    names = []
    for manifest in objects:
        if manifest["kind"] == "Service" and manifest["spec"]["selector"].items() <= labels.items():
            name = manifest["metadata"]["name"]
            for port in manifest["spec"]["ports"]:
                if port["port"] != container.port(port["targetPort"]):
                    raise PodError(f"the Service {name} has port {port['port']}")
            names.append(name)
    return names


class Replica:
    """A pod that has started: what is said of it and of its container, and where that answers."""

    def __init__(self, pod: PodSpec, site: Container) -> None:
        self.pod, self.site = pod, site
        (self.container,) = pod.containers

    def await_success(self, probe: Probe) -> None:
        """Asks as often as a probe says, until it succeeds.

        Raises:
            PodError: it has failed so often that the kubelet acts, or the container has ended.
        """
        for _ in range(probe.failure_threshold):
            if self.succeeds(probe):
                return
            if self.site.inspect(".State.Running") != "true":
                raise self._ended()
            time.sleep(probe.period_seconds)
        raise PodError(f"{probe.http_get} does not succeed: {self.site.output()}")

    def succeeds(self, probe: Probe) -> bool:
        """Asks once: any status from 200 to 399, in time, is a success."""
        asked = self.site.sites[self.container.port(probe.http_get.port)]
        try:
            answer = requests.get(
                asked.url + probe.http_get.path,
                timeout=probe.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        return 200 <= answer.status_code < 400

    def end(self) -> float:
        """Ends the pod and returns how many seconds it took.

        Raises:
            PodError: it did not end by itself, or not with status 0.
        """
        start = time.monotonic()
        self.site.stop(self.pod.termination_grace_period_seconds)
        seconds = time.monotonic() - start
        if self.site.inspect(".State.ExitCode") != "0":
            raise self._ended()
        return seconds

    def _ended(self) -> PodError:
        status = self.site.inspect(".State.ExitCode")
        return PodError(f"ended with {status}: {self.site.output()}")
