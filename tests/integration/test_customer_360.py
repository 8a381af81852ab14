"""Who customers are: reached through Customer 360's functions alone, by market, and every look is written down."""

import hashlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import psycopg
import psycopg2
import pytest
import yaml

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.local import postgres
from social_crm.publishing.entitlements import role_password
from social_crm.settings import PROJECT_ROOT, Settings
from social_crm.sources import SOURCES
from worlds.warehouses import drop_warehouse, make_warehouse

PEOPLE = """
grant select on vault.customers, vault.authors to vault_keeper;
insert into vault.customers (customer_id, market_code, full_name, email, phone, x_handle) values
    ('c1', 'in', 'Asha Rao', 'asha@example.test', '+91 98200 12345', 'asharao'),
    ('c2', 'us', 'Bob Raoul', 'bob@example.test', null, null),
    ('c3', 'unknown', 'Cleo Nowhere', null, null, 'cléo');
update vault.customers set
    name_key = lower(full_name), email_key = email, phone_key = regexp_replace(phone, '\\D', '', 'g'),
    handle_key = x_handle;
insert into vault.authors (author_key, source, customer_id, author_name, author_handle, handle_key) values
    ('k1', 'x', 'c1', 'Asha', '@AshaTweets', 'ashatweets'), ('k2', 'x', null, 'Stranger', '@who', 'who');
"""


class Vault:
    """A warehouse with three customers in its vault, built as the models' contracts say."""

    def __init__(self, settings: Settings) -> None:
        """Fill the vault as dbt would."""
        self.settings = settings
        with connect(settings.warehouse_transformer_url) as transformer:
            for model in ("customers", "authors"):
                file = PROJECT_ROOT / f"dbt_project/models/vault/vault_{model}.yml"
                columns = yaml.safe_load(file.read_text())["models"][0]["columns"]
                names = ", ".join(f"{column['name']} {column['data_type']}" for column in columns)
                transformer.execute(f"create table vault.{model} ({names})")  # type: ignore[arg-type]
            transformer.execute(PEOPLE)

    def connect_as(self, role: str, password: str = "", **options: str) -> psycopg.Connection:
        """Log in as a role of the seed, or as a person with a password of their own."""
        url = self.settings.warehouse_reader_url
        database, server = url.rpartition("/")[2], url.rpartition("@")[2].partition("/")[0]
        password = password or role_password(self.settings.bi_secret, role)
        return connect(f"postgresql://{role}:{password}@{server}/{database}", **options)

    def ask(self, role: str, query: str, *values: object) -> list[Any]:
        """Return what a role gets."""
        with self.connect_as(role) as session:
            return session.execute(query, values).fetchall()  # type: ignore[arg-type]

    def looks(self, columns: str) -> list[Any]:
        """Return the log of looks, and empty it."""
        with connect(self.settings.warehouse_admin_url) as admin:
            rows = admin.execute(f"select {columns} from ops.identity_looks order by look_id").fetchall()  # type: ignore[arg-type]
            admin.execute("delete from ops.identity_looks")
        return rows


@pytest.fixture(scope="module")
def shared(postgres_server: postgres.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """One vault for all tests."""
    settings = make_warehouse(postgres_server, tmp_path_factory.mktemp("vault"))
    yield Vault(settings)
    drop_warehouse(postgres_server, settings)


@pytest.fixture
def vault(shared: Vault) -> Vault:
    """The vault, with nobody having looked."""
    shared.looks("look_id")
    return shared


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("rao", ["c1", "c2"]),
        ("ASHA@example.test", ["c1"]),
        ("+91 98200-12345", ["c1"]),
        ("@asharao", ["c1"]),
        ("ashatweets", ["c1"]),
        (" c2", ValueError),
        ("nobody at all", []),
        ("cleo", ["c3"]),
        ("@cle\u0301o", ["c3"]),  # as some systems write it, a letter and its accent apart
        ("who", []),
        ("50%_", []),
    ],
)
def test_a_customer_is_found_by_what_people_know_of_them(term: str, found: Any, vault: Vault) -> None:
    query = "select customer_id from customer_360.find(%s, 'ada') order by 1"
    if found is ValueError:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="at least three characters"):
            vault.ask("bi_global_360", query, term)
    else:
        assert [row[0] for row in vault.ask("bi_global_360", query, term)] == found


