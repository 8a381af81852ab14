"""Transforms and publications: which loads are pending, and what readers of `bi` see, when."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg import sql

from social_crm import seed_checks
from social_crm.database import connect
from social_crm.enrichment import classification
from social_crm.errors import (
    PublicationDamaged,
    PublicationPostponed,
    PublicationRefused,
    TransformInProgress,
    TransformRefused,
    WarehouseFailed,
)
from social_crm.publishing import publication, tables
from social_crm.publishing.comparison import compare_with_publication
from social_crm.publishing.publication import publish
from social_crm.seeds import SeedRefused
from social_crm.settings import Settings
from social_crm.transform import parts, runs
from social_crm.transform.parts import CONTRACTS, enrich, to_stage
from social_crm.transform.runs import (
    begin_transform,
    held,
    is_full_refresh,
    is_project_built,
    require,
)

DAY = datetime(2026, 10, 5, tzinfo=UTC)
STAR = """
create schema if not exists marts; create schema if not exists intermediate;
create table marts.fct_interactions (interaction_id text, source_conversation_id text, market_code text,
    channel_code text, date_key date, body text, score numeric, tags jsonb);
comment on table marts.fct_interactions is 'One row per utterance.';
comment on column marts.fct_interactions.body is 'What was said, it''s masked.';
create table marts.fct_conversations (conversation_id text, source_conversation_id text, size int);
create table marts.dim_markets (market_code text, label text);
create table marts.bridge_issues (interaction_id text, issue_code text, weight numeric);
create table marts.int_helper (id text);
create table intermediate.int_conversations_touched (source_conversation_id text);
insert into marts.dim_markets values ('us', 'United States'), ('in', null);
"""


class Star:
    """A warehouse whose marts the test builds by hand."""

    def __init__(self, settings: Settings) -> None:
        """Create the tables dbt would have built, as the role that owns them."""
        self.settings = settings
        self.transform(STAR)

    def transform(self, query: str) -> list[tuple[Any, ...]]:
        """Run statements as the transformer."""
        with connect(self.settings.warehouse_transformer_url) as transformer:
            cursor = transformer.execute(query)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query as bi_reader."""
        with connect(self.settings.warehouse_reader_url) as reader:
            return reader.execute(query).fetchall()  # type: ignore[arg-type]

    def land(self, day: int = 0, status: str = "checked", attempt: int = 1, source: str = "x", records: int = 1) -> int:
        """Write a ledger row of one day's load and return its id."""
        start = DAY + timedelta(days=day)
        with connect(self.settings.warehouse_loader_url) as loader:
            row = loader.execute(
                "insert into raw.load_ledger"
                " (source, resource, window_start, window_end, attempt, run_id, status, appended_count)"
                " values (%s, 'posts', %s, %s, %s, 'run', %s, %s) returning load_id",
                [source, start, start + timedelta(days=1), attempt, status, records],
            ).fetchone()
        assert row
        return int(row[0])

    def say(self, conversation: str, *bodies: str) -> None:
        """Rebuild a conversation in marts, and name it as touched."""
        self.transform(
            f"delete from marts.fct_interactions where source_conversation_id = '{conversation}';"
            f"delete from marts.fct_conversations where source_conversation_id = '{conversation}';"
            f"insert into intermediate.int_conversations_touched values ('{conversation}');"
            f"insert into marts.fct_conversations values ('{conversation}', '{conversation}', {len(bodies)});"
        )
        for number, body in enumerate(bodies):
            self.transform(
                "insert into marts.fct_interactions values"
                f" ('{conversation}/{number}', '{conversation}', 'us', 'x', '2026-10-05', '{body}', 1.50, '[1, null]')"
            )

    def publish_day(self, day: int, full_refresh: bool = False) -> int:
        """Land one day, run its transform to the end, and return the transform."""
        self.land(day)
        transform_id = begin_transform(f"run {day}", full_refresh=full_refresh)
        assert transform_id is not None
        publish(transform_id)
        self.transform("truncate intermediate.int_conversations_touched")
        return transform_id

    def bodies(self) -> list[str]:
        """Return what BI users read, in order of key."""
        return [body for (body,) in self.read("select body from bi.fct_interactions order by interaction_id")]


@pytest.fixture
def star(warehouse: Settings) -> Star:
    return Star(warehouse)


