"""The named cases among mails: a quote, an automatic reply, a mail without an id, a mail sent by a form."""

from story.mails import Exchange
from story.named import customer, utc


def cases() -> list[Exchange]:
    """Return the exchanges; named_cases.yml has their results, computed by hand."""
    return [_quoting(), _away(), _without_id(), _by_form()]


def _quoting() -> Exchange:
    exchange = Exchange("n1", customer("sg", 40), "Giro form")
    exchange.writes(utc("11-02", "02:00:00"), "Where do I send the GIRO form? The app does not take it.")
    exchange.answers(utc("11-02", "03:30:00"), "Please reply with a photo of it.")
    exchange.writes(utc("11-02", "05:00:00"), "And how long will that take?")
    return exchange


def _away() -> Exchange:
    exchange = Exchange("n2", customer("sg", 42), "Statement")
    exchange.writes(utc("11-03", "01:00:00"), "Can I have my statement of September once more?")
    exchange.answers(utc("11-03", "01:20:00"), "It is in the app now, under documents.")
    exchange.writes(utc("11-03", "01:20:30"), "I am away until Monday.", Auto_Submitted="auto-replied")
    return exchange


def _without_id() -> Exchange:
    exchange = Exchange("n3", customer("sg", 43), "Branch")
    exchange.writes(utc("11-04", "03:00:00"), "Is the branch at Orchard open on Sunday?", Message_ID="")
    return exchange


def _by_form() -> Exchange:
    person = customer("sg", 44)
    exchange = Exchange("n4", person, "Your website")
    sender = {"From": "Website <form@acmebank.example>", "Reply_To": f"{person.name} <{person.email}>"}
    exchange.writes(utc("11-05", "02:00:00"), "Why was my application refused?", **sender)
    exchange.answers(utc("11-05", "02:40:00"), "A page of your payslip was missing. Please send it to us.")
    return exchange
