"""Roles of BI users: who sees which markets of `bi`, and with which password a role logs in."""

import hmac
import re
from pathlib import Path

import psycopg
from psycopg import sql

from social_crm.errors import EntitlementRefused
from social_crm.seeds import SEEDS, read_seed

SEED = SEEDS / "market_entitlements.csv"
# The group through which every role of the seed reads `bi`; what rows it gets there is the policies' business.
GROUP = "bi_viewer"
# The group that may ask who a customer is. Superset asks as a role's twin, which is in both groups.
LOOKERS = "customer_360"
TWIN_SUFFIX = "_360"
# Its password is its own, in WAREHOUSE_READER_URL: the demo and the gate read by it.
READER = "bi_reader"
# What a query may lay aside on the disk, to sort or to join more than fits into memory.
MOST_ASIDE = "4GB"
_ROLE_NAME = re.compile(r"bi_(?!viewer$)(?!.*_360$)[a-z0-9_]{1,50}")


def role_password(secret: str, role_name: str) -> str:
    """Return the password of a role: hex HMAC-SHA256 of its name under WAREHOUSE_BI_SECRET, as Superset derives it."""
    return hmac.digest(secret.encode(), role_name.encode(), "sha256").hex()


def read_entitlements(seed: Path = SEED) -> list[tuple[str, str]]:
    """Return role and market of each row of the seed; raises EntitlementRefused naming a row that cannot be meant."""
    rows = [(row["role_name"], row["market_code"]) for row in read_seed(seed)]
    for number, (role_name, market_code) in enumerate(rows, start=2):
        if not _ROLE_NAME.fullmatch(role_name) or not market_code:
            raise EntitlementRefused(
                f"{seed.name}, line {number}: role_name must be bi_ and lower-case letters, digits or _, not {GROUP},"
                f" not *{TWIN_SUFFIX}; market_code a market or all; not {role_name!r}, {market_code!r}. Correct it."
            )
    return rows


def ensure_roles(admin: psycopg.Connection, entitlements: list[tuple[str, str]], secret: str) -> None:
    """Create the seed's roles, let them read `bi`, and take that from roles which left the seed."""
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
    # Looks are written down, which a read-only transaction cannot.
    admin.execute(sql.SQL("alter role {} set default_transaction_read_only = off").format(twin))


def _limit(admin: psycopg.Connection, role: sql.Identifier) -> None:
    """Let no query of a reader fill the disk, on which everybody's data lies; only the administrator can undo it."""
    admin.execute(sql.SQL("alter role {} set temp_file_limit = {}").format(role, sql.Literal(MOST_ASIDE)))


def ensure_login(admin: psycopg.Connection, role_name: str, password: str) -> None:
    """Create a role that may log in with this password, or give it this password."""
    exists = admin.execute("select 1 from pg_roles where rolname = %s", [role_name]).fetchone()
    verb, role = sql.SQL("alter" if exists else "create"), sql.Identifier(role_name)
    # The server logs statements that fail, or all: it gets what it keeps of a password, not the password.
    kept = admin.pgconn.encrypt_password(password.encode(), role_name.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("{} role {} with login password {}").format(verb, role, sql.Literal(kept)))


def ensure_group(admin: psycopg.Connection, role_name: str) -> None:
    """Create a role that nobody logs in as, unless it exists."""
    if not admin.execute("select 1 from pg_roles where rolname = %s", [role_name]).fetchone():
        admin.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role_name)))


def store_entitlements(transformer: psycopg.Connection, entitlements: list[tuple[str, str]]) -> None:
    """Make `bi.market_entitlements` what the seed says, as loading the seed does."""
    roles, markets = [role for role, _ in entitlements], [market for _, market in entitlements]
    transformer.execute("select ops.adopt_entitlements(%s::text[], %s::text[])", [roles, markets])


_FORMER_ROLES = """
select members.rolname
from pg_auth_members
inner join pg_roles as members on pg_auth_members.member = members.oid
inner join pg_roles as groups on pg_auth_members.roleid = groups.oid
where groups.rolname = %s and members.rolname <> all(%s)
"""
