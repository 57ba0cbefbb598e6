"""Whose certificates the public client believes: the name's, never the address's."""

import datetime as dt
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.fetches import fetch, fetching, refused
from tests.servers.site import OK, opened


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `trusted` believes them and nobody else's."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.certificate.public_bytes(PEM).decode())

    def server(self, name: str, seen: list[str]) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        signed = certificate(name, key, self.key, is_authority=False)
        file = self.folder / f"{name}.pem"
        file.write_bytes(signed.public_bytes(PEM) + key.private_bytes(PEM, KEY_FORMAT, UNLOCKED))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.sni_callback = lambda _socket, sni, _context: seen.append(sni or "")
        return context


PEM = serialization.Encoding.PEM
KEY_FORMAT = serialization.PrivateFormat.PKCS8
UNLOCKED = serialization.NoEncryption()
AUTHORITY = "the authority of the tests"


def certificate(
    name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    at = dt.datetime.now(dt.UTC)
    basic = x509.BasicConstraints(ca=is_authority, path_length=None)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - dt.timedelta(hours=1))
        .not_valid_after(at + dt.timedelta(hours=1))
        .add_extension(basic, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_key, critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(tmp_path, key, certificate(AUTHORITY, key, key, is_authority=True))


async def test_tls_speaks_of_the_name_and_not_of_the_address(authority: Authority) -> None:
    seen: list[str] = []
    async with (
        opened(tls=authority.server("shop.example", seen)) as site,
        fetching(verify=authority.trusted) as client,
    ):
        site.answers["/a"] = OK + b"Content-Length: 1\r\n\r\nx"
        assert (await fetch(client, site.url("/a", "shop.example", "https"))).content == b"x"
        assert seen == ["shop.example"]
        assert f"host: shop.example:{site.port}" in site.requests[0].lower()


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1", "127.0.0.1.example"])
async def test_a_certificate_of_another_name_is_refused(authority: Authority, host: str) -> None:
    async with (
        opened(tls=authority.server("shop.example", [])) as site,
        fetching(verify=authority.trusted) as client,
    ):
        assert "could not be reached" in (await refused(client, site.url("/a", host, "https"))).message
        assert site.requests == []


async def test_a_certificate_of_nobody_known_is_refused(authority: Authority) -> None:
    async with opened(tls=authority.server("shop.example", [])) as site, fetching() as client:
        await refused(client, site.url("/a", "shop.example", "https"))
        assert site.requests == []
