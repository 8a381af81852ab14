"""How terms are written in the seed, and which of them a text holds."""

import csv
from collections.abc import Iterable

import pytest

from social_crm.enrichment.care_lexicon import CareLexicon, Found, Term
from social_crm.seeds import SEEDS

SEED = SEEDS / "care_lexicon.csv"


def grow(*terms: tuple[str, float], language: str = "en", role: str = "feeling") -> CareLexicon:
    return CareLexicon({"term": t, "valence": str(v), "language": language, "role": role} for t, v in terms)


def find(lexicon: CareLexicon, text: str) -> Iterable[tuple[int, int, float]]:
    return [(start, end, term.valence) for start, end, term in lexicon.find(text.split())]


def test_the_longest_phrase_at_a_word_wins_and_no_word_is_used_twice() -> None:
    lexicon = grow(("waiting", -1), ("still waiting", -2), ("waiting for hours", -3), ("hours", -0.5))
    assert find(lexicon, "still waiting for hours") == [(0, 2, -2), (3, 4, -0.5)]
    assert find(lexicon, "waiting for hours hours") == [(0, 3, -3), (3, 4, -0.5)]


def test_the_start_of_a_phrase_alone_is_no_term() -> None:
    assert find(grow(("on hold for #", -3), ("on hold", -2)), "on hold for ages") == [(0, 2, -2)]
    assert find(grow(("on hold for #", -3)), "put on hold for") == []


def test_a_slash_stands_between_words_of_which_any_will_do() -> None:
    lexicon = grow(("no problem/problems at all", 1))
    assert find(lexicon, "no problem at all") == find(lexicon, "no problems at all") == [(0, 4, 1)]
    assert find(lexicon, "no problem/problems at all") == []


def test_apostrophes_may_be_left_out() -> None:
    lexicon = grow(("can't/won't wait", 1))
    assert [len(list(find(lexicon, text))) for text in ("can't wait", "cant wait", "wont wait", "can wait")] == [
        1,
        1,
        1,
        0,
    ]


def test_a_hash_stands_for_any_number() -> None:
    assert find(grow(("# hours", -1)), "# hours") == [(0, 2, -1)]


def test_terms_of_other_languages_are_left_out() -> None:
    assert find(grow(("fatal", -2), language="es"), "fatal") == []


def test_the_role_tells_requests_from_feelings() -> None:
    assert list(grow(("can you", 0), role="request").find(["can", "you"])) == [Found(0, 2, Term(0.0, is_request=True))]


def test_a_long_text_is_walked_a_few_times_at_most() -> None:
    class CountedWord(str):
        looked_up = 0

        def __hash__(self) -> int:
            CountedWord.looked_up += 1
            return super().__hash__()

    lexicon = grow(("no no no no no yes", 1), ("no", 0))
    list(lexicon.find([CountedWord("no")] * 10_000))
    # One look at the root for each word, and at most six down the tree.
    assert CountedWord.looked_up <= 70_000


def read_seed() -> list[dict[str, str]]:
    with SEED.open(newline="", encoding="utf-8") as seed:
        return list(csv.DictReader(seed))


def test_the_seed_stays_a_list_that_a_person_can_edit() -> None:
    rows = read_seed()
    assert len(rows) < 500
    assert [row["term"] for row in rows] == sorted({row["term"] for row in rows})


@pytest.mark.parametrize("row", read_seed(), ids=lambda row: row["term"])
def test_every_row_of_the_seed_is_plain(row: dict[str, str]) -> None:
    assert row["term"] == " ".join(row["term"].lower().split())
    assert len(row["term"].split()) <= 6
    assert -4 <= float(row["valence"]) <= 4
    assert row["role"] == "feeling" or float(row["valence"]) == 0
    assert row["note"]
