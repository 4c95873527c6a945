"""A Docker engine of its own, with images that stand in for official ones.

Nothing is pulled: where the tests run there may be no registry. The images are made of Debian's
packages and of the Python that is installed, and have the official names.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from ..interpreters import find_python
from ..live import wait_for

# Another client that comes earlier on the PATH may have no BuildKit.
DOCKER = "/usr/bin/docker"
COMPOSE = str(Path(sys.executable).with_name("docker-compose"))
PACKAGES = ["docker.io", "mmdebstrap"]
START_SECONDS = 60

PYTHON_PACKAGES = [
    "ca-certificates",
    "libbz2-1.0",
    "libffi8",
    "liblzma5",
    "libreadline8",
    "libsqlite3-0",
    "libssl3",
    "netbase",
    "zlib1g",
]
PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
POSTGRESQL = "/usr/lib/postgresql/15/bin"
# What the official entry point does with these variables, as far as the tests need it.
POSTGRESQL_ENTRYPOINT = f"""#!/bin/sh
set -eu
cd /
if [ "$(id -u)" = 0 ]; then
  install --directory --owner=postgres --mode=700 /var/lib/postgresql/data
  install --directory --owner=postgres /run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0"
fi
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
  {POSTGRESQL}/initdb --pgdata="$data" --username="$POSTGRES_USER" --encoding=UTF8 \\
    --auth-local=trust --auth-host=scram-sha-256 --pwfile="$POSTGRES_PASSWORD_FILE"
  echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
  {POSTGRESQL}/pg_ctl --pgdata="$data" --options="-c listen_addresses=''" --wait start
  {POSTGRESQL}/createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
  {POSTGRESQL}/pg_ctl --pgdata="$data" --wait stop
