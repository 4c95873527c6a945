#!/bin/sh
# Runs one of the processes of the service, or any other command.
set -eu

case "$1" in
  serve)
    shift
    exec gunicorn "$@"
    ;;
<% if cookiecutter.__has_database %>
  migrate)
    shift
    exec << cookiecutter.project_slug >> db upgrade "$@"
    ;;
<% endif %>
  *)
    exec "$@"
    ;;
esac
