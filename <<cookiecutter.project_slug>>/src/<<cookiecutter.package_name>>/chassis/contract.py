"""The contract: Connexion makes routes of the OpenAPI document."""

from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import flask
import gevent
import yaml
from connexion.apis.flask_api import FlaskApi
from connexion.apis.flask_utils import flaskify_endpoint, flaskify_path
from connexion.decorators.parameter import parameter_to_arg
from connexion.decorators.response import ResponseValidator
from connexion.jsonifier import Jsonifier
from connexion.operations import AbstractOperation
from connexion.utils import is_json_mimetype
from flask.globals import request_ctx
from injector import Injector
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
)

from .injection import InjectingResolver
from .lazy_request import LazyRequest
from .validation import RequestValidator

EXTENSION = "contract"
BODY_TIMEOUT = "BODY_TIMEOUT"
# libyaml reads a document ten times faster; PyYAML can be built without it.
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractApi(FlaskApi):
    """Connexion's Flask API with the validation, the injection and the responses of the chassis."""

    @classmethod
    def _set_jsonifier(cls) -> None:
        cls.jsonifier = Jsonifier(flask.json)

    def _add_operation_internal(self, method: str, path: str, operation: AbstractOperation) -> None:
        # Numbers in paths are checked by the validator (400), not by the router (404).
        types = operation.get_path_parameter_types()
        rest_of_path = {name: kind for name, kind in types.items() if kind == "path"}
        self.blueprint.add_url_rule(
            flaskify_path(path, rest_of_path),
            flaskify_endpoint(operation.operation_id),
            self._view(operation),
            methods=[method],
        )

    def _view(self, operation: AbstractOperation) -> Any:
        """Returns the way of a request: security, URI parsing, validation, handler."""
        validator = RequestValidator(operation)
        handler = self.resolver.resolve_function_from_operation_id(operation.operation_id)
        handle = parameter_to_arg(operation, handler)
        if self.validate_responses:
            handle = ResponseValidator(operation, operation.get_mimetype())(handle)

        def validate_and_handle(request: Any) -> Any:
            validator.check(request)
            return handle(request)

        parse_uri = self.options.uri_parser_class or operation._uri_parser_class
        parsed = parse_uri(operation.parameters, operation.body_definition)(validate_and_handle)
        secured = operation.security_decorator(parsed)
        mimetype = operation.get_mimetype()

        def view(**path_params: str) -> flask.Response:
            request = self.get_request(**path_params)
            return self.get_response(secured(request), mimetype, request)

        # There is nothing to inject: Flask-Injector shall not look for it on each request.
        view.__annotations__ = {}
        return view

    @classmethod
    def get_request(cls, *args: Any, **params: str) -> LazyRequest:
        """Reads the body of the current request.

        Raises:
            BadRequest: the body is cut off, or not encoded as its headers say.
            RequestEntityTooLarge: the body is larger than the settings allow.
            RequestTimeout: the body takes longer to arrive than the settings allow.
        """
        request = flask.request._get_current_object()  # type: ignore[attr-defined]
        try:
            with gevent.Timeout(flask.current_app.config[BODY_TIMEOUT], RequestTimeout):
                request.get_data()
                # A chunked body is cut at the limit without a word: is there more of it?
                environ = request.environ
                if "HTTP_TRANSFER_ENCODING" in environ and environ["wsgi.input"].read(1):
                    raise RequestEntityTooLarge
        except HTTPException:
            raise
        except Exception as error:  # each server has its own for what it cannot read
            raise BadRequest("The request body cannot be read.") from error
        made = LazyRequest(request, params)
        # What `connexion.context` is.
        request_ctx.connexion_context = made.context  # type: ignore[attr-defined]
        return made

    @classmethod
    def get_response(
        cls, response: Any, mimetype: str | None = None, request: Any = None
    ) -> flask.Response:
        """Makes a response of what a handler returns: a body, or (body, status, headers)."""
        if isinstance(response, flask.Response):
            return response
        body, status, headers = response, None, None
        if isinstance(response, tuple):
            body, status, headers, *_ = *response, None, None
        if body is None:
            empty = flask.current_app.response_class(status=status or 204, headers=headers)
            empty.headers.pop("Content-Type")
            return empty
        content = flask.json.dumps(body) if is_json_mimetype(mimetype) else body
        made = flask.current_app.response_class(content, status, headers, mimetype=mimetype)
        if made.location:
            # Handlers write it relative to the request, so they know no version and no prefix.
            made.location = urljoin(flask.request.root_path + flask.request.path, made.location)
        return made


def init_app(
    app: flask.Flask,
    injector: Injector,
    *documents: Path,
    validate_responses: bool,
    max_body_bytes: int,
    body_timeout: float,
) -> None:
    """Serves the operations of OpenAPI documents, each under the path of its first server.

    Args:
        app: the application.
        injector: gives handlers the services that they ask for.
        documents: one file for each version of the API.
        validate_responses: answer 500 where a response does not keep to its document.
        max_body_bytes: larger request bodies are refused with 413.
        body_timeout: seconds; a body that has not arrived by then is refused with 408.

    Raises:
        connexion.exceptions.InvalidSpecification: a document is not valid OpenAPI 3.0.
        AttributeError, ImportError: an operation has no handler.
    """
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    app.config[BODY_TIMEOUT] = body_timeout
    # A path with a slash too many is unknown, not moved.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = []
    for document in documents:
        content = yaml.load(document.read_text("utf-8"), _YAML_LOADER)  # noqa: S506 it is a safe one
        app.extensions[EXTENSION].append(content)
        api = ContractApi(
            content,
            resolver=InjectingResolver(injector),
            validate_responses=validate_responses,
            options={"swagger_ui": False, "serve_spec": False},
        )
        app.register_blueprint(api.blueprint)
