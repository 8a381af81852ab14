"""Erases one person from the warehouse, for good: from raw at once, from all that is made of it by the next transform.

`erase` registers what the person is known by, as pseudonyms, and takes them out of raw; `preview` says what that would
come to and changes nothing; `reapply` does it again for all who were ever erased, after a restore for one.
Identifiers are `email:…`, `phone:+…`, `reference:…` (the company's own number of a customer), or a source and one of
its accounts: `x:handle`, `mastodon:ann@example.social`, `crm:<customer id>`. A shell keeps what is typed, so give them
by `--file`, one a line, or by `--file -` and paste them.
"""

import argparse
import hmac
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psycopg

from social_crm.command import parser_of, run_command
from social_crm.database import cause_of, connect, pseudonym_key_option
from social_crm.errors import ErasureUnenforceable, WarehouseError
from social_crm.privacy.erasure_sweep import Erased, declared_resources, sweep
from social_crm.privacy.logins import require_login
from social_crm.privacy.pseudonyms import accept_key, fingerprint_of
from social_crm.settings import load_settings
from social_crm.sources import SOURCES

_UNFINISHED: Final = "Who has no swept_at in ops.erasures is registered and not gone yet: `reapply` finishes it"
KINDS: Final = ("email", "phone", "reference", *(source.name for source in SOURCES))


class IdentifierRefused(WarehouseError):
    """An identifier or the request itself is not in the required form: nothing was erased."""

    kind = "identifier_refused"


def main() -> int:
    """Run one command; return the exit code."""
    arguments = _parse()
    try:
        if arguments.action == "reapply":
            return _report(reapply(), "erased again")
        identifiers = [*arguments.identifiers, *_lines(arguments.file)]
        if arguments.action == "preview":
            return _report(preview(identifiers), "would be erased; nothing was changed")
        by, reason = arguments.by or "", arguments.reason or ""
        return _report(erase(identifiers, by=by, reason=reason, repeats=arguments.repeats), "erased")
    except (WarehouseError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"error: {error}\n")
    except psycopg.Error as error:
        sys.stderr.write(f"error: {cause_of(error)}. {_UNFINISHED}\n")
    return 2


def erase(identifiers: Iterable[str], *, by: str, reason: str, repeats: int | None = None) -> list[Erased]:
    """Register a person as erased and remove them from raw; return which tables changed. Repeating it is safe.

    `repeats` is the erasure in which the person was registered under another pseudonym key.
    """
    require_login(by)
    if not reason.strip():
        raise IdentifierRefused("--reason must say which request this is, without personal data")
    keys = _pseudonyms_of(identifiers)
    with _warehouse() as warehouse:
        declared = declared_resources(SOURCES)
        with warehouse.transaction():
            _register(warehouse, keys, by, reason, repeats)
        return sweep(warehouse, declared)


def preview(identifiers: Iterable[str]) -> list[Erased]:
    """Return what erasing a person would remove, without changing anything."""
    keys = _pseudonyms_of(identifiers)
    with _warehouse() as warehouse:
        declared = declared_resources(SOURCES)
        with warehouse.transaction(force_rollback=True):
            _register(warehouse, keys, "preview", "preview", None)
            return sweep(warehouse, declared, is_preview=True)


def reapply() -> list[Erased]:
    """Remove everybody who was ever erased from raw again, and forget about them what transforms have removed since.

    Raises ErasureUnenforceable, once all else is done, for those who were registered under another key.
    """
    with _warehouse() as warehouse:
        erased = sweep(warehouse, declared_resources(SOURCES))
        fingerprint = fingerprint_of(load_settings().pseudonym_key)
        lost = [str(erasure_id) for (erasure_id,) in warehouse.execute(_UNRECOGNISED, {"fingerprint": fingerprint})]
    if lost:
        raise ErasureUnenforceable(
            f"the people of erasures {', '.join(lost)} (ops.erasures) were registered under another"
            " WAREHOUSE_PSEUDONYM_KEY, so nobody would notice if they came back: erase each once more, with --repeats"
            " and that number"
        )
    return erased


def _warehouse() -> psycopg.Connection:
    warehouse = connect(load_settings().warehouse_transformer_url, **pseudonym_key_option(), lock_timeout="60s")
    accept_key(warehouse)
    return warehouse