def pending(star: Star) -> list[int]:
    return [load_id for (load_id,) in star.transform("select load_id from ops.pending_loads order by 1")]


def visible(star: Star) -> list[int]:
    return [load_id for (load_id,) in star.transform("select load_id from ops.visible_loads order by 1")]


def test_a_transform_takes_completed_loads_once_and_is_skipped_when_none_is_pending(star: Star) -> None:
    assert begin_transform("run") is None
    checked, _loaded, rejected_earlier = star.land(0), star.land(1, "loaded"), star.land(2, "rejected")
    assert rejected_earlier
    first = begin_transform("run")
    assert first is not None
    assert pending(star) == visible(star) == [checked]
    publish(first)
    assert begin_transform("run") is None
    late = star.land(-30)
    assert begin_transform("run") is not None
    assert (pending(star), visible(star)) == ([late], [checked, late])


@pytest.fixture
def edit(star: Star, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the files of the dbt project be of another version, and rows of history follow from what is given."""

    def edit(version: str, **definitions: str) -> None:
        known = "insert into ops.definitions values ('{}', '{}') on conflict do nothing"
        star.transform(known.format(version, json.dumps(definitions)))
        monkeypatch.setattr(runs, "project_version", lambda: version)

    return edit


def test_edited_files_are_taken_without_a_new_load(star: Star, edit: Callable[..., None]) -> None:
    edit("before anything was published")
    assert begin_transform("run") is None
    star.publish_day(1)
    assert begin_transform("run") is None
    edit("edited")
    edited = begin_transform("run")
    assert edited is not None
    assert (pending(star), is_full_refresh(edited), is_project_built(edited)) == ([], False, False)
    publish(edited)
    assert begin_transform("run") is None
    assert star.read("select as_of from bi.publications order by publication_id") == [(DAY + timedelta(days=2),)] * 2


def test_a_late_window_does_not_set_as_of_back(star: Star) -> None:
    star.publish_day(5)
    star.publish_day(-30)
    assert star.read("select as_of from bi.publications order by publication_id") == [(DAY + timedelta(days=6),)] * 2


def test_an_earlier_attempt_of_a_checked_window_is_taken_with_it(star: Star) -> None:
    failed = star.land(0, "failed", attempt=1)
    assert begin_transform("run") is None
    checked = star.land(0, "checked", attempt=2)
    assert begin_transform("run") is not None
    assert pending(star) == [failed, checked]


def test_a_killed_or_failed_transform_gives_its_loads_to_the_next(star: Star) -> None:
    load_id = star.land()
    first, second, _ = (begin_transform(f"run {number}") for number in range(3))
    assert pending(star) == [load_id]
    assert [status for (status,) in star.transform("select status from ops.transform_runs order by transform_id")] == [
        "failed",
        "failed",
        "running",
    ]
    for transform_id in (first, second):
        assert transform_id is not None
        with pytest.raises(PublicationRefused, match=f"transform {transform_id} is failed"):
            publish(transform_id)


def test_a_full_refresh_takes_every_completed_load_even_if_none_is_pending(star: Star) -> None:
    assert begin_transform("run", full_refresh=True) is None
    star.publish_day(0)
    star.publish_day(1)
    assert begin_transform("run", full_refresh=True) is not None
    assert len(pending(star)) == 2


def test_the_first_publication_shows_every_star_table_with_comments_keys_and_grants(star: Star) -> None:
    star.say("x:1", "hello", "bye")
    transform_id = star.publish_day(0)
    tables = star.read("select tablename from pg_tables where schemaname = 'bi' order by 1")
    assert [name for (name,) in tables] == [
        "activations", "bridge_issues", "dim_markets", "fct_conversations", "fct_interactions", "market_entitlements",
        "publications",
    ]  # fmt: skip
    assert star.bodies() == ["hello", "bye"]
    assert star.read(
        "select obj_description('bi.fct_interactions'::regclass), col_description('bi.fct_interactions'::regclass, 6)"
    ) == [("One row per utterance.", "What was said, it's masked.")]
    keys = star.read(
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'p'"
        " and connamespace = 'bi'::regnamespace"
        " and conrelid not in (select ('bi.' || name)::regclass"
        " from unnest(array['activations', 'market_entitlements', 'publications']) as ours (name)) order by 1"
    )
    assert keys == [
        ("bi.dim_markets", "PRIMARY KEY (market_code)"),
        ("bi.fct_conversations", "PRIMARY KEY (conversation_id)"),
        ("bi.fct_interactions", "PRIMARY KEY (interaction_id)"),
    ]
    # A bridge has no key; its rows are looked up by their first column, and by what a transform replaces them by.
    indexes = star.read("select indexdef from pg_indexes where schemaname = 'bi' and tablename like 'bridge%'")
    assert [definition.rpartition("(")[2] for (definition,) in indexes] == ["interaction_id)"]
    assert star.read(
        "select transform_id, as_of, run_id, is_full_refresh, load_count, interaction_count, conversation_count,"
        " table_counts from bi.publications"
    ) == [
        (transform_id, DAY + timedelta(days=1), "run 0", False, 1, 2, 1,
         {"bridge_issues": 0, "dim_markets": 2, "fct_conversations": 1, "fct_interactions": 2}),
    ]  # fmt: skip


def test_an_index_that_a_former_version_did_not_make_comes_with_the_next_publication(star: Star) -> None:
    star.publish_day(0)
    indexed = "select tablename, indexdef from pg_indexes where schemaname = 'bi' order by 1, 2"
    made = star.read(indexed)
    star.transform("drop index bi.fct_interactions_date_key_idx")
    # A partial index does not stand for the index of all rows.
    star.transform("create index of_some_rows on bi.fct_interactions (date_key) where date_key is not null")
    assert star.read(indexed) != made
    star.publish_day(1)
    star.transform("drop index bi.of_some_rows")
    assert star.read(indexed) == made


def test_a_publication_replaces_the_touched_conversations_and_no_other(star: Star) -> None:
    star.say("x:1", "one")
    star.say("x:2", "two", "gone")
    star.publish_day(0)
    star.say("x:2", "two, edited")
    # Rebuilt but not named as touched: an incremental publication must not look at it.
    star.transform("update marts.fct_interactions set body = 'unseen' where source_conversation_id = 'x:1'")
    star.publish_day(1)
    assert star.bodies() == ["one", "two, edited"]
    counted = star.read("select interaction_count, table_counts -> 'fct_interactions' from bi.publications order by 1")
    assert counted == [(2, 2), (3, 3)]


def test_a_conversation_that_vanished_from_marts_vanishes_from_bi(star: Star) -> None:
    star.say("x:1", "one")
    star.say("x:2", "two")
    star.publish_day(0)
    star.say("x:2")
    star.transform("delete from marts.fct_conversations where source_conversation_id = 'x:2'")
    star.publish_day(1)
    assert star.bodies() == ["one"]
    assert star.read("select conversation_id from bi.fct_conversations") == [("x:1",)]


def test_dimensions_and_bridges_equal_marts_after_every_publication(star: Star) -> None:
    star.transform("insert into marts.bridge_issues values ('i', 'fees', 0.5), ('i', 'app', 0.5)")
    star.publish_day(0)
    star.transform(
        "update marts.dim_markets set label = 'India' where market_code = 'in';"
        "delete from marts.dim_markets where market_code = 'us'; insert into marts.dim_markets values ('sg', null);"
        "update marts.bridge_issues set weight = 1 where issue_code = 'app';"
        "delete from marts.bridge_issues where issue_code = 'fees'"
    )
    star.publish_day(1)
    assert star.read("select * from bi.dim_markets order by 1") == [("in", "India"), ("sg", None)]
    assert star.read("select issue_code, weight from bi.bridge_issues") == [("app", 1)]


def test_unchanged_rows_are_not_written_again(star: Star) -> None:
    star.say("x:1", "one")
    star.publish_day(0)
    before = star.read("select xmin::text, ctid::text from bi.fct_interactions")
    star.say("x:1", "one")
    star.publish_day(1, full_refresh=True)
    assert star.read("select xmin::text, ctid::text from bi.fct_interactions") == before


@pytest.mark.parametrize(
    ("owner", "name", "other"),
    [(runs, "SCORER_VERSION", "another"), (classification, "classifier_version", lambda: "another")],
    ids=["scorer", "classifier"],
)
def test_the_first_transform_of_another_scorer_is_a_full_refresh_until_one_is_published(
    star: Star, monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str, other: object
) -> None:
    first = star.publish_day(1)
    assert begin_transform("same version, nothing pending") is None
    monkeypatch.setattr(owner, name, other)
    killed = begin_transform("killed")
    assert killed is not None
    again = star.publish_day(2)
    later = star.publish_day(3)
    assert [is_full_refresh(run) for run in (first, killed, again, later)] == [False, True, True, False]


def test_history_is_made_anew_where_it_follows_from_what_was_edited(
    star: Star, edit: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    edit("first", sla_policies="4 hours", int_sla_clocks="from the first message")
    runs = [star.publish_day(1)]
    edit("words in a comment", sla_policies="4 hours", int_sla_clocks="from the first message")
    runs.append(star.publish_day(2))
    edit("one model more", sla_policies="4 hours", int_sla_clocks="from the first message", int_new="anything")
    runs.append(star.publish_day(3))
    assert "history" not in caplog.text
    edit("a target", sla_policies="2 hours", int_sla_clocks="from the first message", int_new="anything")
    runs += [star.publish_day(4), star.publish_day(5)]
    assert caplog.text.count("history is rebuilt (edited: sla_policies)") == 1
    reasons = star.read("select refresh_reason from bi.publications order by publication_id")
    assert reasons == [(None,), (None,), (None,), ("edited: sla_policies",), (None,)]
    assert [is_full_refresh(run) for run in runs] == [False, False, False, True, False]


def test_rows_of_a_seed_about_a_source_make_its_history_anew_if_it_has_one(
    star: Star, edit: Callable[..., None]
) -> None:
    accounts = {"accounts of x": "us"}
    edit("first", **accounts)
    # A window in which nobody wrote is no history.
    star.land(8, source="mail", records=0)
    runs = [star.publish_day(1)]
    for number, edited in enumerate(({"accounts of mail": "us"}, {"accounts of mail": "in"}, {"codes of x": "post"})):
        edit(f"edit {number}", **(accounts := accounts | edited))
        runs.append(star.publish_day(2 + number))
    star.land(9, source="mail")
    runs.append(star.publish_day(5))
    edit("rows taken out", **{"accounts of x": "us", "codes of x": "post"})
    runs.append(star.publish_day(6))
    assert [is_full_refresh(run) for run in runs] == [False, False, False, True, False, True]
    reasons = star.read("select refresh_reason from bi.publications where refresh_reason is not null order by 1")
    assert reasons == [("edited: accounts of mail",), ("edited: codes of x",)]


def test_files_that_cannot_be_used_are_refused_before_anything_is_begun(
    star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise SeedRefused("brands.csv line 2")

    star.publish_day(1)
    star.land(2)
    monkeypatch.setattr(runs, "project_version", lambda: "with a slip")
    monkeypatch.setattr(seed_checks, "check_seeds", refuse)
    with pytest.raises(SeedRefused):
        begin_transform("run")
    # Else the next one would be taken for the successor of a full refresh that was killed.
    assert star.transform("select count(*) from ops.transform_runs") == [(1,)]


def test_history_of_files_that_nobody_noted_is_made_anew(star: Star, edit: Callable[..., None]) -> None:
    star.publish_day(1)
    star.transform("delete from ops.definitions")
    edit("another")
    assert is_full_refresh(star.publish_day(2))
    # As an older release left it.
    star.transform("update ops.transform_runs set project_version = null, classifier_version = null")
    assert is_full_refresh(star.publish_day(3))


def test_what_a_killed_transform_left_of_other_definitions_is_made_anew(star: Star, edit: Callable[..., None]) -> None:
    star.land(0)
    edit("former", dim_teams="by group")
    killed = [begin_transform("killed before anything was published")]
    killed += [begin_transform("killed again, with the same files")]
    edit("upgraded", dim_teams="by name")
    first = star.publish_day(1)
    edit("one model more", dim_teams="by name", fct_new="a slip")
    killed += [begin_transform("killed after it built the new model")]
    edit("fixed", dim_teams="by name", fct_new="fixed")
    second = star.publish_day(2)
    runs = [*killed, first, second, star.publish_day(3)]
    assert [is_full_refresh(run or 0) for run in runs] == [False, False, False, True, True, False]
    reasons = star.read("select refresh_reason from bi.publications order by publication_id")
    assert reasons == [("edited: dim_teams",), ("edited: fct_new",), (None,)]


def test_what_files_alone_decide_stands_until_a_transform_with_other_files_began(
    star: Star, edit: Callable[..., None]
) -> None:
    edit("usual")
    first, second = star.publish_day(1), star.publish_day(2)
    refreshed = star.publish_day(3, full_refresh=True)
    edit("another")
    star.land(4)
    killed = begin_transform("killed with other files")
    assert killed is not None
    edit("usual")
    rolled_back, later = star.publish_day(5), star.publish_day(6)
    runs = (first, second, refreshed, killed, rolled_back, later)
    assert [is_project_built(run) for run in runs] == [False, True, False, False, False, True]


def test_staged_again_is_what_brought_something_to_this_transform_or_to_one_that_was_killed(star: Star) -> None:
    star.land(0, source="mail")
    star.publish_day(0)
    lost = star.land(1, source="phone")
    assert begin_transform("killed") is not None
    star.transform(f"update raw.load_ledger set status = 'rejected' where load_id = {lost}")
    star.land(2)
    transform_id = begin_transform("run")
    assert transform_id is not None
    assert to_stage(transform_id) == ["staging.phone", "staging.x", *CONTRACTS]


def test_what_somebody_changed_in_bi_is_named_and_comes_back_with_the_next_publication(star: Star) -> None:
    for conversation in ("x:1", "x:2", "x:3"):
        star.say(conversation, "first", "second")
    star.publish_day(0)
    assert compare_with_publication() == 4
    star.transform("delete from bi.fct_interactions where source_conversation_id = 'x:1'; drop table bi.dim_markets")
    for _ in range(2):
        with pytest.raises(PublicationDamaged) as told:
            compare_with_publication()
    assert "bi.fct_interactions has 4 rows, published were 6" in str(told.value)
    assert "bi.dim_markets has 0 rows, published were 2" in str(told.value)
    assert "fct_conversations" not in str(told.value)
    star.say("x:4", "third")
    star.publish_day(1)
    assert star.bodies() == [*["first", "second"] * 3, "third"]
    assert compare_with_publication() == 4
    assert star.transform("select * from ops.doubted_tables") == []


def test_what_is_named_while_a_publication_is_under_way_is_left_to_the_next(
    star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = publication.create_views

    def named_meanwhile(warehouse: psycopg.Connection) -> None:
        create(warehouse)
        with pytest.raises(PublicationDamaged):
            compare_with_publication()

    star.say("x:1", "first", "second")
    star.publish_day(0)
    star.transform("delete from bi.fct_interactions")
    with monkeypatch.context() as patch:
        patch.setattr(publication, "create_views", named_meanwhile)
        star.publish_day(1)
    star.publish_day(2)
    assert star.bodies() == ["first", "second"]


def test_a_table_that_is_replaced_while_rows_are_counted_is_not_taken_for_damaged(
    star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, published = tables.count_rows, list[int]()

    def count_later(warehouse: psycopg.Connection, table: str) -> int:
        if not published:
            published.append(0)
            published.append(star.publish_day(1))
        return count(warehouse, table)

    star.say("x:1", "first", "second")
    star.publish_day(0)
    star.transform("alter table marts.fct_conversations add column extra int")
    monkeypatch.setattr(tables, "count_rows", count_later)
    assert compare_with_publication() == 4
    assert len(published) == 2
    assert star.transform("select * from ops.doubted_tables") == []


def test_an_older_bi_that_was_brought_back_is_noticed_by_the_next_publication(star: Star) -> None:
    star.say("x:1", "first")
    star.publish_day(0)
    star.transform("create table intermediate.copied as table bi.fct_interactions")
    star.say("x:1", "corrected")
    star.publish_day(1)
    star.transform(
        "truncate bi.fct_interactions; insert into bi.fct_interactions table intermediate.copied;"
        " delete from bi.publications where transform_id = (select max(transform_id) from bi.publications)"
    )
    with pytest.raises(PublicationDamaged, match=r"bi\.publications is older than ops\.transform_runs"):
        compare_with_publication()
    star.transform("delete from ops.doubted_tables")
    star.say("x:2", "second")
    star.publish_day(2)
    assert star.bodies() == ["corrected", "second"]


def test_a_full_refresh_publishes_every_row(star: Star) -> None:
    star.say("x:1", "one")
    star.publish_day(0)
    star.transform("update marts.fct_interactions set body = 'rewritten'")
    star.publish_day(1, full_refresh=True)
    assert star.bodies() == ["rewritten"]


def test_what_an_unpublished_full_refresh_rebuilt_comes_with_the_next_publication(star: Star) -> None:
    star.say("x:1", "one")
    star.publish_day(0)
    assert begin_transform("refresh", full_refresh=True) is not None
    star.transform("update marts.fct_interactions set body = 'rewritten'")
    assert [is_full_refresh(star.publish_day(day)) for day in (1, 2)] == [True, False]
    assert star.bodies() == ["rewritten"]


def test_a_new_column_reaches_bi_with_its_rows_comment_and_grant(star: Star) -> None:
    star.say("x:1", "one")
    star.publish_day(0)
    star.transform("alter table marts.fct_interactions add likes bigint default 7")
    star.transform("comment on column marts.fct_interactions.likes is 'Likes when last read.'")
    star.publish_day(1)
    assert star.read("select body, likes from bi.fct_interactions") == [("one", 7)]
    assert star.read("select col_description('bi.fct_interactions'::regclass, 9)") == [("Likes when last read.",)]


def test_a_changed_description_reaches_bi_without_a_rebuild(star: Star) -> None:
    star.publish_day(0)
    star.transform("comment on table marts.dim_markets is 'Where customers are.'")
    star.publish_day(1)
    assert star.read("select obj_description('bi.dim_markets'::regclass)") == [("Where customers are.",)]


def test_a_table_gone_from_marts_goes_from_bi(star: Star) -> None:
    star.publish_day(0)
    star.transform("drop table marts.bridge_issues")
    star.publish_day(1)
    assert star.read("select to_regclass('bi.bridge_issues')") == [(None,)]


@pytest.mark.parametrize("is_built", [True, False])
def test_what_no_model_makes_any_more_is_dropped_by_the_first_build_of_another_version(
    is_built: bool, star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    star.land()
    transform_id = begin_transform("run")
    assert transform_id
    star.transform("create view marts.rpt_of_former as table marts.dim_markets; create table marts.dim_agent (id text)")
    star.transform("update ops.transform_runs set step = 'enriched'")
    monkeypatch.setattr(parts, "run_models", lambda *_, **__: [])
    monkeypatch.setattr(parts, "is_project_built", lambda _: is_built)
    parts.build(transform_id)
    left = star.transform("select relname from pg_class where relnamespace = 'marts'::regnamespace order by 1")
    of_models = [("dim_agent",), ("fct_conversations",), ("fct_interactions",)]
    of_nobody = [("bridge_issues",), ("dim_markets",), ("int_helper",), ("rpt_of_former",)]
    assert left == sorted([*of_models, *(of_nobody if is_built else [])])


def test_publishing_twice_changes_nothing(star: Star) -> None:
    star.say("x:1", "one")
    transform_id = star.publish_day(0)
    star.transform("update marts.fct_interactions set body = 'built by the next transform'")
    publish(transform_id)
    assert star.bodies() == ["one"]
    assert star.read("select count(*) from bi.publications") == [(1,)]


@pytest.mark.parametrize("full_refresh", [False, True])
def test_a_reader_sees_one_version_until_its_transaction_ends(star: Star, full_refresh: bool) -> None:
    star.say("x:1", "old")
    star.publish_day(0)
    with connect(star.settings.warehouse_reader_url) as reader:
        with reader.transaction():
            reader.execute("set transaction isolation level repeatable read")
            assert reader.execute("select count(*) from bi.publications").fetchone() == (1,)
            star.say("x:1", "new")
            star.transform("update marts.dim_markets set label = 'new'")
            star.publish_day(1, full_refresh=full_refresh)
            seen = reader.execute(
                "select (select body from bi.fct_interactions), (select max(label) from bi.dim_markets)"
            )
            assert seen.fetchone() == ("old", "United States")
        seen = reader.execute("select (select body from bi.fct_interactions), (select max(label) from bi.dim_markets)")
        assert seen.fetchone() == ("new", "new")


def test_a_publication_that_fails_half_way_leaves_bi_as_it_was(star: Star) -> None:
    star.say("x:1", "old")
    star.publish_day(0)
    star.say("x:1", "new")
    star.transform("insert into marts.fct_interactions select * from marts.fct_interactions")
    star.land(1)
    transform_id = begin_transform("run")
    assert transform_id is not None
    with pytest.raises(WarehouseFailed, match=r"bi keeps its previous version: .*23505\): bi, fct_interactions, "):
        publish(transform_id)
    assert star.bodies() == ["old"]
    assert star.read("select count(*) from bi.publications") == [(1,)]
    star.say("x:1", "new")
    publish(transform_id)
    assert star.bodies() == ["new"]


def test_a_long_reader_does_not_stop_a_publication_of_changed_rows(star: Star) -> None:
    star.say("x:1", "old")
    star.publish_day(0)
    with connect(star.settings.warehouse_reader_url) as reader, reader.transaction():
        reader.execute("select * from bi.fct_interactions")
        star.say("x:1", "new")
        star.publish_day(1)
    assert star.bodies() == ["new"]


def test_a_table_that_must_be_replaced_waits_for_readers_and_then_says_who_they_are(
    star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(publication, "LOCK_TRIES", 2)
    monkeypatch.setattr(publication, "SECONDS_BETWEEN_TRIES", 0.0)
    star.say("x:1", "old")
    star.publish_day(0)
    star.transform("alter table marts.fct_interactions add likes bigint")
    star.land(1)
    transform_id = begin_transform("run")
    assert transform_id is not None
    with connect(star.settings.warehouse_reader_url) as reader, reader.transaction():
        reader.execute("select * from bi.fct_interactions")
        with pytest.raises(PublicationPostponed, match=r"being read by bi_reader \(pid \d+\); publication postponed"):
            publish(transform_id)
        assert star.bodies() == ["old"]
    publish(transform_id)
    assert star.read("select likes from bi.fct_interactions") == [(None,)]


def test_no_lock_that_bi_reader_may_take_stops_anything(star: Star) -> None:
    names = ("pg_advisory_lock", "pg_try_advisory_lock_shared", "pg_advisory_xact_lock", "pg_try_advisory_xact_lock")
    takes = [f"select {name}({key})" for name in names for key in ("1", "1, 2")]
    with connect(star.settings.warehouse_reader_url) as reader:
        for lock in (*takes, "lock table ops.transform_runs in access share mode"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                reader.execute(lock)  # type: ignore[call-overload]
    with connect(star.settings.warehouse_loader_url) as loader, loader.transaction():
        loader.execute("select pg_advisory_xact_lock(1)")


def test_days_are_those_of_utc_wherever_the_server_is(star: Star) -> None:
    roles = (star.settings.warehouse_loader_url, star.settings.warehouse_transformer_url)
    for url in (*roles, star.settings.warehouse_reader_url):
        with connect(url) as session:
            # The server of tests says Etc/UTC.
            assert session.execute("show timezone").fetchall() == [("UTC",)]


def test_two_processes_do_not_publish_at_once(star: Star, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LOCK_TIMEOUT", "100ms")
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with connect(star.settings.warehouse_transformer_url) as other, other.transaction():
        runs.lock(other)
        with pytest.raises(TransformInProgress):
            publish(transform_id)
        with pytest.raises(TransformInProgress):
            begin_transform("run 2")


def test_while_one_process_builds_no_other_begins_builds_or_publishes(
    star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LOCK_TIMEOUT", "100ms")
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with held(transform_id, needs="begun", leaves="staged"):
        for other in (lambda: begin_transform("another deployment"), lambda: publish(transform_id)):
            with pytest.raises(TransformInProgress):
                other()
        with pytest.raises(TransformInProgress), held(transform_id, needs="begun", leaves="staged"):
            pass
        # It waits for models that take minutes: nothing may keep dead rows of any table from being cleaned up.
        pins = "select count(*) from pg_stat_activity where coalesce(backend_xid, backend_xmin) is not null"
        assert star.transform(f"{pins} and datname = current_database() and pid <> pg_backend_pid()") == [(0,)]
    publish(transform_id)


def test_a_server_that_ends_idle_sessions_ends_no_part_of_a_transform(star: Star) -> None:
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with connect(star.settings.warehouse_admin_url) as admin:
        for limit in ("idle_in_transaction_session_timeout", "idle_session_timeout"):
            statement = sql.SQL("alter database {} set {} = '100ms'")
            admin.execute(statement.format(sql.Identifier(admin.info.dbname), sql.Identifier(limit)))
    with held(transform_id, needs="begun", leaves="staged"):
        time.sleep(0.5)
    require(transform_id, "staged")


def test_a_transform_whose_loads_went_to_a_later_one_builds_nothing_more(star: Star) -> None:
    star.land()
    taken_for_dead, later = begin_transform("run"), begin_transform("run 2")
    assert taken_for_dead
    assert later
    refusal = pytest.raises(TransformRefused, match=f"transform {taken_for_dead} is failed.*Start a new transform run")
    with refusal, held(taken_for_dead, needs="begun", leaves="staged"):
        pass


def test_a_step_that_was_marked_or_failed_is_not_taken_for_done(star: Star) -> None:
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with (
        pytest.raises(TransformRefused, match="only begun and must be enriched"),
        held(transform_id, needs="enriched", leaves="built"),
    ):
        pass
    with pytest.raises(ZeroDivisionError), held(transform_id, needs="begun", leaves="staged"):
        raise ZeroDivisionError
    with pytest.raises(TransformRefused, match="only begun and must be built"):
        require(transform_id, "built")
    with held(transform_id, needs="begun", leaves="staged"):
        pass
    with held(transform_id, needs="staged", leaves="enriched"):
        pass
    with held(transform_id, needs="enriched", leaves="built"):
        pass
    require(transform_id, "built")
    # Staged once more, what was built of it is of before.
    with held(transform_id, needs="begun", leaves="staged"):
        pass
    with pytest.raises(TransformRefused, match="only staged and must be built"):
        require(transform_id, "built")


@pytest.mark.parametrize("version", ["project_version", "SCORER_VERSION"])
def test_a_worker_of_another_version_builds_nothing_of_a_transform(
    version: str, star: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with monkeypatch.context() as rolling_deployment:
        other = (lambda: "another") if version == "project_version" else "another"
        rolling_deployment.setattr(runs, version, other)
        refusal = pytest.raises(TransformRefused, match="start a new transform run")
        with refusal, held(transform_id, needs="begun", leaves="staged"):
            pass
    with held(transform_id, needs="begun", leaves="staged"):
        pass


def test_a_worker_with_another_classifier_says_nothing_of_texts(star: Star, monkeypatch: pytest.MonkeyPatch) -> None:
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with held(transform_id, needs="begun", leaves="staged"):
        pass
    monkeypatch.setattr(classification, "classifier_version", lambda: "another")
    with pytest.raises(TransformRefused, match="another classifier"):
        enrich(transform_id)


def test_marts_without_tables_are_not_published(star: Star) -> None:
    star.transform("drop schema marts cascade")
    star.land()
    transform_id = begin_transform("run")
    assert transform_id is not None
    with pytest.raises(PublicationRefused, match="marts holds no table"):
        publish(transform_id)


@pytest.mark.parametrize("table", ["raw.load_ledger", "marts.dim_markets", "ops.transform_runs", "enriched.any_table"])
def test_bi_reader_reads_nothing_but_bi(star: Star, table: str) -> None:
    star.publish_day(0)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        star.read(f"select * from {table}")


@pytest.mark.parametrize(
    "function",
    [
        "query_to_xml('select 1', true, false, '')", "query_to_xml_and_xmlschema('select 1', true, false, '')",
        "schema_to_xml('bi', true, false, '')", "database_to_xml(true, false, '')", "ts_stat('select null::tsvector')",
        "ts_rewrite('a', 'select null::tsquery, null::tsquery')",
        "lo_create(0)", "lo_creat(-1)", "lo_from_bytea(0, 'mine')", "pg_logical_emit_message(false, 'mine', 'mine')",
    ],
)  # fmt: skip
def test_bi_reader_may_call_no_function_that_runs_sql_or_writes(star: Star, function: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        star.read(f"select {function}")


@pytest.mark.parametrize(
    "statement",
    [
        "delete from bi.dim_markets",
        "update bi.publications set run_id = ''",
        "create table bi.mine (id int)",
        "create table public.mine (id int)",
        "create temp table mine (id int)",
        "drop table bi.dim_markets",
    ],
)
def test_bi_reader_changes_nothing(star: Star, statement: str) -> None:
    star.publish_day(0)
    with connect(star.settings.warehouse_reader_url) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)  # type: ignore[arg-type]
