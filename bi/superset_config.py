"""Superset's settings: secrets from the environment, no outside calls, one modest theme."""

import hmac
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, request, session
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_login import current_user
from markupsafe import escape
from sqlalchemy.engine import URL, make_url
from superset.config import DISALLOWED_SQL_FUNCTIONS as SUPERSETS_DISALLOWED
from superset.config import THEME_DEFAULT as SUPERSETS_THEME

# Superset reads this file by its path, and so finds nothing beside it by itself.
sys.path.append(str(Path(__file__).parent))
import identity_looks
import password_limits
import people
import user_lists
import warehouse_engine
from entitlements import EVERY_MARKET, read_entitlements
from event_log import Events
from sql_lab import ReadersOfTables, refuse_unasked

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
PUBLIC_URL = os.environ.get("SUPERSET_PUBLIC_URL") or "http://127.0.0.1:8088"
_READER_URL = make_url(os.environ["WAREHOUSE_READER_URL"])
_IS_HTTPS = urlsplit(PUBLIC_URL).scheme == "https"

FEATURE_FLAGS = {
    "ALLOW_ADHOC_SUBQUERY": False,
    # Customer 360 is for its own role alone.
    "DASHBOARD_RBAC": True,
    "DRILL_BY": True,
    "DRILL_TO_DETAIL": True,
    # SQL users must not go round the rules of their market.
    "RLS_IN_SQLLAB": True,
    # A tenth thing of a page gets a shade of its own, not the colour of the first.
    "USE_ANALOGOUS_COLORS": True,
}
CUSTOM_SECURITY_MANAGER = ReadersOfTables
EVENT_LOGGER = Events()
PREVENT_UNSAFE_DB_CONNECTIONS = True
# A session that could change its settings, or step into another role, would no longer be the reader it was opened as.
DISALLOWED_SQL_FUNCTIONS = {
    **SUPERSETS_DISALLOWED,
    "postgresql": SUPERSETS_DISALLOWED["postgresql"]
    | {"set_config", "dblink", "lo_export", "lo_import", "pg_cancel_backend", "pg_stat_file"}
    # What others who share a market's role ask at this moment.
    | {"pg_stat_get_activity", "pg_stat_get_backend_activity"},
}
# The reader's password is in its URL.
_ENTITLED = {role: markets for role, markets in read_entitlements().items() if role != _READER_URL.username}


def _role_password(role: str) -> str:
    """Return the password of an entitlement's role, as the warehouse gave it (docs/runbooks/give-access.md)."""
    return hmac.digest(os.environ["WAREHOUSE_BI_SECRET"].encode(), role.encode(), "sha256").hex()


def DB_CONNECTION_MUTATOR(  # noqa: N802
    uri: URL, params: dict[str, Any], username: str, security_manager: Any, source: Any
) -> tuple[URL, dict[str, Any]]:
    """Point the warehouse of the assets, which know neither host nor password, at the real one.

    Who has an entitlement connects as its role, so that Postgres filters too; the administrator as the reader. Where
    Superset has lost who asks, as in the streaming of a CSV file, nobody is answered.
    """
    user = security_manager.find_user(username) if username else None
    if user is None:
        raise NoSuchEntitlement("this would be asked in nobody's name, so it is not asked")
    role = _role_of(user)
    # Superset's own limits hold in a main thread alone, and its server's threads are none.
    params.setdefault("connect_args", {})["options"] = f"-c statement_timeout={SUPERSET_WEBSERVER_TIMEOUT}s"
    return _warehouse(uri, role, _role_password(role) if role else _READER_URL.password), params


class NoSuchEntitlement(PermissionError):
    """Raised with what to do, for a person whom Postgres would show nothing, or less than their roles add up to."""


def _role_of(user: Any) -> str:
    """Return the role of the seed that sees what all of a person's roles see together: a session is of one role.

    None means the reader: for the administrator, whoever has the reader's own role, and where the seed has no other.
    """
    roles = {role.name for role in user.roles}
    own = roles & _ENTITLED.keys()
    if _ENTITLED and not own and roles.isdisjoint({"Admin", _READER_URL.username}):
        raise NoSuchEntitlement(
            f"{user.username} has no role of a market. Whoever gives access: give one of"
            " dbt_project/seeds/market_entitlements.csv (docs/runbooks/give-access.md)."
        )
    markets = {market for name in own for market in _ENTITLED[name]}
    together = {EVERY_MARKET} if EVERY_MARKET in markets else markets
    fitting = sorted((name not in own, name) for name, seen in _ENTITLED.items() if seen == together)
    if own and not fitting:
        raise NoSuchEntitlement(
            f"{user.username} has {' and '.join(sorted(own))}, and no role sees {', '.join(sorted(markets))} together."
            " Whoever gives access: give one role instead, or add one to dbt_project/seeds/market_entitlements.csv that"
            " sees these markets (docs/runbooks/give-access.md)."
        )
    return fitting[0][1] if own else ""


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802
    """Add the page that says who a customer is, and tell users whose roles show nothing what to do.

    Also refuse short passwords, and keep users signed in whatever their page still requests.
    """
    app.register_blueprint(people.pages(_looking_url))
    warehouse_engine.guard(_check_query)
    app.after_request(user_lists.show_only_oneself)

    @app.before_request
    def send_no_anonymous_session() -> Response | None:
        # The login page logs that it was drawn, a second later. Superset would answer with an anonymous session as a
        # cookie, and a user who had signed in meanwhile was asked to do so again.
        is_of_nobody = request.path == "/superset/log/" and "_user_id" not in session
        return Response(status=204) if is_of_nobody else None

    @app.after_request
    def read_what_was_sent(answer: Response) -> Response:
        # Gunicorn would read the rest of a request after the answer, at times with the next one, which is then lost.
        while request.stream.read(2**16):
            continue
        return answer

    @app.before_request
    def refuse_a_short_password() -> Response | None:
        if request.path != "/api/v1/me/" or request.method != "PUT":
            return None
        try:
            password_limits.require_length((request.get_json(silent=True) or {}).get("password"))
        except PasswordComplexityValidationError as refusal:
            answer = jsonify(message=str(refusal))
            answer.status_code = 400
            return answer
        return None

    @app.before_request
    def refuse_roles_that_show_nothing() -> Response | None:
        # In this order: to ask who somebody is sets the cookie of a session.
        if request.path.startswith(("/static/", "/logout")) or not current_user.is_authenticated:
            return None
        try:
            _role_of(current_user)
        except NoSuchEntitlement as refusal:
            page = Response(_REFUSAL.format(reason=escape(refusal)))
            answer = jsonify(message=str(refusal)) if request.path.startswith("/api/") else page
            answer.status_code = 403
            return answer
        return None


