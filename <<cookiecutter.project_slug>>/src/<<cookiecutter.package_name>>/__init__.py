"""The service: app.py composes it, openapi.yaml is its contract."""

<% if cookiecutter.metrics %>
import os
<% endif %>
from importlib.metadata import version

SERVICE_NAME = "<< cookiecutter.project_slug >>"
SERVICE_VERSION = version(SERVICE_NAME)
<% if cookiecutter.metrics %>
COUNTS_DIR = os.environ.pop("PROMETHEUS_MULTIPROC_DIR", "")
"""The directory in which gunicorn's workers share their counts; a temporary directory if empty.

prometheus_client would count there in every process with the variable, also in a command.
"""
# The older name of the variable.
os.environ.pop("prometheus_multiproc_dir", None)
<% endif %>
