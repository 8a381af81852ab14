"""What each role of BI users sees of `bi`: the rows of its markets, whatever way it asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from test_publishing import Star

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.errors import EntitlementRefused, WarehouseUnreachable
from social_crm.local import postgres
from social_crm.publishing import entitlements
from social_crm.publishing.entitlements import read_entitlements, role_password
from social_crm.seeds import definition_of
from social_crm.settings import Settings, load_settings
from social_crm.sources import SOURCES
from social_crm.transform.dbt_runner import load_seeds
from worlds.star_warehouse import StarWarehouse
from worlds.warehouses import drop_warehouse, make_warehouse, use_warehouse

TABLES = """
create schema if not exists marts; create schema if not exists staging; create schema if not exists intermediate;
create table intermediate.int_conversations_touched (source_conversation_id text);
create table intermediate.int_authors_pending (author_key text);
create table intermediate.int_authors_concerned (author_key text);
create table intermediate.int_customers_changed (customer_id text);
create table staging.stg_secrets (secret text);
create table marts.fct_interactions (interaction_id text, market_code text, customer_id text);
insert into marts.fct_interactions values
    ('i1', 'in', 'ann'), ('i2', 'in', null), ('s1', 'sg', 'bob'), ('u1', 'us', 'cleo'), ('x1', 'unknown', 'dan'),
    ('n1', null, null);
create table marts.dim_customer (customer_key text, customer_id text, market_code text, is_current boolean);
insert into marts.dim_customer values
    ('a1', 'ann', 'us', false), ('a2', 'ann', 'in', true), ('b1', 'bob', 'sg', true), ('d1', 'dan', 'unknown', true),
    ('unknown', 'unknown', 'unknown', true), ('not_applicable', 'not_applicable', 'unknown', true);
create table marts.bridge_customer_identities (customer_identity_key text, author_key text, customer_id text);
insert into marts.bridge_customer_identities values ('ka', 'a', 'ann'), ('kb', 'b', 'bob'), ('kd', 'd', 'dan');
create table marts.dim_author (author_key text, customer_id text);
insert into marts.dim_author values
    ('a', 'ann'), ('b', 'bob'), ('d', 'dan'), ('nobody', null), ('unknown', null), ('not_applicable', null);
create table marts.dim_sla_policy (sla_policy_key text, market_code text);
insert into marts.dim_sla_policy values ('everybody', null), ('singapore', 'sg');
create view marts.rpt_markets as
select market_code, count(*) as interaction_count from marts.fct_interactions group by market_code;
"""
EVERYTHING = ["i1", "i2", "n1", "s1", "u1", "x1"]


class Readers(Star):
    """A published star with rows of every market, and people who read it."""

    def __init__(self, settings: Settings) -> None:
        """Publish the tables."""
        self.settings = settings
        self.transform(TABLES)
        self.publish_day(0)

    def connect_as(self, role: str, password: str = "") -> psycopg.Connection:
        """Log in as a role of the seed, or as a person with a password of their own."""
        url = self.settings.warehouse_reader_url
        database, server = url.rpartition("/")[2], url.rpartition("@")[2].partition("/")[0]
        password = password or role_password(self.settings.bi_secret, role)
        return connect(f"postgresql://{role}:{password}@{server}/{database}")

    def seen(self, role: str, query: str = "select interaction_id from bi.fct_interactions order by 1") -> list[Any]:
        """Return the first column of what a role gets."""
        with self.connect_as(role) as reader:
            return [row[0] for row in reader.execute(query)]  # type: ignore[arg-type]

    def administer(self, statement: str) -> None:
        """Run a statement as the administrator."""
        with connect(self.settings.warehouse_admin_url) as admin:
            admin.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def readers(postgres_server: postgres.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """A star that no test changes."""
    settings = make_warehouse(postgres_server, tmp_path_factory.mktemp("entitlements"))
    with pytest.MonkeyPatch.context() as patch:
        use_warehouse(settings, patch)
        star = Readers(settings)
    yield star
    drop_warehouse(postgres_server, settings)


@pytest.fixture
def changing(warehouse: Settings) -> Readers:
    """A star of the test's own."""
    return Readers(warehouse)


@pytest.fixture
def asha(readers: Readers) -> Iterator[psycopg.Connection]:
    """A person of the Indian market, with a login of her own."""
    readers.administer("create role asha login password 'hers' in role bi_india")
    with readers.connect_as("asha", "hers") as connection:
        yield connection
    readers.administer("drop role asha")


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changing: Readers) -> Iterator[Path]:
    """A copy of the seed that the test may change; roles it makes are dropped."""
    path = tmp_path / "market_entitlements.csv"
    path.write_text(entitlements.SEED.read_text())
    monkeypatch.setattr(entitlements.read_entitlements, "__defaults__", (path,))
    yield path
    monkeypatch.undo()
    prepare(changing.settings, SOURCES)
    changing.administer("drop role bi_nordics, bi_nordics_360")


