"""The sample server as publishers of feeds: what feedparser finds in them, and who is told that nothing changed."""

from typing import Any

import feedparser
import pytest

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.feeds import FEEDS

NEWS, DIARY = FEEDS


@pytest.mark.parametrize(("path", "version"), [(NEWS, "rss20"), (DIARY, "atom10")])
def test_a_feed_is_well_formed_and_tells_what_was_published(
    get: Any, company: Company, path: str, version: str
) -> None:
    found = feedparser.parse(get(path, {}).body)
    lines = [line for line in reversed(company.networks["feeds"]) if line["on"] == path]
    assert (found.bozo, found.version) == (False, version)
    assert [(one.link, one.title, one.get("author")) for one in found.entries] == [
        (line["id"], line["title"], line["by"]) for line in lines
    ]
    assert [one.published_parsed[:5] for one in found.entries] == [
        tuple(map(int, (*line["at"][:10].split("-"), *line["at"][11:16].split(":")))) for line in lines
    ]


def test_an_entry_changes_at_its_time(get: Any, post: Any) -> None:
    def told(now: str) -> tuple[str, str]:
        post("/_sample/clock", {"now": now})
        entry = feedparser.parse(get(DIARY, {}).body).entries[0]
        return entry.updated, entry.content[0].value

    before, after = told("2026-11-07T19:59:59Z"), told("2026-11-07T20:00:00Z")
    assert (before[0], after[0]) == ("2026-11-06T07:00:00-05:00", "2026-11-07T15:00:00-05:00")
    assert "Update:" in after[1] != before[1]


def test_who_has_this_version_is_told_so(get: Any, post: Any) -> None:
    version = get(NEWS, {}).headers["etag"]
    answer = get(NEWS, {"if-none-match": version})
    assert (answer.status, answer.body) == (304, b"")
    post("/_sample/clock", {"now": "2026-11-04T00:00:00Z"})
    assert get(NEWS, {"if-none-match": version}).status == 200
    assert get("/feeds/else.xml", {}).status == 404
