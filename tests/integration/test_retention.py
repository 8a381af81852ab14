"""Words whose time is over leave raw, staging and bi; what they said stays counted, and nothing brings them back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from social_crm.enrichment import texts
from social_crm.errors import PolicyUnenforceable, RetentionOverdue
from social_crm.local import postgres
from social_crm.privacy import retention
from social_crm.privacy.retention import clear_words
from social_crm.settings import Settings
from social_crm.sources.model import Record
from worlds.star_warehouse import StarWarehouse, kept_star, star_of

DAY = timedelta(days=1)
MEANING = (
    "select interaction_id, language, sentiment_compound, sentiment_label, is_serviceable, contact_type_code,"
    " issue_code from {}.fct_interactions order by 1"
)


def comment(number: int, said: str, **snippet: Any) -> Record:
    given = {
        "textOriginal": said, "textDisplay": said, "authorDisplayName": f"Ann {number}", "likeCount": number,
        "authorChannelId": {"value": f"UC{number}"}, "publishedAt": "2026-10-26T09:00:00Z",
        "updatedAt": "2026-10-26T09:00:00Z", "channelId": "UCacme",
    }  # fmt: skip
    return {"id": f"Ug{number}", "thread_id": "Ug1", "video_id": "v", "snippet": given | snippet}


def reply(said: str, **cells: Any) -> Record:
    given = {
        "name": "t1_1", "link_id": "t3_1", "parent_id": "t3_1", "subreddit": "acme", "author": "ann", "body": said,
        "author_fullname": "t2_ann", "score": 1, "created_utc": 1_793_000_000, "permalink": "/r/acme/1",
    }  # fmt: skip
    return given | cells


def say(star: StarWarehouse) -> None:
    """Publish comments, two of one load and one of another."""
    star.land("youtube.comments", [comment(1, "comment 1"), comment(2, "comment 2")])
    star.land("youtube.comments", [comment(4, "comment 4")], day=1)
    star.transform()


@pytest.fixture(scope="module")
def said_before(
    postgres_server: postgres.EmbeddedServer, published_void: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Publish comments once for all tests of this file."""
    directory = tmp_path_factory.mktemp("said_before")
    with kept_star(postgres_server, published_void, directory, "said_before", say) as settings:
        yield settings


@pytest.fixture
def spoken(postgres_server: postgres.EmbeddedServer, said_before: Settings, tmp_path: Path) -> Iterator[StarWarehouse]:
    """Give the test a star of these comments."""
    with star_of(postgres_server, said_before, tmp_path) as star:
        yield star


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def words(star: StarWarehouse) -> set[str]:
    """Return the places that still hold a word of the comments."""
    places = {
        "raw": "raw_youtube.comments", "staging": "staging.stg_youtube__comments",
        "contract": "intermediate.int_interactions", "marts": "marts.fct_interactions", "bi": "bi.fct_interactions",
    }  # fmt: skip
    query = "select count(*) from {} as t where to_jsonb(t)::text ~ 'comment [1-9]|Ann [1-9]'"
    return {place for place, table in places.items() if star.one(query.format(table))}


def numbers_changed(star: StarWarehouse, kept: str) -> set[str]:
    """Return the tables whose rows are others than those kept, whatever of their text is shown."""
    shown = "- array['text_masked', 'text_excerpt']"
    query = "select count(*) from ({0} except all {1}) as t"
    rows = {schema: f"select to_jsonb(t) {shown} from {schema}.{{}} as t" for schema in (kept, "marts")}
    return {
        table
        for table in star.differences(kept, "marts")
        for one, other in ((kept, "marts"), ("marts", kept))
        if star.one(query.format(rows[one].format(table), rows[other].format(table)))
    }


