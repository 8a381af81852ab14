"""Adds language, sentiment and meaning to each text of changed conversations, once per text and version."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from social_crm.database import connect
from social_crm.enrichment.assessment import SCORER_VERSION, Assessment, assess
from social_crm.enrichment.classification import Classification, classifier_version, classify_many
from social_crm.enrichment.parallel import spread
from social_crm.settings import load_settings

_BATCH_TEXTS: Final = 1_000
_SCALARS: Final = 5

# Materialized: the planner expects one unseen text, and would otherwise search the changed conversations last, once for
# each text of the whole history.
_UNSEEN_TEXTS: Final = sql.SQL("""
    with said as materialized (
        select distinct on (keyed.text_key) keyed.text_key, keyed.text_plain
        from intermediate.int_interactions as interactions
        {scope}
        cross join lateral (
            select interactions.text_plain, ops.text_key(interactions.text_plain) as text_key
        ) as keyed
        where interactions.text_plain <> ''
    )

    select said.text_key, said.text_plain, scored.language, classified.text_key is not null
    from said
    left join enriched.text_sentiment as scored
        on said.text_key = scored.text_key and scored.scorer_version = %(scorer)s
    left join enriched.text_classification as classified
        on said.text_key = classified.text_key and classified.classifier_version = %(classifier)s
    where scored.text_key is null or classified.text_key is null
""")
_CHANGED: Final = sql.SQL("""
    inner join intermediate.int_conversations_changed as changed
        on interactions.source = changed.source
        and interactions.conversation_native_id = changed.conversation_native_id
""")
# A version is not used until it has processed all texts, because a conversation may be rebuilt for many reasons.
_IN_USE: Final = "select from enriched.classifier_in_use where classifier_version = %s"
_USE: Final = """
    insert into enriched.classifier_in_use (classifier_version) values (%s)
    on conflict (is_only) do update set classifier_version = excluded.classifier_version
"""

# Words removed by a policy cannot be read by a later version, so the previous results are kept.
_CARRY_SCORES: Final = """
    insert into enriched.text_sentiment
    select (jsonb_populate_record(scored, jsonb_build_object('scorer_version', %(version)s::text))).*
    from (
        select scorer_version from ops.transform_runs where status = 'published' order by transform_id desc limit 1
    ) as in_use
    inner join enriched.text_sentiment as scored on in_use.scorer_version = scored.scorer_version
    where scored.text_key in (select text_key from ops.cleared_words) and in_use.scorer_version <> %(version)s
    on conflict do nothing
"""
_CARRY_CLASSES: Final = """
    insert into enriched.text_classification
    select (jsonb_populate_record(classified, jsonb_build_object('classifier_version', %(version)s::text))).*
    from enriched.text_classification as classified
    inner join enriched.classifier_in_use as in_use on classified.classifier_version = in_use.classifier_version
    where classified.text_key in (select text_key from ops.cleared_words) and in_use.classifier_version <> %(version)s
    on conflict do nothing
