"""The linear scorer against the original, number for number."""

import csv
import string
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SENTIMENT_LADEN_IDIOMS,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
)

from social_crm.enrichment import vader
from social_crm.enrichment.vader import score

ORIGINAL = SentimentIntensityAnalyzer()
PHRASES = [
    *SPECIAL_CASES,
    *SENTIMENT_LADEN_IDIOMS,
    "kind of",
    "sort of",
    "just enough",
    "at least",
    "very least",
    "least",
]
TURNS = [
    "no",
    "nor",
    "or",
    "never so",
    "never this",
    "without doubt",
    "without a doubt",
    "but",
    "n't",
    "what'n't",
    "this",
]


def score_by_the_original(text: str) -> str:
    """Return the original's numbers as text, so that a zero's sign and the last bit count."""
    scores = ORIGINAL.polarity_scores(text)
    return repr((scores["compound"], scores["pos"], scores["neu"], scores["neg"]))


def assert_equal_to_the_original(text: str) -> None:
    assert repr(tuple(score(text))) == score_by_the_original(text), repr(text)


CORNER_CASES = [
    "",
    " ",
    "\u3000\u2028\x1c\x1f",
    "!!!!! ????",
    "good",
    "GOOD",
    "Good GOOD good!",
    "GOOD BAD",
    "not GOOD but BAD",
    ":) :( :D XD :d",
    "'good' \"bad\" (great) ok. ok",
    "no. no, no good no",
    "no good",
    "no such good",
    "no bad or good",
    "no bad nor GOOD thing",
    "no x y good",
    "kind of good",
    "kind",
    "Kind of",
    "it was kind of so very good",
    "never so good",
    "never been so good",
    "so this good good",
    "look at this good thing",
    "look at so good a thing",
    "without a doubt good",
    "without doubt good",
    "the least good",
    "least good",
    "at least good",
    "very least good",
    "good but good but good but bad but bad",
    "great good but good but great",
    "but good",
    "good but",
    "good BUT bad",
    "good, but, bad",
    "4 2 1 love but love like love like good",
    "it is the shit for real",
    "this is the bomb",
    "a bad ass bus stop to die for",
    "it has a beating heart and yeah right it is a kiss of death",
    "hand to mouth and under the weather",
    "x x x just enough good",
    "x sort of x good",
    "can't stand it, isn't so good, couldn't've been worse, AIN'T GOOD",
    "VERY good very GOOD",
    "💔❤️ good💔bad 😂😂 😂\n😂",
    "☺️👶🏻©®",
    "İ İx. İstanbul good İYİ",
    "ΟΔΟΣ ΑΣ' good ǅ 𝐆𝐎𝐎𝐃 𝐀 good",
    "\ud83d good \udc00bad",
    "good\x00bad good\u200bbad good\ufeff",
    "a?b?c?d? good!!!!!",
    "good???",
    "good?",
    "bad ? ?",
    "1.5 :3 <3 </3 8) o.o O_o",
    "l l l but l",
    "lol LOL lol!",
]


@pytest.mark.parametrize("text", CORNER_CASES)
def test_corner_cases_score_as_by_the_original(text: str) -> None:
    assert_equal_to_the_original(text)


def test_every_word_emoji_and_phrase_scores_as_by_the_original() -> None:
    for word in (*ORIGINAL.lexicon, *ORIGINAL.emojis, *BOOSTER_DICT, *NEGATE, *PHRASES):
        for text in (
            word,
            word.upper(),
            f"({word})!",
            f"it was not {word} at all",
            f"a VERY good {word} but bad {word}",
        ):
            assert_equal_to_the_original(text)


words = st.one_of(
    st.sampled_from(["good", "bad", "great", "love", "hate", "table", "x"]),
    st.sampled_from(sorted(ORIGINAL.lexicon)),
    st.sampled_from(sorted(BOOSTER_DICT) + sorted(NEGATE)),
    st.sampled_from(PHRASES + TURNS),
    st.sampled_from(sorted(ORIGINAL.emojis)),
    st.text(max_size=4),
    st.text(st.characters(categories=["Cs", "Lu", "Lt", "Mn", "So", "Zs", "Cc"]), max_size=3),
)
spelled_words = st.builds(lambda spell, word: spell(word), st.sampled_from([str, str, str.upper, str.title]), words)
marks = st.one_of(st.just(""), st.just(""), st.sampled_from(["!", "?", "!!", "??", "'", ".", ",", '"', "'s", "n't"]))
gaps = st.sampled_from([" ", " ", " ", "", "\n", "\t", "  ", "\u00a0", "\u3000", "\x1f"])
texts = st.lists(st.tuples(marks, spelled_words, marks, gaps).map("".join), max_size=30).map("".join)