def test_old_words_go_and_what_they_said_stays(spoken: StarWarehouse) -> None:
    spoken.keep("before")
    meaning = spoken.admin.execute(MEANING.format("bi")).fetchall()
    assert {row[1] for row in meaning} == {"en"}

    # Thirty days are kept, and nobody looks again before the next sweep.
    assert clear_words(in_days(28.9)) == []
    cleared = clear_words(in_days(29.1))
    assert [one[:2] + one[3:] for one in cleared] == [("youtube", "comments", "age", count) for count in (2, 1)]
    assert clear_words(in_days(29.1)) == []
    noted = spoken.admin.execute("select source, resource, reason, cleared_count, is_restated from ops.clearings")
    assert noted.fetchall() == [("youtube", "comments", "age", count, True) for count in (2, 1)]
    assert words(spoken) == {"staging", "contract", "marts", "bi"}

    spoken.transform()
    assert words(spoken) == set()
    assert spoken.admin.execute(MEANING.format("bi")).fetchall() == meaning
    assert numbers_changed(spoken, "before") == set()
    spoken.keep("after")
    spoken.transform(full_refresh=True)
    assert spoken.differences("after", "marts") == {}

    # Read again as they were they are no news; edited, they are, and have thirty days of their own.
    spoken.land("youtube.comments", [comment(1, "comment 1"), comment(2, "comment 3")], day=2)
    spoken.transform()
    assert spoken.one("select count(*) from raw_youtube.comments") == 4
    shown = spoken.admin.execute(
        "select native_id, text_plain from intermediate.int_interactions order by 1"
    ).fetchall()
    assert shown == [("Ug1", None), ("Ug2", "comment 3"), ("Ug4", None)]
    assert spoken.one("select count(*) from bi.fct_interactions where sentiment_compound is null") == 0


