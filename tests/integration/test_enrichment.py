"""Enrichment against a real warehouse: once per distinct text, whatever is killed, repeated or run at once."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

import psycopg
import pytest

from social_crm.database import connect
from social_crm.enrichment import texts
from social_crm.enrichment.assessment import SCORER_VERSION
from social_crm.enrichment.care import score_care
from social_crm.enrichment.classification import classifier_version, classify_many
from social_crm.enrichment.texts import EnrichmentCounts, enrich_texts
from social_crm.enrichment.vader import read, score
from social_crm.settings import PROJECT_ROOT, Settings
from worlds.warehouses import ask

Row = tuple[object, ...]


@pytest.fixture
def warehouse_with_texts(warehouse: Settings) -> psycopg.Connection[Row]:
    """Open the prepared warehouse as transformer, with the two tables that enrichment reads, empty."""
    transformer = connect(warehouse.warehouse_transformer_url)
    transformer.execute(
        "create schema intermediate;"
        "create table intermediate.int_interactions (source text, conversation_native_id text, text_plain text);"
        "create table intermediate.int_conversations_changed (source text, conversation_native_id text)"
    )
    return transformer


def add_texts(transformer: psycopg.Connection[Row], new_texts: Iterable[str | None], conversation: str = "c1") -> None:
    with transformer.cursor().copy("copy intermediate.int_interactions from stdin") as copy:
        for text in new_texts:
            copy.write_row(("x", conversation, text))
    transformer.execute(
        "insert into intermediate.int_conversations_changed select 'x', %s"
        " except select * from intermediate.int_conversations_changed",
        [conversation],
    )


def read_rows(transformer: psycopg.Connection[Row]) -> list[Row]:
    return transformer.execute("select * from enriched.text_sentiment order by text_key").fetchall()


def test_each_distinct_text_gets_one_row_with_scores_or_a_reason(
    warehouse_with_texts: psycopg.Connection[Row],
) -> None:
    english, spanish = "I am very happy with the help you gave me", "no puedo entrar a la aplicación desde ayer"
    add_texts(warehouse_with_texts, [english, english, spanish, "any update?", "🏦", None, "", "Great 😂\n\t\\"])
    counts = enrich_texts()
    assert counts == EnrichmentCounts(
        stored_count=5,
        scored_count=2,
        unscored_counts={"language_without_lexicon": 1, "no_text": 1, "undetermined_language": 1},
        classified_count=5,
    )
    rows = {row[0]: row[1:] for row in read_rows(warehouse_with_texts)}
    key = hashlib.sha256(english.encode()).hexdigest()
    assert rows[key][:2] == (SCORER_VERSION, "en")
    assert rows[key][2:] == (*score(english), None, score_care(english, read(english)))
    assert rows[hashlib.sha256(spanish.encode()).hexdigest()][2:] == (*[None] * 4, "language_without_lexicon", None)
    assert hashlib.sha256("Great 😂\n\t\\".encode()).hexdigest() in rows


def test_a_second_run_scores_nothing_and_changes_nothing(warehouse_with_texts: psycopg.Connection[Row]) -> None:
    add_texts(warehouse_with_texts, ["good", "bad"])
    assert enrich_texts().stored_count == 2
    first = read_rows(warehouse_with_texts)
    assert enrich_texts() == EnrichmentCounts(0, 0, {}, classified_count=0)
    add_texts(warehouse_with_texts, ["worse"])
    assert enrich_texts().scored_count == 1
    assert set(first) < set(read_rows(warehouse_with_texts))


def test_conversations_that_did_not_change_are_left_alone(warehouse_with_texts: psycopg.Connection[Row]) -> None:
    enrich_texts()
    add_texts(warehouse_with_texts, ["good"])
    add_texts(warehouse_with_texts, ["bad"], conversation="c2")
    warehouse_with_texts.execute(
        "delete from intermediate.int_conversations_changed where conversation_native_id = 'c1'"
    )
    assert enrich_texts().stored_count == 1


NO_DECISIONS = ", ".join(["'{}'"] * 11)
A_LONG_HISTORY = f"""
    insert into intermediate.int_interactions
    select 'x', 'c' || n % 10000, 'text ' || n from generate_series(1, 70000) as n;
    create index on intermediate.int_interactions (source, conversation_native_id);
    insert into intermediate.int_conversations_changed select 'x', 'c' || n from generate_series(1, 5000) as n;
    insert into enriched.text_sentiment (text_key, scorer_version, language, unscored_reason)
    select ops.text_key(text_plain), '{SCORER_VERSION}', 'und', 'no_text' from intermediate.int_interactions
    where text_plain not like 'text 1__';
    insert into enriched.text_classification
    select text_key, '{classifier_version()}', null, null, null, null, null, {NO_DECISIONS}
    from enriched.text_sentiment;
    insert into enriched.classifier_in_use (classifier_version) values ('{classifier_version()}');
    analyze
