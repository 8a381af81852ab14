"""Records that come again with another conversation: the star follows, by a daily run as by a refresh."""

import pytest
from star_warehouse import StarWarehouse
from test_star import post


def assert_a_refresh_changes_nothing(star: StarWarehouse) -> None:
    """Fail unless a full refresh gives the star that the daily runs gave."""
    assert star.differences("marts", "bi") == {}
    star.keep("incremental")
    star.transform(full_refresh=True)
    assert star.differences("incremental", "marts") == {}


@pytest.mark.parametrize("killed_after", [None, "+int_interactions", "+fct_interactions"])
def test_a_post_that_gets_its_conversation_late_leaves_the_one_it_was_in(
    star: StarWarehouse, killed_after: str | None
) -> None:
    alone = post(31, None, "jo", 60)
    star.land("x.posts", [post(1, None, "jo", 0), {**alone, "conversation_id": None}])
    star.transform()
    assert star.one("select count(*) from marts.fct_conversations where conversation_id = 'x:31'") == 1

    star.land("x.posts", [post(31, 1, "jo", 60)], day=1)
    if killed_after:
        star.transform_killed_after(killed_after)
    star.transform()
    assert star.one("select count(*) from marts.fct_conversations where conversation_id = 'x:31'") == 0
    assert star.one("select count(*) from marts.fct_interactions where conversation_id = 'x:1'") == 2
    assert_a_refresh_changes_nothing(star)


def test_our_own_post_without_its_author_is_ours_once_we_know_the_account(star: StarWarehouse) -> None:
    reply = post(2, 1, "77", 60)
    del reply["author"]
    star.land("x.posts", [post(1, None, "jo", 0), reply])
    star.transform()
    assert star.one("select count(*) from marts.fct_interactions where direction = 'outbound'") == 0

    star.land("x.users", [{"id": "77", "username": "AcmeBank", "name": "Acme Bank"}], day=1)
    star.transform()
    assert star.one("select count(*) from marts.fct_response_gaps where outcome = 'answered'") == 1
    assert_a_refresh_changes_nothing(star)


@pytest.mark.parametrize("killed_after", [None, "+dim_author +bridge_customer_identities"])
def test_a_post_that_turns_out_to_be_somebody_elses_counts_for_them_alone(
    star: StarWarehouse, killed_after: str | None
) -> None:
    def alone(number: int, author: str) -> dict:
        return {**post(number, None, author, 60 * number), "conversation_id": str(number)}

    star.land("x.posts", [alone(1, "jo"), alone(2, "jo"), alone(3, "jo"), alone(4, "al")])
    star.transform()
    star.admin.execute(
        "insert into ops.identity_decisions (source, author_native_id, customer_id, verdict, reason, decided_by)"
        " values ('x', 'al', 'C-1', 'confirmed', 'asked', 'ann')"
    )
    star.transform()
    assert star.one("select count(*) from bi.bridge_customer_identities") == 1

    star.land("x.posts", [alone(2, "bo"), alone(4, "bo")], day=1)
    if killed_after:
        star.transform_killed_after(killed_after)
    star.transform()
    assert star.one("select public_post_count from bi.dim_author where last_source_conversation_id = 'x:3'") == 2
    assert star.one("select count(*) from bi.bridge_customer_identities") == 0
    assert_a_refresh_changes_nothing(star)


def test_a_table_that_outgrows_its_statistics_gets_new_ones_at_once(star: StarWarehouse) -> None:
    star.land("x.posts", [post(1, None, "jo", 0)])
    star.transform()
    star.land("x.posts", [post(number, 1, "jo", number) for number in range(2, 300)], day=1)
    star.transform()
    assert star.one("select reltuples from pg_class where oid = 'marts.fct_interactions'::regclass") == 299
