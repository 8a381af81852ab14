"""The rules of the care score, each by a text that plain VADER reads differently, and what holds for every text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from social_crm.enrichment import care
from social_crm.enrichment.assessment import label_sentiment
from social_crm.enrichment.care import score_care
from social_crm.enrichment.vader import read, score


def care_of(text: str) -> float:
    return score_care(text, read(text))


def label(text: str) -> str:
    return label_sentiment(care_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "No problems so far.",
        "no complaints here",
        "No issues at all with the new card",
        "never had any problems with you",
        "couldn't be happier",
        "Thank you so much!",
        "thanks for the quick response",
        "You guys rock 👍",
        "I ❤️ your app",
        "Great crew, and the flight was not delayed",
        "#bestbankever",
        "nothing but praise for your team",
        "zero issues so far",
        "Thank you for fixing my problem so quickly!",
        "your app never crashes",
        "couldn't have been easier",
        "you never let me down",
        "not a single complaint in five years",
        "I don`t have any complaints",
        "not bad at all",
        "not disappointed",
        "couldn't have asked for better service",
        "cannot recommend highly enough",
        "it doesn't get better than this",
        "thanks for cancelling the fee",
        "well done for sorting it out",
        "great, another branch near me",
    ],
)
def test_praise_is_positive(text: str) -> None:
    assert label(text) == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "This is not proper",
        "The service is not properly done",
        "Kindly stop disturbing me",
        "thanks for nothing",
        "Thank you but I still have no response",
        "Thanks for losing my luggage",
        "my flight was cancelled",
        "on hold for 2 hours",
        "I have been on hold for 45 minutes",
        "still waiting",
        "Still no reply from you.",
        "you lost my bag",
        "such a rude agent",
        "the app isn’t working",
        "the app isnt working",
        "why can't I reach anyone",
        "Great, my flight is delayed and nobody tells us why",
        "#neverflyagain",
        "#WorstAirline",
        "#fail",
        "my card was declined and nobody answers",
        "I want my money back",
        "nothing but trouble with this card",
        "anything but helpful",
        "zero help from your staff",
        "I´m not happy with the service",
        "hardly a good experience",
        "far from satisfied",
        "Great, another fee",
        "thank you for cancelling my flight",
        "well done for losing my bag",
        "congratulations on losing my luggage",
        "nice job breaking the app",
        "you still have not fixed my problem",
    ],
)
def test_complaints_are_negative(text: str) -> None:
    assert label(text) == "negative"


@pytest.mark.parametrize(
    "text",
    [
        "Can you help me please?",
        "Please DM me your confirmation number",
        "I would like to change my address, please",
        "What is the best number to call?",
        "Do you offer free gift cards?",
        "I need help with my credit card",
        "My order number is 12345",
        "How do I get a refund to my credit card?",
    ],
)
def test_requests_are_neutral_however_politely_they_are_put(text: str) -> None:
    assert label(text) == "neutral"


def test_a_handle_is_a_name_and_no_praise() -> None:
    assert score("@Fantastic where is my order").compound > 0
    assert care_of("@Fantastic where is my order") < care_of("Fantastic where is my order")
    assert care_of("@Fantastic fine weather") == care_of("@Bank fine weather")


def test_praise_counts_less_beside_a_complaint_and_in_a_question() -> None:
    assert care_of("great crew") > care_of("great crew?") > 0
    # "Delayed" is -1.5 and leaves VADER's 3.1 x 0.8 of "great" 0.6 of its weight: -0.012, over the root of 15.000144.
    assert care_of("great crew delayed") == -0.0031


def test_what_stands_after_but_counts_more() -> None:
    assert care_of("delayed but polite") > care_of("delayed polite") > care_of("polite but delayed")


def test_a_but_that_is_part_of_a_phrase_turns_nothing_around() -> None:
    # 2.5 whole, over the root of 21.25.
    assert care_of("nothing but praise") == 0.5423
    assert care_of("delayed, nothing but praise") == care_of("delayed nothing but praise")


def test_a_denied_term_counts_for_nothing() -> None:
    assert care_of("delayed") < 0
    # Only "not" itself remains.
    assert care_of("not delayed") == care_of("not")


def test_exclamation_marks_raise_the_voice() -> None:
    assert care_of("still waiting!!") < care_of("still waiting") < 0
    assert care_of("!!!") == 0


def test_a_term_of_valence_zero_silences_vader() -> None:
    assert score("credit").compound > 0
    assert care_of("credit") == 0


def test_many_equal_hashtags_are_each_counted() -> None:
    assert care_of("#worstbank #worstbank") < care_of("#worstbank") < 0


words = st.one_of(
    st.sampled_from(["still", "waiting", "no", "problems", "not", "but", "thanks", "2", "hours", "#worstbank", "?"]),
    st.sampled_from(["good", "terrible", "@united", "great!", "❤️", "can’t", "#", "##", "#1", "'"]),
    st.text(max_size=6),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=30).map(" ".join))
def test_every_text_has_one_score_within_the_scale(text: str) -> None:
    first = care_of(text)
    assert -1 <= first <= 1
    assert round(first, 4) == first
    care._weigh_hashtag.cache_clear()
    assert repr(care_of(text)) == repr(first)


@pytest.mark.parametrize("text", ["", " ", "🏦", "the table", "https://t.co/x"])
def test_a_text_that_says_nothing_of_the_service_is_zero(text: str) -> None:
    assert repr(care_of(text)) == "0.0"