"""
READ = "select sum(seq_tup_read)::text from pg_stat_user_tables where schemaname = 'intermediate'"


def test_half_a_history_that_changed_is_read_once(
    warehouse_with_texts: psycopg.Connection[Row], warehouse: Settings
) -> None:
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute(A_LONG_HISTORY.encode())
    # Sessions tell what they read when they end.
    before = int(ask(warehouse, READ))
    assert enrich_texts().classified_count == 100
    # The planner expects one new text. It read what changed again for each that was there.
    assert int(ask(warehouse, READ)) - before == 75_000


def test_another_scorer_version_gets_rows_of_its_own(
    warehouse_with_texts: psycopg.Connection[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_texts(warehouse_with_texts, ["good"])
    enrich_texts()
    monkeypatch.setattr(texts, "SCORER_VERSION", "next")
    assert enrich_texts().stored_count == 1
    assert {row[1] for row in read_rows(warehouse_with_texts)} == {SCORER_VERSION, "next"}


def read_classes(transformer: psycopg.Connection[Row]) -> dict[object, Row]:
    rows = transformer.execute(
        "select text_key, is_serviceable, serviceable_reason, contact_type_codes, issue_codes, product_codes,"
        "  issue_weights, flags from enriched.text_classification"
    )
    return {row[0]: row[1:] for row in rows}


def test_each_distinct_text_is_classified_once(warehouse_with_texts: psycopg.Connection[Row]) -> None:
    texts_said = ["my card 4111 1111 1111 1111 was charged twice, please check!!", "thanks", "thanks", None, ""]
    add_texts(warehouse_with_texts, texts_said)
    assert enrich_texts().classified_count == 2
    found = read_classes(warehouse_with_texts)
    for text in ("thanks", texts_said[0]):
        assert text is not None
        [decided] = classify_many([(text, "en")])
        assert found[hashlib.sha256(text.encode()).hexdigest()] == (
            decided.is_serviceable,
            decided.serviceable_reason,
            [kind.code for kind in decided.contact_types],
            [issue.issue_code for issue in decided.issues],
            [issue.product_code for issue in decided.issues],
            [issue.weight for issue in decided.issues],
            [flag.flag for flag in decided.flags],
        )
    assert enrich_texts().classified_count == 0


def test_a_classifier_is_in_use_once_it_has_seen_all_texts(
    warehouse_with_texts: psycopg.Connection[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_texts(warehouse_with_texts, ["good", "bad"])
    enrich_texts()
    warehouse_with_texts.execute("delete from intermediate.int_conversations_changed")
    monkeypatch.setattr(texts, "classifier_version", lambda: "next")
    monkeypatch.setattr(texts, "classify_many", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        enrich_texts()
    in_use = "select classifier_version from enriched.classifier_in_use"
    assert warehouse_with_texts.execute(in_use).fetchall() == [(classifier_version(),)]
    monkeypatch.setattr(texts, "classify_many", classify_many)
    assert enrich_texts() == EnrichmentCounts(0, 0, {}, classified_count=2)
    assert warehouse_with_texts.execute(in_use).fetchall() == [("next",)]
    assert enrich_texts().classified_count == 0


def test_two_runs_at_once_store_each_text_once(warehouse_with_texts: psycopg.Connection[Row]) -> None:
    add_texts(warehouse_with_texts, [f"a good text with the number {number}" for number in range(6_000)])
    results: list[EnrichmentCounts] = []
    runs = [threading.Thread(target=lambda: results.append(enrich_texts())) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sum(result.stored_count for result in results) == len(read_rows(warehouse_with_texts)) == 6_000


def test_a_killed_run_keeps_its_batches_and_the_next_one_finishes(
    warehouse_with_texts: psycopg.Connection[Row],
) -> None:
    add_texts(warehouse_with_texts, [f"a good text with the number {number} " * 8 for number in range(30_000)])
    process = subprocess.Popen(
        [sys.executable, "-c", "from social_crm.enrichment.texts import enrich_texts; enrich_texts()"],
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT / "plugins")},
        start_new_session=True,
    )
    count_stored = "select count(*) from enriched.text_sentiment"
    deadline = time.monotonic() + 60
    while not warehouse_with_texts.execute(count_stored).fetchone()[0] and time.monotonic() < deadline:  # type: ignore[index]
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    [(stored_count,)] = warehouse_with_texts.execute(count_stored).fetchall()
    assert 0 < stored_count < 30_000
    assert enrich_texts().stored_count == 30_000 - stored_count  # type: ignore[operator]


def test_many_texts_over_many_processes_equal_one_by_one(warehouse_with_texts: psycopg.Connection[Row]) -> None:
    many = [
        f"{word} number {number}, I am telling you" for number in range(5_000) for word in ("good", "bad", "VERY sad")
    ]
    add_texts(warehouse_with_texts, many)
    assert enrich_texts().scored_count == 15_000
    rows = {row[0]: row[3:7] for row in read_rows(warehouse_with_texts)}
    assert rows == {hashlib.sha256(text.encode()).hexdigest(): tuple(score(text)) for text in many}


def test_a_score_without_its_numbers_or_reason_is_refused(warehouse_with_texts: psycopg.Connection[Row]) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        warehouse_with_texts.execute(
            "insert into enriched.text_sentiment (text_key, scorer_version, language, compound)"
            " values ('k', 'v', 'en', 0)"
        )
