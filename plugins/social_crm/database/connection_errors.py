"""Why a connection to the warehouse failed and what to do about it, without repeating a password."""

import re
from typing import Final
from urllib.parse import urlsplit

import psycopg

from social_crm.errors import WarehouseUnreachable

# What the server, or the network on the way to it, said, for an address that libpq could read and find.
_SAID: Final = re.compile(r'connection to server at "([^"]*)"[^,]*, port (\d+) failed: (?:FATAL: *)?([^\n]*)')
# No part of any other address is repeated: an "@" or "/" in a password makes the rest of it look like a host.
_UNREADABLE: Final = (
    "its address cannot be read or found",
    "Write it as postgresql://role:password@host:port/database, signs such as @ and / in the password as %40 and %2F",
)
_REMEDIES: Final = (
    ("password", "Correct its URL, or run `python -m social_crm.database`, which sets passwords as the URLs say"),
    ("role .* does not exist", "Correct its URL, or run `python -m social_crm.database`, which makes the roles"),
    ("permission denied", "Run `python -m social_crm.database`, which says who may connect"),
    (
        "database .* does not exist",
        "Correct the database in its URL, or create it and run `python -m social_crm.database`",
    ),
    ("connection slots|too many", "Wait, end sessions that idle (pg_stat_activity), or raise max_connections"),
    ("starting up|shutting down|recovery", "Wait until it answers, then do this again"),
    ("no space left", "Make room on its disk, then do this again"),
    ("no pg_hba.conf entry", "Let this machine in (pg_hba.conf), with or without TLS as the message says"),
)
_ELSE: Final = "Start it, or correct host and port in its URL (see .env.example)"


def unreachable(url: str, error: psycopg.Error) -> WarehouseUnreachable:
    """Return the error to raise instead of libpq's, whose text may repeat parts of the URL."""
    role, told = urlsplit(url).username or "of the URL", _SAID.findall(str(error))
    if not told and not isinstance(error, psycopg.errors.ConnectionTimeout):
        reason, remedy = _UNREADABLE
        return WarehouseUnreachable(f"role {role} did not reach the warehouse: {reason}. {remedy}.")
    if not told:
        return WarehouseUnreachable(f"the warehouse did not answer role {role} in time. {_ELSE}.")
    host, port, reason = told[-1]
    remedy = next((remedy for pattern, remedy in _REMEDIES if re.search(pattern, reason, re.IGNORECASE)), _ELSE)
    return WarehouseUnreachable(f"the warehouse at {host}:{port} does not let role {role} in: {reason}. {remedy}.")
