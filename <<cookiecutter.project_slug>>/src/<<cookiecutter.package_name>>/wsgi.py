"""What gunicorn and `flask --app` load."""

from .app import create_app
from .chassis import logs
from .configuration import load_or_exit

settings = load_or_exit()
logs.configure(settings.log)
app = create_app(settings)
