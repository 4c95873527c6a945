"""What << 'an' if cookiecutter.resource[0] in 'aeiou' else 'a' >> << cookiecutter.__resource_label >> is."""

from dataclasses import dataclass

from chassis.resources import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class << cookiecutter.__resource_class >>(Resource):
    """A resource with an id, a version and the times of its creation and its last change."""

    name: str
    category: str
    description: str | None = None
    priority: int = 0
