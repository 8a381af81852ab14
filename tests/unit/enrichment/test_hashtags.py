"""Hashtags come apart by their capitals, or into words that make up the whole of them."""

import pytest

from social_crm.enrichment.hashtags import find_hashtags, split_hashtag

VOCABULARY = {"never", "worst", "fail", "happy", "not", "ever"}


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("NeverFlyAgain", ["never", "fly", "again"]),
        ("neverflyagain", ["never", "fly", "again"]),
        ("NEVERFLYAGAIN", ["never", "fly", "again"]),
        ("worstairlineever", ["worst", "airline", "ever"]),
        ("notahappytraveler", ["not", "a", "happy", "traveler"]),
        ("AcmeFail", ["acme", "fail"]),
        ("fail", ["fail"]),
        # What is not wholly made of known words is a name: no word is looked for within it.
        ("failsafe", []),
        ("acmefail", []),
        ("", []),
    ],
)
def test_a_tag_is_split_whole_or_not_at_all(tag: str, words: list[str]) -> None:
    assert split_hashtag(tag, VOCABULARY) == words


def test_the_fewest_words_win() -> None:
    assert split_hashtag("notimelost", {"not", "i", "me", "lost", "no", "time", "notime"}) == ["notime", "lost"]


def test_only_tags_that_a_person_would_write_are_found() -> None:
    assert find_hashtags("#Fail at 5# #" + "a" * 61 + " #two#three") == ["Fail", "two", "three"]
