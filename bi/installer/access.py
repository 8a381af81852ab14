"""Who may see what: Superset's schema and roles, users, and one rule per entitlement of a market."""

import os
from pathlib import Path
from typing import Any

from entitlements import EVERY_MARKET, SEED, read_entitlements
from flask import g
from identity_looks import LOOKER, PEOPLE_DASHBOARD, PEOPLE_DATASETS
from sql_lab import READER
from superset import appbuilder, db, security_manager
from superset.connectors.sqla.models import RowLevelSecurityFilter, SqlaTable
from superset.models.dashboard import Dashboard

ADMINISTRATOR = "admin"
NOTHING = "1 = 0"
# From a chart to the rows behind it, which the rules below hold for as well; Gamma lacks this one of three.
DRILL = ("can_samples", "Datasource")
# The cost of a query tells about how many rows other markets have. Who may export a dashboard may do so as an example:
# with all rows of its datasets, those of people too, asked without a limit, a rule or a look at what is asked.
NOT_FOR_READERS = {("can_estimate_query_cost", "SQLLab"), ("can_export", "Dashboard")}


def migrate() -> None:
    """Bring Superset's own schema, permissions and roles up to date."""
    from flask_migrate import upgrade

    upgrade(directory=str(Path(appbuilder.app.root_path) / "migrations"))
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()


def ensure_users(users: list[dict[str, Any]]) -> list[str]:
    """Let only the administrator and the given users sign in; returns what is wrong, and then does nothing."""
    ours = {READER, LOOKER, *read_entitlements()}
    for role in sorted(ours):
        security_manager.add_role(role)
    problems = [
        f"SUPERSET_USERS: {user['username']} has {role!r}, which no row of {SEED.name} names and Superset does not know"
        for user in users
        for role in user["roles"]
        if role not in ours and not _has_permissions(role)
    ]
    if problems:
        return problems
    _ensure_user(ADMINISTRATOR, os.environ["SUPERSET_ADMIN_PASSWORD"], ["Admin"])
    for user in users:
        _ensure_user(user["username"], user["password"], user["roles"])
    named = {ADMINISTRATOR, *(user["username"] for user in users)}
    shut_out = []
    for user in security_manager.get_all_users():
        if user.active and user.username not in named:
            shut_out.append(user.username)
        # Not deleted: what they made is theirs. Open sessions end too.
        user.active = user.username in named
    db.session.commit()
    if shut_out:
        print(f"not in SUPERSET_USERS, so no longer able to sign in: {', '.join(sorted(shut_out))}")
    return []


def act_as_administrator() -> None:
    """Let what follows be done, and owned, by the administrator."""
    g.user = security_manager.find_user(ADMINISTRATOR)


def ensure_grants() -> None:
    """Let readers see every dataset but those of people, each entitlement's role the rows of its markets."""
    reader, looker = security_manager.add_role(READER), security_manager.add_role(LOOKER)
    datasets = db.session.query(SqlaTable).filter_by(is_managed_externally=True).all()
    usual = {grant for role in ("Gamma", "sql_lab") for grant in security_manager.find_role(role).permissions}
    wanted = {grant for grant in usual if (grant.permission.name, grant.view_menu.name) not in NOT_FOR_READERS}
    wanted.add(security_manager.add_permission_view_menu(*DRILL))
    about_people = set()
    for dataset in datasets:
        grants = about_people if dataset.table_name in PEOPLE_DATASETS else wanted
        grants.add(security_manager.add_permission_view_menu("datasource_access", dataset.get_perm()))
    reader.permissions, looker.permissions = list(wanted), list(about_people)
    db.session.query(Dashboard).filter_by(slug=PEOPLE_DASHBOARD).one().roles = [looker]
    _ensure_rules([dataset for dataset in datasets if _has_market(dataset)])
    db.session.commit()


def _ensure_rules(datasets: list[SqlaTable]) -> None:
    entitlements = read_entitlements()
    roles = {name: security_manager.add_role(name) for name in entitlements}
    wanted = {f"Markets of {name}" for name in entitlements} | {"Nothing without an entitlement"}
    for rule in db.session.query(RowLevelSecurityFilter).all():
        if rule.name not in wanted:
            db.session.delete(rule)
    if entitlements:
        # A rule of type Base is for everybody but the roles it names.
        exempt = [*roles.values(), security_manager.find_role("Admin")]
        _ensure_rule("Nothing without an entitlement", "Base", NOTHING, exempt, datasets)
    for name, markets in entitlements.items():
        codes = ", ".join(f"'{code}'" for code in sorted(markets))
        clause = "1 = 1" if EVERY_MARKET in markets else f"market_code in ({codes})"
        _ensure_rule(f"Markets of {name}", "Regular", clause, [roles[name]], datasets)


def _has_permissions(name: str) -> bool:
    """Tell a role of Superset from a misspelt one, or one of ours that left the seed: these may do nothing."""
    role = security_manager.find_role(name)
    return bool(role and role.permissions)


def _ensure_rule(name: str, kind: str, clause: str, roles: list[Any], datasets: list[SqlaTable]) -> None:
    rule = db.session.query(RowLevelSecurityFilter).filter_by(name=name).first() or RowLevelSecurityFilter(name=name)
    # Rules of one group are joined with OR: who has two entitlements sees the rows of both.
    rule.filter_type, rule.clause, rule.group_key = kind, clause, "market" if kind == "Regular" else None
    rule.roles, rule.tables = roles, datasets
    db.session.add(rule)


def _has_market(dataset: SqlaTable) -> bool:
    return any(column.column_name == "market_code" for column in dataset.columns)


def _ensure_user(name: str, password: str, roles: list[str]) -> None:
    found = [security_manager.find_role(role) for role in roles]
    user = security_manager.find_user(name)
    if user is None:
        shown = name.replace("_", " ").capitalize()
        security_manager.add_user(name, shown, "", f"{name}@warehouse.invalid", found, password)
        return
    user.roles = found
    security_manager.reset_password(user.id, password)
    db.session.commit()