fi
exec {POSTGRESQL}/postgres -D "$data" -c "listen_addresses=*"
"""


class Engine:
    """dockerd with its data in a directory of its own; all is gone at the end."""

    def __enter__(self) -> Self:
        missing = [tool for tool in (DOCKER, "dockerd", "mmdebstrap") if not shutil.which(tool)]
        assert not missing, f"These tests need the Debian packages {' and '.join(PACKAGES)}."
        assert os.geteuid() == 0, (
            "These tests start a Docker engine, for which they have to be root."
        )
        self.directory = Path(tempfile.mkdtemp(prefix="engine-"))
        self.host = f"unix://{self.directory}/docker.sock"
        self._log = self.directory / "dockerd.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    "dockerd",
                    f"--data-root={self.directory}/data",
                    f"--exec-root={self.directory}/exec",
                    f"--pidfile={self.directory}/pid",
                    f"--host={self.host}",
                    "--storage-driver=overlay2",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(self._answers, "start of the Docker engine", START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            containers = self.run("ps", "--all", "--quiet", check=False).stdout.split()
            if containers:
                self.run("rm", "--force", "--volumes", *containers, check=False)
            self._process.terminate()
            self._process.wait(START_SECONDS)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _answers(self) -> bool:
        log = self._log.read_text(encoding="utf-8", errors="replace")
        assert self._process.poll() is None, (
            f"the Docker engine does not start here:\n{log[-4000:]}"
        )
        return self.run("version", check=False).returncode == 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which clients find this engine."""
        return {**os.environ, "DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "1"}

    def run(self, *arguments: str, check: bool = True, timeout: float = 300) -> Any:
        """Runs a command of the Docker client."""
        return self._call([DOCKER, *arguments], check, timeout)

    def compose(self, *arguments: str, directory: Path, check: bool = True) -> Any:
        """Runs a command of Compose in a directory that has a compose.yaml."""
        return self._call([COMPOSE, *arguments], check, 300, directory)

    def _call(
        self, command: list[str], check: bool, timeout: float, directory: Path | None = None
    ) -> Any:
        result = subprocess.run(
            command,
            cwd=directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        output = f"{result.stdout[-6000:]}\n{result.stderr[-6000:]}"
        assert not check or result.returncode == 0, f"{' '.join(command)}:\n{output}"
        return result

    def build(self, service: Path, tag: str, *options: str) -> None:
        """Builds the image of a service; packages come over the network of this machine."""
        self.run("build", "--network=host", f"--tag={tag}", *options, str(service), timeout=600)

    def make_stand_ins(self, images: dict[str, str]) -> None:
        """Makes stand-ins, side by side.

        Args:
            images: the official name of each image, by what it is: python, postgres or prometheus.
        """
        makers = {
            "python": self._make_python,
            "postgres": self._make_postgres,
            "prometheus": self._make_prometheus,
        }
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(makers[kind], name) for kind, name in images.items()]
        for job in jobs:
            job.result()

    def _make_python(self, name: str) -> None:
        version = name.partition(":")[2].partition("-")[0]
        python = find_python(version)
        assert python, (
            f"These tests need Python {version} on the PATH, and that it runs: a shim of pyenv that is "
            "not selected does not."
        )
        show = "import sys; print(sys.base_prefix)"
        prefix = Path(subprocess.check_output([python, "-c", show], text=True).strip())
        root = self._bootstrap("python", PYTHON_PACKAGES)
        library = f"lib/python{version}"
        shared = [path.relative_to(prefix) for path in prefix.glob("lib/libpython*.so*")]
        for path in (f"bin/python{version}", library, *shared):
            copy_tree(prefix / path, root / "usr/local" / path)
        subprocess.run(["ldconfig", "-r", root], check=True)
        for link in ("python", "python3"):
            (root / "usr/local/bin" / link).symlink_to(f"python{version}")
        pip = root / "usr/local/bin/pip"
        pip.write_text(
            "#!/usr/local/bin/python\nfrom pip._internal.cli.main import main\nraise SystemExit(main())\n"
        )
        pip.chmod(0o755)
        # The packages come through what this machine trusts.
        shutil.copy(
            os.environ.get("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt"),
            root / "etc/ssl/certs/ca-certificates.crt",
        )
        (root / "etc/pip.conf").write_text(
            "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\ntimeout = 180\n"
        )
        self._import(root, name)

    def _make_postgres(self, name: str) -> None:
        root = self._bootstrap("postgres", ["postgresql"])
        shutil.rmtree(root / "var/lib/postgresql")
        (root / "var/lib/postgresql/data").mkdir(parents=True)
        entrypoint = root / "usr/local/bin/docker-entrypoint.sh"
        entrypoint.write_text(POSTGRESQL_ENTRYPOINT, encoding="utf-8")
        entrypoint.chmod(0o755)
        self._import(
            root,
            name,
            f"ENV PATH={POSTGRESQL}:{PATH}",
            'ENTRYPOINT ["docker-entrypoint.sh"]',
            "VOLUME /var/lib/postgresql/data",
        )

    def _make_prometheus(self, name: str) -> None:
        root = self._bootstrap("prometheus", ["prometheus"])
        self._import(
            root,
            name,
            'ENTRYPOINT ["prometheus", "--storage.tsdb.path=/prometheus"]',
            'CMD ["--config.file=/etc/prometheus/prometheus.yml"]',
        )

    def _bootstrap(self, kind: str, packages: list[str]) -> Path:
        """Makes a root file system of Debian's packages."""
        root = self.directory / kind
        subprocess.run(
            [
                "mmdebstrap",
                "--quiet",
                "--variant=minbase",
                f"--include={','.join(packages)}",
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "bookworm",
                str(root),
            ],
            capture_output=True,
            check=True,
            timeout=400,
        )
        return root

    def _import(self, root: Path, name: str, *changes: str) -> None:
        tar = subprocess.Popen(
            ["tar", "--create", "--directory", root, "."], stdout=subprocess.PIPE
        )
        options = [part for change in changes for part in ("--change", change)]
        subprocess.run(
            [DOCKER, "import", "--change", f"ENV PATH={PATH}", *options, "-", name],
            env=self.environment,
            stdin=tar.stdout,
            capture_output=True,
            check=True,
        )
        assert tar.wait() == 0
        shutil.rmtree(root)


def copy_tree(source: Path, target: Path) -> None:
    """Copies a part of a Python installation, without its tests and packages other than pip."""
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source.resolve(), target)
        return

    def left_out(directory: str, names: list[str]) -> set[str]:
        unwanted = {"test", "__pycache__", "idlelib", "tkinter", "turtledemo"} & set(names)
        if Path(directory).name == "site-packages":
            unwanted |= {name for name in names if not name.startswith("pip")}
        return unwanted

    shutil.copytree(source, target, symlinks=True, ignore=left_out)
