"""Erases one person from the warehouse, for good: from raw at once, from all that is made of it by the next transform.

`erase` registers what the person is known by, as pseudonyms, and takes them out of raw; `preview` says what that would
come to and changes nothing; `reapply` does it again for all who were ever erased, after a restore for one.
Identifiers are `email:…`, `phone:+…`, `reference:…` (the company's own number of a customer), or a source and an account
as the source shows it: `x:handle`, `mastodon:ann@example.social`, `crm:<customer id>`. A shell keeps what is typed, so
give them by `--file`, one a line, or by `--file -` and paste them.
"""

import argparse
import hmac
import logging
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

from social_crm.database import connect_with_key
from social_crm.errors import ErasureUnenforceable, WarehouseError
from social_crm.labels import LOGIN
from social_crm.people import erasure_rules, undeclared
from social_crm.pseudonyms import accept_key, fingerprint_of
from social_crm.settings import load_settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Resource, Source

KINDS: Final = ("email", "phone", "reference", *(source.name for source in SOURCES))
log = logging.getLogger(__name__)


class IdentifierRefused(WarehouseError):
    """What somebody is known by, or who asks, is not given as it must be: nothing was erased."""

    kind = "identifier_refused"


class Erased(NamedTuple):
    """How many rows of a raw table lost somebody, quarantined records among them."""

    source: str
    resource: str
    row_count: int


class _Undone(Exception):
    """Ends a preview."""


