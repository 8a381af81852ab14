"""Whom likeness is judged for: only those who changed, and always with the same answer."""

from typing import Any

import duckdb
import pytest

from social_crm.database import connect
from social_crm.enrichment.identity import warehouse as identity_warehouse
from social_crm.enrichment.identity.warehouse import link_identities
from social_crm.errors import LinkingFailed
from social_crm.settings import Settings

TABLES = """
create schema intermediate;
create schema seeds;
create table intermediate.int_interactions (
    interaction_id text, source text, conversation_native_id text, direction text, author_native_id text,
    author_name text, author_handle text, author_email text, author_phone text, extracted_at timestamptz
);
create table intermediate.int_conversations_changed (source text, conversation_native_id text);
create table intermediate.int_author_sights (source text, author_native_id text, conversation_native_id text);
create table intermediate.int_customers_staged (
    customer_id text, first_name text, last_name text, email text, phone text, x_handle text, _load_id bigint,
    valid_to timestamptz, status text
);
create table seeds.source_policies (source text, may_match_identities boolean);
create table seeds.identity_blocklist (identity_kind text, identity_value text);
insert into seeds.source_policies values ('x', true);
"""


class People:
    """Authors who speak, customers who change, and who is found to be who."""

    def __init__(self, settings: Settings) -> None:
        self.transformer = connect(settings.warehouse_transformer_url)
        self.transformer.execute(TABLES)

    def say(self, author: str, name: str | None, email: str | None = None, handle: str | None = None) -> None:
        """Let an author speak in a conversation of their own, which changed."""
        self.transformer.execute(
            "insert into intermediate.int_interactions values"
            " (%(author)s, 'x', %(author)s, 'inbound', %(author)s, %(name)s, %(handle)s, %(email)s, null, now())",
            {"author": author, "name": name, "email": email, "handle": handle},
        )
        self.transformer.execute("insert into intermediate.int_conversations_changed values ('x', %s)", [author])

    def add_customer(self, customer_id: str, first_name: str, last_name: str, email: str, load_id: int = 0) -> None:
        self.transformer.execute(
            "insert into intermediate.int_customers_staged values (%s, %s, %s, %s, null, null, %s)",
            [customer_id, first_name, last_name, email, load_id],
        )

    def begin(self) -> None:
        """Begin a transform in which nothing has changed yet."""
        self.transformer.execute(
            "insert into ops.transform_runs (run_id, as_of, status) values ('t', now(), 'running');"
            "insert into intermediate.int_author_sights"
            " select source, author_native_id, conversation_native_id from intermediate.int_interactions;"
            "truncate intermediate.int_conversations_changed"
        )

    def links(self) -> list[tuple[Any, ...]]:
        return self.transformer.execute(
            "select author_native_id, customer_id, probability from enriched.identity_links order by 1, 2"
        ).fetchall()

    def count(self, table: str) -> int:
        [(rows,)] = self.transformer.execute(f"select count(*) from {table}").fetchall()
        return int(rows)


@pytest.fixture
def people(warehouse: Settings) -> People:
    people = People(warehouse)
    people.begin()
    return people


@pytest.fixture
def linked(people: People) -> People:
    """Give one author who is one customer by name and address, as one transform found."""
    people.add_customer("C-1", "Maria", "Garcia", "mgarcia77@mail.test")
    people.say("a1", "Maria Garcia", "mgarcia77@mail.test")
    assert link_identities() == 1
    assert [link[:2] for link in people.links()] == [("a1", "C-1")]
    return people


def test_where_nobody_changed_nobody_is_read(linked: People, monkeypatch: pytest.MonkeyPatch) -> None:
    linked.begin()
    for name in ("_PROFILES", "_CANDIDATES", "_AUTHORS", "_CUSTOMERS"):
        monkeypatch.setattr(identity_warehouse, name, "select 1 / 0")
    assert link_identities() == 0
    assert [link[:2] for link in linked.links()] == [("a1", "C-1")]


def test_a_pair_is_as_probable_in_a_crowd_of_namesakes_as_alone(people: People) -> None:
    people.add_customer("C-1", "Maria", "Garcia", "sunnyflower@mail.test")
    people.say("a1", "Maria Garcia", "sunyflower@mail.test")
    link_identities()
    alone = people.links()
    assert [link[:2] for link in alone] == [("a1", "C-1")]
    for number in range(100, 170):
        people.add_customer(f"C-{number}", "Maria", "Garcia", f"{number * 7919}@mail.test")
        people.say(f"b{number}", "Maria Garcia", f"{number * 6007}@mail.test")
    people.begin()
    link_identities(everyone=True)
    assert [link for link in people.links() if link[0] == "a1"] == alone


def test_pairs_that_were_no_candidates_are_not_kept(linked: People, monkeypatch: pytest.MonkeyPatch) -> None:
    linked.begin()
    linked.add_customer("C-2", "Tom", "Grey", "tg@mail.test")
    linked.say("a2", "Tom Grey", "tg@mail.test")
    met = [("x", "a2", "C-2", 0.99, "email"), ("x", "a2", "C-1", 0.95, "email")]
    monkeypatch.setattr(identity_warehouse, "_compare", lambda *_: met)
    assert link_identities() == 1
    assert [link[:2] for link in linked.links()] == [("a1", "C-1"), ("a2", "C-2")]


def test_a_number_that_many_people_give_makes_nobody_alike(people: People) -> None:
    people.add_customer("C-1", "Maria", "Garcia", "mgarcia77@mail.test")
    people.say("a1", "Maria Garcia")
    people.transformer.execute(
        "update intermediate.int_customers_staged set phone = '4155550142';"
        "update intermediate.int_interactions set author_phone = '+1 (415) 555-0142'"
    )
    assert link_identities() == 1
    people.transformer.execute("insert into seeds.identity_blocklist values ('phone', '4155550142')")
    people.begin()
    assert link_identities(everyone=True) == 1
    assert people.links() == []


def test_an_author_whose_words_went_to_another_loses_profile_and_links(linked: People) -> None:
    linked.begin()
    linked.transformer.execute(
        "update intermediate.int_interactions set author_native_id = 'other', author_name = null, author_email = null;"
        "insert into intermediate.int_conversations_changed values ('x', 'a1')"
    )
    assert link_identities() == 1
    assert (linked.links(), linked.count("enriched.author_profiles")) == ([], 0)
    assert linked.count("enriched.authors_relinked where author_native_id = 'a1' and transform_id = 2") == 1


@pytest.mark.parametrize("everyone", [False, True])
def test_a_source_whose_authors_may_no_longer_be_matched_keeps_no_links(linked: People, everyone: bool) -> None:
    linked.transformer.execute("update seeds.source_policies set may_match_identities = false")
    linked.begin()
    assert link_identities(everyone=everyone) == 1
    assert (linked.links(), linked.count("enriched.author_profiles")) == ([], 0)


def test_an_error_of_the_comparison_quotes_nobody(linked: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise duckdb.ConversionException("Could not convert string 'mgarcia77@mail.test'")

    monkeypatch.setattr(identity_warehouse, "_score", fail)
    with pytest.raises(LinkingFailed) as caught:
        link_identities()
    assert str(caught.value).endswith("ConversionException")
    assert caught.value.__suppress_context__
    assert [link[:2] for link in linked.links()] == [("a1", "C-1")]
