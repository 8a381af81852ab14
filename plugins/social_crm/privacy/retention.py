"""Removes words as seed source_policies says: from raw at once, from staging and the star by the next transform.

Counts and metrics stay: what was derived from words is keyed by their fingerprint (docs/decisions/0029).
`ops.clearings` notes each load that lost some. A run that is killed loses nothing but time; a second one finds nothing
left to do.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg
from psycopg import sql

from social_crm.database import LOCK, connect
from social_crm.errors import PolicyUnenforceable, RetentionOverdue
from social_crm.settings import load_settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Resource, Source

# Nobody looks again before then, so words whose time ends earlier are removed now.
NEXT_SWEEP = timedelta(days=1)
ROWS_THAT_TELL = 20
log = logging.getLogger(__name__)


class Cleared(NamedTuple):
    """What was removed from one load."""

    source: str
    resource: str
    load_id: int
    reason: str
    row_count: int


@dataclass(frozen=True)
class _Policy:
    source: Source
    kept: timedelta | None
    deleted_kept: timedelta | None


@dataclass(frozen=True)
class _Load:
    load_id: int
    started_at: datetime
    is_awaited: bool  # by a transform or by a later attempt, which may still have to read its words
    is_published: bool


def clear_words(now: datetime | None = None, sources: Iterable[Source] = SOURCES) -> list[Cleared]:
    """Remove all words whose time ends before the next sweep, and return what was removed from each load.

    Raises PolicyUnenforceable before anything is taken, and RetentionOverdue, once all else is done, for words that
    should be gone and that no transform has read yet.
    """
    cleared, overdue = [], []
    with connect(load_settings().warehouse_transformer_url, lock_timeout="60s") as warehouse:
        [(is_built, clock)] = warehouse.execute(_STATE).fetchall()
        if not is_built:
            log.info("no transform has built the warehouse yet: there is no policy and nothing to take away")
            return []
        for policy, resource in [*_enforced(warehouse, sources)]:
            sweep = _Sweep(warehouse, policy, resource, now or clock)
            cleared += [*sweep.clear_deleted(), *sweep.clear_old()]
            overdue += sweep.overdue
    for one in cleared:
        log.info("%s.%s, load %s: %s rows lost their words (%s)", *one[:3], one.row_count, one.reason)
    if overdue:
        raise RetentionOverdue(
            f"words of {', '.join(sorted(set(overdue)))} should be gone by seed source_policies, but no transform has"
            " published what they say"
        )
    return cleared


class _Sweep:
    """Clears the loads of one resource, each in a transaction of its own."""

    def __init__(self, warehouse: psycopg.Connection, policy: _Policy, resource: Resource, now: datetime) -> None:
        self._warehouse, self._policy, self._resource, self._now = warehouse, policy, resource, now
        self._table = sql.Identifier(f"raw_{policy.source.name}", resource.name)
        self._scope = {"source": policy.source.name, "resource": resource.name}
        self._loads = [_Load(*row) for row in warehouse.execute(_LOADS, self._scope)]
        self.overdue: list[str] = []

    def clear_deleted(self) -> Iterator[Cleared]:
        """Remove words from earlier versions of deleted records, and from the records that report the deletion."""
        if self._policy.deleted_kept is None:
            return
        due = {
            "known_before": self._now + NEXT_SWEEP - self._policy.deleted_kept,
            "awaited": [load.load_id for load in self._loads if load.is_awaited],
            "words": list(self._resource.words),
        }
        query = _DELETED.format(self._table)
        for load_id, is_current, keys in self._warehouse.execute(query, self._scope | due).fetchall():
            paths = list(self._resource.words) if is_current else None
            yield self._clear(load_id, "deletion", is_current, keys, paths)

    def clear_old(self) -> Iterator[Cleared]:
        """Remove all words from loads that are older than the policy allows."""
        if self._policy.kept is None:
            return
        cleared = [load_id for (load_id,) in self._warehouse.execute(_CLEARED_BEFORE, self._scope)]
        # A restored copy of the table brings words back. Checking a few rows of each load shows that; all rows would be
        # too many.
        before = {*cleared} - self._with_words(cleared, most_rows=ROWS_THAT_TELL)
        for load in self._loads:
            is_over = load.started_at < self._now - self._policy.kept
            if load.load_id in before or load.started_at >= self._now + NEXT_SWEEP - self._policy.kept:
                continue
            if load.is_awaited:
                self.overdue += [".".join(self._scope.values())] if is_over and self._with_words([load.load_id]) else []
            elif load.is_published or is_over:
                yield self._clear(load.load_id, "age", load.is_published, None, list(self._resource.words))

    def _with_words(self, loads: list[int], most_rows: int | None = None) -> set[int]:
        query = _WITH_WORDS.format(self._table)
        scope = {"loads": loads, "words": list(self._resource.words), "most_rows": most_rows}
        return {load_id for (load_id,) in self._warehouse.execute(query, scope)}

    def _clear(
        self, load_id: int, reason: str, is_restated: bool, keys: list[str] | None, paths: list[str] | None
    ) -> Cleared:
        with self._warehouse.transaction():
            # An erasure would skip a row that another process is changing (erasure_sweep).
            self._warehouse.execute(LOCK, [f"words {self._policy.source.name}.{self._resource.name}"])
            if is_restated:
                self._warehouse.execute(_REMEMBER.format(self._table), self._scope | {"load": load_id, "keys": keys})
            [(count,)] = self._warehouse.execute("select raw.clear_words(%s, %s, %s)", [load_id, keys, paths])
            # A transform that begins meanwhile waits and takes the load again; one that began earlier does not count.
            self._warehouse.execute("lock table ops.transform_runs in share row exclusive mode")
            note = {"load": load_id, "reason": reason, "count": count, "is_restated": is_restated}
            self._warehouse.execute(_NOTE, self._scope | note)
        return Cleared(self._policy.source.name, self._resource.name, load_id, reason, count)


def _enforced(warehouse: psycopg.Connection, sources: Iterable[Source]) -> Iterator[tuple[_Policy, Resource]]:
    """Yield each policy with a limit and the resources that it applies to; raises PolicyUnenforceable."""
    limits = {name: (kept, deleted_kept) for name, kept, deleted_kept in warehouse.execute(_POLICIES)}
    speaking = {source.name for source in sources if any(resource.is_utterance for resource in source.resources)}
    if mute := sorted(name for name in limits.keys() - speaking if limits[name] != (None, None)):
        raise PolicyUnenforceable(
            f"seed source_policies limits how long words of {', '.join(mute)} are kept, but no such source has"
            " people's words. Correct its name, or leave its limits empty"
        )
    for source in sources:
        policy = _Policy(source, *limits.get(source.name, (None, None)))
        if policy.kept is None and policy.deleted_kept is None:
            continue
        for resource in (resource for resource in source.resources if resource.is_utterance):
            if not resource.words:
                raise PolicyUnenforceable(
                    f"seed source_policies limits how long words of {source.name} are kept, but where they are in a"
                    f" record of {source.name}.{resource.name} is not declared (`words` of the resource). Declare it,"
                    " or leave the limits of that source empty"
                )
            yield policy, resource


_STATE = "select to_regclass('intermediate.int_interactions') is not null, clock_timestamp()"
_POLICIES = """
select
    source,
    make_interval(days => words_kept_days),
    make_interval(hours => deleted_words_kept_hours)
