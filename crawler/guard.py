"""No connection to private addresses, whatever name or notation leads there, unless a source is marked `private`.

The check stands between name resolution and connection: the addresses that were looked at are those that are
connected to, so neither redirects nor names that change their meaning get around it. Proxies that the user
set in the environment are connected to as they are.
"""

import asyncio
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool
from zope.interface import implementer  # type: ignore[import-untyped]

# Forwarders to other addresses, and ranges that older libraries do not know to be special (IANA registries, 2024).
SPECIAL = [ip_network(text) for text in ("192.88.99.0/24", "64:ff9b:1::/48", "100::/64", "3fff::/20", "5f00::/16")]
NAT64 = IPv6Network("64:ff9b::/96")
LAST_32 = 0xFFFFFFFF


class PrivateAddress(IgnoreRequest):
    """A host lies at an address that is not of the public internet."""


def is_public(text: str) -> bool:
    """Return whether an IP address is of the public internet; addresses inside addresses count."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and (inner := _inner(address)):
        return is_public(str(inner))
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address in network for network in SPECIAL if network.version == address.version)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & LAST_32)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


class GuardedDownloads(HTTP11DownloadHandler):
    """Scrapy's handler for http and https with a pool that opens no private connection."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        source = getattr(crawler.spidercls, "source", None)
        if not (source and source.private):
            self._pool = _GuardedPool(self._pool, self._contextFactory)

    async def close(self) -> None:
        """Close what is kept open, and wait for that no longer than a moment.

        Scrapy's own ends the wait by a call that fails, with a traceback, when the closing is done in the same turn.
        """
        closing = self._pool.closeCachedConnections().asFuture(asyncio.get_running_loop())  # type: ignore[no-untyped-call]
        await asyncio.wait({closing}, timeout=self._disconnect_timeout)


class _GuardedPool(HTTPConnectionPool):
    def __init__(self, pool: HTTPConnectionPool, policy: Any) -> None:
        from twisted.internet import reactor

        super().__init__(reactor, persistent=pool.persistent)  # type: ignore[no-untyped-call]
        self.maxPersistentPerHost = pool.maxPersistentPerHost
        self._factory = pool._factory
        self._policy = policy

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:  # noqa: N802 (Twisted's)
        """Return a connection to the host of the key (scheme, host, port), or fail with PrivateAddress."""
        if key[0] in {b"http", b"https"} and "Tunneling" not in type(endpoint).__name__:
            endpoint = _GuardedEndpoint(self._reactor, self._policy, *key[:3])
        return super().getConnection(key, endpoint)


@implementer(IStreamClientEndpoint)
class _GuardedEndpoint:
    """Connects to a host unless one of its addresses is private. Costs nothing while an open connection serves."""

    def __init__(self, reactor: Any, policy: Any, scheme: bytes, host: bytes, port: int) -> None:
        self._reactor = reactor
        self._policy = policy
        self._scheme = scheme
        self._host = host
        self._port = port

    def connect(self, factory: Any) -> Deferred[Any]:
        """Return a connection to the host, or fail with PrivateAddress."""
        reactor = _GuardedReactor(self._reactor)
        endpoint: Any = HostnameEndpoint(reactor, self._host, self._port)
        if self._scheme == b"https":
            endpoint = wrapClientTLS(self._policy.creatorForNetloc(self._host, self._port), endpoint)

        def explained(failure: Failure) -> Failure:
            if refused := reactor.nameResolver.refused:
                message = f"{self._host.decode()} is at {refused}, which is no public address; see key 'private'"
                raise PrivateAddress(message)
            return failure

        connecting: Deferred[Any] = endpoint.connect(factory)
        return connecting.addErrback(explained)


@implementer(IReactorPluggableNameResolver)
class _GuardedReactor:
    """The reactor, but for its name resolver."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self.nameResolver = _GuardedResolver(reactor.nameResolver)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


@implementer(IHostnameResolver)
class _GuardedResolver:
    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver
        self.refused = ""

    def resolveHostName(self, receiver: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N802 (Twisted's)
        """Resolve a name; if any of its addresses is private it has none."""
        return self._resolver.resolveHostName(_Sifter(self, receiver), *args, **kwargs)


@implementer(IResolutionReceiver)
class _Sifter:
    """Holds addresses back until all are known."""

    def __init__(self, resolver: _GuardedResolver, receiver: Any) -> None:
        self._resolver = resolver
        self._receiver = receiver
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        """Called by the resolver."""
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        """Called by the resolver."""
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Called by the resolver: hand over the addresses, or none of them."""
        self._resolver.refused = next((found.host for found in self._addresses if not is_public(found.host)), "")
        for address in [] if self._resolver.refused else self._addresses:
            self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()
