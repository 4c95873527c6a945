"""gunicorn's hooks: the parts of a service begin in their order, and end in the reverse order."""

import logging
import signal
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from gevent import get_hub
from gunicorn import util
from gunicorn.config import Config

from chassis import logs
from chassis.server import Hooks, Part, gunicorn_settings, lifecycle, listening, refusals
from chassis.settings import ApiSettings, ConfigurationError, LogSettings, ServerSettings

SERVER = ServerSettings(bind="127.0.0.1:8080", drain_delay=7, grace_period=11)
SETTINGS: Any = SimpleNamespace(server=SERVER, api=ApiSettings(), log=LogSettings())
LOG = logging.getLogger("gunicorn.error")


class Recorder(Part):
    """Notes what it is called for."""

    def __init__(self, name: str, calls: list[str]) -> None:
        self._name = name
        self._calls = calls

    def on_starting(self, server: Any) -> None:
        self._calls.append(f"{self._name} on_starting")

    def when_ready(self, server: Any) -> None:
        self._calls.append(f"{self._name} when_ready")

    def pre_fork(self, server: Any, worker: Any) -> None:
        self._calls.append(f"{self._name} pre_fork")

    def post_fork(self, worker: Any) -> None:
        self._calls.append(f"{self._name} post_fork")

    def worker_exit(self, worker: Any) -> None:
        self._calls.append(f"{self._name} worker_exit")

    def child_exit(self, worker: Any) -> None:
        self._calls.append(f"{self._name} child_exit")


def make(*parts: Part, load: Callable[[], Any] = lambda: SETTINGS) -> Hooks:
    return Hooks(SETTINGS, load, name="books", version="1.2.3", path="/v1/books", parts=parts)


def make_server(**settings: object) -> Any:
    cfg = SimpleNamespace(**{"preload_app": False, "reload": True, **settings})
    return SimpleNamespace(cfg=cfg, log=LOG, num_workers=2, pid=0, WORKERS={})


@pytest.fixture
def no_signals(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """Keeps the handlers that would be installed, and installs none."""
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    return handlers


@pytest.fixture
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listens nowhere, and restores what a start replaces in gunicorn and gevent."""
    monkeypatch.setattr(listening, "check_server", lambda server: None)
    monkeypatch.setattr(util, "write_error", util.write_error)
    monkeypatch.setattr(get_hub(), "print_exception", get_hub().print_exception)


@pytest.mark.usefixtures("no_address", "no_signals")
def test_parts_end_in_the_reverse_order() -> None:
    calls: list[str] = []
    made = make(Recorder("first", calls), Part(), Recorder("second", calls))
    server, worker = make_server(), SimpleNamespace(alive=True)
    made.on_starting(server)
    made.when_ready(server)
    made.pre_fork(server, worker)
    made.post_fork(server, worker)
    made.worker_exit(server, worker)
    made.child_exit(server, worker)
    assert calls == [
        "first on_starting",
        "second on_starting",
        "first when_ready",
        "second when_ready",
        "first pre_fork",
        "second pre_fork",
        "first post_fork",
        "second post_fork",
        "second worker_exit",
        "first worker_exit",
        "first child_exit",
        "second child_exit",
    ]


@pytest.mark.usefixtures("no_address")
def test_what_gunicorn_and_gevent_say_by_themselves_has_the_form_of_the_service() -> None:
    make().on_starting(make_server())
    assert util.write_error is refusals.write_problem
    assert get_hub().print_exception is logs.print_exception


def test_preloading_is_refused_before_a_part_begins() -> None:
    calls: list[str] = []
    with pytest.raises(SystemExit, match=r"^preload_app: "):
        make(Recorder("first", calls)).on_starting(make_server(preload_app=True))
    assert calls == []


@pytest.mark.usefixtures("no_signals")
def test_the_log_tells_where_the_service_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    make().when_ready(make_server())
    assert caplog.messages == [
        "books 1.2.3",
        "API: http://127.0.0.1:8080/v1/books",
        "Swagger UI: http://127.0.0.1:8080/ui/",
    ]


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("0.0.0.0:80", "http://localhost:80"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("books.internal:8080", "http://books.internal:8080"),
    ],
)
def test_an_address_that_is_every_address_is_told_as_that_of_this_machine(
    address: str, url: str
) -> None:
    assert listening.url(address) == url


@pytest.mark.parametrize(("ending", "drained"), [(False, []), (True, [(0, 11)])])
def test_a_worker_that_comes_up_while_the_service_ends_stops_at_once(
    ending: bool,
    drained: list[tuple[float, int]],
    monkeypatch: pytest.MonkeyPatch,
    no_signals: dict[int, Any],
) -> None:
    monkeypatch.setattr(lifecycle, "ending", lambda: ending)
    calls: list[tuple[float, int]] = []
    worker = SimpleNamespace(drain=lambda *arguments: calls.append(arguments))
    make().post_worker_init(worker)
    assert calls == drained
    no_signals[signal.SIGTERM]()
    no_signals[signal.SIGINT]()
    no_signals[signal.SIGQUIT]()
    assert calls == [*drained, (7, 11), (0, 11), (0, 11)]


def test_the_logs_stay_as_they_are_where_the_settings_cannot_be_read(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    no_signals: dict[int, Any],
) -> None:
    configured: list[str] = []
    monkeypatch.setattr(logs, "configure", lambda log, name: configured.append(log.level))
    loaded = iter([LogSettings(level="DEBUG")])

    def load() -> Any:
        for log in loaded:
            return SimpleNamespace(log=log)
        raise ConfigurationError("log.level: no such level")

    caplog.set_level("INFO")
    make(load=load).post_worker_init(SimpleNamespace(log=LOG))
    no_signals[signal.SIGUSR1]()
    no_signals[signal.SIGUSR1]()
    assert configured == ["DEBUG"]
    assert caplog.messages == [
        "The log level is DEBUG",
        "The logs stay as they are: log.level: no such level",
    ]


def test_gunicorn_knows_each_hook_and_each_setting() -> None:
    config = Config()
    for name, value in gunicorn_settings(SERVER, LogSettings(), "books").items():
        config.set(name, value)
    assert config.graceful_timeout == 7 + 11 + 5
    assert config.worker_class.__module__ == "chassis.server.worker"
    made = make()
    for name in vars(Hooks):
        if not name.startswith("_"):
            # gunicorn looks at the number of parameters.
            config.set(name, getattr(made, name))