def _pseudonyms_of(identifiers: Iterable[str]) -> list[str]:
    """Return the pseudonyms of identifiers; messages give only their positions, because a log may keep messages."""
    secret = load_settings().pseudonym_key.encode()
    keys = []
    for number, given in enumerate(identifiers, 1):
        kind, _, said = given.strip().partition(":")
        identifier = normalised(kind, said)
        if kind not in KINDS or not identifier or (kind == "email" and "@" not in identifier):
            raise IdentifierRefused(
                f"identifier {number} is not <kind>:<value> with one of the kinds {', '.join(KINDS)}: nothing was done"
            )
        if kind == "phone" and not re.fullmatch(r"\d{8,15}", identifier):
            raise IdentifierRefused(f"identifier {number} is no phone number with its country's code: nothing was done")
        keys.append(hmac.digest(secret, f"{kind}|{identifier}".encode(), "sha256").hex())
    if not keys:
        raise IdentifierRefused("no identifier is given, on the command line or by --file: nothing was done")
    return keys


def normalised(kind: str, said: str) -> str:
    """Return an identifier in its compared form, as raw.identifier does; "" for one that identifies nobody."""
    digits = re.sub(r"^\s*00|\D", "", said, flags=re.ASCII)
    if kind == "phone" and re.fullmatch(r"\d{8,15}", digits):
        return digits
    plain = unicodedata.normalize("NFC", said.strip("@ \t\r\n")).lower()
    return "" if plain in ("0", "-1", "[deleted]", "[removed]", "handle.invalid", "anonymous", "unknown") else plain


def _register(warehouse: psycopg.Connection, keys: list[str], by: str, reason: str, repeats: int | None) -> None:
    fingerprint = fingerprint_of(load_settings().pseudonym_key)
    if repeats is not None and not warehouse.execute(_IS_REPEATABLE, [repeats, fingerprint]).rowcount:
        raise IdentifierRefused("--repeats names no erasure of ops.erasures under a former key: nothing was done")
    facts = {"by": by, "reason": reason.strip(), "fingerprint": fingerprint, "keys": keys, "repeats": repeats}
    warehouse.execute(_REGISTER, facts)


def _report(erased: list[Erased], done: str) -> int:
    for one in erased:
        sys.stdout.write(f"{one.source}.{one.resource}: {one.row_count} rows\n")
    rows = sum(one.row_count for one in erased)
    sys.stdout.write(f"{rows} rows of raw {done}\n")
    return 0


def _lines(file: str | None) -> list[str]:
    if file is None:
        return []
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    return [line for line in text.splitlines() if line.strip()]


def _parse() -> argparse.Namespace:
    parser = parser_of("privacy.erasure", __doc__)
    parser.add_argument("action", choices=("preview", "erase", "reapply"))
    parser.add_argument("identifiers", nargs="*", metavar="KIND:VALUE")
    parser.add_argument("--file", metavar="FILE", help="identifiers, one a line; - reads what is pasted")
    parser.add_argument("--by", metavar="LOGIN", help="who enters the request: a login or pseudonym, no address")
    parser.add_argument("--reason", metavar="REQUEST", help="which request this is; no personal data")
    parser.add_argument("--repeats", metavar="ID", type=int, help="erasure of the same person under a former key")
    return parser.parse_args()


_IS_REPEATABLE: Final = "select from ops.erasures where erasure_id = %s and key_fingerprint <> %s"
_REGISTER: Final = """
with request as (
    insert into ops.erasures (requested_by, reason, identifier_count, key_fingerprint, repeats_erasure_id)
    values (%(by)s, %(reason)s, cardinality(%(keys)s::text[]), %(fingerprint)s, %(repeats)s)
    returning erasure_id
)
insert into ops.erased_identifiers (identifier_key, erasure_id)
select distinct keys.key, request.erasure_id
from request cross join unnest(%(keys)s::text[]) as keys (key)
order by keys.key
on conflict do nothing
"""
# An identifier belongs to the first erasure that registered it. A repeated erasure is recognised because it repeats it.
_UNRECOGNISED: Final = """
select erasure_id from ops.erasures as earlier
where
    key_fingerprint <> %(fingerprint)s
    and exists (select from ops.erased_identifiers where erased_identifiers.erasure_id = earlier.erasure_id)
    and not exists (select from ops.erasures as later where later.repeats_erasure_id = earlier.erasure_id)
order by 1
"""


if __name__ == "__main__":
    sys.exit(run_command(main, if_interrupted=_UNFINISHED))
