"""Alembic's environment, which each `db` command runs on the database and the tables of the application.

Options of Alembic's `context.configure` are arguments of `run`, such as `compare_server_default=True`.
"""

<% if cookiecutter.database == 'postgresql' %>
from chassis.database import environment, postgresql_migrations

environment.run(server=postgresql_migrations)
<% else %>
from chassis.database import environment

environment.run()
<% endif %>
