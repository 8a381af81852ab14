"""The star on a small world: dbt's own tests hold, and what BI users must not see is not in it."""

import re
from datetime import timedelta

import pytest

from social_crm.transform.dbt_runner import run_dbt
from worlds.star_warehouse import StarWarehouse
from worlds.star_world import FIRST_DAY

THREAD_SIZE = 5_000


def test_every_dbt_test_passes_on_a_small_world(week: StarWarehouse) -> None:
    results = run_dbt(["test", "--select", "path:models/intermediate", "path:models/marts", "path:tests"])
    unit_tests = [result for result in results if result.node.startswith("test_")]
    assert len(unit_tests) >= 25
    assert {result.status for result in results} == {"pass"}


def test_no_identifier_reaches_the_marts(week: StarWarehouse) -> None:
    for table in week.tables("marts"):
        for pattern in ("@", "example.test", "1212555", r"\mh2\d\M", "User 1"):
            count = week.one(f"select count(*) from marts.{table} as t where t::text ~ %s", pattern)
            assert count == 0, f"{table} holds {pattern}"


@pytest.mark.parametrize(
    ("view", "said", "key"),
    [
        ("stg_enriched__text_sentiments", "md5(text_plain)", "text_key"),
        ("stg_enriched__text_classifications", "md5(text_plain)", "text_key"),
        ("stg_enriched__identity_links", "source, author_native_id", "source, author_native_id"),
        ("stg_ops__cleared_words", "interaction_id", "interaction_id"),
    ],
)
def test_what_is_known_of_a_day_of_utterances_is_found_by_key(
    week: StarWarehouse, view: str, said: str, key: str
) -> None:
    # The world is so small that everything else is as good.
    for way in ("hashjoin", "mergejoin", "material", "seqscan", "bitmapscan"):
        week.admin.execute(f"set enable_{way} = off")
    plan = week.admin.execute(
        f"explain select * from (select {said} from intermediate.int_interactions) as said ({key})"
        f" left join staging.{view} using ({key})"
    ).fetchall()
    assert re.search(rf"Index Cond: \(+{key.partition(',')[0]} = ", str(plan)), plan


def post(number: int, parent: int | None, author: str, moment: int) -> dict:
    """Make a post of one tree, `moment` seconds into the first day."""
    record = {
        "id": str(number), "edit_history_tweet_ids": [str(number)], "conversation_id": "1", "text": f"post {number}",
        "author_id": author, "created_at": f"{FIRST_DAY + timedelta(seconds=moment):%Y-%m-%dT%H:%M:%S}.000Z",
        "author": {"id": author, "username": "AcmeBank" if author == "us" else f"h{author}"},
        "entities": {"mentions": [{"username": "AcmeBank"}]},
    }  # fmt: skip
    return record | ({"referenced_tweets": [{"type": "replied_to", "id": str(parent)}]} if parent else {})


@pytest.mark.parametrize("shape", ["a chain", "a star"])
def test_a_tree_of_thousands_of_replies_is_threaded_in_seconds(star: StarWarehouse, shape: str) -> None:
    posts = [post(1, None, "us", 0)]
    for number in range(2, THREAD_SIZE + 1):
        parent = number - 1 if shape == "a chain" else 1
        posts.append(post(number, parent, "us" if number % 2 else f"c{number % 50}", number))
    star.land("x.posts", posts)
    results = star.transform()

    threads = star.one("select count(distinct conversation_id) from marts.fct_interactions")
    # In a chain the first customer's thread takes all that follows; in a star every answer to our post is its own.
    assert threads == (2 if shape == "a chain" else 1 + THREAD_SIZE // 2)
    assert star.one("select count(*) from marts.fct_interactions") == THREAD_SIZE
    assert max(result.seconds for result in results) < 20