def test_each_role_sees_the_rows_of_its_markets_and_only_all_those_of_none(readers: Readers) -> None:
    assert readers.seen("bi_india") == ["i1", "i2"]
    assert readers.seen("bi_asia_pacific") == ["i1", "i2", "s1"]
    assert readers.seen("bi_global") == EVERYTHING
    assert [key for (key,) in readers.read("select interaction_id from bi.fct_interactions order by 1")] == EVERYTHING


def test_views_show_no_more_than_the_tables_they_read(readers: Readers) -> None:
    assert readers.seen("bi_india", "select interaction_count from bi.rpt_markets") == [2]
    assert readers.seen("bi_global", "select sum(interaction_count) from bi.rpt_markets") == [6]


def test_what_is_about_a_customer_goes_where_the_customer_is_now(readers: Readers) -> None:
    keys = "select customer_identity_key from bi.bridge_customer_identities order by 1"
    assert readers.seen("bi_india", keys) == ["ka"]
    assert readers.seen("bi_united_states", keys) == []
    assert readers.seen("bi_global", keys) == ["ka", "kb", "kd"]


def test_identities_are_seen_in_the_customers_market_and_unmatched_authors_everywhere(readers: Readers) -> None:
    keys = "select author_key from bi.dim_author order by 1"
    strangers = ["nobody", "not_applicable", "unknown"]
    assert readers.seen("bi_india", keys) == ["a", *strangers]
    assert readers.seen("bi_singapore", keys) == ["b", *strangers]
    assert readers.seen("bi_global", keys) == ["a", "b", "d", *strangers]


def test_members_that_stand_for_nobody_and_promises_to_everybody_are_for_all(readers: Readers) -> None:
    keys = "select customer_key from bi.dim_customer order by 1"
    assert readers.seen("bi_india", keys) == ["a2", "not_applicable", "unknown"]
    assert readers.seen("bi_india", "select sla_policy_key from bi.dim_sla_policy order by 1") == [
        "everybody",
        "singapore",
    ]


