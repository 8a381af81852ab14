"""Gives each text of the conversations that changed its language and sentiment, once per text and scorer version."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from social_crm.database import connect
from social_crm.enrichment.assessment import SCORER_VERSION, Assessment, assess
from social_crm.enrichment.parallel import spread
from social_crm.settings import load_settings

_BATCH_TEXTS: Final = 1_000

_UNSCORED_TEXTS: Final = """
    select distinct on (keyed.text_key) keyed.text_key, keyed.text_plain
    from intermediate.int_interactions as interactions
    inner join intermediate.int_conversations_changed as changed
        on interactions.source = changed.source
        and interactions.conversation_native_id = changed.conversation_native_id
    cross join lateral (
        select interactions.text_plain, encode(sha256(convert_to(interactions.text_plain, 'UTF8')), 'hex') as text_key
    ) as keyed
    left join enriched.text_sentiment as scored
        on keyed.text_key = scored.text_key and scored.scorer_version = %s
    where interactions.text_plain <> '' and scored.text_key is null
"""

Keyed = tuple[str, Assessment]


@dataclass(frozen=True)
class EnrichmentCounts:
    """What one call did: texts newly stored, how many of them have scores, and why the others have none."""

    stored_count: int
    scored_count: int
    unscored_counts: dict[str, int]


def enrich_texts() -> EnrichmentCounts:
    """Assess and store the texts that have no row for this scorer version; what is stored stays if the call dies."""
    url = load_settings().warehouse_transformer_url
    stored, reasons = 0, dict[str | None, int]()
    with connect(url) as reader, connect(url) as writer, reader.transaction():
        writer.execute("create temp table assessed (like enriched.text_sentiment)")
        with closing(spread(_assess_batch, _read_batches(reader))) as batches:
            for batch in batches:
                stored += _store(writer, batch)
                for _, assessment in batch:
                    reasons[assessment.unscored_reason] = reasons.get(assessment.unscored_reason, 0) + 1
    return EnrichmentCounts(
        stored_count=stored,
        scored_count=reasons.pop(None, 0),
        unscored_counts={reason: count for reason, count in sorted(reasons.items()) if reason},
    )


def _read_batches(reader: psycopg.Connection[TupleRow]) -> Iterator[list[tuple[str, str]]]:
    """Yield the texts to assess with their keys; the server's cursor keeps all but one batch out of memory."""
    with reader.cursor("unscored_texts") as cursor:
        cursor.execute(_UNSCORED_TEXTS, [SCORER_VERSION])
        while batch := cursor.fetchmany(_BATCH_TEXTS):
            yield batch


def _assess_batch(batch: list[tuple[str, str]]) -> list[Keyed]:
    return [(key, assess(text)) for key, text in batch]


def _store(writer: psycopg.Connection[TupleRow], batch: list[Keyed]) -> int:
    """Add the rows that no other run has added meanwhile, in one transaction; return how many."""
    with writer.transaction():
        writer.execute("truncate assessed")
        with writer.cursor().copy("copy assessed from stdin") as copy:
            for key, assessment in batch:
                copy.write_row((key, SCORER_VERSION, *assessment))
        # In order of key, so that two runs at once wait for each other instead of deadlocking.
        return writer.execute(
            "insert into enriched.text_sentiment select * from assessed order by text_key on conflict do nothing"
        ).rowcount
