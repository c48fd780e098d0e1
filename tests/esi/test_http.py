"""What may stand on the road to CCP."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from corpsync_tui.errors import NetworkError
from corpsync_tui.esi.http import Bounds, Http, user_agent
from corpsync_tui.esi.routes import RequestStats
from corpsync_tui.esi.secret import Secret
from corpsync_tui.esi.transports import SetupError
from tests.support.esi import CORPORATION, LeapingClock, connected
from tests.support.simulator import Simulator

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client(bounds: Bounds | None = None) -> AsyncIterator[Http]:
    http = Http(LeapingClock(), "", bounds or Bounds())
    try:
        yield http
    finally:
        await http.aclose()


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "self-signed.pem"
    file.write_bytes(pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("url", ["https://1.2.3.999/secret", "https://xn--zz/secret"])
@pytest.mark.parametrize("kind", [str, Secret])
async def test_an_address_that_cannot_be_asked_is_one_sentence(
    url: str, kind: type[str] | type[Secret]
) -> None:
    async with client() as http:
        with pytest.raises(SetupError) as caught:
            await http.send("GET", kind(url))
    assert caught.value.message == "the address cannot be used"


async def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nobody, "127.0.0.1", 0, ssl=_self_signed(tmp_path))
    port = server.sockets[0].getsockname()[1]
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    async with server, client() as http:
        with pytest.raises(NetworkError, match=r"certificate is refused$"):
            await http.send("GET", f"https://localhost:{port}/status")
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        with pytest.raises(SetupError, match="refused by those that SSL_CERT_DIR names"):
            await http.send("GET", f"https://localhost:{port}/status")


async def test_a_name_that_is_not_found_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: Any, **__: Any) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    async with client() as http:
        with pytest.raises(NetworkError, match=r"esi\.example is not found: is this computer onl"):
            await http.send("GET", "https://esi.example/status")


async def test_a_proxy_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with client() as http:
        with pytest.raises(NetworkError, match=r"esi\.example"):
            await http.send("GET", "https://esi.example/status")

        with pytest.raises(NetworkError, match="the proxy that HTTPS_PROXY names"):
            await http.send("GET", "https://esi.example/status")


PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x", "http://a:b"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
async def test_a_proxy_that_cannot_be_used_is_named_and_not_tried_again(
    simulator: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
    variable: str,
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, proxy)
    clock = LeapingClock()
    async with connected(
        simulator, tmp_path, clock, esi_url="https://esi.example", sso_url="https://sso.example"
    ) as connection:
        with pytest.raises(NetworkError, match=f"the proxy that {variable} names cannot be used"):
            await connection.client.get(
                CORPORATION, path={"corporation_id": 1}, traffic=RequestStats()
            )
        with pytest.raises(NetworkError, match=f"the proxy that {variable} names cannot be used"):
            await connection.sso.endpoints()
    assert clock.slept == []


async def test_certificates_that_are_not_there_are_named_and_not_tried_again(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    clock = LeapingClock()
    async with connected(simulator, tmp_path, clock, esi_url="https://esi.example") as connection:
        with pytest.raises(NetworkError, match=r"certificates .* that SSL_CERT_FILE names"):
            await connection.client.get(
                CORPORATION, path={"corporation_id": 1}, traffic=RequestStats()
            )
    assert clock.slept == []


async def test_this_computer_needs_neither_proxies_nor_certificates(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    async with client() as http:
        assert (await http.send("GET", f"{simulator.url}/status")).status == 200


async def test_a_silent_server_is_not_waited_for() -> None:
    def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, client(Bounds(read=0.2)) as http:
        with pytest.raises(NetworkError, match=r"no answer from 127\.0\.0\.1 within 0\.2 s"):
            await http.send("GET", f"http://127.0.0.1:{port}/status")
        for writer in writers:
            writer.close()


@pytest.mark.parametrize("contact", ["", "\r\nX-Evil: 1", "Ærøskøbing", "me@example.org"])
def test_the_contact_cannot_break_the_header(contact: str) -> None:
    agent = user_agent(contact)
    assert agent.isascii()
    assert agent.isprintable()
    assert agent.startswith("corpsync/")
