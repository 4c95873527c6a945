"""A small service of the tests: what the chassis promises is tested with it, whatever the service is about."""

<% if cookiecutter.metrics %>
import os

<% endif %>
SERVICE_NAME = "things"
SERVICE_VERSION = "1.0"
<% if cookiecutter.metrics %>
COUNTS_DIR = os.environ.pop("PROMETHEUS_MULTIPROC_DIR", "")
os.environ.pop("prometheus_multiproc_dir", None)
<% endif %>
