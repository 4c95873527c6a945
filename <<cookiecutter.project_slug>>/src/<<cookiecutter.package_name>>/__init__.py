"""The service: app.py composes it, openapi.yaml is its contract."""

<% if cookiecutter.metrics %>
import os
<% endif %>
from importlib.metadata import version

SERVICE_NAME = "<< cookiecutter.project_slug >>"
SERVICE_VERSION = version(SERVICE_NAME)
<% if cookiecutter.metrics %>
COUNTS_DIR = os.environ.pop("PROMETHEUS_MULTIPROC_DIR", "")
"""Where gunicorn's workers share their counts, in files; a temporary directory if empty.

prometheus_client would make every process that has the variable count there, a command, too.
"""
# An old name of it.
os.environ.pop("prometheus_multiproc_dir", None)
<% endif %>