def test_a_person_has_what_the_crm_and_their_accounts_say(vault: Vault) -> None:
    rows = vault.ask(
        "bi_global_360", "select source, identifier_kind, identifier, author_key from customer_360.person('c1', 'ada')"
    )
    assert rows == [
        ("crm", "name", "Asha Rao", None),
        ("crm", "email", "asha@example.test", None),
        ("crm", "phone", "+91 98200 12345", None),
        ("crm", "handle", "asharao", None),
        ("x", "name", "Asha", "k1"),
        ("x", "handle", "@AshaTweets", "k1"),
    ]


def test_nobody_of_another_market_is_found_or_shown(vault: Vault) -> None:
    assert vault.ask("bi_india_360", "select customer_id from customer_360.find('rao', 'ada')") == [("c1",)]
    assert vault.ask("bi_india_360", "select * from customer_360.find('cleo', 'ada')") == []
    assert vault.ask("bi_india_360", "select * from customer_360.person('c2', 'ada')") == []
    # That they tried is written down.
    assert vault.looks("action, customer_id, found_count") == [
        ("find", None, 1),
        ("find", None, 0),
        ("person", "c2", 0),
    ]


def test_every_look_says_who_when_and_at_whom_but_not_the_words(vault: Vault) -> None:
    vault.ask("bi_india_360", "select * from customer_360.find('  Asha@Example.test', 'ada')")
    vault.ask("bi_india_360", "select * from customer_360.person('c1', 'ada')")
    with connect(vault.settings.warehouse_admin_url) as admin:
        salt = admin.execute("select salt::text from ops.look_salt").fetchone()
    assert salt
    term_hash = hashlib.sha256(f"{salt[0]}asha@example.test".encode()).hexdigest()
    assert vault.looks("login, looked_by, action, customer_id, term_hash, looked_at <= clock_timestamp()") == [
        ("bi_india_360", "ada", "find", None, term_hash, True),
        ("bi_india_360", "ada", "person", "c1", None, True),
    ]


def test_who_looks_through_a_shared_role_must_be_named(vault: Vault) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="bi_global_360 is shared: say who looks"):
        vault.ask("bi_global_360", "select * from customer_360.person('c1', ' ')")
    with vault.connect_as("bi_global_360") as session:
        session.execute("set social_crm.looked_by = 'grace'")
        assert len(session.execute("select * from customer_360.person('c1')").fetchall()) == 6
    assert vault.looks("looked_by") == [("grace",)]


def test_a_person_with_a_login_of_their_own_is_named_by_it(vault: Vault) -> None:
    with connect(vault.settings.warehouse_admin_url) as admin:
        admin.execute("create role nia login password 'hers' in role bi_india, customer_360")
        try:
            with vault.connect_as("nia", "hers") as session:
                session.execute("set role bi_india")
                session.execute("set role nia")
                assert len(session.execute("select * from customer_360.person('c1')").fetchall()) == 6
        finally:
            admin.execute("drop role nia")
    assert vault.looks("login, looked_by") == [("nia", None)]


def test_no_look_without_a_log(vault: Vault) -> None:
    with (
        vault.connect_as("bi_global_360", default_transaction_read_only="on") as session,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="every look is written down"),
    ):
        session.execute("select * from customer_360.find('rao', 'ada')")
    assert vault.looks("look_id") == []


def test_the_role_for_looks_may_write_whatever_the_default_of_the_database(vault: Vault) -> None:
    database = vault.settings.warehouse_admin_url.rpartition("/")[2]
    with connect(vault.settings.warehouse_admin_url) as admin:
        admin.execute(f"alter database {database} set default_transaction_read_only = on")  # type: ignore[arg-type]
        try:
            assert len(vault.ask("bi_global_360", "select * from customer_360.find('rao', 'ada')")) == 2
        finally:
            admin.execute("set default_transaction_read_only = off")
            admin.execute(f"alter database {database} reset default_transaction_read_only")  # type: ignore[arg-type]
    assert vault.looks("found_count") == [(2,)]


def test_a_look_that_was_rolled_back_leaves_a_gap_and_a_line_in_the_servers_log(
    vault: Vault, postgres_server: postgres.EmbeddedServer
) -> None:
    look = "select * from customer_360.person('c1', 'rolled back')"
    vault.ask("bi_global_360", look)
    with vault.connect_as("bi_global_360") as session:
        session.execute("begin")
        session.execute(look)  # type: ignore[arg-type]
        session.execute("rollback")
    vault.ask("bi_global_360", look)
    assert vault.looks("look_id - min(look_id) over ()") == [(0,), (2,)]
    log = (postgres_server.data_dir / "server.log").read_text()
    assert log.count("identity look: person, by bi_global_360 for rolled back, customer c1") == 3


