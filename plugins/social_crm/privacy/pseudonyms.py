"""Compares the pseudonym key with the one that made the warehouse's pseudonyms."""

import hmac
import logging
from typing import Final

import psycopg

from social_crm.errors import PseudonymKeyChanged
from social_crm.settings import load_settings

# Not an identifier of an author: those begin with a source and `|`.
CANARY: Final = "fingerprint of the key"
log = logging.getLogger(__name__)


def accept_key(warehouse: psycopg.Connection, *, may_change: bool = False) -> None:
    """Compare the key with the warehouse's fingerprint; store its own fingerprint if there is none or it may change.

    Raises PseudonymKeyChanged where it may not: some authors would then have two pseudonyms, and be two people.
    """
    fingerprint = fingerprint_of(load_settings().pseudonym_key)
    warehouse.execute("insert into ops.pseudonym_key (fingerprint) values (%s) on conflict do nothing", [fingerprint])
    other = warehouse.execute(_OTHER, [fingerprint]).fetchone()
    if other is None:
        return
    if not may_change:
        raise PseudonymKeyChanged(
            "WAREHOUSE_PSEUDONYM_KEY is not the key that this warehouse's pseudonyms were made with"
            f" (kept since {other[0]:%Y-%m-%d %H:%M} UTC): going on would make a second author of everybody."
            " Nothing was built. Give every worker the former key, then clear this task. If the key is really to"
            ' change, or the former one is lost, trigger transform with {"full_refresh": true}: it gives new'
            " pseudonyms to all authors, and to staff who write mails; old ones that were noted elsewhere name nobody"
            " from then on."
        )
    warehouse.execute("update ops.pseudonym_key set fingerprint = %s, kept_since = clock_timestamp()", [fingerprint])
    log.warning("WAREHOUSE_PSEUDONYM_KEY has changed: this full refresh gives new pseudonyms to all authors")


def fingerprint_of(key: str) -> str:
    """Return the pseudonym of a constant word, computed here so that no statement contains the key."""
    return hmac.digest(key.encode(), CANARY.encode(), "sha256").hex()


_OTHER = "select kept_since at time zone 'UTC' from ops.pseudonym_key where fingerprint <> %s"