def main() -> int:
    """Run one command; return the exit code."""
    arguments = _parse()
    try:
        if arguments.action == "reapply":
            return _report(reapply(), "erased again")
        identifiers = [*arguments.identifiers, *_lines(arguments.file)]
        if arguments.action == "preview":
            return _report(preview(identifiers), "would be erased; nothing was changed")
        return _report(erase(identifiers, by=arguments.by or "", reason=arguments.reason or ""), "erased")
    except (WarehouseError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2


def erase(identifiers: Iterable[str], *, by: str, reason: str, sources: Iterable[Source] = SOURCES) -> list[Erased]:
    """Register a person as erased and take them out of raw; return what lost them, and may be repeated at any time."""
    if not LOGIN.fullmatch(by):
        raise IdentifierRefused("--by must be a login or pseudonym of letters, digits, dots, dashes and underscores")
    if not reason.strip():
        raise IdentifierRefused("--reason must say which request this is, without personal data")
    known = _known(identifiers)
    with _warehouse() as warehouse:
        declared = _declared(sources)
        with warehouse.transaction():
            _register(warehouse, known, by, reason)
        return _sweep(warehouse, declared)


def preview(identifiers: Iterable[str], *, sources: Iterable[Source] = SOURCES) -> list[Erased]:
    """Return what erasing a person would take, having changed nothing."""
    known, found = _known(identifiers), list[Erased]()
    with _warehouse() as warehouse:
        declared = _declared(sources)
        try:
            with warehouse.transaction():
                _register(warehouse, known, "preview", "preview")
                found = _sweep(warehouse, declared)
                raise _Undone
        except _Undone:
            return found


def reapply(sources: Iterable[Source] = SOURCES) -> list[Erased]:
    """Take all who were ever erased out of raw again, and forget of them what transforms have let go since.

    Raises ErasureUnenforceable, once all else is done, for those who were registered under another key.
    """
    with _warehouse() as warehouse:
        erased = _sweep(warehouse, _declared(sources))
        fingerprint = fingerprint_of(load_settings().pseudonym_key)
        lost = [str(erasure_id) for (erasure_id,) in warehouse.execute(_UNRECOGNISED, {"fingerprint": fingerprint})]
    if lost:
        raise ErasureUnenforceable(
            f"the people of erasures {', '.join(lost)} (ops.erasures) were registered under another"
            " WAREHOUSE_PSEUDONYM_KEY, so nobody would notice if they came back: erase them once more, each with the"
            " same --reason"
        )
    return erased


def _warehouse() -> psycopg.Connection:
    warehouse = connect_with_key(load_settings().warehouse_transformer_url, lock_timeout="60s")
    accept_key(warehouse)
    return warehouse


def _declared(sources: Iterable[Source]) -> list[tuple[Source, Resource]]:
    """Return the resources that may hold people; raises ErasureUnenforceable for one of which that is not known."""
    listed = [(source, resource) for source in sources for resource in source.resources]
    for source, resource in listed:
        if resource.people is None:
            raise ErasureUnenforceable(undeclared(source.name, resource.name))
    return [(source, resource) for source, resource in listed if resource.people and resource.people.keeps]


def _known(identifiers: Iterable[str]) -> list[str]:
    """Return the pseudonyms of identifiers; messages name them by their place, for a log may keep messages."""
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
    """Return an identifier as it is compared, as raw.identifier does; "" for what stands for nobody."""
    digits = re.sub(r"^\s*00|\D", "", said, flags=re.ASCII)
    if kind == "phone" and re.fullmatch(r"\d{8,15}", digits):
        return digits
    plain = unicodedata.normalize("NFC", said.strip("@ \t\r\n")).lower()
    return "" if plain in ("0", "-1", "[deleted]", "[removed]", "handle.invalid", "anonymous", "unknown") else plain


def _register(warehouse: psycopg.Connection, keys: list[str], by: str, reason: str) -> None:
    fingerprint = fingerprint_of(load_settings().pseudonym_key)
    facts = {"by": by, "reason": reason.strip(), "fingerprint": fingerprint, "keys": keys}
    warehouse.execute(_REGISTER, facts)


def _sweep(warehouse: psycopg.Connection, declared: list[tuple[Source, Resource]]) -> list[Erased]:
    """Take all registered people out of raw; again, while that told what else they are known by."""
    warehouse.execute(_ERASED_ROWS)
    [(is_built,)] = warehouse.execute("select to_regclass('intermediate.int_authors_seen') is not null")
    erased, known = list[Erased](), -1
    while known != (known := _count_identifiers(warehouse)):
        for source, resource in declared:
            if count := _erase_from(warehouse, source, resource, is_built=is_built):
                erased.append(Erased(source.name, resource.name, count))
                log.info("%s.%s: %s rows lost a person who was erased", source.name, resource.name, count)
    with warehouse.transaction():
        warehouse.execute("select ops.forget_people()")
        for table in _REMEMBERING if is_built else ():
            warehouse.execute(_FORGET.format(psycopg.sql.Identifier("intermediate", table)))
        warehouse.execute("update ops.erasures set swept_at = clock_timestamp() where swept_at is null")
    return erased


def _count_identifiers(warehouse: psycopg.Connection) -> int:
    [(count,)] = warehouse.execute("select count(*) from ops.erased_identifiers")
    return int(count)


def _erase_from(warehouse: psycopg.Connection, source: Source, resource: Resource, *, is_built: bool) -> int:
    scope = {"source": source.name, "resource": resource.name, "rules": erasure_rules(source.name, resource)}
    with warehouse.transaction():
        warehouse.execute("truncate erased_rows")
        count = warehouse.execute(_ERASE, scope).rowcount
        if not count:
            return 0
        if is_built and resource.is_utterance:
            warehouse.execute(_REMEMBER, scope)
        # A transform that begins meanwhile waits, and takes the load again; one that began before does not count.
        warehouse.execute("lock table ops.transform_runs in share row exclusive mode")
        warehouse.execute(_NOTE, scope)
    return count


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
    parser = argparse.ArgumentParser(
        prog="python -m social_crm.erasure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=("preview", "erase", "reapply"))
    parser.add_argument("identifiers", nargs="*", metavar="KIND:VALUE")
    parser.add_argument("--file", metavar="FILE", help="identifiers, one a line; - reads what is pasted")
    parser.add_argument("--by", metavar="LOGIN", help="who enters the request: a login or pseudonym, no address")
    parser.add_argument("--reason", metavar="REQUEST", help="which request this is; no personal data")
    return parser.parse_args()


# What remembers authors for the transform in which they go, and no further.
_REMEMBERING: Final = ("int_authors_seen", "int_authors_pending", "int_authors_touched", "int_author_customers")
_REGISTER: Final = """
with request as (
    insert into ops.erasures (requested_by, reason, identifier_count, key_fingerprint)
    values (%(by)s, %(reason)s, cardinality(%(keys)s::text[]), %(fingerprint)s)
    returning erasure_id
)
insert into ops.erased_identifiers (identifier_key, erasure_id)
select distinct keys.key, request.erasure_id
from request cross join unnest(%(keys)s::text[]) as keys (key)
order by keys.key
on conflict do nothing
"""
# Whoever was erased again for the same reason under the key in use is recognised.
_UNRECOGNISED: Final = """
select erasure_id from ops.erasures as earlier
where
    key_fingerprint <> %(fingerprint)s
    and not exists (
        select from ops.erasures as repeated
        where repeated.reason = earlier.reason and repeated.key_fingerprint = %(fingerprint)s
    )
order by 1
"""
_ERASED_ROWS: Final = """
create temp table if not exists erased_rows (
    load_id bigint, record_key text, extracted_at timestamptz, erasure_id bigint
)
"""
_ERASE: Final = (
    "insert into erased_rows select * from raw.erase_people(%(source)s, %(resource)s, %(rules)s, null, null)"
)
# What was said stays counted under a key that the words do not lead to.
_REMEMBER: Final = """
with known as (
    select
        said.interaction_id,
        said.extracted_at,
        keys.text_key,
        ops.pseudonym('erased|' || keys.text_key) as new_key,
        case
            when said.text_plain <> '' then to_jsonb(array(
                select rules.rule_id from seeds.peer_answer_rules as rules where said.text_plain ~* rules.pattern
            ))
            else earlier.rule_ids
        end as rule_ids
    from erased_rows
    inner join intermediate.int_interactions as said
        on
            said.interaction_id = %(source)s || ':' || erased_rows.record_key
            and said.extracted_at = erased_rows.extracted_at
    left join ops.cleared_words as earlier
        on said.interaction_id = earlier.interaction_id and said.extracted_at = earlier.extracted_at
    cross join lateral (select coalesce(ops.text_key(said.text_plain), earlier.text_key) as text_key) as keys
    where keys.text_key is not null
),
scored as (
    insert into enriched.text_sentiment
    select distinct (jsonb_populate_record(scores, jsonb_build_object('text_key', known.new_key))).*
    from known inner join enriched.text_sentiment as scores on known.text_key = scores.text_key
    on conflict do nothing
),
classified as (
    insert into enriched.text_classification
    select distinct (jsonb_populate_record(classes, jsonb_build_object('text_key', known.new_key))).*
    from known inner join enriched.text_classification as classes on known.text_key = classes.text_key
    on conflict do nothing
)
insert into ops.cleared_words (interaction_id, extracted_at, text_key, rule_ids)
select interaction_id, extracted_at, new_key, rule_ids from known
on conflict (interaction_id) do update
set extracted_at = excluded.extracted_at, text_key = excluded.text_key, rule_ids = excluded.rule_ids
"""
_NOTE: Final = """
insert into ops.clearings
    (source, resource, load_id, reason, cleared_count, is_restated, after_transform_id, erasure_id)
select
    %(source)s, %(resource)s, erased_rows.load_id, 'erasure', count(*), true,
    coalesce((select max(transform_id) from ops.transform_runs), 0), erased_rows.erasure_id
from erased_rows
group by erased_rows.load_id, erased_rows.erasure_id
"""
_FORGET: Final = psycopg.sql.SQL("""
delete from {} as kept
where
    raw.is_erased(kept.source, kept.author_native_id, ops.pseudonym_pads())
    and not exists (
        select from intermediate.int_author_sights as sights
        where sights.source = kept.source and sights.author_native_id = kept.author_native_id
    )
    and not exists (select from ops.transform_runs where status = 'running')
""")


if __name__ == "__main__":
    sys.exit(main())
