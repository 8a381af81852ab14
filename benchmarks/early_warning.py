"""False alarms and detection delay of the early warning on injected incidents, compared with a naive k-sigma rule.

`python benchmarks/early_warning.py` writes 120 days of hourly mentions of 8 invented markets: five issues with 0.5 to
60 people a day, a third of that at weekends, a daily rhythm, days that vary by a fifth more than chance, and sometimes
one person who posts twenty times. Every sixth day from the 30th has an incident of one issue in each market: 10, 20, 40
or 80 more people within six hours, or a day on which the usual number of people is angry. The project's own models
judge them on a throw-away embedded Postgres. The naive rule, mean plus k standard deviations of the last 28 days'
hourly posts, judges the same hours.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
from transform import configured

from social_crm.database.preparation import prepare
from social_crm.local import postgres
from social_crm.settings import load_settings
from social_crm.sources import SOURCES
from social_crm.transform.dbt_runner import load_seeds, run_models

DAYS, MARKETS, FIRST = 120, 8, datetime(2026, 1, 5)
USUAL = {"rare": 0.5, "small": 2.0, "medium": 6.0, "large": 20.0, "huge": 60.0}
KINDS = ("10", "20", "40", "80", "anger")
RHYTHM = np.array([1, 1, 0, 0, 0, 1, 3, 6, 10, 11, 10, 9, 11, 10, 8, 8, 8, 9, 10, 10, 9, 7, 4, 2]) / 148
# An alarm within these hours of an incident's start belongs to it; any other is false.
CLAIMED_HOURS = 30


@dataclass(frozen=True)
class Incident:
    """What was injected where."""

    market: int
    issue: int
    kind: str
    start: int


class World:
    """The number of people, angry people and posts by market, issue and hour."""

    def __init__(self, seed: int, *, with_incidents: bool) -> None:
        """Generate the quiet world, then inject incidents in turn."""
        random = np.random.default_rng(seed)
        day = np.where(np.arange(DAYS) % 7 >= 5, 0.35, 1.0) * random.gamma(25, 1 / 25, (MARKETS, len(USUAL), DAYS))
        usual = np.array(list(USUAL.values()))[None, :, None, None] * day[..., None] * RHYTHM
        self.people = random.poisson(usual).reshape(MARKETS, len(USUAL), DAYS * 24)
        share = np.full(self.people.shape, 0.35)
        self.incidents = list(self._inject(random, share)) if with_incidents else []
        self.angry = random.binomial(self.people, share)
        # One loud person in some hours: twenty posts by one author.
        self.posts = self.people + 20 * (random.random(self.people.shape) < 0.001) * (self.people > 0)

    def _inject(self, random: np.random.Generator, share: np.ndarray) -> Iterator[Incident]:
        for number, (market, day) in enumerate((m, d) for d in range(30, DAYS - 2, 6) for m in range(MARKETS)):
            kind = KINDS[number % len(KINDS)]
            issue = int(random.integers(3, 5) if kind == "anger" else random.integers(0, len(USUAL)))
            start = day * 24 + int(random.integers(7, 21))
            if kind == "anger":
                share[market, issue, start : start + 24] = 0.8
            else:
                when = (random.beta(1.6, 2.4, int(kind)) * 6).astype(int)
                np.add.at(self.people[market, issue], start + when, 1)
            yield Incident(market, issue, kind, start)


def land(database: psycopg.Connection, world: World) -> None:
    """Write the world to where the early warning reads its hours, for the issues and for the brand as a whole."""
    names = [*USUAL, "any"]
    with database.cursor().copy("copy intermediate.int_issue_hours from stdin") as copy:
        for market in range(MARKETS):
            people = np.vstack([world.people[market], world.people[market].sum(axis=0)])
            angry = np.vstack([world.angry[market], world.angry[market].sum(axis=0)])
            for issue, hour in zip(*np.nonzero(people), strict=True):
                at = FIRST + timedelta(hours=int(hour))
                count = int(people[issue, hour])
                copy.write_row((
                    f"m{market}", at.date(), "brand", names[issue], at, count, count, int(angry[issue, hour]),
                    f"{market}-{issue}-{hour}", at, at + timedelta(minutes=59),
                ))  # fmt: skip
    database.execute(
        "insert into intermediate.int_market_days_touched"
        " select distinct market_code, local_date_key from intermediate.int_issue_hours"
    )


def judged_by_the_models(world: World) -> list[tuple[int, int, int]]:
    """Return (market, hour detected, last hour) of each alert that the project's own models raise."""
    with tempfile.TemporaryDirectory(prefix="early-warning-", ignore_cleanup_errors=True) as folder:
        server = postgres.start(Path(folder) / "data", options={"fsync": "off"})
        try:
            with configured(server, Path(folder)):
                prepare(load_settings(), SOURCES)
                load_seeds(["+fct_alerts"])
                run_models(["+fct_alerts"], full_refresh=True)
                with psycopg.connect(server.url(), autocommit=True) as database:
                    land(database, world)
                    run_models(["int_warning_days_touched+"], full_refresh=True)
                    rows = database.execute(
                        "select substr(market_code, 2)::int, detected_at at time zone 'UTC',"
                        " last_evidence_at at time zone 'UTC' from marts.fct_alerts"
                    ).fetchall()
        finally:
            postgres.stop(server.data_dir)
    return [(market, hour_of(detected), hour_of(last)) for market, detected, last in rows]


