"""Servers whose TLS is wrong or slow, and one certificate authority that the crawl is told to trust."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hostile_sites import READ, Causes
from hostile_wire import FOREVER, Host, well

SLOW = 0.3  # seconds that each piece waits on a slow line
HOSTS = [f"127.0.0.{last}" for last in range(60, 90)]


class Authority:
    """Signs certificates; `path` is its own, in PEM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        self.path = folder / "authority.pem"
        self.path.write_bytes(_pem(self._sign(self._name, self._key, 1, [], authority=True)))

    def context(self, hosts: list[str], *, days: int = 9, own: bool = False) -> ssl.SSLContext:
        """Return the server's side of a certificate for addresses, signed here or by its `own` key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Server of the tests")])
        made = self._sign(name, key, days, hosts, own=own)
        plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = self._folder / f"server{len(list(self._folder.iterdir()))}.pem"
        path.write_bytes(key.private_bytes(*plain) + _pem(made))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        days: int,
        hosts: list[str],
        *,
        own: bool = False,
        authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name if own else self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=days))
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host)) for host in hosts])
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        builder = builder.add_extension(names, critical=False) if hosts else builder
        return builder.sign(key if own else self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


async def stalled(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Take the first message of the handshake and say nothing."""
    await reader.read(1)
    await asyncio.sleep(FOREVER)


def through(inner: Host) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return a slow line to another host."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address, port = inner.address.split(":")
        far_reader, far_writer = await asyncio.open_connection(address, int(port))
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))

    return relay


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(1000):
            await asyncio.sleep(SLOW)
            writer.write(piece)
            await writer.drain()
    writer.close()


def tls_hosts(authority: Authority) -> dict[str, tuple[Host, Causes]]:
    """Return hosts by name, with the causes that health may name."""
    good = authority.context(HOSTS)
    inner = Host(well, good)
    return {
        "tls_inner": (inner, READ),
        "tls_expired": (Host(well, authority.context(HOSTS, days=-1)), {"tls"}),
        "tls_self_signed": (Host(well, authority.context(HOSTS, own=True)), {"tls"}),
        "tls_wrong_host": (Host(well, authority.context(["127.9.9.9"])), {"tls"}),
        "tls_stalled": (Host(well, raw=stalled, scheme="https"), {"tls", "connection"}),
        "tls_slow": (Host(well, raw=through(inner), scheme="https"), READ),
        "tls_not": (Host(well, scheme="https"), {"tls", "connection"}),
    }
