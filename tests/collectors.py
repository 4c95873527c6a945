"""Receivers of spans, as a company would run them: what each says it got."""

import json
import re
import sysconfig
from pathlib import Path
from typing import NamedTuple, Self

import rotel

from .live import Process, free_address, wait_for


class Span(NamedTuple):
    """A span, with its ids in hexadecimal digits."""

    service: str
    name: str
    trace: str
    span: str
    parent: str


class OtlpCollector(Process):
    """rotel, which takes spans by OTLP and prints them; https://rotel.dev"""

    _SPAN = re.compile(
        r"service\.name: Str\((?P<service>[^)]*)\)"
        r"|Trace ID       : (?P<trace>\w*)\n"
        r"    Parent ID      : (?P<parent>\w*)\n"
        r"    ID             : (?P<span>\w*)\n"
        r"    Name           : (?P<name>.*)\n"
    )

    def __init__(self, output: Path) -> None:
        self._address = free_address()
        agent = Path(rotel.__file__).with_name("rotel-agent")
        command = [str(agent), "start", "--exporter", "blackhole", "--debug-log", "traces"]
        command += ["--debug-log-verbosity", "detailed"]
        command += ["--otlp-http-endpoint", self._address]
        command += ["--otlp-grpc-endpoint", free_address()]
        # It is linked to the Python that it is installed for.
        libraries = {"LD_LIBRARY_PATH": sysconfig.get_config_var("LIBDIR")}
        super().__init__(command, output, output, **libraries)
        self.variables = {
            "OTEL_SDK_DISABLED": "false",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self._address}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }

    def __enter__(self) -> Self:
        super().__enter__()
        wait_for(lambda: "Starting Rotel" in self.output + self.errors, "start of rotel")
        return self

    def spans(self, trace: str) -> list[Span]:
        """The spans of a trace that have arrived so far."""
        found, service = [], ""
        for match in self._SPAN.finditer(self.output + self.errors):
            if match["service"]:
                service = match["service"]
            elif match["trace"] == trace:
                found.append(Span(service, match["name"], trace, match["span"], match["parent"]))
        return found


class JaegerAgent(Process):
    """What takes Thrift by UDP and prints it; a service that has the client knows its format."""

    _RUN = (
        "import json, sys, time\n"
        "from tests.chassis.fixtures.jaeger import Collector\n"
        "collector, seen = Collector(), 0\n"
        "print(json.dumps(collector.port), flush=True)\n"
        "while True:\n"
        "    spans = collector.all()\n"
        "    for span in spans[seen:]:\n"
        "        print(json.dumps([span.service, *span[:4]]), flush=True)\n"
        "    seen = len(spans)\n"
        "    time.sleep(0.05)\n"
    )

    def __init__(self, service: Path, output: Path) -> None:
        python = service / ".venv" / "bin" / "python"
        super().__init__([str(python), "-c", self._RUN], service, output)

    def __enter__(self) -> Self:
        super().__enter__()
        wait_for(lambda: "\n" in self.output, "start of the agent", 30)
        self.variables = {
            "APP_TRACING__ENABLED": "true",
            "APP_TRACING__AGENT_HOST": "127.0.0.1",
            "APP_TRACING__AGENT_PORT": self.output.partition("\n")[0],
        }
        return self

    def spans(self, trace: str) -> list[Span]:
        """The spans of a trace that have arrived so far."""
        lines = self.output.splitlines()[1:]
        return [span for line in lines if (span := Span(*json.loads(line))).trace == trace]
