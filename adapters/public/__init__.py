"""Outbound HTTP to addresses that users give us: pictures to fetch, webhooks to call.

Nothing inside our own network can be reached through it, and nobody can keep it busy for long.
"""

from adapters.public.addresses import Lookup
from adapters.public.checks import refuse_impossible
from adapters.public.client import PublicClient
from adapters.public.failures import AddressRefused, FetchFailed, TookTooLong

__all__ = ["AddressRefused", "FetchFailed", "Lookup", "PublicClient", "TookTooLong", "refuse_impossible"]
