"""A collector of traces: it takes OTLP over HTTP, in protobuf, and keeps it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATH: Final = "/v1/traces"


@dataclass
class Collected:
    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> Iterator[tuple[str, Span]]:
        """Each with the service it is of."""
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                attributes = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scope in resource.scope_spans:
                    yield from ((attributes["service.name"], span) for span in scope.spans)


@contextmanager
def collecting() -> Iterator[Collected]:
    collected = Collected()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == PATH
            collected.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        collected.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield collected
        finally:
            server.shutdown()
            serving.join()
