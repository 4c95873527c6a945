"""The contract: Connexion makes routes of the OpenAPI document."""

from pathlib import Path
from typing import Any

import flask
import gevent
from connexion.apis.flask_api import FlaskApi
from connexion.apis.flask_utils import flaskify_endpoint
from connexion.exceptions import ResolverError
from connexion.operations import AbstractOperation
from flask.globals import request_ctx
from injector import Injector
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
)

from .. import routes
from ..start import raised_by_a_module
from .arguments import Call
from .checks import check_arguments, check_document, check_path, check_security
from .compilers import Compilers
from .document import ContractError, MistakeError, read
from .injection import InjectingResolver
from .lazy_request import LazyRequest
from .mistakes import line, reason_of
from .operation import Operation, find
from .outline import check, outline
from .responses import Responder
from .routing import route, shape
from .validation import RequestValidator

EXTENSION = "contract"
BODY_TIMEOUT = "BODY_TIMEOUT"


class ContractApi(FlaskApi):
    """Connexion's Flask API with the validation, the injection and the responses of the chassis."""

    def __init__(
        self,
        document: dict[str, Any],
        injector: Injector,
        *,
        validate_responses: bool,
        require_security: bool,
    ) -> None:
        """Makes the routes.

        Args:
            document: as it is written; its references stay within it.
            injector: gives handlers the services that they ask for.
            validate_responses: answer 500 where a response does not keep to the document.
            require_security: refuse a security scheme that can let nobody in.

        Raises:
            MistakeError: an operation cannot be served.
            InvalidSpecification: the document is not valid OpenAPI 3.0.
        """
        check(document)
        self.document = document
        self._require_security = require_security
        self._compilers = Compilers(document)
        check_document(document, self._compilers.schemas)
        self.paths: dict[str, str] = {}
        """The paths of the document, by the endpoints of Flask."""
        self._unique: dict[str, str] = {}
        """The operations, by what no other one may have."""
        super().__init__(
            outline(document, self._compilers.schemas),
            resolver=InjectingResolver(injector),
            validate_responses=validate_responses,
            options={"swagger_ui": False, "serve_spec": False},
        )

    def add_operation(self, path: str, method: str) -> None:
        """Adds an operation of the document.

        Raises:
            MistakeError: it cannot be served.
        """
        try:
            super().add_operation(path, method)
        except Exception as error:
            cause = error.exc_info[1] if isinstance(error, ResolverError) else error
            if raised_by_a_module(cause):
                raise cause from cause.__cause__
            inside = cause.place if isinstance(cause, MistakeError) else ()
            reason = self._why_no_handler(path, method, error) or reason_of(cause)
            raise MistakeError(reason, "paths", path, method, *inside) from cause

    def _why_no_handler(self, path: str, method: str, error: Exception) -> str | None:
        definition = self.specification["paths"][path][method]
        name = definition.get("operationId")
        if not name:
            return "there is no operationId"
        if "." not in name and not definition.get("x-openapi-router-controller"):
            return "there is no x-openapi-router-controller"
        if isinstance(error, ResolverError):
            return f"there is no handler for operationId {name}: {error.exc_info[1]}"
        return None

    def _add_operation_internal(self, method: str, path: str, operation: AbstractOperation) -> None:
        described = find(self.document, self._compilers.schemas, path, method)
        check_path(path, described)
        name = flaskify_endpoint(operation.operation_id)
        rule = route(path, described.parameters)
        for unique, what in (
            (name, "operationId"),
            (f"{method} {shape(rule)}", "path but for the names in it"),
        ):
            if unique in self._unique:
                raise MistakeError(f"{self._unique[unique]} has the same {what}")
            self._unique[unique] = f"{method.upper()} {path}"
        self.paths[f"{self.blueprint.name}.{name}"] = self.base_path + path
        self.blueprint.add_url_rule(
            rule,
            name,
            self._view(operation, described),
            methods=[method],
        )

    def _view(self, operation: AbstractOperation, described: Operation) -> Any:
        """Returns the way of a request: security, validation, handler, response."""
        factory = self.security_handler_factory
        check_security(described, factory, required=self._require_security)
        validator = RequestValidator(described, self._compilers)
        handler = self.resolver.resolve_function_from_operation_id(operation.operation_id)
        call = Call(handler)
        check_arguments(
            call, described, validator.names(always=True), validator.names(always=False)
        )
        responder = Responder(described, self._compilers, validate=self.validate_responses)

        def validate_and_handle(request: LazyRequest) -> flask.Response:
            arguments = validator.arguments(request)
            return responder.respond(call(arguments, request.context))

        secured = operation.security_decorator(validate_and_handle)

        def view(**path_params: str) -> flask.Response:
            response: flask.Response = secured(read_request(path_params))
            return response

        # There is nothing to inject: Flask-Injector shall not look for it on each request.
        view.__annotations__ = {}
        return view


def read_request(path_params: dict[str, str]) -> LazyRequest:
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
    made = LazyRequest(request, path_params)
    # What `connexion.context` is.
    request_ctx.connexion_context = made.context  # type: ignore[attr-defined]
    return made


def init_app(
    app: flask.Flask,
    injector: Injector,
    *documents: Path,
    validate_responses: bool,
    max_body_bytes: int,
    body_timeout: float,
    require_security: bool = False,
) -> None:
    """Serves the operations of OpenAPI documents, each under the path of its first server.

    Args:
        app: the application.
        injector: gives handlers the services that they ask for.
        documents: one file for each version of the API.
        validate_responses: answer 500 where a response does not keep to its document.
        max_body_bytes: larger request bodies are refused with 413.
        body_timeout: seconds; a body that has not arrived by then is refused with 408.
        require_security: refuse a security scheme that can let nobody in, instead of logging a line.

    Raises:
        ContractError: a document is not valid OpenAPI 3.0, or an operation has no handler.
    """
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    # A field of a form may be as large as the whole.
    app.config["MAX_FORM_MEMORY_SIZE"] = max_body_bytes
    app.config[BODY_TIMEOUT] = body_timeout
    # A path with a slash too many is unknown, not moved.
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = {}
    for document in documents:
        content = None
        try:
            content = read(document)
            api = ContractApi(
                content,
                injector,
                validate_responses=validate_responses,
                require_security=require_security,
            )
            if api.blueprint.name in app.blueprints:
                base = api.base_path or "/"
                raise MistakeError(f"another document is served at {base}, too", "servers")
            app.register_blueprint(api.blueprint)
        except Exception as error:
            if raised_by_a_module(error):
                raise
            raise ContractError(line(error, document, content)) from error
        app.extensions[EXTENSION][api.base_path] = content
        routes.name(app, api.paths)


def check_routes(app: flask.Flask) -> None:
    """Checks that the operations of the contract take no path from the service itself, and the other way round.

    Args:
        app: the application, with all its routes.

    Raises:
        ContractError: two routes have one path; the message names it.
    """
    if lost := routes.lost(app):
        raise ContractError(f"contract: {lost}: the service has a route of its own at this path")


def documents() -> list[dict[str, Any]]:
    """Returns the documents that the current application serves, in their order."""
    return list(flask.current_app.extensions[EXTENSION].values())
