"""What `ops.mask_text` hides of a text, and what it leaves, in one query each."""

import re
import time

import psycopg
import pytest

from social_crm.database import connect
from social_crm.settings import Settings

Row = tuple[object, ...]
HIDING = re.compile(r"\{(.*?)\|(\w+)\}")

# What is in braces is hidden under the name behind the bar.
HIDDEN = """
my pw: {hunter2|secret} please help
pw is {Tiger99|secret}!
login ann / pw {hunter2|secret}
Password {hunter2|secret} does not work
my pass is {Sommer2024|secret}.
my passwd is {s3cret|secret}
passphrase: {correct4horse|secret}
mein Passwort ist {Sommer2024|secret}
Kennwort: {Geheim12|secret}
mi contraseña es {perro123|secret}
mi clave es {4821|secret}
mot de passe : {soleil75|secret}
la mia password è {gatto12|secret}
minha senha é {abc1234|secret}
wachtwoord: {fiets123|secret}
TAN: {849302|secret}
my code is {123456|secret}
Your verification code is {123-456|secret}.
security code {123|secret} and cvc code: {123|secret}
one-time code: {55 12 34|secret}
mi código es {123456|secret}
{482913|secret} is your Instagram code. Do not share it.
{G-482913|secret} is your Google verification code
My NI number is {AB123456C|id}
national insurance: {jw 12 34 56 d|id}
SSN {078-05-1120|id} since 2026-10-26
mi DNI es {12345678Z|id}, NIE {X-1234567-L|id}
NRIC {M1234567K|id}
codice fiscale {RSSMRA85T10A562S|id}
my passport number is {X12345678|id}
Reisepass Nr. {C01X00T47|id}
passeport {12AB34567|id}
driving licence {MORGA753116SM9IJ|id}
Aadhaar {2341 2341 2346|phone}, BSN {111222333|phone}, NIR {185057800608436|number}
card {(4111) 1111 (1111) 1111|phone}
geboren am {15.07.1984|phone}
card {4111 1111 1111 1111|number} of 12.12.2025
"""

LEFT = """
order 12345 is late, my ticket #4512993, case 1234567, ref AC-123456
booking code 6XK2LM, reservation code: 123456, PNR ABC123
flight BA2490, LH 1234 and UA123 at gate B12, seat 34B
version 5.4.3 on iOS 17.1.2, iPhone 14 Pro, SM-G998B, WH-1000XM5, RTX 3080
error code 500, error code is 504321, promo code SAVE20NOW, coupon code: XMAS2024
zip code 10115, post code SW1A 1AA, my zip code is 94105, area code 212
$1,250.00, 1.234,56 EUR, £12.99, 95%
2026-10-26 at 10:30, 26.10.2026 - 28.10.2026, 26-10-2026 10.30, 10/26/2026 12/25/2026
2026-10-26 2026-10-27
boarding pass 12A, my pass expired 2 days ago, pass is valid until 2026, pass 1: fail
password is wrong 3 times, the password reset took 3 days, pin 2 of 3, Pin is 7
my passport took 12 weeks, passport expired 2019, passport office 10 minutes away
my code is not 6 digits, the code is 50% off, dress code 2024, QR code 2 scans
es tan 2 veces, a tan 2 shades darker, clave 3 de 4, senha 2 vezes
a‑b – no digit, so dashes stay as they are
"""


@pytest.fixture
def transformer(warehouse: Settings) -> psycopg.Connection[Row]:
    return connect(warehouse.warehouse_transformer_url)


def mask(transformer: psycopg.Connection[Row], texts: list[str]) -> list[object]:
    rows = transformer.execute("select ops.mask_text(said) from unnest(%s::text []) as said", [texts])
    return [shown for (shown,) in rows]


def test_what_identifies_a_person_or_opens_an_account_is_hidden(transformer: psycopg.Connection[Row]) -> None:
    lines = HIDDEN.strip().split("\n")
    said = [HIDING.sub(r"\1", line) for line in lines]
    assert mask(transformer, said) == [HIDING.sub(r"[\2]", line) for line in lines]


def test_what_agents_need_is_left(transformer: psycopg.Connection[Row]) -> None:
    lines = LEFT.strip().split("\n")
    assert mask(transformer, lines) == lines


def test_no_text_and_an_empty_one_stay_what_they_are(transformer: psycopg.Connection[Row]) -> None:
    assert transformer.execute("select ops.mask_text(null), ops.mask_text('')").fetchone() == (None, "")


def test_names_are_hidden_as_whole_words_whatever_stands_in_them(transformer: psycopg.Connection[Row]) -> None:
    names = ["jo tan", "jo tan lee", "d'arcy (m.) o'neil-[x]", "zoë \\1 ng"]
    said = r"Jo Tan Lee wrote. JO TAN? Banjo tan, jo tandem. D'Arcy (M.) O'Neil-[X]: Zoë \1 Ng"
    hidden = transformer.execute("select ops.mask_names(%s, %s), ops.mask_names(null, %s)", [said, names, names])
    assert hidden.fetchone() == ("[name] wrote. [name]? Banjo tan, jo tandem. [name]: [name]", None)


# Where one test says that nothing is to be hidden, it must be the query's own: a call costs three times as much.
@pytest.mark.parametrize("call", ["ops.mask_text(said)", "ops.mask_text(said, names)"])
def test_the_first_test_is_part_of_the_query(transformer: psycopg.Connection[Row], call: str) -> None:
    texts = "(values ('a', '{}'::text []), ('b', null)) as texts (said, names)"
    plan = transformer.execute(f"explain (verbose, costs off) select {call} from {texts}".encode()).fetchall()
    assert "mask_found" in str(plan)


@pytest.mark.parametrize(
    "unit",
    [
        *("1", "1 ", "12-", "1.", "(", "+1(", "12/", "1234/", "a1", "AB12 ", "AB 12 34 56 ", "@", "@a.", "a@", "a."),
        *("pass:", "pass:1", "password is ", "pin 12", "password a1", "my code is ", "1234 is your ", "passport A1"),
        *("12.12.2024 ", "2024-10-10 ", "/u/abc", "x.com/", "t.me/", "1\u200b", "٤ ", "\u2011"),
    ],
)
def test_a_pasted_book_is_masked_in_no_time(unit: str, transformer: psycopg.Connection[Row]) -> None:
    start = time.monotonic()
    mask(transformer, [unit * (100_000 // len(unit))])
    assert time.monotonic() - start < 3
