"""Airflow's connections, as the plain objects that sources understand."""

from airflow.sdk import Connection as AirflowConnection
from airflow.sdk.exceptions import AirflowNotFoundException

from social_crm.errors import CredentialRefused
from social_crm.sources.model import Connection


def source_connection(source: str) -> Connection:
    """Return the connection `<source>_api`; raises CredentialRefused if nobody has set it up."""
    connection_id = f"{source}_api"
    found = optional_connection(connection_id)
    if found is None:
        raise CredentialRefused(
            f"{source}: the Airflow connection {connection_id!r} does not exist or names no host; "
            f"create it in Airflow or set AIRFLOW_CONN_{connection_id.upper()} (see .env.example)"
        )
    return found


def optional_connection(connection_id: str) -> Connection | None:
    """Return a connection that a deployment may do without; None if nobody has set it up."""
    try:
        found = AirflowConnection.get(connection_id)
    except AirflowNotFoundException:
        return None
    if not found.host:
        return None
    port = {"port": found.port} if found.port else {}
    return Connection(
        url=found.host, login=found.login or "", secret=found.password or "", options={**port, **found.extra_dejson}
    )
