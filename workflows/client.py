"""One way to reach Temporal, for the API, the worker and the command line alike."""

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from schema.settings import Settings
from telemetry import traces
from workflows.codec import data_converter
from workflows.trail import TrailInterceptor


async def connect(settings: Settings, *, lazy: bool = True) -> Client:
    """Lazy connects at the first call, so that a service can start while Temporal is away."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        tls=_tls(settings),
        data_converter=data_converter(settings),
        interceptors=[*traces.interceptors(), TrailInterceptor()],
        lazy=lazy,
    )


def is_unknown(error: RPCError) -> bool:
    """Temporal knows of no such workflow. Where the whole namespace is gone it knows nothing of any."""
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    gone = any(each.Is(NamespaceNotFoundFailure.DESCRIPTOR) for each in error.grpc_status.details)
    return not gone and not error.message.startswith("Namespace ")  # a start with a question has no details


def _tls(settings: Settings) -> TLSConfig | bool:
    cert, key = settings.temporal_tls_client_cert_path, settings.temporal_tls_client_key_path
    if cert and key:
        return TLSConfig(client_cert=cert.read_bytes(), client_private_key=key.read_bytes())
    return settings.temporal_tls or settings.temporal_api_key is not None
