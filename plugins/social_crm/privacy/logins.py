"""How a decider is recorded: decisions are kept for ever, so they contain a login but no person's name."""

import re
from typing import Final

from social_crm.errors import WarehouseError

_LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,63}")


class LoginRefused(WarehouseError):
    """The decider is given by more than a login or pseudonym, so nothing was decided."""

    kind = "login_refused"


def require_login(by: str) -> None:
    """Raise LoginRefused for anything that may be a name or an address."""
    if not _LOGIN.fullmatch(by):
        raise LoginRefused("--by must be a login or pseudonym of letters, digits, dots, dashes and underscores")