from seeds.source_policies
"""
_LOADS = """
select
    ledger.load_id,
    ledger.started_at,
    ledger.status in ('running', 'loaded') or (completed.load_id is not null and not taken.is_published),
    taken.is_published
from raw.load_ledger as ledger
left join raw.completed_loads as completed on ledger.load_id = completed.load_id
cross join lateral (
    select exists (
        select 1
        from ops.transform_loads
        inner join ops.transform_runs on transform_loads.transform_id = transform_runs.transform_id
        where transform_loads.load_id = ledger.load_id and transform_runs.status = 'published'
    ) as is_published
) as taken
where ledger.source = %(source)s and ledger.resource = %(resource)s
order by ledger.load_id
"""
_WITH_WORDS = sql.SQL("""
select distinct loads.load_id
from unnest(%(loads)s::bigint[]) as loads (load_id)
cross join lateral (select payload from {} where _load_id = loads.load_id limit %(most_rows)s) as rows
where rows.payload <> raw.without_words(rows.payload, %(words)s)
""")
_CLEARED_BEFORE = """
select load_id from ops.clearings where source = %(source)s and resource = %(resource)s and reason = 'age'
"""
# By key: few records were deleted, and an index finds each of their versions. A removal is read later than its post.
_DELETED = sql.SQL("""
select versions._load_id, versions._load_id = newest._load_id as is_newest, array_agg(distinct versions._record_key)
from intermediate.int_interactions as deleted
inner join {0} as newest
    on newest._record_key = deleted.native_id and newest._extracted_at = deleted.extracted_at
inner join {0} as versions
    on versions._record_key = deleted.native_id
where
    deleted.source = %(source)s
    and deleted.deleted_at is not null
    and greatest(deleted.extracted_at, deleted.deleted_at) < %(known_before)s
    and versions._load_id <> all(%(awaited)s)
    and versions.payload <> case
        when versions._load_id = newest._load_id then raw.without_words(versions.payload, %(words)s) else '{{}}'
    end
group by 1, 2
order by 1, 2
""")
_REMEMBER = sql.SQL("""
insert into ops.cleared_words (interaction_id, extracted_at, text_key, rule_ids)
select
    said.interaction_id,
    said.extracted_at,
    ops.text_key(said.text_plain),
    to_jsonb(
        array(select rules.rule_id from seeds.peer_answer_rules as rules where said.text_plain ~* rules.pattern)
    )
from {0} as versions
inner join intermediate.int_interactions as said
    on
        said.interaction_id = %(source)s || ':' || versions._record_key
        and said.extracted_at = versions._extracted_at
where
    versions._load_id = %(load)s
    and (%(keys)s::text[] is null or versions._record_key = any(%(keys)s))
    and said.text_plain <> ''
on conflict (interaction_id) do update
set extracted_at = excluded.extracted_at, text_key = excluded.text_key, rule_ids = excluded.rule_ids
""")
_NOTE = """
insert into ops.clearings (source, resource, load_id, reason, cleared_count, is_restated, after_transform_id)
select
    %(source)s, %(resource)s, %(load)s, %(reason)s, %(count)s, %(is_restated)s, coalesce(max(transform_id), 0)
from ops.transform_runs
"""
