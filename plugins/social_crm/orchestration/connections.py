"""Airflow's connections as the plain objects that sources understand."""

import json
import os
import re
from collections.abc import Mapping

from airflow.sdk import Connection as AirflowConnection
from airflow.sdk.exceptions import AirflowNotFoundException

from social_crm.errors import ConnectionUnusable, CredentialRefused
from social_crm.sources.model import Connection, Source
from social_crm.sources.options import refuse_unknown
from social_crm.sources.wording import meant_by

_KNOWN = ("conn_type", "description", "host", "login", "password", "schema", "port", "extra", "uri")
_URI = re.compile(r"[a-z][\w+.-]*://", re.IGNORECASE)


def source_connection(source: Source) -> Connection:
    """Return the connection `<source>_api`; raises CredentialRefused if it is not set up."""
    connection_id = f"{source.name}_api"
    found = optional_connection(connection_id, source.options)
    if found is None:
        raise CredentialRefused(
            f"{source.name}: the Airflow connection {connection_id!r} does not exist or names no host; "
            f"create it in Airflow or set AIRFLOW_CONN_{connection_id.upper()} (see .env.example)"
        )
    return found


def optional_connection(connection_id: str, options: Mapping[str, str]) -> Connection | None:
    """Return an optional connection; None if it is not set up.

    Raises ConnectionUnusable for an option beside those that are read, and for a variable that Airflow cannot read, of
    which it says that there is no connection.
    """
    variable = f"AIRFLOW_CONN_{connection_id.upper()}"
    _refuse_unreadable(variable, os.environ.get(variable, "").strip())
    try:
        found = AirflowConnection.get(connection_id)
    except AirflowNotFoundException:
        return None
    if not found.host:
        return None
    port = {"port": found.port} if found.port else {}
    connection = Connection(
        url=found.host, login=found.login or "", secret=found.password or "", options={**port, **found.extra_dejson}
    )
    refuse_unknown(connection_id, connection, options)
    return connection


def _refuse_unreadable(variable: str, value: str) -> None:
    if not value or _URI.match(value):
        return
    fields = _object(value)
    if fields is None:
        raise ConnectionUnusable(f"{variable} is not a JSON object: is a quote, a comma or the last brace missing?")
    if unknown := sorted(fields.keys() - {*_KNOWN}):
        remedy = meant_by(unknown, _KNOWN, "the source's own options stand in extra")
        raise ConnectionUnusable(f"{variable} has no key {', '.join(map(repr, unknown))}: {remedy}")
    extra = fields.get("extra")
    if extra and not isinstance(extra, dict) and _object(extra) is None:
        raise ConnectionUnusable(f"{variable}: its extra is not a JSON object")
    if not str(fields.get("port") or 0).isdecimal():
        raise ConnectionUnusable(f"{variable}: its port is not a number")


def _object(text: object) -> dict[str, object] | None:
    try:
        read = json.loads(str(text))
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
