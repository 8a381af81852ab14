"""The pattern language, one claim at a time."""

import time

import pytest

from social_crm.enrichment.classification.phrases import Matcher, split_words
from social_crm.enrichment.classification.signals import is_card_number, read_signals
from social_crm.enrichment.vader import read


def finds(pattern: str, text: str) -> bool:
    words = split_words(text)
    return Matcher([pattern]).find(words, read_signals(text, words, read(text))) == {0}


@pytest.mark.parametrize(
    ("pattern", "found", "not_found"),
    [
        ("refund", "My REFUND please", "my refunds please"),
        ("refund*", "it was refunded", "it was prefunded"),
        ("still waiting", "still waiting.", "still no, waiting"),
        ("don't know", "I dont know", "I do know"),
        ("dont know", "I don’t know", "I do know"),
        ("how ... cancel", "how do I ever now cancel", "how do I ever and then now cancel"),
        ("how ... cancel", "how cancel", "cancel how"),
        ("^ add", "@AcmeBank Add a tile", "do add a tile"),
        ("thanks $", "many thanks", "thanks a lot"),
        ("why ?", "why?", "why not?"),
        ("fee & {money}", "a fee of $5", "a fee of five"),
        ("fee & -annual", "the fee", "the annual fee"),
        ("fee & -{question}", "the fee", "the fee?"),
        ("top-up", "my top-up", "my top"),
        ("f*ck", "f*ck that", "fck that"),
        ("a | b c", "b c", "c b"),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, found: str, not_found: str) -> None:
    assert finds(pattern, found)
    assert not finds(pattern, not_found)


@pytest.mark.parametrize(
    ("digits", "is_card"),
    [
        ("4111111111111111", True),
        ("5500005555555559", True),
        ("378282246310005", True),
        ("4111111111111112", False),
        ("4111111111111110", False),
        ("0000000000000000", False),
    ],
)
def test_a_card_number_has_the_right_check_digit(digits: str, is_card: bool) -> None:
    assert is_card_number(digits) is is_card


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("4111-1111-1111-1111", "card_number"),
        ("4111 1111 1111 1111!", "card_number"),
        ("４１１１１１１１１１１１１１１１", "card_number"),
        ("call +65 9123 4567 8", "phone"),
        ("jo.doe+x@mail.example.org", "email"),
        ("a%@b.example", "email"),
        ("(212) 555-0123", "phone"),
        ("SSN 078-05-1120", "national_id"),
        ("s1234567d", "national_id"),
        ("my ABCDE1234F", "national_id"),
        ("NI number AB 12 34 56 C", "national_id"),
        ("mi NIE es X-1234567-L", "national_id"),
        ("RSSMRA85T10A562S", "national_id"),
        ("₹500 gone", "money"),
        ("😡😡", "no_words"),
        ("https://a.example/b", "no_words"),
    ],
)
def test_signals_are_seen(text: str, signal: str) -> None:
    assert signal in read_signals(text, split_words(text), read(text))


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1111 12/25",
        "card 4111111111111111 12/25 123",
        "account 555 4111111111111111 please",
        "order 12345 4111 1111 1111 1111",
        "12/25 3782 822463 10005 1234",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111 - 1111 - 1111 - 1111",
        "4111\u00a01111\u20131111\u20131111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "0 1 2 " * 500 + "4111 1111 1111 1111",
    ],
)
def test_a_card_number_is_seen_whatever_stands_beside_it(text: str) -> None:
    assert "card_number" in read_signals(text, split_words(text), read(text))


@pytest.mark.parametrize(
    "text",
    [
        "order 411111111111111222333444",
        "on 2026-10-29 at 12:30",
        "ref 4111111111111112",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
        "4111 1111 1111 1112 12/25",
        "4111 1111 call 1111 1111",
    ],
)
def test_other_long_numbers_are_no_cards(text: str) -> None:
    assert "card_number" not in read_signals(text, split_words(text), read(text))


def test_a_handle_with_its_server_is_no_address() -> None:
    text = "@jane.doe@social.example.org thanks for waiting"
    assert "email" not in read_signals(text, split_words(text), read(text))


def test_a_word_without_end_is_searched_for_an_address_once() -> None:
    text = "a" * 19_998 + " @"
    start = time.process_time()
    assert "email" not in read_signals(text, split_words(text), read(text))
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("unit", ["4", "1-", "411 ", "4112 "])
def test_two_megabytes_of_digits_are_searched_for_cards_in_no_time(unit: str) -> None:
    text = unit * (2_000_000 // len(unit))
    words = split_words(text)
    start = time.process_time()
    read_signals(text, words, read(text))
    assert time.process_time() - start < 3


@pytest.mark.parametrize("unit", ["waiting for hours ", "how how how ", "4111 ", "@a ", "?", "a", "😡", "1-"])
def test_a_pasted_book_takes_no_minute(unit: str) -> None:
    from social_crm.enrichment.classification import classify_many

    start = time.process_time()
    classify_many([(unit * (100_000 // len(unit)), "en")])
    assert time.process_time() - start < 3
