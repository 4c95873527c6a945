"""What gunicorn and `flask --app` load."""

from .app import create_app
<% if cookiecutter.tracing == 'opentelemetry' %>
from .chassis import logs, opentelemetry
<% elif cookiecutter.tracing == 'jaeger-client' %>
from .chassis import jaeger, logs
<% else %>
from .chassis import logs
<% endif %>
from .chassis.start import or_exit
from .configuration import in_force

settings = in_force()
logs.configure(settings.log)
with or_exit():
<% if cookiecutter.tracing == 'opentelemetry' %>
    app = create_app(settings, tracer_provider=opentelemetry.start(settings.environment))
<% elif cookiecutter.tracing == 'jaeger-client' %>
    app = create_app(settings, tracer=jaeger.start(settings.tracing))
<% else %>
    app = create_app(settings)
<% endif %>