def test_a_person_sees_what_their_roles_see_together(readers: Readers, asha: psycopg.Connection) -> None:
    count = "select count(*) from bi.fct_interactions"
    assert asha.execute(count).fetchone() == (2,)
    readers.administer("grant bi_singapore to asha")
    assert asha.execute(count).fetchone() == (3,)
    asha.execute("set role bi_singapore")
    assert asha.execute(count).fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "set role bi_global",
        "set role bi_reader",
        "set role transformer",
        "set session authorization bi_global",
        "select set_config('role', 'bi_global', false)",
        "select set_config('session_authorization', 'transformer', false)",
        "grant bi_global to asha",
        "alter table bi.fct_interactions disable row level security",
        "insert into bi.market_entitlements values ('bi_india', 'all')",
        "update bi.market_entitlements set market_code = 'all'",
        "create function bi.mine() returns bigint language sql security definer as 'select 1'",
        "create or replace function bi.sees_every_market() returns boolean language sql as 'select true'",
        "create view bi.mine as select * from bi.fct_interactions",
        "create temporary table mine (n int)",
        "create schema mine",
        "select * from marts.fct_interactions",
        "select * from staging.stg_secrets",
        "select * from intermediate.int_conversations_touched",
        "select * from raw.load_ledger",
        "select * from ops.transform_runs",
        "set row_security = off; select * from bi.fct_interactions",
    ],
)
def test_a_market_user_has_no_way_round(statement: str, asha: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asha.execute(statement)  # type: ignore[arg-type]


def test_no_setting_of_a_session_widens_what_it_sees(asha: psycopg.Connection) -> None:
    asha.execute("set search_path = pg_temp, bi; set plan_cache_mode = force_generic_plan")
    assert asha.execute("select count(*) from bi.fct_interactions where market_code <> 'in'").fetchone() == (0,)
    # A condition of the user's own runs after the policy: it never gets to see what would raise here.
    assert asha.execute("select * from bi.fct_interactions where 1 / (market_code = 'in')::int > 1").fetchall() == []


def test_what_statistics_say_of_hidden_rows_stays_hidden(asha: psycopg.Connection) -> None:
    shown = "select distinct tablename from pg_stats where schemaname = 'bi' and tablename <> 'market_entitlements'"
    assert asha.execute(shown).fetchall() == [("dim_sla_policy",)]


def test_loading_a_changed_seed_takes_effect_at_once(changing: Readers) -> None:
    load_seeds(["markets", "market_entitlements"])
    assert changing.seen("bi_india") == ["i1", "i2"]
    with changing.connect_as("bi_india") as reader, reader.transaction():
        assert reader.execute("select count(*) from bi.fct_interactions").fetchone() == (2,)
        # While they read on, the seed is loaded as dbt does: nobody waits for anybody.
        changed = "update seeds.market_entitlements set market_code = 'sg' where role_name = 'bi_india';"
        changing.transform("set lock_timeout = '2s';" + changed + _adoption())
        assert reader.execute("select count(*) from bi.fct_interactions").fetchone() == (1,)
    assert changing.seen("bi_india") == ["s1"]


def _adoption() -> str:
    hook = definition_of(entitlements.SEED)["config"]["post_hook"]
    return str(hook).replace("{{ this }}", "seeds.market_entitlements")


def test_a_role_gone_from_the_seed_reads_nothing_and_a_new_one_reads_at_once(changing: Readers, seed: Path) -> None:
    seed.write_text(seed.read_text().replace("bi_india,in", "bi_nordics,us"))
    prepare(changing.settings, SOURCES)
    assert changing.seen("bi_nordics") == ["u1"]
    with pytest.raises(WarehouseUnreachable, match="permission denied for database"):
        changing.connect_as("bi_india")


def test_a_role_that_the_seed_names_before_anybody_made_it_entitles_nobody(changing: Readers) -> None:
    changing.transform("insert into bi.market_entitlements values ('bi_nobody_made', 'all')")
    assert changing.seen("bi_india") == ["i1", "i2"]


def test_a_table_rebuilt_is_protected_before_anybody_reads_it(changing: Readers) -> None:
    changing.transform("alter table marts.fct_interactions add extra int; alter table marts.dim_customer add extra int")
    changing.publish_day(1)
    assert changing.seen("bi_india") == ["i1", "i2"]
    assert changing.seen("bi_india", "select customer_identity_key from bi.bridge_customer_identities") == ["ka"]


def test_a_table_published_before_there_were_policies_is_protected_by_preparing(changing: Readers) -> None:
    changing.administer("drop policy rows_of_entitled_markets on bi.fct_interactions")
    changing.administer("alter table bi.fct_interactions disable row level security")
    changing.administer("alter view bi.rpt_markets reset (security_invoker)")
    prepare(changing.settings, SOURCES)
    assert changing.seen("bi_india") == ["i1", "i2"]
    assert changing.seen("bi_india", "select interaction_count from bi.rpt_markets") == [2]


def test_a_publication_that_changes_no_policy_waits_for_no_reader(changing: Readers) -> None:
    with changing.connect_as("bi_india") as reader, reader.transaction():
        reader.execute("select count(*) from bi.fct_interactions")
        changing.publish_day(1)


def test_what_goes_out_is_seen_by_the_markets_it_is_about(week: StarWarehouse) -> None:
    week.admin.execute(
        "insert into bi.activations (activation_id, kind, target, state, item_id, market_code)"
        " select market, 'notification', 'email', 'planned', market, market"
        " from unnest(array['in', 'sg', 'us', 'unknown']) as market"
    )
    folder = entitlements.SEED.parents[1] / "models/marts/activation"
    tables = [path.stem for path in folder.glob("*.sql") if path.stem != "dim_routing_team"]
    assert {"rpt_activations", "rpt_activation_plan", "rpt_work_queue", "rpt_routing"} <= set(tables)
    settings = load_settings()
    url = settings.warehouse_reader_url
    database, server = url.rpartition("/")[2], url.rpartition("@")[2].partition("/")[0]
    seen: dict[str, dict[str, int]] = {"sg": {}, "us": {}}
    for market, role in (("sg", "bi_singapore"), ("us", "bi_united_states")):
        password = role_password(settings.bi_secret, role)
        with connect(f"postgresql://{role}:{password}@{server}/{database}") as reader:
            for table in [*tables, "activations"]:
                count = f"select market_code, count(*) from bi.{table} group by 1"
                rows = dict(reader.execute(count.encode()).fetchall())
                # The owner's count, whom no policy concerns, says what there is to be seen.
                everything = dict(week.admin.execute(count.encode()).fetchall())
                assert rows == {code: number for code, number in everything.items() if code == market}, (role, table)
                seen[market][table] = sum(rows.values())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("update bi.activations set state = 'sent'")
    # Empty views would prove nothing.
    for table in ("rpt_work_queue", "rpt_routing", "rpt_activation_plan", "rpt_activations"):
        assert seen["us"][table], table
        assert seen["sg"][table], table


@pytest.mark.parametrize("line", ["loader,in", "bi_viewer,in", "bi_india_360,in", "bi_x; drop role,in", "bi_india,"])
def test_a_seed_that_would_touch_other_roles_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "market_entitlements.csv"
    path.write_text(f"role_name,market_code\nbi_reader,all\n{line}\n")
    with pytest.raises(EntitlementRefused, match="line 3: role_name must be"):
        read_entitlements(path)


def test_a_password_follows_from_the_secret_and_the_role() -> None:
    # HMAC-SHA256, computed by: printf bi_india | openssl dgst -sha256 -hmac secret
    assert role_password("secret", "bi_india") == "58dca27f00647ab3a976e4de5c6992a02335894f6692b728140c524108e300b1"
