"""A contract that is served without a service around it, and a configuration of gunicorn that writes no log."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from flask import Flask
from gunicorn.config import Config
from injector import Injector

from chassis import contract, tracing

Serve = Callable[..., Flask]


class NoLog:
    """Takes what gunicorn's own logger takes."""

    def __init__(self, config: Config) -> None:
        self.cfg = config

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: None


@pytest.fixture
def gunicorn_config(monkeypatch: pytest.MonkeyPatch) -> Config:
    # gunicorn sets it.
    monkeypatch.setenv("SERVER_SOFTWARE", "")
    config = Config()
    config.set("logger_class", NoLog)
    return config


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serves the paths of a document; its operations name functions of the module `handlers`."""

    def make(
        paths: dict[str, Any],
        schemas: dict[str, Any] | None = None,
        *,
        validate_responses: bool = True,
        components: dict[str, Any] | None = None,
        servers: list[dict[str, Any]] | None = None,
        **handlers: Callable[..., Any],
    ) -> Flask:
        module = ModuleType("handlers")
        vars(module).update(handlers)
        monkeypatch.setitem(sys.modules, "handlers", module)
        document = {
            "openapi": "3.0.3",
            "info": {"title": "Things", "version": "1"},
            "servers": [{"url": "/v1"}] if servers is None else servers,
            "paths": paths,
            "components": {"schemas": schemas or {}, **(components or {})},
        }
        path = tmp_path / "openapi.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        app = Flask("things")
        contract.init_serialization(app)
        tracing.init_app(app)
        contract.init_app(
            app,
            Injector(),
            path,
            validate_responses=validate_responses,
            max_body_bytes=1_000_000,
            body_timeout=5,
        )
        contract.init_problems(app, {})
        return app

    return make
