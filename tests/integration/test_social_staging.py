"""Recorded answers of sources through the front door into the contract: one transform for all of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from social_crm.local.postgres import EmbeddedServer
from social_crm.quality.doors import check_raw
from social_crm.sources.model import Source
from social_crm.transform.dbt_runner import run_tests
from worlds.recorded_answers import RECORDED, land_recorded, stage_recorded
from worlds.warehouses import copy_in_use, prepared

# What complaints become, test_staging.py and test_real_complaints.py look at.
STAGED = [source for source in RECORDED if source.name != "complaints"]
# One of the recorded reviews is off its scale, so that a test can look at what becomes of it.
WARNED_OF = {"reviews.reviews": ["values_to_be_null(score_off_scale)"]}


@pytest.fixture(scope="module")
def contract(
    postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """Land every fixture, let it through the front door, and fill the contract."""
    with copy_in_use(postgres_server, prepared(postgres_server), tmp_path_factory.mktemp("social")) as settings:
        loads = [load_id for source in STAGED for load_id in _landed(source)]
        models = stage_recorded(STAGED, loads)
        run_tests(models)
        with psycopg.connect(settings.warehouse_transformer_url, row_factory=dict_row) as transformer:
            yield transformer


def _landed(source: Source) -> Iterator[int]:
    for resource in source.resources:
        load_id = land_recorded(source, resource)
        failed = [result.rule for result in check_raw(source.name, [load_id]) if not result.is_success]
        assert failed == WARNED_OF.get(f"{source.name}.{resource.name}", [])
        yield load_id


def said(contract: psycopg.Connection[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    query = f"select * from staging.stg_{source}__interactions order by published_at, native_id"
    return contract.execute(query.encode()).fetchall()


def test_a_mention_and_its_answer_are_one_thread_of_bluesky(contract: psycopg.Connection[dict[str, Any]]) -> None:
    complaint, answer = said(contract, "bluesky")
    assert complaint["text_plain"] == "@acmebank.example my card was charged twice #acmebank"
    assert (complaint["direction"], complaint["author_handle"]) == ("inbound", "ann.example")
    assert (complaint["likes"], complaint["shares"]) == (3, 2)
    assert complaint["source_attributes"] == {"hashtags": ["acmebank"]}
    assert complaint["url"] == "https://bsky.app/profile/did:plc:ann234567abcdefghijklmno/post/3n3agpy46qc24"
    assert answer["conversation_native_id"] == complaint["conversation_native_id"] == complaint["native_id"]
    assert answer["in_reply_to_native_id"] == complaint["native_id"]
    # By which BI users know a post: it must not undo the pseudonym of who wrote it.
    shown = ("interaction_id", "native_id", "conversation_native_id", "in_reply_to_native_id")
    assert [one[name] for one in (complaint, answer) for name in shown if "did:" in (one[name] or "")] == []


@pytest.mark.parametrize("source", ["bluesky", "mastodon", "youtube"])
def test_what_a_source_no_longer_shows_is_deleted_and_nothing_else(
    contract: psycopg.Connection[dict[str, Any]], source: str
) -> None:
    removals = contract.execute(f"select * from staging.stg_{source}__removals".encode()).fetchall()
    deleted = {one["native_id"]: one["deleted_at"] for one in said(contract, source) if one["deleted_at"]}
    assert deleted == {one["_record_key"]: one["_extracted_at"] for one in removals}
    assert len(deleted) == 1


def test_comments_stand_below_their_post_of_facebook_and_messages_apart(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    post, comment, answer, question, reply = said(contract, "facebook")
    assert (post["likes"], post["shares"], post["visibility"]) == (3, 1, "public")
    assert {one["conversation_native_id"] for one in (post, comment, answer)} == {"700_1"}
    assert (comment["in_reply_to_native_id"], answer["in_reply_to_native_id"]) == ("700_1", "1_11")
    assert (comment["author_name"], comment["text_plain"]) == ("Ann", "And my card was charged twice")
    assert {one["conversation_native_id"] for one in (question, reply)} == {"t_1"}
    assert {one["visibility"] for one in (question, reply)} == {"private"}


def test_replies_stand_below_their_post_of_instagram_and_posts_that_tag_us_apart(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    post, comment, answer, tagged = said(contract, "instagram")
    assert {one["conversation_native_id"] for one in (post, comment, answer)} == {post["native_id"]}
    assert (comment["in_reply_to_native_id"], answer["in_reply_to_native_id"]) == (post["native_id"], "1790011")
    assert (comment["author_handle"], comment["text_plain"]) == ("ann.example", "And my card was charged twice")
    assert (post["likes"], post["url"]) == (7, "https://www.instagram.com/p/A1/")
    assert (tagged["author_handle"], tagged["source_channel"]) == ("bob.example", "post")
    assert (tagged["text_plain"], tagged["surface"]) == ("Waiting at @acmebank for an hour", "earned")


def test_a_mention_and_its_answer_are_one_thread_of_mastodon(contract: psycopg.Connection[dict[str, Any]]) -> None:
    complaint, answer = said(contract, "mastodon")
    assert complaint["text_plain"] == "@acmebank my card was charged twice & nobody answers"
    assert (complaint["direction"], complaint["author_handle"]) == ("inbound", "ann@else.example")
    assert (complaint["likes"], complaint["shares"], complaint["author_followers"]) == (3, 1, 12)
    assert answer["conversation_native_id"] == complaint["conversation_native_id"] == complaint["native_id"]
    assert answer["in_reply_to_native_id"] == complaint["native_id"]
    assert answer["edited_at"] - answer["published_at"] == timedelta(minutes=9)


def test_a_post_of_reddit_is_edited_answered_and_answered_by_what_was_removed(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    post, answer, removed = said(contract, "reddit")
    assert post["text_plain"] == "Acme Bank charges twice\nMy card was charged twice & nobody answers."
    assert (post["likes"], post["shares"], post["author_handle"]) == (12, 1, "ann_example")
    assert post["edited_at"] - post["published_at"] == timedelta(minutes=30)
    assert {one["conversation_native_id"] for one in (post, answer, removed)} == {post["native_id"]}
    assert (answer["in_reply_to_native_id"], removed["in_reply_to_native_id"]) == ("t3_1kx1", "t1_m001")
    assert answer["text_plain"] == "We are sorry & look into it."
    assert (removed["text_plain"], removed["author_handle"]) == (None, None)
    assert removed["deleted_at"] == removed["extracted_at"]


def test_a_reply_stands_in_its_thread_of_youtube(contract: psycopg.Connection[dict[str, Any]]) -> None:
    comment, reply = said(contract, "youtube")
    assert (comment["native_id"], comment["text_plain"], comment["likes"]) == (
        "Ug1",
        "The app logs me out all the time",
        2,
    )
    assert (reply["conversation_native_id"], reply["in_reply_to_native_id"]) == ("Ug1", "Ug1")
    assert reply["edited_at"] - reply["published_at"] == timedelta(minutes=5)
    assert comment["edited_at"] is None
    assert reply["url"] == "https://www.youtube.com/watch?v=vid1&lc=Ug1.r1"


def test_an_answer_to_a_survey_brings_its_score_to_what_it_was_about(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    loyal, pleased, leaving, angry = sorted(said(contract, "surveys"), key=lambda row: row["source_attributes"]["score"], reverse=True)  # fmt: skip  # noqa: E501
    assert (pleased["rating"], pleased["text_plain"], pleased["author_external_id"]) == (
        5,
        "Quick, and friendly",
        "C-7",
    )
    assert (loyal["rating"], loyal["source_attributes"]["score"], loyal["text_plain"]) == (None, 9, None)
    assert loyal["conversation_native_id"] == pleased["conversation_native_id"] == "R-501"
    assert loyal["source_attributes"]["about_conversation_id"] == "phone:pbx-us/0007"
    assert (leaving["native_id"], angry["native_id"]) == ("R-502/csat", "R-503/nps")
    assert "about_conversation_id" not in angry["source_attributes"]
    assert angry["published_at"] == datetime(2026, 6, 30, 12, 30, tzinfo=UTC)


def test_a_call_says_what_its_caller_said_or_else_what_the_agent_noted(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    calls = {one["native_id"]: one["text_plain"] for one in said(contract, "phone")}
    assert calls == {
        "pbx-us/0007": "My card is blocked",
        "pbx-us/0008": None,
        "pbx-us/0009": 'Said "never again"\nand hung up',
    }


def test_stores_on_two_clocks_speak_in_one_order(contract: psycopg.Connection[dict[str, Any]]) -> None:
    visits = said(contract, "stores")
    assert [(visit["source_account"], visit["published_at"]) for visit in visits] == [
        ("sg-orchard-02", datetime(2026, 6, 30, 3, 15, tzinfo=UTC)),
        ("us-boston-01", datetime(2026, 6, 30, 13, 40, tzinfo=UTC)),
        ("us-boston-01", datetime(2026, 6, 30, 20, 5, tzinfo=UTC)),
    ]
    assert visits[0]["source_attributes"] == {"reason": "complaint", "is_noted_by_staff": True}


def test_a_comment_and_its_answer_stand_below_their_post_of_wordpress(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    post, comment, answer, spam = said(contract, "wordpress")
    assert (post["native_id"], post["text_plain"]) == ("post/4", "Lower fees\nFrom July on, transfers are free.")
    assert (comment["text_plain"], comment["author_email"]) == ("Why doesn't that hold for me?", "ann@else.example")
    assert (comment["in_reply_to_native_id"], answer["in_reply_to_native_id"]) == ("post/4", "comment/5")
    assert {one["conversation_native_id"] for one in (post, comment, answer)} == {"post/4"}
    assert {(one["source_account"], one["market_code"]) for one in (post, comment, answer)} == {
        ("blog.acmebank.example", "sg")
    }
    assert (spam["sender_kind"], spam["author_email"], spam["deleted_at"]) == ("bot", None, spam["extracted_at"])


def test_an_entry_of_a_feed_is_found_by_the_hour_of_its_own_zone(contract: psycopg.Connection[dict[str, Any]]) -> None:
    [entry] = said(contract, "feeds")
    assert entry["text_plain"] == "Acme Bank raises fees\nCustomers are not amused & leave."
    assert (entry["published_at"].hour, entry["author_name"]) == (6, "Jo Writer")
    assert entry["edited_at"] - entry["published_at"] == timedelta(minutes=90)


def test_an_accepted_answer_of_a_forum_is_marked_and_quotes_nobody(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    question, answer = said(contract, "discourse")
    assert (question["text_plain"], answer["text_plain"]) == (
        "Lost card\nHow do I block my card?",
        "In the app, below Cards.",
    )
    assert (answer["in_reply_to_native_id"], answer["source_attributes"]) == ("31", {"is_accepted_answer": True})
    assert (answer["likes"], answer["views"], answer["url"]) == (3, 15, "https://forum.example/t/lost-card/9/2")
    assert answer["edited_at"] - answer["published_at"] == timedelta(minutes=40)


def test_a_reply_answers_its_review_and_scores_of_two_scales_are_compared(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    review, reply, ten, anonymous, beyond = said(contract, "reviews")
    assert (review["rating"], review["text_plain"], review["source_channel"]) == (
        1,
        "Cannot log in since the update",
        "app",
    )
    assert (reply["direction"], reply["in_reply_to_native_id"]) == ("outbound", review["native_id"])
    assert reply["published_at"] - review["published_at"] == timedelta(minutes=30)
    assert ten["rating"] == Decimal("3.67")
    assert (ten["source_attributes"]["score"], ten["source_attributes"]["scale_max"]) == (7, 10)
    assert (anonymous["rating"], anonymous["native_id"][:16]) == (5, "id1234567890/row")
    assert (beyond["rating"], beyond["text_plain"]) == (None, "Off the scale")


def test_a_chat_of_a_bot_and_staff_is_one_case_that_was_closed_and_opened_again(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    parts = said(contract, "intercom")
    assert [(part["sender_kind"], part["is_internal"], part["text_plain"]) for part in parts] == [
        ("customer", False, "My card was charged twice"),
        ("bot", False, "Which card?"),
        ("agent", True, "Known fault of Monday"),
        ("agent", False, "We refund it today."),
        ("customer", False, "It is back & fine, thanks"),
    ]
    assert {part["conversation_native_id"] for part in parts} == {"503"}
    assert {(part["source_account"], part["market_code"], part["brand_code"]) for part in parts} == {
        ("acmepay1", "in", "acme_pay")
    }
    assert [part["author_external_id"] for part in parts] == ["C-7", None, None, None, "C-7"]
    query = "select * from staging.stg_intercom__case_events order by occurred_at, case_event_id"
    assert [(step["event_type"], step["field"], step["new_value"]) for step in contract.execute(query)] == [
        ("created", None, None),
        ("changed", "status", "open"),
        ("changed", "assignee", "274"),
        ("changed", "status", "solved"),
        ("changed", "status", "open"),
    ]


def test_a_ticket_of_request_tracker_is_a_case_with_notes_that_was_solved_and_took_in_another(
    contract: psycopg.Connection[dict[str, Any]],
) -> None:
    messages = said(contract, "request_tracker")
    assert [
        (one["conversation_native_id"], one["sender_kind"], one["is_internal"], one["source_channel"])
        for one in messages
    ] == [
        ("1", "customer", False, "email"),
        ("1", "agent", False, "email"),
        ("1", "agent", True, "email"),
        ("2", "customer", False, "web"),
    ]
    assert (messages[0]["author_email"], messages[0]["source_account"]) == ("jo@else.example", "Cards")
    query = (
        "select * from staging.stg_request_tracker__case_events"
        " order by occurred_at, length(case_event_id), case_event_id"
    )
    events = [
        (one["conversation_native_id"], one["event_type"], one["field"], one["new_value"])
        for one in contract.execute(query)
    ]
    assert [event[1:] for event in events if event[0] == "1"] == [
        ("changed", "group", "3"),
        ("changed", "status", "new"),
        ("created", None, None),
        ("changed", "priority", "low"),
        ("changed", "status", "open"),
        ("changed", "assignee", "27"),
        ("changed", "priority", "normal"),
        ("changed", "status", "solved"),
    ]
    assert ("2", "merged", None, "1") in events


def test_the_accepted_answer_of_a_question_is_marked(contract: psycopg.Connection[dict[str, Any]]) -> None:
    question, other, accepted = said(contract, "stackexchange")
    assert question["text_plain"] == "Fees of Acme Bank\nDoes Acme Bank charge abroad?"
    assert accepted["text_plain"] == "1 %, says the list."
    assert {one["in_reply_to_native_id"] for one in (other, accepted)} == {question["native_id"]}
    found = {"is_found": True}
    assert (other["source_attributes"], accepted["source_attributes"]) == (found, found | {"is_accepted_answer": True})
    assert (question["views"], accepted["likes"], other["author_name"]) == (90, 6, "guest")
