"""gunicorn's configuration: https://docs.gunicorn.org/en/stable/settings.html"""

import gc

from gevent import monkey

monkey.patch_all()  # before all other imports: an unpatched module would block the whole worker
gc.disable()  # during the imports, which leave no garbage; `Hooks` enables it again

from chassis.server import Hooks, gunicorn_settings
<% if cookiecutter.__has_database %>
from chassis.server.database import DatabasePart
<% endif %>
<% if cookiecutter.tracing == 'jaeger-client' %>
from chassis.server.jaeger import JaegerPart
<% endif %>
<% if cookiecutter.metrics %>
from chassis.server.metrics import MetricsPart
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' and cookiecutter.__has_database %>
from chassis.server.opentelemetry_sql import OpenTelemetrySqlPart
<% elif cookiecutter.tracing == 'opentelemetry' %>
from chassis.server.opentelemetry import OpenTelemetryPart
<% endif %>

<% if cookiecutter.metrics %>
from << cookiecutter.package_name >> import COUNTS_DIR, SERVICE_NAME, SERVICE_VERSION
<% else %>
from << cookiecutter.package_name >> import SERVICE_NAME, SERVICE_VERSION
<% endif %>
from << cookiecutter.package_name >>.configuration import load, load_or_exit

settings = load_or_exit()
hooks = Hooks(
    settings,
    load,
    name=SERVICE_NAME,
    version=SERVICE_VERSION,
    path="/v1/<< cookiecutter.__resource_path >>",
<% if cookiecutter.metrics or cookiecutter.__has_database or cookiecutter.tracing != 'none' %>
    parts=[
<% if cookiecutter.metrics %>
        MetricsPart(settings.metrics, COUNTS_DIR, api=settings.server.bind),
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' and cookiecutter.__has_database %>
        OpenTelemetrySqlPart(),
<% elif cookiecutter.tracing == 'opentelemetry' %>
        OpenTelemetryPart(),
<% elif cookiecutter.tracing == 'jaeger-client' %>
        JaegerPart(),
<% endif %>
<% if cookiecutter.__has_database %>
        DatabasePart(settings.database),
<% endif %>
    ],
<% endif %>
)

# The settings of every service; an assignment below overrides them.
globals().update(gunicorn_settings(settings.server, settings.log, SERVICE_NAME))
wsgi_app = "<< cookiecutter.package_name >>.wsgi:app"
<% if cookiecutter.__has_database %>
workers = settings.server.workers
max_requests = settings.server.max_requests
max_requests_jitter = settings.server.max_requests_jitter
<% else %>
workers = 1  # because the data are in its memory
<% endif %>

on_starting = hooks.on_starting
when_ready = hooks.when_ready
pre_fork = hooks.pre_fork
post_fork = hooks.post_fork
post_worker_init = hooks.post_worker_init
worker_exit = hooks.worker_exit
child_exit = hooks.child_exit
