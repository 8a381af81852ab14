"""Removes everybody who is registered as erased from raw, and from what remembers them outside the models."""

import logging
from collections.abc import Iterable
from typing import Final, NamedTuple

import psycopg
from psycopg import sql

from social_crm.database import LOCK
from social_crm.errors import ErasureUnenforceable
from social_crm.privacy.erasure_rules import erasure_rules, undeclared
from social_crm.sources.model import Resource, Source

log = logging.getLogger(__name__)


class Erased(NamedTuple):
    """How many rows of a raw table, including quarantined records, changed because somebody was erased."""

    source: str
    resource: str
    row_count: int


def declared_resources(sources: Iterable[Source]) -> list[tuple[Source, Resource]]:
    """Return the resources that may hold people; raises ErasureUnenforceable if one does not declare it."""
    listed = [(source, resource) for source in sources for resource in source.resources]
    for source, resource in listed:
        if resource.people is None:
            raise ErasureUnenforceable(undeclared(source.name, resource.name))
    return [(source, resource) for source, resource in listed if resource.people and resource.people.keeps]


def sweep(
    warehouse: psycopg.Connection, declared: list[tuple[Source, Resource]], *, is_preview: bool = False
) -> list[Erased]:
    """Take all registered people out of raw; again, while that told what else they are known by.

    A preview, which the caller takes back, notes nothing and so keeps no transform from beginning or ending.
    """
    counts, known = dict[tuple[str, str], int](), 0
    # Raw has not been searched completely for anybody who is registered from now on.
    unswept = [key for (key,) in warehouse.execute("select erasure_id from ops.erasures where swept_at is null")]
    warehouse.execute(_ERASED_ROWS)
    [(is_built,)] = warehouse.execute("select to_regclass('intermediate.int_authors_seen') is not null")
    while known != (known := _count_identifiers(warehouse)):
        for source, resource in declared:
            if count := _erase_from(warehouse, source, resource, is_built=is_built, is_preview=is_preview):
                counts[source.name, resource.name] = counts.get((source.name, resource.name), 0) + count
                log.info("%s.%s: %s rows lost a person who was erased", source.name, resource.name, count)
    if not is_preview:
        _forget(warehouse, unswept, is_built=is_built)
    return [Erased(*table, count) for table, count in counts.items()]


def _forget(warehouse: psycopg.Connection, unswept: list[int], *, is_built: bool) -> None:
    """Delete what is known about the erased outside raw, unless a transform still needs it."""
    with warehouse.transaction():
        warehouse.execute("select ops.forget_people()")
        if is_built and not warehouse.execute(_AWAITED).rowcount:
            for table in _REMEMBERING:
                warehouse.execute(_FORGET.format(sql.Identifier("intermediate", table)))
    if is_built:
        _forget_scores(warehouse)
    with warehouse.transaction():
        swept = "update ops.erasures set swept_at = clock_timestamp() where swept_at is null and erasure_id = any(%s)"
        warehouse.execute(swept, [unswept])


def _forget_scores(warehouse: psycopg.Connection) -> None:
    """Delete scores of texts that no longer occur, unless a transform begins meanwhile, which may have found them."""
    with warehouse.transaction() as transaction:
        [(newest,)] = warehouse.execute(_NEWEST)
        if warehouse.execute(_AWAITED).rowcount or not warehouse.execute(_OWED).rowcount:
            return
        for table in _SCORING:
            warehouse.execute(_FORGET_SCORES.format(sql.Identifier("enriched", table)))
        warehouse.execute("lock table ops.transform_runs in share row exclusive mode")
        if warehouse.execute(_NEWEST).fetchone() != (newest,):
            raise psycopg.Rollback(transaction)


def _count_identifiers(warehouse: psycopg.Connection) -> int:
    [(count,)] = warehouse.execute("select count(*) from ops.erased_identifiers")
    return int(count)


def _erase_from(
    warehouse: psycopg.Connection, source: Source, resource: Resource, *, is_built: bool, is_preview: bool
) -> int:
    scope = {"source": source.name, "resource": resource.name, "rules": erasure_rules(source.name, resource)}
    if not is_preview:
        # A batch that searched for erased people before they were registered commits rows that must not be visible yet.
        warehouse.execute(LOCK, [f"batch {source.name}.{resource.name}"])
    with warehouse.transaction():
        warehouse.execute(LOCK, [f"words {source.name}.{resource.name}"])
        warehouse.execute("truncate erased_rows")
        count = warehouse.execute(_ERASE, scope).rowcount
        if is_preview or not count:
            return count
        if is_built and resource.is_utterance:
            warehouse.execute(_REMEMBER, scope)
        # A transform that begins meanwhile waits and takes the load again; one that began earlier does not count.
        warehouse.execute("lock table ops.transform_runs in share row exclusive mode")
        warehouse.execute(_NOTE, scope)
    return count


# Until a transform has published a load without the erased people, it needs to know who they were.
_AWAITED: Final = """
select
from ops.clearings
inner join raw.completed_loads on clearings.load_id = completed_loads.load_id
where
    clearings.reason = 'erasure'
    and not exists (select from ops.published_loads where published_loads.load_id = clearings.load_id)
limit 1
"""
# Tables in which transforms remember authors in order to remove them, and which would keep them afterwards.
_REMEMBERING: Final = ("int_authors_seen", "int_authors_pending", "int_authors_touched", "int_author_customers")
_SCORING: Final = ("text_sentiment", "text_classification")
_ERASED_ROWS: Final = """
create temp table if not exists erased_rows (
    load_id bigint, record_key text, extracted_at timestamptz, erasure_id bigint, is_named boolean
)
"""
_ERASE: Final = (
    "insert into erased_rows select * from raw.erase_people(%(source)s, %(resource)s, %(rules)s, null, null)"
)
# The messages still count, under a key that cannot be found from their words.
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
    where keys.text_key is not null and not erased_rows.is_named
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
insert into ops.cleared_words (interaction_id, extracted_at, text_key, rule_ids, is_erased)
select interaction_id, extracted_at, new_key, rule_ids, true from known
on conflict (interaction_id) do update
set
    extracted_at = excluded.extracted_at,
    text_key = excluded.text_key,
    rule_ids = excluded.rule_ids,
    is_erased = true
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
_FORGET: Final = sql.SQL("""
delete from {} as kept
where
    raw.is_erased(kept.source, kept.author_native_id, (select ops.pseudonym_pads()))
    and not exists (
        select from intermediate.int_author_sights as sights
        where sights.source = kept.source and sights.author_native_id = kept.author_native_id
    )
""")
_NEWEST: Final = "select max(transform_id) from ops.transform_runs"
# Committed together with its consequences or not at all, so that a killed sweep is repeated.
_OWED: Final = """
update ops.clearings set forgotten_at = clock_timestamp()
where
    reason = 'erasure'
    and forgotten_at is null
    and not exists (select from ops.transform_runs where status = 'running')
"""
# Scores are stored under hashes of texts, so somebody who guesses a short text could find its score. All scores of
# texts that nobody wrote any more are deleted, because it is no longer known which of them the erased people wrote.
# This hashes every text, so it is done once per erasure.
_FORGET_SCORES: Final = sql.SQL("""
delete from {} as kept
where
    not exists (select from ops.cleared_words where cleared_words.text_key = kept.text_key)
    and not exists (
        select from intermediate.int_interactions as said where ops.text_key(said.text_plain) = kept.text_key
    )
""")
