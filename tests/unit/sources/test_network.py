"""Where a connector may go."""

import pytest

from social_crm.errors import ContractBroken
from social_crm.sources.dropped.inbox import Inbox
from social_crm.sources.model import Connection
from social_crm.sources.web import network
from social_crm.sources.web.network import origin, refuse_forbidden_url


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1/",
        "https:///nothing",
    ],
)
def test_addresses_no_source_may_have_are_refused(url: str) -> None:
    with pytest.raises(ContractBroken, match=r"^x\.posts: "):
        refuse_forbidden_url(url, "x.posts")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8099/x", "http://localhost:8099", "http://[::1]:1/", "https://10.0.0.5/"]
)
def test_loopback_written_as_such_and_private_networks_are_allowed(url: str) -> None:
    refuse_forbidden_url(url, "x.posts")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254"])
def test_a_name_that_resolves_to_a_forbidden_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(network.socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", (address, 0))])
    with pytest.raises(ContractBroken, match=address):
        refuse_forbidden_url("https://api.example.com", "x.posts")


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin("https://API.x.com/2") == origin("https://api.x.com:443/9") == ("https", "api.x.com", 443)
    assert origin("http://api.x.com") != origin("https://api.x.com")


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("s3://drops/calls", "http://169.254.169.254/"),
        ("HTTP://169.254.169.254/latest", ""),
        ("simplecache::https://100.100.100.200/calls", ""),
    ],
)
def test_files_are_fetched_from_no_forbidden_address(url: str, endpoint: str) -> None:
    with pytest.raises(ContractBroken, match="an address no source may have"):
        Inbox(Connection(url, options={"endpoint_url": endpoint}))
    Inbox(Connection("s3://drops/calls", options={"endpoint_url": "http://127.0.0.1:9"}))