"""

# By name, because an altered table has its columns in another order than a new one.
_COPY_ASSESSED: Final = f"copy assessed ({', '.join(('text_key', 'scorer_version', *Assessment._fields))}) from stdin"


class Unseen(NamedTuple):
    """A text to process; the language is NULL until it was scored."""

    text_key: str
    text: str
    language: str | None
    is_classified: bool


class Seen(NamedTuple):
    """The results for one text; NULL if already known."""

    text_key: str
    assessment: Assessment | None
    classification: Classification | None


@dataclass(frozen=True)
class EnrichmentCounts:
    """Results of one call: newly scored texts, unscored ones with reasons, and newly classified ones."""

    stored_count: int
    scored_count: int
    unscored_counts: dict[str, int]
    classified_count: int


def enrich_texts() -> EnrichmentCounts:
    """Assess and classify the texts without a row for these versions; stored results stay if the call dies."""
    url = load_settings().warehouse_transformer_url
    stored, classified, reasons = 0, 0, Counter[str | None]()
    # Planned for all rows; by default a cursor is optimised for the first tenth.
    reading = connect(url, cursor_tuple_fraction="1")
    with reading as reader, connect(url) as writer, reader.transaction():
        writer.execute("create temp table assessed (like enriched.text_sentiment)")
        writer.execute("create temp table classified (like enriched.text_classification)")
        with closing(spread(_look_at, _read_batches(reader))) as batches:
            for batch in batches:
                new_scores, new_classes = _store(writer, batch)
                stored += new_scores
                classified += new_classes
                reasons.update(seen.assessment.unscored_reason for seen in batch if seen.assessment)
        with writer.transaction():
            writer.execute(_CARRY_SCORES, {"version": SCORER_VERSION})
            writer.execute(_CARRY_CLASSES, {"version": classifier_version()})
            writer.execute(_USE, [classifier_version()])
    return EnrichmentCounts(
        stored_count=stored,
        scored_count=reasons.pop(None, 0),
        unscored_counts={reason: count for reason, count in sorted(reasons.items()) if reason},
        classified_count=classified,
    )


def _read_batches(reader: psycopg.Connection[TupleRow]) -> Iterator[list[Unseen]]:
    """Yield the texts to process with their keys; a server-side cursor keeps only one batch in memory."""
    in_use = reader.execute(_IN_USE, [classifier_version()]).fetchone()
    query = _UNSEEN_TEXTS.format(scope=sql.SQL("") if in_use is None else _CHANGED)
    with reader.cursor("unseen_texts") as cursor:
        cursor.execute(query, {"scorer": SCORER_VERSION, "classifier": classifier_version()})
        while batch := cursor.fetchmany(_BATCH_TEXTS):
            yield [Unseen(*row) for row in batch]


def _look_at(batch: list[Unseen]) -> list[Seen]:
    scores = {unseen.text_key: assess(unseen.text) for unseen in batch if unseen.language is None}
    unclassified = [unseen for unseen in batch if not unseen.is_classified]
    languages = [unseen.language or scores[unseen.text_key].language for unseen in unclassified]
    texts = zip([unseen.text for unseen in unclassified], languages, strict=True)
    classes = dict(zip([unseen.text_key for unseen in unclassified], classify_many(texts), strict=True))
    return [Seen(unseen.text_key, scores.get(unseen.text_key), classes.get(unseen.text_key)) for unseen in batch]


def _store(writer: psycopg.Connection[TupleRow], batch: list[Seen]) -> tuple[int, int]:
    """Add the rows that no other run has added meanwhile, in one transaction; return the number of each kind."""
    with writer.transaction():
        writer.execute("truncate assessed, classified")
        with writer.cursor().copy(_COPY_ASSESSED) as copy:
            for seen in batch:
                if seen.assessment:
                    copy.write_row((seen.text_key, SCORER_VERSION, *seen.assessment))
        with writer.cursor().copy("copy classified from stdin") as copy:
            for seen in batch:
                if seen.classification:
                    copy.write_row((seen.text_key, classifier_version(), *_as_columns(seen.classification)))
        # In order of key, so that two simultaneous runs wait for each other instead of deadlocking.
        scores = writer.execute(
            "insert into enriched.text_sentiment select * from assessed order by text_key on conflict do nothing"
        ).rowcount
        classes = writer.execute(
            "insert into enriched.text_classification select * from classified order by text_key on conflict do nothing"
        ).rowcount
    return scores, classes


def _as_columns(found: Classification) -> list[object]:
    """Return the row's columns after its key: lists of decisions become parallel lists of their parts."""
    decisions: list[tuple[list[Any], int]] = [(found.contact_types, 4), (found.issues, 5), (found.flags, 2)]
    parts = [[decision[part] for decision in listed] for listed, width in decisions for part in range(width)]
    return [*found[:_SCALARS], *parts]
