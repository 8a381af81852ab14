"""The features that a text has, beside its words."""

import pytest

from social_crm.enrichment.classification.decisions import decide
from social_crm.enrichment.classification.features import list_features
from social_crm.enrichment.classification.rules import load_rules


def read_features(text: str) -> list[str]:
    rules = load_rules()
    reading = rules.read(text, "en")
    return list_features(reading, decide(rules, reading))


def test_a_handle_is_pieces_of_its_name_wherever_it_stands() -> None:
    # The pieces of three to five letters of <ab>, written by hand.
    expected = ["h <ab", "h ab>", "h <ab>"]
    for text in ("@AB my lamp", "my lamp @AB"):
        assert sorted(name for name in read_features(text) if name[:2] == "h ") == sorted(expected)
    assert not [name for name in read_features("ab my lamp") if name[:2] == "h "]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("lamp", 7),  # a score of 0 is over -7/8 ... -1/8
        ("great lamp", 12),  # 3.1 * 0.8 / sqrt(2.48 ** 2 + 15) = 0.539 is over 4/8 and not over 5/8
        ("horrid lamp", 3),  # -2.5 / sqrt(2.5 ** 2 + 15) = -0.542 is over -5/8 and not over -4/8
    ],
)
def test_a_score_is_every_step_below_it(text: str, steps: int) -> None:
    assert len([name for name in read_features(text) if name.startswith("f care over ")]) == steps


def test_length_and_marks_are_counted_up_to_a_bound() -> None:
    assert {"f length 1", "f ! 2", "f ? 0"} <= set(read_features("my lamp broke !!"))
    assert {"f length 8", "f ! 3", "f ? 3"} <= set(read_features("lamp " * 50 + "!!!!! ????"))
