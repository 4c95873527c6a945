"""The application that gunicorn and `flask --app` load."""

from chassis import logs
from chassis.start import or_exit
<% if cookiecutter.tracing == 'opentelemetry' %>
from chassis.tracing import opentelemetry
<% elif cookiecutter.tracing == 'jaeger-client' %>
from chassis.tracing import jaeger
<% endif %>

<% if cookiecutter.tracing == 'none' %>
from . import SERVICE_NAME
<% else %>
from . import SERVICE_NAME, SERVICE_VERSION
<% endif %>
from .app import create_app
from .configuration import current_settings

settings = current_settings()
logs.configure(settings.log, SERVICE_NAME)
with or_exit():
<% if cookiecutter.tracing == 'opentelemetry' %>
    provider = opentelemetry.start(
        SERVICE_NAME,
        SERVICE_VERSION,
        settings.environment,
<% if cookiecutter.__has_database %>
        conventions="http,database",
<% endif %>
    )
    app = create_app(settings, tracer_provider=provider)
<% elif cookiecutter.tracing == 'jaeger-client' %>
    tracer = jaeger.start(settings.tracing, SERVICE_NAME, SERVICE_VERSION)
    app = create_app(settings, tracer=tracer)
<% else %>
    app = create_app(settings)
<% endif %>
