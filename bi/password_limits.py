"""How often a password may be guessed: Superset's own limit is for its form, and off unless SUPERSET_ENV says so."""

import threading
import time
from typing import Any

from flask_appbuilder.exceptions import PasswordComplexityValidationError

# Counted by name and address, so that somebody who guesses locks nobody else out.
MOST = 10
SECONDS = 900.0
# What somebody chooses for themselves; who gives access chooses what stands in SUPERSET_USERS.
SHORTEST = 12
Guesser = tuple[str | None, str]
_lock = threading.Lock()
_failed: dict[Guesser, list[float]] = {}


def require_length(password: Any) -> None:
    """Raise PasswordComplexityValidationError for a password that is too short; None is no password."""
    if password is not None and len(str(password)) < SHORTEST:
        raise PasswordComplexityValidationError(f"A password has {SHORTEST} characters or more.")


def are_too_many(guesser: Guesser) -> bool:
    """Tell whether so much was wrong of late that not even the right password is looked at."""
    with _lock:
        _forget()
        return len(_failed.get(guesser, [])) >= MOST


def note(guesser: Guesser, is_right: bool) -> None:
    """Count a wrong password; a right one forgives those before it."""
    with _lock:
        if is_right:
            _failed.pop(guesser, None)
        else:
            _failed.setdefault(guesser, []).append(time.monotonic())


def _forget() -> None:
    oldest = time.monotonic() - SECONDS
    for guesser, times in [*_failed.items()]:
        recent = [moment for moment in times if moment > oldest]
        if recent:
            _failed[guesser] = recent
        else:
            del _failed[guesser]
