"""Sends spans to a Jaeger agent or collector, as Thrift in the compact protocol by UDP.

The client's reporter waits for an event loop, which never runs in a gevent worker.
"""

import logging
import queue
import socket
import threading
from typing import Any

from jaeger_client import Span, thrift
from jaeger_client.reporter import NullReporter
from jaeger_client.thrift_gen.agent.Agent import emitBatch_args
from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TMessageType
from thrift.transport.TTransport import TMemoryBuffer

log = logging.getLogger(__name__)

CAPACITY_SPANS = 2000
BATCH_SPANS = 20
INTERVAL_SECONDS = 1.0
CLOSE_SECONDS = 3.0
# The size of a UDP packet over IPv4, with room for the headers.
PACKET_BYTES = 65_000


class UdpReporter(NullReporter):
    """Collects finished spans in memory; a thread sends them in batches."""

    def __init__(self, host: str, port: int, interval: float = INTERVAL_SECONDS) -> None:
        """Starts the thread.

        Args:
            host: the name or address of the agent.
            port: the UDP port of the agent.
            interval: the longest time in seconds that a span waits in a batch.
        """
        self._address = host, port
        self._interval = interval
        self._spans: queue.Queue[Span | None] = queue.Queue(CAPACITY_SPANS)
        self._socket: socket.socket | None = None
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="jaeger-reporter", daemon=True)
        self._thread.start()

    def set_process(self, service_name: str, tags: Any, max_length: int) -> None:
        """Sets the description of this process, which is part of each batch."""
        self._process = thrift.make_process(service_name, tags, max_length)

    def report_span(self, span: Span) -> None:
        """Queues a finished span; drops it if the queue is full."""
        try:
            self._spans.put_nowait(span)
        except queue.Full:
            self._fail("too many spans wait")

    def close(self) -> None:
        """Sends the waiting spans, and ends the thread."""
        self._spans.put(None)
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        batch: list[Span] = []
        running = True
        while running:
            try:
                span = self._spans.get(timeout=self._interval if batch else None)
            except queue.Empty:
                span = None
            else:
                running = span is not None
            if span is not None:
                batch.append(span)
            if batch and (span is None or len(batch) >= BATCH_SPANS):
                self._send(batch)
                batch = []
        if self._socket:
            self._socket.close()

    def _send(self, spans: list[Span]) -> None:
        try:
            packet = self._encode(spans)
            if len(packet) > PACKET_BYTES and len(spans) > 1:
                middle = len(spans) // 2
                self._send(spans[:middle])
                self._send(spans[middle:])
                return
            self._socket = self._socket or self._connect()
            self._socket.send(packet)
            self._failing = False
        except Exception as error:  # the thread continues with the next spans
            self._socket = None
            self._fail(error)

    def _connect(self) -> socket.socket:
        family, kind, _, _, address = socket.getaddrinfo(*self._address, type=socket.SOCK_DGRAM)[0]
        connection = socket.socket(family, kind)
        connection.connect(address)
        return connection

    def _encode(self, spans: list[Span]) -> bytes:
        buffer = TMemoryBuffer()
        protocol = TCompactProtocol(buffer)
        protocol.writeMessageBegin("emitBatch", TMessageType.ONEWAY, 1)
        emitBatch_args(thrift.make_jaeger_batch(spans, self._process)).write(protocol)
        protocol.writeMessageEnd()
        packet: bytes = buffer.getvalue()
        return packet

    def _fail(self, reason: object) -> None:
        if not self._failing:
            self._failing = True
            log.warning("spans are lost: %s", reason)