@settings(max_examples=1_500, deadline=None)
@given(texts)
def test_any_mixture_scores_as_by_the_original(text: str) -> None:
    assert_equal_to_the_original(text)


# Words whose valences meet when one of them is halved or raised by half: 3.2, 1.6, 0.8, 2.4, 3.6 and the like.
MEETING_WORDS = [
    next(word for word, valence in ORIGINAL.lexicon.items() if valence == wanted and word.isalpha() and len(word) > 2)
    for wanted in (3.2, 1.6, 0.8, 2.4, 1.2, 1.8, 2.7, -3.2, -1.6, -0.8, -2.4)
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([*MEETING_WORDS, *MEETING_WORDS, "but", "very", "no", "l"]), max_size=60))
def test_equal_valences_around_but_move_as_in_the_original(chosen: list[str]) -> None:
    assert_equal_to_the_original(" ".join(chosen))


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.sampled_from([0.5, 1.0, 2.0, 4.0, 0.75, 1.5, 3.0, -1.0, -2.0]), max_size=40), st.data())
def test_shifting_around_but_changes_what_the_original_changes(valences: list[float], data: st.DataObject) -> None:
    turn = data.draw(st.integers(0, len(valences)))
    positions = [index + (index >= turn) for index in range(len(valences))]
    words = ["x"] * turn + ["but"] + ["x"] * (len(valences) - turn)
    expected = ORIGINAL._but_check(words, [*valences[:turn], 0, *valences[turn:]])
    vader._shift_around_but(valences, positions, turn)
    assert valences == [*expected[:turn], *expected[turn + 1 :]]


@given(st.floats(-1, 1), st.sampled_from([3, 4]))
def test_rounding_equals_the_built_in(number: float, digits: int) -> None:
    rounded = vader.round_to(number, digits, 10**digits)
    assert repr(rounded) == repr(round(number, digits) if number else 0.0)


@pytest.mark.parametrize("digits", [3, 4])
def test_rounding_equals_the_built_in_at_and_beside_every_tie(digits: int) -> None:
    parts = 10**digits
    for step in range(-2 * parts, 2 * parts + 1):
        tie = step / (2 * parts)
        for number in (tie, tie * (1 + sys.float_info.epsilon), tie * (1 - sys.float_info.epsilon)):
            if number:
                assert repr(vader.round_to(number, digits, parts)) == repr(round(number, digits))


def test_real_tweets_score_as_by_the_original(shared_data: Path) -> None:
    tweets = []
    for name in ("twcs/twcs_merged.csv", "airline_sentiment/tweets_four_airlines.csv"):
        with (shared_data / name).open(newline="", encoding="utf-8") as file:
            tweets += [row["text"] for row in csv.DictReader(file)]
    assert len(tweets) > 60_000
    for tweet in tweets:
        assert_equal_to_the_original(tweet)


def test_lowering_a_text_lowers_each_of_its_words_alone() -> None:
    """The scorer lowers the text once; the original lowers word by word, after cutting punctuation off."""
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        lowered = character.lower()
        assert character.isspace() == all(map(str.isspace, lowered))
        assert character in string.punctuation or set(lowered).isdisjoint(string.punctuation)
        assert len(lowered) == 1 or character == "İ"


def test_every_phrase_has_a_word_that_gives_it_away() -> None:
    for phrase in (*SPECIAL_CASES, *BOOSTER_DICT):
        if " " in phrase:
            assert not vader._PHRASE_WORDS.isdisjoint(phrase.split()), phrase


def test_no_booster_is_a_word_of_the_lexicon() -> None:
    """The original skips boosters before it looks into the lexicon; the scorer relies on there being none in it."""
    assert ORIGINAL.lexicon.keys().isdisjoint(BOOSTER_DICT)


class CountingLexicon(dict[str, float]):
    """The lexicon, counting how often it is asked."""

    looked_up = 0

    def __contains__(self, key: object) -> bool:
        self.looked_up += 1
        return super().__contains__(key)


@pytest.mark.parametrize(
    "unit", ["good ", "no ", "not so good but bad ", "GOOD ", "😂", "💓", "kiss of death to die for ", "but but "]
)
def test_work_grows_with_the_length_of_the_text(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    def count_look_ups(repeats: int) -> int:
        lexicon = CountingLexicon(ORIGINAL.lexicon)
        monkeypatch.setattr(vader, "LEXICON", lexicon)
        score(unit * repeats)
        return lexicon.looked_up

    short, long = count_look_ups(500), count_look_ups(5_000)
    assert short > 0
    assert long <= 11 * short
