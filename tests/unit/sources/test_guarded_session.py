"""What a session lets through, and how it fails."""

import ssl
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests import Request

from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import x_connection
from social_crm.errors import ContractBroken, SourceUnavailable
from social_crm.sources.web.guarded_session import GuardedSession, Limits

HASTY = Limits(attempts=2, connect_timeout_seconds=1, read_timeout_seconds=1)


def send(session: GuardedSession, url: str) -> None:
    session.send(session.prepare_request(Request("GET", url)))


@pytest.mark.parametrize(
    "link",
    ["{other}/next", "https://127.0.0.1:{port}/next", "file:///etc/passwd", "http://169.254.169.254/next?token=canary"],
    ids=["other host", "other scheme", "file", "metadata"],
)
def test_a_next_link_outside_the_configured_origin_is_refused(fake_api: FakeApi, link: str) -> None:
    with FakeApi() as other:
        session = GuardedSession(fake_api.url, "x.posts", HASTY)
        url = link.format(other=other.url, port=fake_api.server.server_address[1])
        with pytest.raises(ContractBroken, match="outside the configured host") as caught:
            session.send(Request("GET", url).prepare())
        assert other.asked == fake_api.asked == []
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://nosuch.invalid", r"nosuch\.invalid: NameResolutionError"),
        ("http://127.0.0.1:9", r"127\.0\.0\.1: NewConnectionError"),
    ],
    ids=["unknown host", "refused"],
)
def test_a_host_that_cannot_be_reached_is_named_by_cause_after_bounded_tries(
    naps: list[float], url: str, cause: str
) -> None:
    with pytest.raises(SourceUnavailable, match=f"^x.posts: {cause}; try again later$"):
        send(GuardedSession(url, "x.posts", HASTY), f"{url}/2?token=canary")
    assert len(naps) == 1


def test_backoff_is_jittered_and_bounded(fake_api: FakeApi, naps: list[float]) -> None:
    fake_api.respond = lambda asked: Answer("", 503)
    with pytest.raises(SourceUnavailable):
        send(GuardedSession(fake_api.url, "x.posts", Limits(attempts=9, longest_backoff_seconds=3)), fake_api.url)
    assert len(naps) == 8
    assert max(naps) <= 3
    assert len(set(naps)) == 8


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[FakeApi]:
    """Serve HTTPS with a certificate that nobody vouches for and that has expired."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path / "certificate.pem"
    file.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    api = FakeApi()
    api.server.socket = context.wrap_socket(api.server.socket, server_side=True)
    api.url = api.url.replace("http:", "https:")
    threading.excepthook = lambda _: None
    with api:
        yield api
    threading.excepthook = threading.__excepthook__


def test_an_invalid_certificate_fails_closed_at_once(self_signed: FakeApi, naps: list[float]) -> None:
    secret = uuid4().hex
    with pytest.raises(ContractBroken, match=r"TLS certificate of https://127\.0\.0\.1:.* is not valid") as caught:
        send(GuardedSession(self_signed.url, "x.posts", HASTY), f"{self_signed.url}/?token={secret}")
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert self_signed.asked == []
    assert naps == []


def test_options_of_a_connection_change_the_limits() -> None:
    assert Limits.of(x_connection("http://127.0.0.1:9", attempts="2"), "x.posts").attempts == 2
    with pytest.raises(ContractBroken, match=r"^x\.posts: the connection's options .*body_bytes must be numbers"):
        Limits.of(x_connection("http://127.0.0.1:9", body_bytes="64 MB"), "x.posts")


@pytest.mark.parametrize("url", ["https://host:canary", "https://[canary"])
def test_a_url_that_is_no_address_is_named_as_one_without_what_it_holds(url: str) -> None:
    with pytest.raises(ContractBroken, match=r"^x\.posts: the connection's URL is no address"):
        GuardedSession(url, "x.posts", HASTY)


def test_runs_that_share_a_budget_of_requests_wait_for_each_other_and_all_end(fake_api: FakeApi) -> None:
    per_second, readers, requests = 3, 4, 3
    counted: dict[int, int] = {}
    turn = threading.Lock()

    def answer(asked: Asked) -> Answer:
        with turn:
            second = int(time.time())
            counted[second] = counted.get(second, 0) + 1
            return Answer({}) if counted[second] <= per_second else Answer({}, 429, {"Retry-After": "1"})

    def read_all(reader: int) -> int:
        session = GuardedSession(fake_api.url, f"x.posts of run {reader}", Limits())
        for _ in range(requests):
            send(session, f"{fake_api.url}/2")
        return requests

    fake_api.respond = answer
    with ThreadPoolExecutor(readers) as runs:
        assert list(runs.map(read_all, range(readers))) == [requests] * readers
    assert len(fake_api.asked) > readers * requests
