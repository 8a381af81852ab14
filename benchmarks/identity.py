"""Our linkage compared with Splink's own examples on records with known truth, then a million with a million.

`python benchmarks/identity.py` prints Markdown tables. "Splink's example" is, setting by setting, the model of its
README for `fake_1000` and that of its documentation for the 50,578 historical persons, run in this same process.
"""

import argparse
import logging
import os
import platform
import resource
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from social_crm.enrichment.identity.links import link_tables
from social_crm.enrichment.identity.model import SEED
from social_crm.enrichment.identity.records import normalise, read_blocklist
from social_crm.enrichment.identity.thresholds import DIRECT
from social_crm.settings import PROJECT_ROOT

SHARED_DATA = Path(os.environ.get("SHARED_DATA_DIR", PROJECT_ROOT.parent / "shared/data"))
FAKE = SHARED_DATA / "identity/fake_1000.csv"
HISTORICAL = SHARED_DATA / "identity/historical_figures_with_errors_50k.parquet"
MILLION = Path(__file__).with_name("identity_million.sql")
PRECISION = 0.98


def silent(_message: str) -> None:
    """Print nothing about the progress."""


def link_ours(connection: duckdb.DuckDBPyConnection, fields: list[str]) -> None:
    """Create `found` (l, r, probability) from the table `truth` by our linkage with its defaults."""
    columns = {name: name for name in ["unique_id", *fields]}
    normalise(connection, "people", "truth", columns, fields, read_blocklist())
    link_tables(connection, ["people"], fields, DIRECT, silent)
    connection.execute("create table found as select unique_id_l as l, unique_id_r as r, probability from links")


def link_fake_by_example(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `found` by the model of Splink's README."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("first_name", [0.9, 0.7]),
            cl.JaroAtThresholds("surname", [0.9, 0.7]),
            cl.DateOfBirthComparison(
                "dob", input_is_string=False, datetime_metrics=["year", "month"], datetime_thresholds=[1, 1]
            ),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name"), block_on("surname")],
    )
    linker = Linker(DuckDBAPI(connection).register("truth"), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("first_name", "surname")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    keep_found(connection, linker.inference.predict(threshold_match_weight=-10))


def link_historical_by_example(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `found` by the model of Splink's documentation, "Linking a dataset of real historical persons"."""
    area = "substr(postcode_fake,1,3)"
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on(area, "dob"),
            block_on(area, "first_name"),
            block_on(area, "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_name_surname_concat"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )
    connection.execute(
        "create table example as select *, first_name || ' ' || surname as first_name_surname_concat from truth"
    )
    linker = Linker(DuckDBAPI(connection).register("example"), settings, log_level=logging.ERROR)
    certain = [
        block_on("first_name", "surname", "dob"),
        block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
        block_on("dob", "postcode_fake"),
    ]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=SEED)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    keep_found(connection, linker.inference.predict())


def keep_found(connection: duckdb.DuckDBPyConnection, predictions: Any) -> None:
    """Create `found` from Splink's predictions."""
    connection.execute(
        f"create table found as select unique_id_l as l, unique_id_r as r, match_probability as probability"
        f" from {predictions.physical_name}"
    )


def judge(connection: duckdb.DuckDBPyConnection, threshold: float) -> tuple[float, float, float, float]:
    """Return precision, recall and F1 of pairs from a probability on, and the highest recall at the precision."""
    connection.execute(
        "create table judged as select found.probability, a.cluster = b.cluster as is_right from found"
        " inner join truth as a on found.l = a.unique_id::varchar"
        " inner join truth as b on found.r = b.unique_id::varchar"
    )
    total = connection.execute(
        "select sum(size * (size - 1) // 2)::bigint from (select count(*) as size from truth group by cluster)"
    ).fetchall()[0][0]
    pairs, right = connection.execute(
        "select count(*), count(*) filter (where is_right) from judged where probability >= ?", [threshold]
    ).fetchall()[0]
    best = connection.execute(
        """
        select coalesce(max(right_count), 0) from (
            select count(*) over ranked as pair_count, count(*) filter (where is_right) over ranked as right_count
            from judged window ranked as (order by probability desc range unbounded preceding)
        ) where right_count >= ? * pair_count
        """,
        [PRECISION],
    ).fetchall()[0][0]
    precision, recall = right / pairs, right / total
    return precision, recall, 2 * precision * recall / (precision + recall), best / total


def compare(title: str, source: str, works: dict[str, Callable[[duckdb.DuckDBPyConnection], None]]) -> None:
    """Print how well each method finds the pairs of one set of records, and how long it takes."""
    print(f"| {title} | precision | recall | F1 | recall at precision ≥ {PRECISION} | seconds |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, work in works.items():
        connection = duckdb.connect()
        connection.execute(f"create table truth as {source}")
        start = time.perf_counter()
        work(connection)
        seconds = time.perf_counter() - start
        figures = " | ".join(f"{figure:.4f}" for figure in judge(connection, DIRECT))
        print(f"| {name} | {figures} | {seconds:,.1f} |", flush=True)
    print()


def link_million(rows: int) -> None:
    """Print time, memory and quality of linking a number of accounts with as many customers."""
    connection = duckdb.connect()
    connection.execute("set memory_limit = '6GB'")
    connection.execute(f"set variable customer_count = {rows}")
    connection.execute(MILLION.read_text())
    fields = ["first_name", "surname", "dob", "email", "phone", "city"]
    start = time.perf_counter()
    columns = {name: name for name in ["unique_id", *fields]}
    for side in ("accounts", "customers"):
        normalise(connection, f"{side}_normal", side, columns, fields, read_blocklist())
    link_tables(connection, ["accounts_normal", "customers_normal"], fields, 0.95, silent)
    seconds = time.perf_counter() - start
    links, right = connection.execute(
        "select count(*), count(*) filter (where accounts.person = substr(links.unique_id_r, 2)::bigint) from links"
        " inner join accounts on links.unique_id_l = accounts.unique_id"
    ).fetchall()[0]
    total = connection.execute("select count(*) from accounts where person <= ?", [rows]).fetchall()[0][0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print("| accounts × customers | seconds | peak memory | links | precision | recall |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print(
        f"| {rows:,} × {rows:,} | {seconds:,.0f} | {memory:,.1f} GiB | {links:,} | {right / links:.4f}"
        f" | {right / total:.4f} |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="how many accounts and customers to generate; 0: none"
    )
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("splink", "duckdb"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {versions}\n")
    if FAKE.is_file():
        fields = ["first_name", "surname", "dob", "city", "email"]
        works = {"Splink's example": link_fake_by_example, "ours": lambda connection: link_ours(connection, fields)}
        compare("1,000 records of 251 people", f"select * from '{FAKE}'", works)
        fields = ["first_name", "surname", "dob", "city", "postcode", "occupation"]
        works = {
            "Splink's example": link_historical_by_example,
            "ours": lambda connection: link_ours(connection, fields),
        }
        source = f"select *, birth_place as city, postcode_fake as postcode from '{HISTORICAL}'"
        compare("50,578 records of 5,156 historical people", source, works)
    if arguments.rows:
        link_million(arguments.rows)


if __name__ == "__main__":
    main()
