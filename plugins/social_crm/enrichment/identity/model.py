"""Estimates a linkage model from the records themselves, without labels, and scores pairs with it."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from social_crm.enrichment.identity.blocking import Rule, choose_rules, count, count_pairs
from social_crm.enrichment.identity.comparisons import make_comparison

SEED: Final = 20_260_101
# A model trained on a handful of records overfits.
FEWEST_TO_TRAIN_ON: Final = 200
# Two random records of a customer base are one person in one of a million pairs.
UNTRAINED_PRIOR: Final = 1e-6
_SAMPLED_PAIRS: Final = 2_000_000
_RECORDS_TO_SAMPLE_FROM: Final = 200_000
# Pairs that agree on all of these are assumed to be one person, to estimate the share of true pairs.
_CERTAIN: Final[tuple[Rule, ...]] = (
    ("email",), ("phone",), ("handle",), ("first_name", "surname", "dob"), ("first_name", "surname", "postcode"),
    ("dob", "postcode"),
)  # fmt: skip
_CERTAIN_RECALL: Final = 0.6
# Blocks within which the similarity of true pairs is estimated: each leaves other fields free.
_TRAINING: Final[tuple[Rule, ...]] = (
    ("dob",), ("email",), ("phone",), ("handle",), ("postcode",), ("first_name", "surname"),
)  # fmt: skip
_TRAINING_PAIRS: Final = 2_000_000
_LEAST_SCORED: Final = 0.001
Say = Callable[[str], None]


def score_pairs(
    connection: duckdb.DuckDBPyConnection,
    tables: list[str],
    fields: list[str],
    say: Say,
    *,
    trained: bool,
    rules: Sequence[Rule] = (),
) -> str:
    """Score the pairs of normalised tables, trained on them if asked; return the name of the table of pairs.

    Without `rules`, the tables' sizes decide which pairs to compare.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    records = [count(connection, table) for table in tables]
    rules = list(rules) or choose_rules(connection, tables)
    say(f"comparing {', '.join(fields)} under {len(rules)} blocking rules")
    linker = make_linker(connection, tables, fields, rules, trained=trained)
    if trained:
        _train(linker, connection, tables, sum(records), say)
    else:
        say("weighing by the shares of ordinary records")
    say("scoring pairs")
    scored = linker.inference.predict(threshold_match_probability=_LEAST_SCORED, warning_mode="never")
    return str(scored.physical_name)


def make_linker(
    connection: duckdb.DuckDBPyConnection, tables: list[str], fields: list[str], rules: list[Rule], *, trained: bool
) -> Any:
    """Return a Splink linker over the tables, with the probabilities of ordinary records, or to be trained."""
    settings = SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        comparisons=[make_comparison(field, trained=trained) for field in fields],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        probability_two_random_records_match=UNTRAINED_PRIOR,
        max_iterations=50,
    )
    api = DuckDBAPI(connection)
    inputs = [api.register(table, dataset_display_name=table) for table in tables]
    return Linker(inputs, settings, log_level=logging.ERROR)


def _train(linker: Any, connection: duckdb.DuckDBPyConnection, tables: list[str], records: int, say: Say) -> None:
    """Estimate the share of true pairs, then chance agreement, then agreement of true pairs by maximum likelihood."""
    columns = set(connection.table(tables[0]).columns)
    certain = [block_on(*rule) for rule in _CERTAIN if set(rule) <= columns]
    if certain:
        linker.training.estimate_probability_two_random_records_match(certain, recall=_CERTAIN_RECALL)
    say("estimating chance agreement")
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=SEED)
    sample = _TRAINING_PAIRS if records > _RECORDS_TO_SAMPLE_FROM else None
    for rule in _TRAINING:
        if set(rule) <= columns and count_pairs(connection, tables, rule):
            say(f"estimating agreement of true pairs among those of one {' and '.join(rule)}")
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), estimate_without_term_frequencies=True, max_pairs=sample, record_sample_proportion=0.1
            )
