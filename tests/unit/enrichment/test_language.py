"""What the language detector says of texts as customers write them."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_crm.enrichment.language import detect_language, language_of


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ar", "لماذا تم حظر بطاقتي؟ أريد المساعدة من فضلكم"),
        ("de", "Meine Karte wurde ohne Grund gesperrt, was ist da los?"),
        ("en", "my card got declined again, please fix ur app"),
        ("es", "¿Por qué me cobraron dos veces la comisión de mi tarjeta?"),
        ("fr", "Bonjour, mon virement n'est toujours pas arrivé"),
        ("he", "למה הכרטיס שלי נחסם? אני צריך עזרה עכשיו"),
        ("hi", "मेरा खाता क्यों बंद कर दिया गया? कृपया तुरंत मदद करें"),
        ("ko", "어제부터 앱에 로그인이 안돼요. 빨리 해결해 주세요"),
        ("ms", "Kenapa akaun saya disekat? Sila semak dengan segera"),
        ("ru", "Почему моя карта заблокирована? Верните мои деньги"),
        ("ta", "என் கணக்கு ஏன் முடக்கப்பட்டது? தயவுசெய்து உதவுங்கள்"),
        ("zh", "为什么我的卡被冻结了？客服电话一直打不通"),
    ],
)
def test_a_sentence_is_recognised(code: str, text: str) -> None:
    assert detect_language(text) == code


@pytest.mark.parametrize("text", ["", "  ", "ok", "😂😂", "!!!", "12:30", "@AcmeBank", "https://t.co/x1y2", "meh"])
def test_what_is_too_short_or_has_no_words_is_undetermined(text: str) -> None:
    assert detect_language(text) == "und"


def test_handles_and_links_do_not_count() -> None:
    spanish = "no puedo entrar a la aplicación desde ayer"
    assert detect_language(f"@SouthwestAir @AmazonHelp {spanish} https://example.com/we/help/you") == detect_language(
        spanish
    )


def test_only_the_first_thousand_characters_are_read() -> None:
    english = "where is the money that you owe me? " * 30
    assert detect_language(english[:1_000] + "정말 감사합니다 " * 10_000) == detect_language(english[:1_000])


def test_control_characters_and_half_characters_do_not_hide_the_language() -> None:
    assert detect_language("Thank you \x9d for \x00 the quick \ud83d help, we love it") == "en"


@given(st.text(st.characters(), max_size=40))
def test_any_text_has_a_language_or_is_undetermined(text: str) -> None:
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", detect_language(text))


@pytest.mark.parametrize(
    ("named", "known"),
    [
        ("es", "es"), ("en-US", "en"), ("EN", "en"), ("en_GB", "en"), ("iw", "he"), ("zh-Hant", "zh"), ("und", "und"),
        ("eng", "en"), ("n/a", "en"), ("", "en"), (5, "en"), (None, "en"),
    ],
)  # fmt: skip
def test_the_language_that_a_record_names_is_the_one_that_rules_and_models_know(named: object, known: str) -> None:
    record = {"text": "I was charged twice and nobody answers me", "language": named}
    assert language_of(record) == known


def test_real_tweets_are_english_and_real_korean_reviews_korean(shared_data: Path) -> None:
    with (shared_data / "airline_sentiment/tweets_four_airlines.csv").open(newline="", encoding="utf-8") as file:
        tweets = [row["text"] for row in csv.DictReader(file)]
    codes = [detect_language(tweet) for tweet in tweets if len(tweet) >= 40]
    assert codes.count("en") > 0.99 * len(codes)
    assert len(codes) - codes.count("en") - codes.count("und") < 0.001 * len(codes)

    with (shared_data / "bank_app_reviews/bank_reviews.csv").open(newline="", encoding="utf-8-sig") as file:
        reviews = [row["content"] for row in csv.DictReader(file)]
    korean = [review for review in reviews if is_hangul(review)]
    assert len(korean) > 400
    assert {detect_language(review) for review in korean} == {"ko"}


def is_hangul(text: str) -> bool:
    """Tell whether a text of more than ten letters is written in Hangul, whatever the detector says."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 10 and all("가" <= character <= "힣" for character in letters)
