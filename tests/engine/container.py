"""A container of a service."""

from collections.abc import Sequence
from uuid import uuid4

from ..live import Site, free_addresses
from .engine import Engine


class Container(Site):
    """A container that is started; its URL is that of its first port.

    Args:
        engine: where it runs.
        image: the name of its image.
        options: those of `docker run`.
        command: what stands after the image.
        ports: those that answer on loopback.
    """

    def __init__(
        self,
        engine: Engine,
        image: str,
        *options: str,
        command: Sequence[str] = (),
        ports: Sequence[int] = (8080,),
    ) -> None:
        addresses = dict(zip(ports, free_addresses(len(ports)), strict=True))
        self.sites = {port: Site(f"http://{address}") for port, address in addresses.items()}
        super().__init__(self.sites[ports[0]].url)
        self._engine = engine
        self.name = f"test-{uuid4().hex[:8]}"
        publish = [f"--publish={address}:{port}" for port, address in addresses.items()]
        run = ["run", "--detach", f"--name={self.name}", *publish]
        engine.run(*run, *options, image, *command)

    def inspect(self, field: str) -> str:
        """Tells a field of what the engine knows of the container."""
        return str(
            self._engine.run("inspect", f"--format={{{{{field}}}}}", self.name).stdout
        ).strip()

    def run(self, *command: str) -> str:
        """Runs a command inside and returns its output."""
        return str(self._engine.run("exec", self.name, *command).stdout)

    def log(self) -> str:
        """What it has written to standard output."""
        return str(self._engine.run("logs", self.name).stdout)

    def output(self) -> str:
        """What it has written to standard output and then what to standard error."""
        logs = self._engine.run("logs", self.name)
        return f"{logs.stdout}{logs.stderr}"

    def memory(self) -> str:
        """What it uses of the memory that it may have."""
        usage = ("stats", "--no-stream", "--format={{.MemUsage}}", self.name)
        return str(self._engine.run(*usage).stdout).strip()

    def stop(self, seconds: int = 35) -> None:
        """Sends SIGTERM, and SIGKILL if it has not ended after some seconds."""
        self._engine.run("stop", f"--time={seconds}", self.name)

    def remove(self) -> None:
        self._engine.run("rm", "--force", "--volumes", self.name, check=False)
