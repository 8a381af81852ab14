"""Where a connector may go: only the configured host, never an address inside the machine or the cloud's metadata."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from social_crm.errors import ContractBroken
from social_crm.sources.wording import without_secrets

# Metadata services outside the link-local block: AWS over IPv6, Alibaba.
_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port, to which a credential belongs."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def refuse_forbidden_url(url: str, context: str) -> None:
    """Raise ContractBroken unless the URL is HTTP(S) to an address a source may have."""
    try:
        scheme, host, _ = origin(url)
    except ValueError:
        raise ContractBroken(f"{context}: the connection's URL is no address; correct its host and port") from None
    if scheme not in ("http", "https") or not host:
        raise ContractBroken(f"{context}: the address has scheme {scheme!r}; a source is reached by http or https")
    is_local = is_loopback_name(host)
    for address in _addresses(host):
        if (address.is_loopback and not is_local) or _is_forbidden(address):
            raise ContractBroken(
                f"{context}: {host} leads to {address}, an address no source may have; correct the connection's URL"
            )


def refuse_forbidden_store(url: str, endpoint: str) -> None:
    """Raise ContractBroken if files are fetched over HTTP from an address no source may have."""
    for address in (url.rpartition("::")[2], endpoint):
        if address.lower().startswith(("http:", "https:")):
            refuse_forbidden_url(address, without_secrets(url))


def is_loopback_name(host: str) -> bool:
    """Tell whether the name of a host means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_forbidden(address: IPv4Address | IPv6Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA


def _addresses(host: str) -> list[IPv4Address | IPv6Address]:
    """Resolve as the connection will, so that 2852039166 or a DNS name cannot hide 169.254.169.254."""
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return []  # the request itself reports an unknown host; a proxy may still know it
    addresses = [ip_address(text) for text in sorted(found)]
    return [getattr(address, "ipv4_mapped", None) or address for address in addresses]
