"""Where connectors of WordPress lose comments: filters, offsets that shift, hidden records, the trash."""

from datetime import timedelta
from typing import Any

import pytest

from harnesses.wordpress import FakeWordPress, comment, post
from servers.fake_api import Answer, Asked, FakeApi
from servers.fake_sources import HASTE, SECRET, START, WINDOW, ids, read
from social_crm.errors import ContractBroken, CursorRejected
from social_crm.sources import wordpress_reading
from social_crm.sources.model import Connection
from social_crm.sources.wordpress import WORDPRESS

POSTS, COMMENTS = WORDPRESS.resource("posts"), WORDPRESS.resource("comments")
NOON = START + timedelta(hours=12)


def connection(url: str, **options: Any) -> Connection:
    return Connection(url, "bot", SECRET, {"lookback_days": 0, **HASTE, **options})


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordpress_reading, "PAGE_SIZE", 4)


def comments(count: int) -> list[dict[str, Any]]:
    return [comment(number, NOON) for number in range(1, count + 1)]


def asked_for(api: FakeApi, status: str) -> list[int]:
    return [int(call.params["offset"]) for call in api.asked if call.params["status"] == status]


def test_comments_of_one_second_are_all_read_and_nothing_is_asked_beyond_the_last(fake_api: FakeApi) -> None:
    fake_api.respond = FakeWordPress(comments=comments(10))
    assert set(ids(read(COMMENTS, connection(fake_api.url)))) == {str(number) for number in range(1, 11)}
    assert asked_for(fake_api, "any") == [0, 3, 6]


def test_the_bounds_of_a_window_are_in_and_out_though_the_filters_leave_out_both(fake_api: FakeApi) -> None:
    end = START + timedelta(days=1)
    fake_api.respond = FakeWordPress(comments=[comment(1, START), comment(2, end - timedelta(seconds=1)), comment(3, end)])  # fmt: skip  # noqa: E501
    assert ids(read(COMMENTS, connection(fake_api.url))) == ["1", "2"]


def test_a_comment_deleted_for_good_between_two_pages_hides_none_behind_it(fake_api: FakeApi) -> None:
    site = FakeWordPress(comments=comments(10))

    def respond(asked: Asked) -> Answer:
        if asked.params["offset"] == "3" and len(site.comments) == 10:
            del site.comments[1]
        return site(asked)

    fake_api.respond = respond
    assert set(ids(read(COMMENTS, connection(fake_api.url)))) == {str(number) for number in range(1, 11)}
    assert asked_for(fake_api, "any") == [0, 3, 0, 3, 6]


def test_a_list_that_never_stands_still_is_said_to_be_so(fake_api: FakeApi) -> None:
    site = FakeWordPress(comments=comments(40))

    def respond(asked: Asked) -> Answer:
        del site.comments[0]
        return site(asked)

    fake_api.respond = respond
    with pytest.raises(CursorRejected, match="each of 3 walks"):
        read(COMMENTS, connection(fake_api.url))


def test_a_resumed_list_that_has_moved_is_read_from_its_start(fake_api: FakeApi) -> None:
    site = FakeWordPress(comments=comments(10))
    fake_api.respond = site
    cursor = read(COMMENTS, connection(fake_api.url))[0].cursor
    assert ids(read(COMMENTS, connection(fake_api.url), cursor))[0] == "4"
    del site.comments[2]
    assert ids(read(COMMENTS, connection(fake_api.url), cursor))[0] == "1"


def test_records_that_are_counted_and_not_shown_neither_end_a_list_nor_restart_it(fake_api: FakeApi) -> None:
    fake_api.respond = FakeWordPress(comments=comments(12), hidden={1, 2, 3, 4, 8})
    assert set(ids(read(COMMENTS, connection(fake_api.url)))) == {"5", "6", "7", "9", "10", "11", "12"}
    assert asked_for(fake_api, "any") == [0, 3, 6, 9]


def test_what_lies_in_the_trash_is_read_whatever_its_age(fake_api: FakeApi) -> None:
    fake_api.respond = FakeWordPress(comments=[comment(1, START - timedelta(days=400), status="trash"), comment(2, NOON)])  # fmt: skip  # noqa: E501
    assert ids(read(COMMENTS, connection(fake_api.url))) == ["2", "1"]


def test_a_comment_approved_or_edited_later_is_met_by_looking_back(fake_api: FakeApi) -> None:
    fake_api.respond = FakeWordPress(comments=[comment(1, START - timedelta(days=20))])
    assert ids(read(COMMENTS, connection(fake_api.url))) == []
    assert ids(read(COMMENTS, connection(fake_api.url, lookback_days=30))) == ["1"]


def test_posts_are_those_changed_in_the_window_deleted_ones_too(fake_api: FakeApi) -> None:
    old = START - timedelta(days=500)
    changed = [post(2, old, NOON), post(3, old, NOON, "trash"), post(4, old, NOON, "draft")]
    fake_api.respond = FakeWordPress(posts=[post(1, old), *changed, post(5, NOON)])
    assert ids(read(POSTS, connection(fake_api.url))) == ["2", "3", "5"]


def test_a_post_that_changes_every_night_before_it_is_read_is_in_some_window(fake_api: FakeApi) -> None:
    old = START - timedelta(days=500)
    nightly = [post(1, old, WINDOW.end + timedelta(minutes=5)), post(2, old, WINDOW.end + timedelta(days=1))]
    fake_api.respond = FakeWordPress(posts=nightly)
    assert ids(read(POSTS, connection(fake_api.url))) == ["1"]


def test_a_version_that_does_not_know_modified_after_is_noticed(fake_api: FakeApi) -> None:
    fake_api.respond = FakeWordPress(posts=[post(1, START - timedelta(days=500))], known=("after", "before"))
    with pytest.raises(ContractBroken, match="ignored the time filter"):
        read(POSTS, connection(fake_api.url))


def test_a_list_without_its_length_is_refused(fake_api: FakeApi) -> None:
    fake_api.respond = lambda asked: Answer(comments(2))
    with pytest.raises(ContractBroken, match="no usable paging fields"):
        read(COMMENTS, connection(fake_api.url))


def test_neither_address_nor_browser_of_a_commenter_is_asked_for(fake_api: FakeApi) -> None:
    fake_api.respond = FakeWordPress()
    read(COMMENTS, connection(fake_api.url))
    assert not {"author_ip", "author_user_agent"} & set(fake_api.asked[0].params["_fields"].split(","))


def test_keys_of_posts_and_comments_do_not_meet() -> None:
    assert {COMMENTS.key({"id": 1}), POSTS.key({"id": 1}), COMMENTS.key({})} == {"comment/1", "post/1", None}
