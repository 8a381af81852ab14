"""Records that come again with another conversation: the star follows, by a daily run as by a refresh."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from test_star import post

from social_crm.local import postgres
from social_crm.settings import Settings
from worlds.sample_company import Contents, contents, differences
from worlds.star_warehouse import StarWarehouse, kept_star, star_of
from worlds.star_world import FIRST_DAY

KILLED_AFTER = (None, "+int_interactions", "+fct_interactions", "+dim_author +bridge_customer_identities")
# Posts of one case each: late in its conversation, ours without saying so, and somebody else's than it seemed.
LATE = post(31, 1, "jo", 60)
OURS = post(22, 21, "77", 60) | {"conversation_id": "21"}
OURS.pop("author")
NAMES = ("dee", "eli", "fay")


def alone(number: int, author: str) -> dict:
    return {**post(number, None, author, number), "conversation_id": str(number)}


def on_facebook(native_id: str, author: str, minutes: int, conversation: dict[str, str]) -> dict:
    """Return a comment or message of somebody, so many minutes after noon."""
    written = f"{FIRST_DAY + timedelta(hours=12, minutes=minutes):%Y-%m-%dT%H:%M:%S+0000}"
    return {"id": native_id, "message": "Where is it?", "created_time": written, "from": {"id": author}, **conversation}


def gone_private(star: StarWarehouse) -> list[str]:
    query = "select conversation_id from marts.fct_conversations where is_moved_to_private order by 1"
    return [row[0] for row in star.admin.execute(query)]


def tell(star: StarWarehouse) -> None:
    """Publish what was said first and what a person decided of it, and land what came a day later."""
    asked = [on_facebook(f"{post}_{who}", who, 0, {"post_id": post}) for post, who in zip("123", NAMES, strict=True)]
    star.land("facebook.comments", asked)
    star.land("facebook.messages", [on_facebook("m_1", "eli", 60, {"conversation_id": "t_1"})])
    star.land(
        "x.posts",
        [
            *(post(1, None, "jo", 0), {**post(31, None, "jo", 60), "conversation_id": None}),
            *(alone(21, "kim"), OURS),
            *(alone(101, "al"), alone(102, "al"), alone(103, "al"), alone(104, "cy")),
        ],
    )
    star.transform()
    assert gone_private(star) == ["facebook:2_eli"]
    assert star.one("select count(*) from marts.fct_conversations where conversation_id = 'x:31'") == 1
    assert star.one("select count(*) from marts.fct_interactions where direction = 'outbound'") == 0
    star.admin.execute(
        "insert into ops.identity_decisions (source, author_native_id, customer_id, verdict, reason, decided_by)"
        " values ('x', 'cy', 'C-1', 'confirmed', 'asked', 'ann')"
    )
    star.transform()
    assert star.one("select count(*) from bi.bridge_customer_identities") == 1
    star.land("x.posts", [LATE, alone(102, "bo"), alone(104, "bo")], day=1)
    star.land("x.users", [{"id": "77", "username": "AcmeBank", "name": "Acme Bank"}], day=1)
    # It was fay who wrote, and dee did too.
    messages = [
        on_facebook("m_1", "fay", 60, {"conversation_id": "t_1"}),
        on_facebook("m_2", "dee", 90, {"conversation_id": "t_2"}),
    ]
    star.land("facebook.messages", messages, day=1)


@pytest.fixture(scope="module")
def told(
    postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Tell the first day once; each test brings the second."""
    with kept_star(postgres_server, published_void, tmp_path_factory.mktemp("told"), "told", tell) as settings:
        yield settings


