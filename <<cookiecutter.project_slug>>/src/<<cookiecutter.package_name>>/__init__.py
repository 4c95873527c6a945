"""The service: app.py composes it, openapi.yaml is its contract."""

from importlib.metadata import version

SERVICE_NAME = "<< cookiecutter.project_slug >>"
SERVICE_VERSION = version(SERVICE_NAME)
