"""Who an author is found to be, what a person may decide against it, and that the history follows."""

from typing import Any

import pytest

from social_crm.enrichment.identity import warehouse as identity_warehouse
from social_crm.errors import MatchingForbidden
from social_crm.identities import AuthorUnknown, CustomerUnknown, decide
from social_crm.privacy.erasure import erase
from social_crm.privacy.logins import LoginRefused
from social_crm.publishing.publication import publish
from social_crm.settings import Settings
from social_crm.transform.dbt_runner import run_tests
from social_crm.transform.parts import build, enrich, stage
from social_crm.transform.runs import begin_transform
from worlds.star_warehouse import StarWarehouse

LINKED = "select author_key, customer_id from bi.bridge_customer_identities where is_current order by 1 limit 1"


PRIYA = {"id": "C-1", "first_name": "Priya", "last_name": "Sharma", "email": "psharma77@mail.test"}
CUSTOMERS = [
    PRIYA,
    {"id": "C-2", "first_name": "Ravi", "last_name": "Nair", "email": "rnair5@one.test"},
    {"id": "C-3", "first_name": "Ravi", "last_name": "Nair", "email": "rnair5@two.test"},
    {"id": "C-4", "first_name": "Tom", "last_name": "Grey", "email": "tom.grey@mail.test"},
    {"id": "C-5", "first_name": "A", "last_name": "Google User", "email": "guser99@mail.test"},
]
# Handle and name of each author.
AUTHORS = [
    ("PSharma77", "Priya Sharma"),
    ("someone_else", "Priya Sharma"),
    ("rnair5", "Ravi Nair"),
    ("tomgrey", "Tom Grey"),
    ("guser99", "A Google user"),
    ("MeeraK5", "Meera Kapoor"),
]
CONTACT = {
    "Id": "003M", "IsDeleted": False, "FirstName": "Meera", "LastName": "Kapoor", "Email": "meerak5@mail.test",
    "CreatedDate": "2026-10-26T08:00:00.000+0000", "SystemModstamp": "2026-10-26T08:00:00.000+0000",
    "chosen": {"market": "SG", "tier": "gold"},
}  # fmt: skip


def customer(fields: dict[str, str], day: int = 0) -> dict[str, Any]:
    moment = f"2026-10-{26 + day}T08:00:00Z"
    return {**fields, "market": "sg", "status": "active", "created_at": moment, "updated_at": moment}


def post(number: int, handle: str, name: str) -> dict[str, Any]:
    return {
        "id": str(number), "edit_history_tweet_ids": [str(number)], "conversation_id": str(number),
        "author_id": f"9{number}", "created_at": "2026-10-26T10:00:00.000Z", "lang": "en", "text": "@AcmeBank hello",
        "entities": {"mentions": [{"username": "AcmeBank"}]},
        "author": {"id": f"9{number}", "username": handle, "name": name},
    }  # fmt: skip


def transform_with_likeness(*, full_refresh: bool = False) -> int:
    transform_id = begin_transform("test", full_refresh=full_refresh)
    assert transform_id is not None
    stage(transform_id)
    _, changed = enrich(transform_id)
    build(transform_id)
    publish(transform_id)
    return changed


def probable_links(star: StarWarehouse) -> list[tuple]:
    return star.admin.execute(
        "select links.author_native_id, bridge.customer_id, bridge.method, bridge.evidence"
        " from bi.bridge_customer_identities as bridge"
        " inner join intermediate.int_author_customers as links on bridge.author_key = links.author_key order by 1"
    ).fetchall()


