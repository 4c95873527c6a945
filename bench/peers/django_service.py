"""Django with its own ORM; a form checks what is written."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import django
from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from .model import POOL, URL, represent


def database() -> dict[str, Any]:
    """The database of the URL, as Django names its parts."""
    parts = urlsplit(URL)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path.removeprefix("/")}
    host = dict(pair.split("=") for pair in parts.query.split("&") if pair).get("host")
    most = POOL["pool_size"] + POOL["max_overflow"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.removeprefix("/"),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": unquote(host or parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": {"max_size": most, "timeout": POOL["pool_timeout"], "max_waiting": 0}},
    }


settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": database()},
    # It says how long an answer is.
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    USE_TZ=True,
    LOGGING_CONFIG=None,
)
django.setup()

from django.db import models  # noqa: E402 - Django has to be set up first
from django.utils import timezone  # noqa: E402


class Color(models.Model):
    """A color."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=80)
    category = models.CharField(max_length=40)
    description = models.CharField(max_length=500, null=True)
    priority = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "peers"
        db_table = "colors"
        managed = False


class ColorForm(forms.Form):
    """The fields of a new color."""

    name = forms.CharField(min_length=1, max_length=80)
    category = forms.CharField(min_length=1, max_length=40)
    description = forms.CharField(max_length=500, required=False, empty_value=None)
    priority = forms.IntegerField(min_value=0, max_value=1000, required=False)


def colors(request: HttpRequest) -> JsonResponse:
    """Lists colors, or creates one."""
    if request.method == "GET":
        limit = int(request.GET.get("limit", 20))
        found = Color.objects.filter(category=request.GET["category"]).order_by("name", "id")
        rows = list(found[: limit + 1])
        items = [represent(row) for row in rows[:limit]]
        return JsonResponse({"items": items, "next_cursor": None})
    form = ColorForm(json.loads(request.body))
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    now = timezone.now()
    fields = {**form.cleaned_data, "priority": form.cleaned_data["priority"] or 0}
    color = Color.objects.create(**fields, created_at=now, updated_at=now)
    return JsonResponse(
        represent(color), status=201, headers={"Location": f"/v1/colors/{color.id}"}
    )


urlpatterns = [path("v1/colors", colors)]
app = get_wsgi_application()
