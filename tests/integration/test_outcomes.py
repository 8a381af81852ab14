"""What follows from meaning stays true as days arrive: repeats, first-contact resolution and alerts, row for row."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from social_crm.local import postgres
from social_crm.settings import Settings
from social_crm.sources.model import Record
from worlds.star_warehouse import StarWarehouse, kept_star, star_of
from worlds.star_world import FIRST_DAY


def asking(number: int) -> str:
    """Return a text that StarWarehouse classifies as a question: the first digit of its key says so."""
    texts = (f"@AcmeBank {number} {nonce}" for nonce in range(99))
    return next(text for text in texts if hashlib.sha256(text.encode()).hexdigest() < "a")


def post(number: int, author: int, day: int, parent: int | None = None) -> Record:
    """Return a post of somebody who asks Acme Bank, or of Acme Bank (author 1), in the afternoon of a day."""
    is_ours = author == 1
    record: Record = {
        "id": str(number),
        "edit_history_tweet_ids": [str(number)],
        "conversation_id": str(parent or number),
        "author_id": str(author),
        "created_at": f"{FIRST_DAY + timedelta(days=day, hours=16, seconds=number):%Y-%m-%dT%H:%M:%S}.000Z",
        "lang": "en",
        "text": "We have fixed it ^JM" if is_ours else asking(number),
        "entities": {"mentions": [] if is_ours else [{"username": "AcmeBank"}]},
        "author": {"id": str(author), "username": "AcmeBank" if is_ours else f"h{author}"},
    }
    return record | ({"referenced_tweets": [{"type": "replied_to", "id": str(parent)}]} if parent else {})


def customer(number: int) -> Record:
    """Return the CRM's record of whoever posts as author `number`."""
    return {
        "id": f"C-{number}",
        "x_handle": f"@h{number}",
        "market": "us",
        "created_at": f"{FIRST_DAY:%Y-%m-%d}T00:00:00Z",
        "updated_at": f"{FIRST_DAY:%Y-%m-%d}T00:00:00Z",
    }


def crowd(first: int, people: int, day: int) -> list[Record]:
    """Return one post each by as many people."""
    return [post(first + number, first + number, day) for number in range(people)]


def tell(star: StarWarehouse) -> None:
    """Publish four quiet days, then one on which sixty people ask the same."""
    star.land("crm.customers", [customer(21), customer(22)])
    star.land("x.posts", [post(2100, 21, 0), post(2101, 1, 0, 2100), post(2200, 22, 0), *crowd(3000, 2, 0)], 0)
    for day in (1, 2, 3):
        star.land("x.posts", crowd(3000 + 100 * day, 2, day), day)
    star.land("x.posts", crowd(4000, 60, 4), 4)
    star.transform()


@pytest.fixture(scope="module")
def told(
    postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Tell the days before, once for all tests of this file."""
    with kept_star(postgres_server, published_void, tmp_path_factory.mktemp("told"), "told", tell) as settings:
        yield settings


@pytest.fixture
def star(postgres_server: postgres.EmbeddedServer, told: Settings, tmp_path: Path) -> Iterator[StarWarehouse]:
    """Give the test a star of these days."""
    with star_of(postgres_server, told, tmp_path) as star:
        yield star


def verdicts(star: StarWarehouse) -> dict[str, tuple]:
    """Return what the published star says of the two customers' first questions."""
    rows = star.admin.execute(
        "select conversation_id, is_repeated, is_first_contact_resolved from bi.fct_contacts"
        " where conversation_id in ('x:2100', 'x:2200')"
    )
    return {name: tuple(rest) for name, *rest in rows}


@pytest.mark.parametrize(
    ("said_by", "said", "meaning"),
    [
        ("peer", "please contact customer service", "redirect"),
        ("peer", "Me too!", "no_answer"),
        ("peer", "my transfer is still pending as well", "no_answer"),
        ("peer", "My refund never came either.", "no_answer"),
        ("peer", "had this too. It arrived the next morning", None),
        ("peer", "you can still pay with it in the app, on the web too", None),
        ("asker", "that worked, cheers", "thanked"),
        ("asker", "support has fixed it", "fixed_by_staff"),
        ("asker", "it did not work", "not_helped"),
    ],
)
def test_rules_on_peers_answers_know_what_is_no_help(
    star: StarWarehouse, said_by: str, said: str, meaning: str | None
) -> None:
    asked = "select distinct meaning from seeds.peer_answer_rules where said_by = %s and %s ~* pattern"
    assert [row[0] for row in star.admin.execute(asked, [said_by, said])] == ([meaning] if meaning else [])


def test_time_alone_decides_what_nobody_repeated(star: StarWarehouse) -> None:
    assert verdicts(star) == {"x:2100": (None, None), "x:2200": (None, None)}

    star.land("x.posts", [post(2201, 22, 6)], 6)
    star.transform()
    assert verdicts(star) == {"x:2100": (None, None), "x:2200": (True, False)}

    # Nothing about customer 21 arrives, only a later day.
    star.land("x.posts", crowd(9000, 1, 8), 8)
    star.transform()
    assert verdicts(star) == {"x:2100": (False, True), "x:2200": (True, False)}
    star.assert_refresh_changes_nothing()


def test_a_late_day_takes_back_the_alert_that_it_explains(star: StarWarehouse) -> None:
    assert star.one("select count(*) from bi.fct_alerts where local_date_key = %s", FIRST_DAY + timedelta(days=4)) == 1

    star.land("x.posts", crowd(5000, 18, 2), 2)
    star.transform()

    assert star.one("select count(*) from bi.fct_alerts where local_date_key = %s", FIRST_DAY + timedelta(days=4)) == 0
    star.assert_refresh_changes_nothing()


def test_two_markets_that_tell_a_customer_the_opposite_are_found(star: StarWarehouse) -> None:
    refused = post(6001, 1, 5, 6000) | {"text": "Sorry, we cannot refund this ^JM"}
    asked_again = post(6100, 21, 6)
    asked_again |= {"entities": {"mentions": [{"username": "AcmeBankSG"}]}}
    granted = post(6101, 1, 6, 6100) | {"text": "The fee has been refunded ^KL", "author_id": "2"}
    granted |= {"author": {"id": "2", "username": "AcmeBankSG"}}
    star.land("x.posts", [post(6000, 21, 5), refused], 5)
    star.transform()
    assert star.one("select count(*) from bi.rpt_conflicting_answers") == 0

    asked_back = post(6002, 1, 6, 6000) | {"text": "Hello, which branch was it? ^JM"}
    star.land("x.posts", [asked_again, granted, asked_back], 6)
    star.transform()
    # What was said on the day before stays as it was, though its conversation goes on: that day is not counted again.
    days = "select market_code, local_date_key - %s from intermediate.int_market_days_touched order by 1"
    assert star.admin.execute(days, [FIRST_DAY.date()]).fetchall() == [("sg", 7), ("us", 6)]
    found = star.admin.execute(
        "select customer_id, earlier_conversation_id, earlier_answer, later_conversation_id, later_answer,"
        " earlier_market_code, later_market_code, is_other_channel from bi.rpt_conflicting_answers"
    ).fetchall()
    assert found == [("C-21", "x:6000", "refused", "x:6100", "granted", "us", "sg", False)]
    counted = star.admin.execute(
        "select subject, market_code, refused_by_market_code, granted_by_market_code, refused_by_team, conflict_count"
        " from bi.rpt_conflicting_answer_days"
    ).fetchall()
    assert counted == [("money", "sg", "us", "sg", None, 1)]
    star.assert_refresh_changes_nothing()
