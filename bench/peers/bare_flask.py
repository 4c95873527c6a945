"""Flask and Flask-SQLAlchemy, and nothing else: no validation, no logs, no metrics."""

from typing import Any

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

from .model import POOL, URL, Base, new, page, represent

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = URL
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = POOL
db = SQLAlchemy(app, model_class=Base)


@app.get("/v1/colors")
def list_colors() -> dict[str, Any]:
    limit = request.args.get("limit", 20, type=int)
    rows = db.session.scalars(page(request.args["category"], limit)).all()
    return {"items": [represent(row) for row in rows[:limit]], "next_cursor": None}


@app.post("/v1/colors")
def create_color() -> tuple[dict[str, Any], int, dict[str, str]]:
    body = request.get_json()
    color = new(body["name"], body["category"], body.get("description"), body.get("priority", 0))
    answer = represent(color)
    db.session.add(color)
    db.session.commit()
    return answer, 201, {"Location": f"/v1/colors/{answer['id']}"}