def test_likeness_links_by_more_than_the_name_and_to_one_customer_only(
    star: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    star.land("crm.customers", [customer(fields) for fields in CUSTOMERS])
    # Whichever CRM a customer is in.
    star.land("salesforce.contacts", [CONTACT])
    star.land("x.posts", [post(number, *author) for number, author in enumerate(AUTHORS, 100)])
    # The two Ravis are stored as well, and being two link to neither.
    assert transform_with_likeness() == 3
    found = probable_links(star)
    assert [(author, customer_id, method) for author, customer_id, method, _ in found] == [
        ("9100", "C-1", "probabilistic"),
        ("9105", "salesforce:003M", "probabilistic"),
    ]
    assert star.one("select count(*) from bi.dim_customer where customer_id = 'salesforce:003M' and tier = 'gold'") == 1
    assert set(found[0][3].split(",")) == {"probabilistic", "first_name", "surname", "handle"}
    assert star.one("select count(*) from bi.fct_interactions where customer_id = 'C-1'") == 1

    with monkeypatch.context() as patch:
        patch.setattr(identity_warehouse, "_compare", lambda *_: pytest.fail("there was nobody to compare"))
        star.land("crm.customers", [customer({"id": "C-9", "first_name": "No", "last_name": "Body"}, 1)], day=1)
        assert transform_with_likeness() == 0

    star.land("crm.customers", [customer(PRIYA | {"email": "other@mail.test"}, 2)], day=2)
    assert transform_with_likeness() == 1
    assert [customer_id for _, customer_id, *_ in probable_links(star)] == ["salesforce:003M"]
    assert star.one("select count(*) from bi.fct_interactions where customer_id = 'C-1'") == 0
    star.keep("incremental")
    transform_with_likeness(full_refresh=True)
    assert star.differences("incremental", "marts") == {}


def test_a_customer_who_is_gone_cannot_be_confirmed_but_undone(week: StarWarehouse) -> None:
    author_key, customer_id = week.admin.execute(LINKED).fetchone() or ()
    delete = "update intermediate.int_customer_versions set status = 'deleted' where customer_id = %s"
    week.admin.execute(delete, [customer_id])
    with pytest.raises(CustomerUnknown, match="deleted"):
        decide("confirm", author_key, customer_id, by="ann", reason="asked them")
    assert week.one("select count(*) from ops.identity_decisions") == 0
    decide("undo", author_key, customer_id, by="ann", reason="wrong")
    assert week.one("select count(*) from ops.identity_decisions") == 1


def test_of_who_was_erased_nothing_is_decided(week: StarWarehouse) -> None:
    author_key, customer_id = week.admin.execute(LINKED).fetchone() or ()
    erase([f"crm:{customer_id}"], by="dpo", reason="request 17")
    with pytest.raises(CustomerUnknown, match="was erased"):
        decide("confirm", author_key, customer_id, by="ann", reason="asked them")
    known_as = "select source || ':' || author_native_id from intermediate.int_author_customers where author_key = %s"
    erase(week.admin.execute(known_as, [author_key]).fetchone() or (), by="dpo", reason="request 17")
    with pytest.raises(AuthorUnknown):
        decide("confirm", author_key, customer_id, by="ann", reason="asked them")
    assert week.one("select count(*) from ops.identity_decisions") == 0


def test_who_decides_is_no_address(warehouse: Settings) -> None:
    with pytest.raises(LoginRefused):
        decide("undo", "a", "C-1", by="ann@example.com", reason="wrong")


def facts_of(star: StarWarehouse, author_key: str, customer_id: str) -> int:
    return star.one(
        "select count(*) from bi.fct_interactions where author_key = %s and customer_id = %s", author_key, customer_id
    )


def test_a_wrong_link_is_undone_and_confirmed_again_by_one_command_each(week: StarWarehouse) -> None:
    author_key, customer_id = week.admin.execute(LINKED).fetchone() or ()
    linked = facts_of(week, author_key, customer_id)
    assert linked > 0
    with pytest.raises(AuthorUnknown):
        decide("undo", "nobody", customer_id, by="ann", reason="wrong")
    with pytest.raises(CustomerUnknown):
        decide("undo", author_key, "nobody", by="ann", reason="wrong")

    decide("undo", author_key, customer_id, by="ann", reason="married name of another customer")
    week.transform()
    assert facts_of(week, author_key, customer_id) == 0
    pair = "select count(*) from bi.bridge_customer_identities where author_key = %s and customer_id = %s"
    assert week.one(pair, author_key, customer_id) == 0
    week.keep("undone")
    week.transform(full_refresh=True)
    assert week.differences("undone", "marts") == {}

    decide("confirm", author_key, customer_id, by="ben", reason="asked them")
    week.transform()
    assert facts_of(week, author_key, customer_id) == linked
    query = "select count(*) from bi.bridge_customer_identities where author_key = %s and method = 'manual'"
    assert week.one(query, author_key) == 1
    week.admin.execute("update seeds.source_policies set may_match_identities = false")
    with pytest.raises(MatchingForbidden, match="seed source_policies forbids"):
        decide("confirm", author_key, customer_id, by="ben", reason="asked them")
    decide("undo", author_key, customer_id, by="ben", reason="what is forbidden can always be undone")
    week.admin.execute("update seeds.source_policies set may_match_identities = source <> 'linkedin'")
    assert week.one(f"select count(*) - count(distinct author_key) from ({LINKED.partition(' order')[0]}) as x") == 0
    run_tests(["path:models/intermediate/identity", "path:models/marts/people", "stg_ops__identity_decisions"])


def test_matching_that_is_switched_off_ends_its_links_with_the_next_transform(week: StarWarehouse) -> None:
    source = week.admin.execute(LINKED.replace("author_key, customer_id", "source")).fetchone()
    count = "select count(*) from bi.{} where source = %s and customer_id is not null"
    tables = ("bridge_customer_identities", "dim_author", "fct_interactions")
    # Whoever is nobody's customer, too.
    kept = "select count(*) from {} where source = %s"
    keeping = ("vault.authors", "intermediate.int_author_identities")
    assert source is not None
    assert all(week.one(count.format(table), *source) for table in tables)
    assert all(week.one(kept.format(table), *source) for table in keeping)
    week.admin.execute("update seeds.source_policies set may_match_identities = false where source = %s", source)
    # Nobody speaks; that time passes is enough.
    week.land("phone.calls", [], day=8)
    week.transform()
    assert [week.one(count.format(table), *source) for table in tables] == [0, 0, 0]
    assert [week.one(kept.format(table), *source) for table in keeping] == [0, 0]
    week.assert_refresh_changes_nothing()
