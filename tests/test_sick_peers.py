"""A service whose peer is sick: it answers in time, and nothing is left over when the peer is well."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from .conftest import Bake
from .live import Service, run, wait_for

GOOD = b'{"items": [{"id": "94ba52af-74ff-4b25-a6cc-2f2b04d13bb2", "name": "Candle"}]}'
# Who is well says that the connection ends: a call on it meanwhile would fail.
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(GOOD)
ANSWER = HEAD + GOOD
DEADLINE = 1.0
PATH = "/v1/recommendations?category=warm"
CIRCUIT = 'http_client_circuit_state{upstream="recommendations"}'


class Peer:
    """A server on a raw socket that answers, hangs, drips, babbles or hangs up."""

    def __init__(self) -> None:
        self.behaviour: Callable[[socket.socket], None] = self.answer
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(ANSWER)

    def hang(self, connection: socket.socket) -> None:
        time.sleep(2 * DEADLINE)

    def drip(self, connection: socket.socket) -> None:
        for byte in ANSWER:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    def babble(self, connection: socket.socket) -> None:
        connection.sendall(b"\x00" * 100)

    def hang_up(self, connection: socket.socket) -> None:
        pass

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if connection.recv(65_536):
                self.behaviour(connection)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with closing(Peer()) as peer:
        yield peer


@pytest.fixture
def service(install_caller: Bake, peer: Peer, tmp_path: Path) -> Iterator[Service]:
    """The default service with one worker and an SQLite file, asking the peer."""
    root = install_caller()
    variables = {
        "APP_ENVIRONMENT": "development",
        "APP_DATABASE__URL": f"sqlite:///{tmp_path / 'test.db'}",
        "APP_SERVER__WORKERS": "1",
        "APP_SERVER__DRAIN_DELAY": "0",
        "APP_UPSTREAMS__RECOMMENDATIONS__URL": peer.url,
        "APP_UPSTREAMS__RECOMMENDATIONS__READ_TIMEOUT": "0.4",
        "APP_UPSTREAMS__RECOMMENDATIONS__TIMEOUT": str(DEADLINE),
        "APP_UPSTREAMS__RECOMMENDATIONS__RESET_AFTER": "0.5",
    }
    assert run(root, "color-palette", "db", "upgrade", **variables).returncode == 0
    with Service(root, tmp_path, **variables) as service:
        yield service


def open_files(service: Service) -> int:
    """How many files and connections the worker has open."""
    return len(list(Path(f"/proc/{service.workers()[0]}/fd").iterdir()))


def resident_kilobytes(service: Service) -> int:
    """How much memory the worker occupies."""
    status = Path(f"/proc/{service.workers()[0]}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])


@pytest.mark.timeout(180)
def test_a_sick_peer_costs_no_more_than_its_deadline_and_leaves_nothing_behind(
    service: Service, peer: Peer
) -> None:
    def ask(_: int) -> tuple[int, float]:
        begun = time.monotonic()
        return service.status(PATH), time.monotonic() - begun

    with ThreadPoolExecutor(10) as pool:
        assert Counter(status for status, _ in pool.map(ask, range(30))) == {200: 30}
        before, memory = open_files(service), resident_kilobytes(service)
        for behaviour in (peer.hang, peer.drip, peer.babble, peer.hang_up) * 2:
            peer.behaviour = behaviour
            answers = list(pool.map(ask, range(30)))
            assert {status for status, _ in answers} <= {502, 503, 504}, behaviour
            assert max(seconds for _, seconds in answers) < DEADLINE + 1.5, behaviour
        assert service.metrics()[CIRCUIT] == 2
        peer.behaviour = peer.answer
        wait_for(lambda: service.status(PATH) == 200, "a closed circuit")
        assert Counter(status for status, _ in pool.map(ask, range(30))) == {200: 30}
    assert service.metrics()[CIRCUIT] == 0
    wait_for(lambda: open_files(service) <= before + 5, "connections that are closed again", 15)
    assert resident_kilobytes(service) < memory + 20_000


@pytest.mark.timeout(120)
def test_an_open_circuit_answers_at_once(service: Service, peer: Peer) -> None:
    url = service.url + PATH
    peer.close()
    with requests.Session() as session:
        wait_for(lambda: service.metrics()[CIRCUIT] == 2 or session.get(url) is None, "opening")
        seconds = []
        for _ in range(10):
            begun = time.perf_counter()
            answer = session.get(url, timeout=5)
            seconds.append(time.perf_counter() - begun)
            assert answer.status_code == 503
    # The fastest of them: others may have had to wait for the processor, or have been the trial.
    assert min(seconds) < 0.01
