"""Connexion 2 as it comes, with the contract of the generated service and Flask-SQLAlchemy."""

import os
from pathlib import Path
from typing import Any

import yaml
from connexion import FlaskApp
from flask_sqlalchemy import SQLAlchemy

from .model import POOL, URL, Base, new, page, represent

OPERATIONS = ("list_colors", "create_color")


def contract() -> dict[str, Any]:
    """The contract of the generated service, with the two operations that are asked."""
    text = Path(os.environ["BENCH_CONTRACT"]).read_text(encoding="utf-8")
    specification: dict[str, Any] = yaml.safe_load(text)
    operations = specification["paths"].pop("/colors")
    specification["paths"] = {"/colors": {name: operations[name] for name in ("get", "post")}}
    for operation in specification["paths"]["/colors"].values():
        operation["x-openapi-router-controller"] = __name__
        for response in operation["responses"].values():
            response.pop("links", None)
    return specification


def list_colors(
    category: str, sort: str = "name", limit: int = 20, cursor: str | None = None
) -> dict[str, Any]:
    rows = db.session.scalars(page(category, limit)).all()
    return {"items": [represent(row) for row in rows[:limit]], "next_cursor": None}


def create_color(body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    color = new(body["name"], body["category"], body.get("description"), body.get("priority", 0))
    answer = represent(color)
    db.session.add(color)
    db.session.commit()
    return answer, 201, {"Location": f"/v1/colors/{answer['id']}"}


connexion = FlaskApp(__name__, options={"swagger_ui": False})
app = connexion.app
app.config["SQLALCHEMY_DATABASE_URI"] = URL
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = POOL
db = SQLAlchemy(app, model_class=Base)
connexion.add_api(contract(), strict_validation=True)
