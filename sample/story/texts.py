"""Reads texts.yml and fills its slots."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PLACES = {
    "us": ["Maple Market", "Hudson Books", "Pine Street", "the airport", "Corner Deli", "Grand Mall", "Elm Avenue"],
    "in": ["Lotus Bazaar", "MG Road", "the metro station", "Spice Garden", "Ring Road", "Lake View Mall", "platform 4"],
    "sg": ["Harbour Point", "Orchid Mall", "the hawker centre", "East Gate", "Kopi Corner", "the MRT", "Bay Walk"],
}
RAILS = {"us": ["instant transfer", "wire", "ACH"], "in": ["UPI", "IMPS", "NEFT"], "sg": ["PayNow", "FAST", "GIRO"]}
CURRENCIES = {"us": "${}", "in": "₹{}", "sg": "S${}"}
APPS = {"acme_bank": "the Acme app", "acme_pay": "Acme Pay"}
PRODUCTS = {"acme_bank": ["debit card", "credit card", "gold card"], "acme_pay": ["Acme Pay card", "virtual card"]}
DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "yesterday", "last week"]


@cache
def bank() -> dict[str, Any]:
    """Return the whole text bank."""
    return yaml.safe_load((Path(__file__).parent / "texts.yml").read_text(encoding="utf-8"))


def amount(market: str, rng: random.Random) -> str:
    """Return an amount of money as people of the market write it."""
    value = rng.choice([rng.randrange(3, 90), rng.randrange(20, 400), rng.randrange(100, 2500)])
    return CURRENCIES[market].format(value)


def fill(template: str, market: str, brand: str, rng: random.Random, **given: str) -> str:
    """Fill the slots of a template; `given` takes precedence over the defaults of market and brand."""
    slots = {
        "amount": amount(market, rng),
        "place": rng.choice(PLACES[market]),
        "rail": rng.choice(RAILS[market]),
        "app": APPS[brand],
        "product": rng.choice(PRODUCTS[brand]),
        "day": rng.choice(DAY_NAMES),
        "hours": str(rng.randrange(2, 9)),
        "ref": f"{rng.choice('ABCDEFGH')}{rng.randrange(10000, 99999)}",
        "first": "there",
        "fix": "it is solved",
        "agent": "The Acme team",
        "email": "someone@example.com",
        "phone": "+1 212 555 0100",
    }
    return template.format(**{**slots, **given})


def pick_issue(rng: random.Random) -> str:
    """Return the name of a random issue, by weight."""
    issues = bank()["issues"]
    return rng.choices(list(issues), [issue["weight"] for issue in issues.values()])[0]


def dress(text: str, rng: random.Random) -> str:
    """Put an opener before and a tail behind a post, and sometimes shout."""
    opener = rng.choice(bank()["openers"])
    text = opener + text if opener else text[0].upper() + text[1:] if rng.random() < 0.5 else text
    if rng.random() < 0.03:
        text = text.upper()
    return text + rng.choice(bank()["tails"])
