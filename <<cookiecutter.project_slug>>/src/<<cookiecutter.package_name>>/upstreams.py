"""The services that this one calls: which implementation asks them."""

from injector import Binder, Module, singleton

<% if cookiecutter.metrics %>
from chassis.http_client.metrics import MeasuredSession
<% else %>
from chassis.http_client import UpstreamSession
<% endif %>

from .related.http import HttpRecommendations
from .related.recommendations import Recommendations
from .related.service import RelatedService
from .settings import UpstreamsSettings


class Upstreams(Module):
    """The bindings of what asks other services; tests override them as they do others."""

    def __init__(self, settings: UpstreamsSettings) -> None:
<% if cookiecutter.metrics %>
        self._recommendations = MeasuredSession("recommendations", settings.recommendations)
<% else %>
        self._recommendations = UpstreamSession("recommendations", settings.recommendations)
<% endif %>

    def configure(self, binder: Binder) -> None:
        binder.bind(Recommendations, to=HttpRecommendations(self._recommendations))
        binder.bind(RelatedService, scope=singleton)