def hour_of(moment: datetime) -> int:
    """Return the number of the hour that contains a moment."""
    return int((moment - FIRST).total_seconds() // 3600)


def judged_naively(world: World, k: float) -> list[tuple[int, int, int]]:
    """Return every hour over mean plus k standard deviations of 28 days' hourly posts, as (market, hour, hour)."""
    alarms = []
    for market, posts in enumerate(world.posts):
        hours = set()
        for counts in (*posts, posts.sum(axis=0)):
            windows = np.lib.stride_tricks.sliding_window_view(counts, 28 * 24)[:-1]
            limit = windows.mean(axis=1) + k * windows.std(axis=1)
            hours |= set((np.nonzero(counts[28 * 24 :] > limit)[0] + 28 * 24).tolist())
        alarms += [(market, hour, hour) for hour in sorted(hours)]
    return alarms


def merged(alarms: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return alarms within a day of the previous one as one alert: nobody is woken twice for the same."""
    alerts: list[tuple[int, int, int]] = []
    for market, hour, _ in alarms:
        if alerts and alerts[-1][0] == market and hour - alerts[-1][2] <= 24:
            alerts[-1] = (market, alerts[-1][1], hour)
        else:
            alerts.append((market, hour, hour))
    return alerts


def report(name: str, noise: list[tuple[int, int, int]], alerts: list[tuple[int, int, int]], world: World) -> None:
    """Print one Markdown row: false alerts per market and month without incidents, then found and delay by kind."""
    months = MARKETS * (DAYS - 28) / 30
    cells = [name, f"{sum(hour >= 28 * 24 for _, hour, _ in noise) / months:.2f}"]
    for kind in KINDS:
        injected = [incident for incident in world.incidents if incident.kind == kind]
        delays = [delay for incident in injected if (delay := delay_of(incident, alerts)) is not None]
        median = f"{np.median(delays) + 1:.0f} h" if delays else "-"
        cells.append(f"{len(delays)}/{len(injected)}, {median}")
    print("|", " | ".join(cells), "|")


def delay_of(incident: Incident, alerts: list[tuple[int, int, int]]) -> int | None:
    """Return the hours from an incident's start to the first alert or alarm within it; None if there was none."""
    delays = [hour - incident.start for market, hour, _ in alerts if market == incident.market]
    return min((delay for delay in delays if 0 <= delay < CLAIMED_HOURS), default=None)


def main() -> None:
    """Judge a quiet world and one with incidents by both rules and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    quiet, loud = World(seed, with_incidents=False), World(seed, with_incidents=True)
    print("| rule | false alerts a market-month |", " | ".join(KINDS), "|")
    print("|---|" + "---:|" * (len(KINDS) + 1))
    report("early warning", judged_by_the_models(quiet), judged_by_the_models(loud), loud)
    for k in (3.0, 6.0, 12.0):
        # Its alerts merge, so any alarm during an incident counts as having found it.
        report(f"mean + {k:.0f} sigma", merged(judged_naively(quiet, k)), judged_naively(loud, k), loud)


if __name__ == "__main__":
    main()
