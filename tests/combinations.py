"""The combinations of answers that decide which files and lines a service has."""

from itertools import product

from .conftest import QUESTIONS

# What has no say in the code is left out.
FEATURES = {
    name: [True, False] if isinstance(values, bool) else values
    for name, values in QUESTIONS.items()
    if isinstance(values, bool | list) and name != "license"
}
ALL = [dict(zip(FEATURES, values, strict=True)) for values in product(*FEATURES.values())]


def describe(answers: dict[str, object]) -> str:
    """Returns a short name of a combination for the test report."""
    return ",".join(f"{name}={value}".lower() for name, value in answers.items()) or "default"
