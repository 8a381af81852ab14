"""Scores of surveys, from landed answers to the metrics: shares of answers, and a correction that moves them."""

from typing import Any

import pytest

from social_crm.dashboards.metric_query import MetricQueries
from social_crm.dashboards.semantics import Semantics
from social_crm.sources.model import Record
from social_crm.transform.dbt_runner import run_tests
from worlds.real_flow import ask
from worlds.star_warehouse import StarWarehouse

SCALES = {"csat": ("1", "5"), "nps": ("0", "10")}


def answer(response: str, metric: str, score: int | str, **cells: Any) -> Record:
    worst, best = SCALES[metric]
    given = {
        "response_id": response, "metric": metric, "score": str(score), "scale_min": worst, "scale_max": best,
        "answered_at": "2026-10-26T09:00:00Z", "account": "after call", "market": "us", "customer_ref": response,
    }  # fmt: skip
    return given | cells


@pytest.fixture(scope="module")
def metrics(semantics: Semantics) -> MetricQueries:
    return MetricQueries(semantics)


def test_shares_are_of_answers_and_follow_a_correction(star: StarWarehouse, metrics: MetricQueries) -> None:
    query = metrics.sql(["csat_scores", "nps_scores", "csat_share", "nps"], ["survey_answer__survey"])

    def told() -> dict[str, list]:
        return {survey: numbers for survey, *numbers in ask(query)}

    scores = {"csat": [5, 4, 3, 2], "nps": [10, 9, 8, 7, 6, 0, 0, 0]}
    star.land(
        "surveys.answers",
        [answer(f"r{n}", metric, score) for metric, given in scores.items() for n, score in enumerate(given)]
        # Of another scale, or of none, nobody knows whether it is good.
        + [answer("r8", "csat", 5, scale_max="7"), answer("r9", "nps", 10, scale_min="")]
        + [answer("r10", "nps", 10, account="yearly")],
    )
    star.transform()
    # 2 of 4 are satisfied; 2 promoters less 4 detractors of 8.
    assert told() == {"after call": [4, 8, 0.5, -25.0], "yearly": [0, 1, None, 100.0]}

    # Among answers to the same surveys, one is another score, and one is none any more.
    star.land("surveys.answers", [answer("r2", "csat", 4), answer("r5", "nps", ""), answer("r4", "csat", 1)], day=1)
    star.transform()
    assert told() == {"after call": [5, 7, 0.6, pytest.approx(-100 / 7)], "yearly": [0, 1, None, 100.0]}
    assert star.one("select count(*) from bi.fct_survey_answers") == 5 + 7 + 1 + 1
    star.assert_refresh_changes_nothing()
    run_tests(["fct_survey_answers", "survey_scales"])