@pytest.mark.parametrize(
    "statement",
    [
        "select * from vault.customers",
        "select * from vault.authors",
        "select * from ops.identity_looks",
        "delete from ops.identity_looks",
        "select * from ops.look_salt",
        "select customer_360.write_look('find', null, null, 0, 'ada')",
        "select customer_360.visible_markets()",
        "set role vault_keeper",
    ],
)
def test_a_user_of_customer_360_has_no_other_way_in(statement: str, vault: Vault) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        vault.ask("bi_global_360", statement)


@pytest.mark.parametrize("role", ["bi_global", "bi_india", "loader"])
def test_without_the_role_there_is_no_look(role: str, vault: Vault) -> None:
    password = "loader-test" if role == "loader" else ""
    with vault.connect_as(role, password) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("select * from customer_360.find('rao', 'ada')")
    with vault.connect_as(role, password) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("select * from vault.customers")


def test_the_transformer_cannot_touch_what_was_written_down(vault: Vault) -> None:
    prepare(vault.settings, SOURCES)
    for statement in ("select * from ops.identity_looks", "delete from ops.identity_looks"):
        with (
            connect(vault.settings.warehouse_transformer_url) as session,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            session.execute(statement)  # type: ignore[arg-type]


def test_no_table_of_a_role_may_shadow_what_the_functions_read(vault: Vault) -> None:
    with vault.connect_as("bi_india_360") as session:
        session.execute("set search_path = pg_temp, vault, public")
        assert session.execute("select customer_id from customer_360.find('rao', 'ada')").fetchall() == [("c1",)]


@pytest.fixture
def looks() -> Any:
    """Load what Superset's configuration writes looks down with; it lives in no package."""
    spec = importlib.util.spec_from_file_location("identity_looks", PROJECT_ROOT / "bi/identity_looks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("query", "customers"),
    [
        ("SELECT * FROM bi.x WHERE customer_id IN ('c1') AND market_code IN ('in') LIMIT 10", ["c1"]),
        ("SELECT * FROM bi.x WHERE \"customer_id\" = 'o''neil' OR customer_id IN ('c1', 'c2')", ["o'neil", "c1", "c2"]),
        ("SELECT * FROM bi.x WHERE customer_id IN (\n  'c1',\n  'c2'\n)", ["c1", "c2"]),
        ("SELECT * FROM bi.x WHERE customer_id LIKE 'c1' OR CAST(customer_id AS TEXT) ILIKE 'c2'", ["c1", "c2"]),
        ("SELECT customer_id FROM bi.x WHERE NOT customer_id IS NULL AND market_code IN ('in')", []),
        ("SELECT * FROM bi.x WHERE customer_id != 'c1' AND dim_customer_id_x = 'a'", []),
    ],
)
def test_a_query_of_a_dashboard_tells_whom_it_is_about(query: str, customers: list[str], looks: Any) -> None:
    assert looks.customers_in(query) == customers


def test_a_look_on_a_dashboard_is_written_down_once_for_all_its_charts(shared: Vault, looks: Any) -> None:
    shared.looks("*")
    server = shared.settings.warehouse_reader_url.rpartition("@")[2]
    url = f"postgresql://bi_india_360:{role_password(shared.settings.bi_secret, 'bi_india_360')}@{server}"
    for _ in range(3):
        looks.write_down(url, "asha", ["c1", "c2"])
    looks.write_down(url, "ben", ["c1"])
    # Bob is of another market: asked for, and not found.
    assert shared.looks("login, looked_by, action, customer_id, found_count") == [
        ("bi_india_360", "asha", "person", "c1", 1),
        ("bi_india_360", "asha", "person", "c2", 0),
        ("bi_india_360", "ben", "person", "c1", 1),
    ]


def test_a_look_that_cannot_be_written_down_is_none(shared: Vault, looks: Any) -> None:
    server = shared.settings.warehouse_reader_url.rpartition("@")[2]
    url = f"postgresql://bi_india:{role_password(shared.settings.bi_secret, 'bi_india')}@{server}"
    for _ in range(2):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            looks.write_down(url, "asha", ["c1"])
