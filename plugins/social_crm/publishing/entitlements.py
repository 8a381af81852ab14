"""Roles of BI users: which markets of `bi` each role sees, and with which password it logs in."""

import hmac
import re
from pathlib import Path

import psycopg
from psycopg import sql

from social_crm.errors import EntitlementRefused
from social_crm.seeds import SEEDS, read_seed

SEED = SEEDS / "market_entitlements.csv"
# The group through which every role of the seed reads `bi`; the policies decide which rows it gets.
GROUP = "bi_viewer"
# The group that may ask who a customer is. Superset uses a twin of the role, which is in both groups.
LOOKERS = "customer_360"
TWIN_SUFFIX = "_360"
# Its password is set separately, in WAREHOUSE_READER_URL: the demo and the gate read as this role.
READER = "bi_reader"
# How much a query may write to disk to sort or join what does not fit into memory.
MOST_ASIDE = "4GB"
_ROLE_NAME = re.compile(r"bi_(?!viewer$)(?!.*_360$)[a-z0-9_]{1,50}")


def role_password(secret: str, role_name: str) -> str:
    """Return the password of a role: hex HMAC-SHA256 of its name under WAREHOUSE_BI_SECRET, as Superset derives it."""
    return hmac.digest(secret.encode(), role_name.encode(), "sha256").hex()


def read_entitlements(seed: Path = SEED) -> list[tuple[str, str]]:
    """Return role and market of each row of the seed; raises EntitlementRefused naming a row that cannot be right."""
    rows = [(row["role_name"], row["market_code"]) for row in read_seed(seed)]
    for number, (role_name, market_code) in enumerate(rows, start=2):
        if not _ROLE_NAME.fullmatch(role_name) or not market_code:
            raise EntitlementRefused(
                f"{seed.name}, line {number}: role_name must be bi_ and lower-case letters, digits or _, not {GROUP},"
                f" not *{TWIN_SUFFIX}; market_code a market or all; not {role_name!r}, {market_code!r}. Correct it."
            )
    return rows


def ensure_roles(admin: psycopg.Connection, entitlements: list[tuple[str, str]], secret: str) -> None:
    """Create the seed's roles, let them read `bi`, and revoke this from roles that were removed from the seed."""
    roles = sorted({role_name for role_name, _ in entitlements})
    for role_name in roles:
        role = sql.Identifier(role_name)
        if role_name != READER:
            ensure_login(admin, role_name, role_password(secret, role_name))
            _ensure_twin(admin, role_name, secret)
        admin.execute(sql.SQL("grant {} to {}").format(sql.Identifier(GROUP), role))
        _limit(admin, role)
    for (role_name,) in admin.execute(_FORMER_ROLES, [GROUP, roles]).fetchall():
        admin.execute(sql.SQL("revoke {} from {}").format(sql.Identifier(GROUP), sql.Identifier(role_name)))


def _ensure_twin(admin: psycopg.Connection, role_name: str, secret: str) -> None:
    twin_name = role_name + TWIN_SUFFIX
    twin = sql.Identifier(twin_name)
    ensure_login(admin, twin_name, role_password(secret, twin_name))
    admin.execute(sql.SQL("grant {}, {} to {}").format(sql.Identifier(role_name), sql.Identifier(LOOKERS), twin))
    _limit(admin, twin)
    # Look-ups of customers are recorded, which a read-only transaction cannot do.
    admin.execute(sql.SQL("alter role {} set default_transaction_read_only = off").format(twin))


def _limit(admin: psycopg.Connection, role: sql.Identifier) -> None:
    """Let no reader's query fill the disk that everybody's data is on; only the administrator can lift this limit."""
    admin.execute(sql.SQL("alter role {} set temp_file_limit = {}").format(role, sql.Literal(MOST_ASIDE)))


def ensure_login(admin: psycopg.Connection, role_name: str, password: str) -> None:
    """Create a role that may log in with this password, or give this password to an existing one."""
    exists = admin.execute("select 1 from pg_roles where rolname = %s", [role_name]).fetchone()
    verb, role = sql.SQL("alter" if exists else "create"), sql.Identifier(role_name)
    # The server may log statements, so it gets the hash that it stores, not the password.
    kept = admin.pgconn.encrypt_password(password.encode(), role_name.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("{} role {} with login password {}").format(verb, role, sql.Literal(kept)))


def ensure_group(admin: psycopg.Connection, role_name: str) -> None:
    """Create a role as which nobody logs in, unless it exists."""
    if not admin.execute("select 1 from pg_roles where rolname = %s", [role_name]).fetchone():
        admin.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role_name)))


def store_entitlements(transformer: psycopg.Connection, entitlements: list[tuple[str, str]]) -> None:
    """Make `bi.market_entitlements` match the seed, as loading the seed does."""
    roles, markets = [role for role, _ in entitlements], [market for _, market in entitlements]
    transformer.execute("select ops.adopt_entitlements(%s::text[], %s::text[])", [roles, markets])


_FORMER_ROLES = """
select members.rolname
from pg_auth_members
inner join pg_roles as members on pg_auth_members.member = members.oid
inner join pg_roles as groups on pg_auth_members.roleid = groups.oid
where groups.rolname = %s and members.rolname <> all(%s)
"""
