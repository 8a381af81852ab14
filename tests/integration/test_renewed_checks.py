"""A rule of a table that was there before is renewed by preparing the warehouse; rows that it refuses are named."""

import re
from collections.abc import Iterator
from importlib.resources import files

import psycopg
import pytest
from psycopg.errors import CheckViolation

from social_crm.database import connect
from social_crm.database.checks import _TABLE
from social_crm.database.preparation import SCRIPTS, prepare
from social_crm.errors import WarehouseFailed
from social_crm.settings import Settings
from social_crm.sources import SOURCES

RULES = """
select conrelid::regclass::text, pg_get_constraintdef(oid), {} from pg_constraint
where contype in ('c', 'n', 'u') and connamespace in ('raw'::regnamespace, 'ops'::regnamespace, 'enriched'::regnamespace, 'bi'::regnamespace)
order by 1, 2
"""  # noqa: E501 -- a query of ours, as long as it is
ACTIVATED = """
insert into bi.activations (activation_id, kind, target, state, item_id)
values ('secretword', '{}', 'zendesk', 'planned', 'x:1')
"""
OLD = """
alter table bi.activations drop constraint activations_kind_check, add check (kind in ('helpdesk_case', 'fax'));
alter table bi.activations drop constraint activations_check, drop constraint activations_state_check;
alter table bi.activations add constraint since_gone check (target <> 'hubspot');
"""
OLD_COLUMNS = """
alter table bi.activations alter column kind drop not null, alter column as_of set not null;
alter table bi.publications drop constraint publications_transform_id_key, add unique (as_of);
"""


@pytest.fixture
def admin(warehouse: Settings) -> Iterator[psycopg.Connection]:
    with connect(warehouse.warehouse_admin_url) as admin:
        yield admin


def rules(admin: psycopg.Connection, fact: str = "null") -> list[tuple]:
    return admin.execute(RULES.format(fact).encode()).fetchall()


def test_every_rule_of_the_scripts_is_one_that_is_renewed() -> None:
    scripts = "\n".join(files("social_crm.database").joinpath(script).read_text() for script in SCRIPTS)
    assert len(re.findall(r"\bcheck \(", scripts)) > 10
    assert re.findall(r"\bcheck \(", _TABLE.sub("", scripts)) == []


def test_rules_of_before_are_those_of_now_and_what_holds_is_left_alone(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    new = rules(admin)
    assert (
        "ops.clearings",
        "CHECK ((reason = ANY (ARRAY['age'::text, 'deletion'::text, 'erasure'::text])))",
        None,
    ) in new
    admin.execute(OLD + OLD_COLUMNS)
    left = {rule for rule in rules(admin, "oid") if rule[0] not in ("bi.activations", "bi.publications")}
    prepare(warehouse, SOURCES)
    assert rules(admin) == new
    assert left < set(rules(admin, "oid"))
    admin.execute(ACTIVATED.format("notification").encode())
    with pytest.raises(CheckViolation):
        admin.execute(ACTIVATED.format("fax").encode())
    renewed = rules(admin, "oid")
    prepare(warehouse, SOURCES)
    assert rules(admin, "oid") == renewed


def test_rows_of_before_that_a_rule_refuses_are_found_by_what_the_error_says(
    warehouse: Settings, admin: psycopg.Connection
) -> None:
    new = rules(admin)
    admin.execute(OLD)
    admin.execute(ACTIVATED.format("fax").encode())
    old = rules(admin, "oid")
    told = r'^"bi"\."activations" has older rows that its present rule refuses: CHECK .*kind.*notification'
    with pytest.raises(WarehouseFailed, match=told) as failed:
        prepare(warehouse, SOURCES)
    assert rules(admin, "oid") == old
    message = str(failed.value)
    assert "secretword" not in message
    found = admin.execute(message[message.index("select * from") :].encode()).fetchall()
    assert [row[0] for row in found] == ["secretword"]
    admin.execute("delete from bi.activations")
    prepare(warehouse, SOURCES)
    assert rules(admin) == new


TWICE = """
insert into bi.publications
    (transform_id, as_of, run_id, is_full_refresh, load_count, interaction_count, conversation_count, table_counts)
values (7, now(), 'secretword', false, 0, 0, 0, '{}'), (7, now(), 'secretword', false, 0, 0, 0, '{}')
"""


@pytest.mark.parametrize(
    ("dropped", "written", "told", "found"),
    [
        (
            "alter column item_id drop not null",
            ACTIVATED.format("notification").replace("'x:1'", "null"),
            "NOT NULL item_id",
            "secretword",
        ),
        ("drop constraint publications_transform_id_key", TWICE, r"UNIQUE \(transform_id\)", 7),
    ],
)
def test_rows_of_before_without_a_value_or_twice_under_a_key_are_found(
    warehouse: Settings, admin: psycopg.Connection, dropped: str, written: str, told: str, found: object
) -> None:
    new, table = rules(admin), written.split()[2]
    admin.execute(f"alter table {table} {dropped}".encode())
    admin.execute(written.encode())
    with pytest.raises(WarehouseFailed, match=told) as failed:
        prepare(warehouse, SOURCES)
    message = str(failed.value)
    assert "secretword" not in message
    assert [row[0] for row in admin.execute(message[message.index("select") :].encode())] == [found]
    admin.execute(f"delete from {table}".encode())
    prepare(warehouse, SOURCES)
    assert rules(admin) == new


def test_scores_of_before_the_care_lexicon_stay(warehouse: Settings, admin: psycopg.Connection) -> None:
    admin.execute("alter table enriched.text_sentiment drop column care_compound")
    admin.execute("insert into enriched.text_sentiment values ('key', 'v1', 'en', 0.5, 0.5, 0.5, 0)")
    prepare(warehouse, SOURCES)
    query = "select compound, care_compound from enriched.text_sentiment"
    assert admin.execute(query).fetchall() == [(0.5, None)]


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_rule_stands_within_its_table_where_it_is_looked_for(script: str) -> None:
    text = files("social_crm.database").joinpath(script).read_text()
    assert re.findall(r"^alter table[^;]*\bcheck \(", text, re.MULTILINE) == []
