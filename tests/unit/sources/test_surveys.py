"""Answers to surveys: what makes a key of one."""

from pathlib import Path

import pytest

from social_crm.sources.surveys import SURVEYS
from worlds.dropped_files import rows_of

ANSWERS = SURVEYS.resource("answers")
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/surveys"


def test_two_questions_of_one_response_are_two_answers() -> None:
    assert [ANSWERS.key(answer) for answer in rows_of(ANSWERS, FIXTURES)] == [
        "R-501/csat", "R-501/nps", "R-502/csat", "R-503/nps",
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [{"response_id": "R-1", "metric": " "}, {"metric": "nps"}, {}])
def test_an_answer_that_does_not_say_to_what_has_no_key(answer: dict[str, str]) -> None:
    assert ANSWERS.key(answer) is None


def test_a_column_is_found_under_the_tools_own_spelling() -> None:
    answer = {"Response ID": " R-1 ", "METRIC": "nps", "Answered at": "2026-10-05T11:20:00-04:00"}
    assert (ANSWERS.key(answer), ANSWERS.event_at(answer)) == ("R-1/nps", "2026-10-05T11:20:00-04:00")
