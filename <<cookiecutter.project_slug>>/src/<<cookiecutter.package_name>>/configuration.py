"""Reads the settings of settings.py, and checks what their types cannot express."""

from functools import partial

from chassis import settings as sources
<% if cookiecutter.metrics %>
from chassis.settings.metrics import check_addresses
<% endif %>
<% if cookiecutter.database == 'postgresql' %>
from chassis.settings.postgresql import check_url
<% elif cookiecutter.database == 'sqlite' %>
from chassis.settings.sqlite import check_url
<% endif %>
<% if cookiecutter.http_client %>
from chassis.settings.upstreams import check_faults
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
from chassis.tracing import opentelemetry
<% endif %>

from .settings import Settings


def check(settings: Settings) -> None:
    """Checks what the types of the settings cannot express.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
<% if cookiecutter.tracing == 'opentelemetry' %>
    opentelemetry.check_exporter()
<% endif %>
<% if cookiecutter.metrics %>
    check_addresses(settings.server, settings.metrics)
<% endif %>
<% if cookiecutter.http_client %>
    check_faults(settings.environment, settings.upstreams)
<% endif %>
<% if cookiecutter.__has_database %>
    check_url(settings.environment, settings.database)
<% endif %>


load = partial(sources.load, Settings, check)
load_or_exit = partial(sources.load_or_exit, Settings, check)
current_settings = partial(sources.current_settings, Settings, check)