def test_a_version_of_the_scorer_that_cannot_read_them_keeps_what_the_one_before_said(
    spoken: StarWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear_words(in_days(29.1))
    spoken.transform()
    monkeypatch.setattr(texts, "SCORER_VERSION", "next")
    monkeypatch.setattr(texts, "classifier_version", lambda: "next")
    texts.enrich_texts()
    query = "select count(*) from {} where text_key in (select text_key from ops.cleared_words) and {} = 'next'"
    assert spoken.one(query.format("enriched.text_sentiment", "scorer_version")) == 3
    assert spoken.one(query.format("enriched.text_classification", "classifier_version")) == 3


def test_a_killed_sweep_leaves_all_or_nothing_of_a_load(spoken: StarWarehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(retention, "_NOTE", f"{retention._NOTE} where false and")
        with pytest.raises(psycopg.Error):
            clear_words(in_days(29.1))
    assert "raw" in words(spoken)
    assert spoken.one("select count(*) from ops.cleared_words") == 0
    assert [cleared.row_count for cleared in clear_words(in_days(29.1))] == [2, 1]
    assert "raw" not in words(spoken)


def test_words_that_a_restore_brings_back_go_again(spoken: StarWarehouse) -> None:
    spoken.admin.execute("create table backup as select * from raw_youtube.comments")
    clear_words(in_days(29.1))
    spoken.transform()
    spoken.admin.execute(
        "truncate raw_youtube.comments; insert into raw_youtube.comments select * from backup; drop table backup"
    )
    assert [cleared.row_count for cleared in clear_words(in_days(29.1))] == [2, 1]
    assert words(spoken) == set()
    remembered = "select count(*) from ops.cleared_words where text_key <> ''"
    assert spoken.one(remembered) == 3
    assert clear_words(in_days(29.1)) == []


def test_words_that_no_transform_has_read_are_not_taken_but_told(star: StarWarehouse) -> None:
    star.land("youtube.comments", [comment(1, "comment 1")])
    assert clear_words(in_days(29.1)) == []
    with pytest.raises(RetentionOverdue, match=r"words of youtube\.comments should be gone"):
        clear_words(in_days(30.1))
    assert "raw" in words(star)
    # A window that nobody finished is overdue only for what it brought.
    star.admin.execute(
        "insert into raw.load_ledger (source, resource, window_start, window_end, attempt, run_id, status)"
        " values ('linkedin', 'posts', '2026-10-26', '2026-10-27', 1, 'killed', 'running')"
    )
    with pytest.raises(RetentionOverdue, match=r"^words of youtube\.comments should be gone"):
        clear_words(in_days(30.1))
    star.admin.execute("update raw.load_ledger set status = 'rejected' where source = 'youtube'")
    star.admin.execute(
        "insert into raw.quarantine (load_id, source, resource, reason, detail, position, content, content_sha256)"
        " select load_id, source, resource, 'too_deep', '', '', 'comment 9', '' from raw.load_ledger"
        " where source = 'youtube'"
    )
    # What was refused is never read; quarantined beside it is one record more.
    assert [cleared.row_count for cleared in clear_words(in_days(30.1))] == [2]
    assert star.one("select count(*) from raw.quarantine where content <> ''") == 0


def test_a_deletion_takes_the_words_of_earlier_versions_and_changes_no_number(star: StarWarehouse) -> None:
    star.land("reddit.comments", [reply("comment 1"), reply("comment 7", name="t1_2")])
    star.transform()
    assert clear_words() == []
    star.land("reddit.comments", [reply("[deleted]", author="[deleted]", author_fullname=None)], day=1)
    star.transform()
    star.keep("before")
    [cleared] = clear_words()
    assert cleared[:2] + cleared[3:] == ("reddit", "comments", "deletion", 1)
    assert clear_words() == []
    kept = star.admin.execute("select payload ->> 'body' from raw_reddit.comments order by _load_id, _record_key")
    assert kept.fetchall() == [(None,), ("comment 7",), ("[deleted]",)]
    star.transform(full_refresh=True)
    assert star.differences("before", "marts") == {}


def test_what_tells_of_a_deletion_and_has_words_loses_them(star: StarWarehouse) -> None:
    record = {
        "site": "https://blog.acme.example", "id": 7, "post": 1, "parent": 0, "author": 0, "author_name": "Ann",
        "content": {"rendered": "<p>comment 8</p>"}, "date_gmt": "2026-10-26T09:00:00", "status": "approved",
        "link": "https://blog.acme.example/1#comment-7",
    }  # fmt: skip
    star.land("wordpress.comments", [record])
    star.land("wordpress.comments", [record | {"status": "trash"}], day=1)
    star.transform()
    meaning = star.admin.execute(MEANING.format("bi")).fetchall()
    assert [cleared.row_count for cleared in clear_words()] == [1, 1]
    assert star.one("select count(*) from raw_wordpress.comments where payload::text ~ 'comment 8|Ann'") == 0
    star.transform()
    assert star.admin.execute(MEANING.format("bi")).fetchall() == meaning
    assert clear_words() == []


def test_a_limit_that_nothing_can_keep_is_refused(spoken: StarWarehouse) -> None:
    spoken.admin.execute("update seeds.source_policies set words_kept_days = 1 where source = 'zendesk'")
    told = r"words of zendesk are kept, but where they are .* of zendesk\.comments"
    with pytest.raises(PolicyUnenforceable, match=told):
        clear_words(in_days(29.1))
    assert "raw" in words(spoken)


@pytest.mark.parametrize("name", ["crm", "you_tube"])
def test_a_limit_on_a_source_that_holds_no_words_is_refused(name: str, spoken: StarWarehouse) -> None:
    spoken.admin.execute("insert into seeds.source_policies values (%s, true, null, 24) on conflict do nothing", [name])
    spoken.admin.execute("update seeds.source_policies set deleted_words_kept_hours = 24 where source = %s", [name])
    with pytest.raises(PolicyUnenforceable, match=f"words of {name} are kept, but no such source"):
        clear_words(in_days(29.1))


def test_of_what_stands_in_square_brackets_only_a_note_in_the_place_of_words_stays(star: StarWarehouse) -> None:
    record = '{"body": "[deleted]", "files": ["ann.jpg"], "poll": {"options": ["Ann"]}, "score": 1}'
    query = "select raw.without_words(%s::jsonb, '{body, files, poll.options}')"
    [(left,)] = star.admin.execute(query, [record]).fetchall()
    assert left == {"body": "[deleted]", "poll": {}, "score": 1}
