"""Days loaded in any order, late, twice or after a killed run, give the star that one full refresh gives."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from psycopg import sql
from star_world import DAY_COUNT, FIRST_DAY, build_days

from social_crm.database import connect
from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.landing import load_resource
from social_crm.modelling import run_models
from social_crm.publishing import begin_transform, publish
from social_crm.settings import Settings
from social_crm.sources import SOURCES
from social_crm.sources.model import Connection, Page, Window

Load = tuple[int, str]
TRANSFORMS = 4
# Where a run is killed: after links to customers changed, and between two facts.
KILLED_AFTER = ("+int_author_customers", "+fct_interactions")


class Star:
    """A warehouse into which a test lands days of one world and brings them forward."""

    def __init__(self, settings: Settings, seed: int) -> None:
        """Connect as the administrator, who may do what the front door does."""
        self.admin = connect(settings.warehouse_admin_url)
        self._days = build_days(seed)

    def loads(self) -> list[Load]:
        """Return every load of the world, day by day."""
        return [(day, table) for day, tables in enumerate(self._days) for table in sorted(tables)]

    def land(self, loads: list[Load]) -> None:
        """Land each load's day of its table; the front door lets all of them pass."""
        for day, table in loads:
            source = next(source for source in SOURCES if source.name == table.split(".")[0])
            pages = [Page(self._days[day][table])]
            resource = replace(source.resource(table.split(".")[1]), extract=lambda request, pages=pages: iter(pages))
            window = Window(FIRST_DAY + timedelta(days=day), FIRST_DAY + timedelta(days=day + 1))
            load_resource(source, resource, Connection(url=""), window, "test", now=FIRST_DAY + timedelta(days=99))
        self.admin.execute("update raw.load_ledger set status = 'checked'")

    def transform(self, *, full_refresh: bool = False) -> None:
        """Run one whole transform and publish it."""
        transform_id = begin_transform("test", full_refresh=full_refresh)
        assert transform_id is not None
        self._score()
        run_models(["*"], full_refresh)
        publish(transform_id)

    def transform_killed_after(self, selection: str) -> None:
        """Run a transform that never gets further than `selection`."""
        assert begin_transform("killed") is not None
        run_models([selection])

    def _score(self) -> None:
        """Score every text by its length, which is as good as any score here."""
        self.admin.execute(
            "insert into enriched.text_sentiment"
            " select distinct encode(sha256(convert_to(said, 'UTF8')), 'hex'), %s, 'en', 1,"
            "  (length(said) %% 20 - 10) / 10.0, 0.1, 0.2, 0.7"
            " from (select payload ->> 'text' as said from raw_x.posts"
            "       union all select 'comment ' || n from generate_series(1, 500) as n) as texts"
            " on conflict do nothing",
            [SCORER_VERSION],
        )

    def tables(self, schema: str) -> list[str]:
        """Return the names of the facts and dimensions of one schema."""
        rows = self.admin.execute(
            "select tablename from pg_tables where schemaname = %s and tablename ~ '^(fct|dim)_' order by 1", [schema]
        )
        return [name for (name,) in rows]

    def keep(self, name: str) -> None:
        """Keep a copy of marts as schema `name`."""
        self.admin.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
        for table in self.tables("marts"):
            copy = sql.SQL("create table {} as select * from {}")
            self.admin.execute(copy.format(sql.Identifier(name, table), sql.Identifier("marts", table)))

    def differences(self, left: str, right: str) -> dict[str, list[tuple]]:
        """Return the rows of each table that only one of two schemas holds."""
        found = {}
        for table in self.tables("marts"):
            a, b = sql.Identifier(left, table), sql.Identifier(right, table)
            query = sql.SQL(
                "(select 'only left', t.* from (select * from {a} except all select * from {b}) as t) union all"
                " (select 'only right', t.* from (select * from {b} except all select * from {a}) as t)"
            ).format(a=a, b=b)
            if rows := self.admin.execute(query).fetchall():
                found[table] = rows[:6]
        return found

    def one(self, query: str) -> int:
        """Return the one number a query gives."""
        row = self.admin.execute(query).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])


def chunks(loads: list[Load]) -> Iterator[list[Load]]:
    """Split loads into as many runs of about equal length as there are transforms."""
    size = -(-len(loads) // TRANSFORMS)
    for first in range(0, len(loads), size):
        yield loads[first : first + size]


def order_of(loads: list[Load], kind: str) -> list[Load]:
    """Return loads forwards, newest first, or in a seeded shuffle of which a fifth comes twice."""
    if kind == "newest first":
        return loads[::-1]
    if kind.startswith("shuffled"):
        random = Random(kind)
        return random.sample(loads, len(loads)) + random.sample(loads, len(loads) // 5)
    return loads


@pytest.mark.parametrize("kind", ["as they come", "newest first", "shuffled 1", "shuffled 2"])
def test_days_in_any_order_equal_one_full_refresh(warehouse: Settings, kind: str) -> None:
    star = Star(warehouse, seed=7)
    for number, loads in enumerate(chunks(order_of(star.loads(), kind))):
        star.land(loads)
        if 0 < number <= len(KILLED_AFTER):
            star.transform_killed_after(KILLED_AFTER[number - 1])
        star.transform()

    assert star.differences("marts", "bi") == {}
    star.keep("incremental")
    star.transform(full_refresh=True)
    assert star.differences("incremental", "marts") == {}
    assert_the_world_is_varied(star)


def assert_the_world_is_varied(star: Star) -> None:
    """Fail if the world no longer holds what could make the two ways differ."""
    for claim in (
        "fct_interactions where sender_kind = 'peer'",
        "fct_interactions where is_edited",
        "fct_interactions where customer_id is not null and source = 'x'",
        "fct_conversations where reopened_count > 0",
        "fct_conversations where is_merged",
        "fct_response_gaps where outcome = 'waiting'",
        "dim_agent where source = 'zendesk' and valid_from is not null",
        "dim_customer where valid_from is not null",
    ):
        assert star.one(f"select count(*) from marts.{claim}") > 0, claim
    assert star.one("select count(*) from marts.fct_interactions") > 100
    assert DAY_COUNT > TRANSFORMS