_REFUSAL = """<!doctype html><html lang="en"><title>Nothing to show for your roles</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 15vh auto; line-height: 1.5">
<h1>Nothing to show for your roles</h1><p>{reason}</p><p>Nothing is shown rather than less than you may see.
<a href="/logout/">Sign out</a></p></body></html>"""


def _warehouse(uri: URL, role: str, password: str | None) -> URL:
    return uri.set(
        username=role or _READER_URL.username,
        password=password,
        host=_READER_URL.host,
        port=_READER_URL.port,
        database=_READER_URL.database,
    )


def SQL_QUERY_MUTATOR(sql: str, **_: Any) -> str:  # noqa: N802
    """Return permitted SQL unchanged; queries for the choices of a filter are only checked here."""
    _check_query(sql)
    return sql


def _check_query(sql: str) -> None:
    """Raise NotAnswered for what may not be asked; log each look at a single customer first."""
    user = getattr(g, "user", None)
    may_look = user is not None and _may_look(user)
    refuse_unasked(sql, DISALLOWED_SQL_FUNCTIONS["postgresql"], may_look=may_look)
    customers = identity_looks.customers_in(sql)
    if customers and may_look:
        url = _looking_url(user)
        if url is None:
            reason = f"{user.username} has {identity_looks.LOOKER} and no market's role"
            raise PermissionError(f"{reason}: give one (docs/runbooks/give-access.md)")
        identity_looks.write_down(url, user.username, customers)


def _may_look(user: Any) -> bool:
    return not {identity_looks.LOOKER, "Admin"}.isdisjoint(role.name for role in user.roles)


def _looking_url(user: Any) -> str | None:
    """Return the URL for looking at single people, as their role's twin; None if they may not or have no role."""
    if not _may_look(user):
        return None
    role = _role_of(user)
    if not role and any(role.name == "Admin" for role in user.roles):
        # The administrator looks as a role that sees every market.
        role = next(name for name, markets in _ENTITLED.items() if EVERY_MARKET in markets)
    if not role:
        return None
    twin = f"{role}_360"
    url = _warehouse(_READER_URL, twin, _role_password(twin)).set(drivername="postgresql")
    return str(url.render_as_string(hide_password=False))


# Nothing is asked of any other host; the telemetry pixel in Superset's built pages fails against this policy.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "worker-src": ["'self'", "blob:"],
        "frame-ancestors": ["'none'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": _IS_HTTPS,
    "session_cookie_secure": _IS_HTTPS,
}
SESSION_COOKIE_SECURE = _IS_HTTPS
# Https is spoken by a proxy before it, and only a proxy is believed about it.
ENABLE_PROXY_FIX = _IS_HTTPS
# Who signs out takes their cookie away and ends no session: a copy of it is good for a working day, not for a month.
PERMANENT_SESSION_LIFETIME = timedelta(hours=12)
# Not Strict, which Talisman would not have: a link in a mail would sign out whoever follows it.
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
FAB_PASSWORD_COMPLEXITY_ENABLED = True
FAB_PASSWORD_COMPLEXITY_VALIDATOR = password_limits.require_length
PUBLIC_ROLE_LIKE = None
AUTH_ROLE_PUBLIC = "Public"
ENABLE_UI_THEME_ADMINISTRATION = False

ROW_LIMIT = 10_000
SQL_MAX_ROW = 50_000
SQLLAB_TIMEOUT = 60
SQLLAB_CTAS_NO_LIMIT = False
SUPERSET_WEBSERVER_TIMEOUT = 60
# The newest publication must be seen at once; each query takes well under a second.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}


class CELERY_CONFIG:  # noqa: N801
    """Nothing is done later: what somebody asks to be, with its SQL, is not kept in a file where the server started."""

    broker_url = "memory://"
    result_backend = "cache+memory://"


APP_NAME = "Social CRM Warehouse"
# Okabe and Ito's colours, told apart with any colour vision; yellow left out, for it vanishes on white.
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A7A7A", "#004A73", "#8C6100"]
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {"id": "social_crm", "label": "Social CRM", "description": "", "isDefault": True, "colors": PALETTE}
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "social_crm_blues",
        "label": "Social CRM blues",
        "description": "",
        "isDiverging": False,
        "isDefault": True,
        "colors": ["#F2F7FB", "#C6DDED", "#8FBFDD", "#4E9CC8", "#0072B2", "#004A73"],
    }
]
THEME_DEFAULT = {
    **SUPERSETS_THEME,
    "token": {
        **SUPERSETS_THEME["token"],
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "colorPrimary": PALETTE[0],
        "colorLink": PALETTE[0],
        "colorError": "#B5433B",
        "colorWarning": "#E69F00",
        "colorSuccess": "#009E73",
        "colorInfo": "#56B4E9",
    },
}
THEME_DARK = None