@pytest.fixture(scope="module")
def refreshed(
    postgres_server: postgres.EmbeddedServer, told: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Contents:
    """Return what one full refresh makes of both days."""
    with star_of(postgres_server, told, tmp_path_factory.mktemp("refreshed")) as star:
        star.transform(full_refresh=True)
        return contents(star.admin, "marts")


@pytest.mark.parametrize("killed_after", KILLED_AFTER)
def test_what_comes_again_otherwise_leaves_where_it_was(
    postgres_server: postgres.EmbeddedServer,
    told: Settings,
    refreshed: Contents,
    tmp_path: Path,
    killed_after: str | None,
) -> None:
    with star_of(postgres_server, told, tmp_path) as star:
        if killed_after:
            star.transform_killed_after(killed_after)
        star.transform()
        # A post that gets its conversation late leaves the one it was in.
        assert star.one("select count(*) from marts.fct_conversations where conversation_id = 'x:31'") == 0
        assert star.one("select count(*) from marts.fct_interactions where conversation_id = 'x:1'") == 2
        # Our own post without its author is ours once we know the account.
        assert star.one("select count(*) from marts.fct_response_gaps where outcome = 'answered'") == 1
        # What was asked in public goes on where its author writes in private, and nobody else.
        assert gone_private(star) == ["facebook:1_dee", "facebook:3_fay"]
        # A post that turns out to be somebody else's counts for them alone.
        assert star.one("select public_post_count from bi.dim_author where last_source_conversation_id = 'x:103'") == 2
        assert star.one("select count(*) from bi.bridge_customer_identities") == 0
        assert star.differences("marts", "bi") == {}
        assert differences(contents(star.admin, "marts"), refreshed) == {}


def test_a_table_that_outgrows_its_statistics_gets_new_ones_at_once(star: StarWarehouse) -> None:
    star.land("x.posts", [post(1, None, "jo", 0)])
    star.transform()
    star.land("x.posts", [post(number, 1, "jo", number) for number in range(2, 300)], day=1)
    star.transform()
    assert star.one("select reltuples from pg_class where oid = 'marts.fct_interactions'::regclass") == 299


def test_a_group_that_becomes_one_of_our_teams_has_what_it_holds(week: StarWarehouse) -> None:
    routed = "select max(source_conversation_id) from bi.fct_routings where source = 'zendesk'"
    (case,) = week.admin.execute(routed).fetchone() or ()
    moment = f"{FIRST_DAY + timedelta(days=8):%Y-%m-%dT%H:%M:%SZ}"
    event = {"id": 1, "type": "Change", "field_name": "group_id", "previous_value": None, "value": "2"}
    audit = {"id": 99001, "ticket_id": int(case.partition(":")[2]), "author_id": 10, "via": {"channel": "web"}}
    week.land("zendesk.audits", [audit | {"events": [event], "created_at": moment}], day=8)
    week.transform()
    assigned = "select count(assigned_at) from bi.fct_routings where source_conversation_id = %s"
    assert week.one(assigned, case) == 0

    # Nothing about the case arrives, only the name of who holds it.
    week.land("zendesk.groups", [{"id": 2, "name": "social_us", "created_at": moment, "updated_at": moment}], day=9)
    week.transform()
    assert week.one(assigned, case) == 1
    week.assert_refresh_changes_nothing()


BLOG = "https://blog.acmebank.example"


def blog_post(number: int, author: int, day: int) -> dict:
    moment = f"{FIRST_DAY + timedelta(days=day, hours=1):%Y-%m-%dT%H:%M:%S}"
    return {
        "id": number, "author": author, "link": f"{BLOG}/?p={number}", "title": {"rendered": "Fees"},
        "content": {"rendered": f"post {number}"}, "status": "publish", "date_gmt": moment, "modified_gmt": moment,
    }  # fmt: skip


def test_who_writes_their_first_post_was_staff_in_earlier_comments_until_it_is_anothers(star: StarWarehouse) -> None:
    comments = [
        {
            "id": 10 + author, "post": 1, "parent": 0, "author": author, "author_name": f"user {author}",
            "content": {"rendered": f"comment {author}"}, "link": f"{BLOG}/?p=1#comment-{author}",
            "status": "approved", "date_gmt": f"{FIRST_DAY + timedelta(hours=9):%Y-%m-%dT%H:%M:%S}",
        }
        for author in (8, 9)
    ]  # fmt: skip

    def staff() -> list[str]:
        found = (
            "select interaction_id from bi.fct_interactions"
            " where interaction_id like 'wordpress:comment/%' and direction = 'outbound' and sender_kind = 'agent'"
        )
        return [interaction_id for (interaction_id,) in star.admin.execute(found)]

    star.land("wordpress.posts", [blog_post(1, 7, 0)])
    star.land("wordpress.comments", comments)
    star.transform()
    assert staff() == []

    # Nothing about the conversation arrives, only a post elsewhere.
    star.land("wordpress.posts", [blog_post(2, 8, 1)], day=1)
    star.transform()
    assert staff() == ["wordpress:comment/18"]
    assert star.differences("marts", "bi") == {}

    handed_on = blog_post(2, 9, 1) | {"modified_gmt": f"{FIRST_DAY + timedelta(days=2):%Y-%m-%dT%H:%M:%S}"}
    star.land("wordpress.posts", [handed_on], day=2)
    star.transform()
    assert staff() == ["wordpress:comment/19"]
    star.assert_refresh_changes_nothing()
