"""The server: gunicorn's worker, how it starts and ends, the probes, and the proxies in front."""

from .base_url import init_app as init_base_url
from .health import init_app as init_health
from .lifecycle import check as check_lifecycle
from .lifecycle import ending, handle_signals
from .listening import check_server as check_addresses
from .listening import fault as address_fault
from .proxies import init_app as init_proxies
from .restarts import end as end_restart
from .restarts import note_end
from .restarts import prepare as prepare_restart
from .restarts import wait as wait_for_restart
from .worker import TURN_TO_TELL, Worker

__all__ = [
    "TURN_TO_TELL",
    "Worker",
    "address_fault",
    "check_addresses",
    "check_lifecycle",
    "end_restart",
    "ending",
    "handle_signals",
    "init_base_url",
    "init_health",
    "init_proxies",
    "note_end",
    "prepare_restart",
    "wait_for_restart",
]
