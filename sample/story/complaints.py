"""Complaints to the regulator in the newest CFPB layout: one CSV per day, delivered at the midnight that ends it.

A day's file contains what the regulator sent to the company on that day, including complaints received days before.
"""

import random
from datetime import date, timedelta

from story.files import File, Row, after, csv_of
from story.texts import bank, fill
from story.timeline import DAYS, OUTAGE_DAY, dice, volume_on

WEEKDAY_COMPLAINTS, OUTAGE_EXTRA = 20, 15
HEADER = [
    "Date_received", "Product", "Sub_product", "Issue", "Sub-issue", "Consumer_complaint_narrative",
    "Company_public_response", "Company", "State", "ZIP_code", "Tags", "Consumer_consent_provided?", "Submitted_via",
    "Date_sent_to_company", "Company_response_to_consumer", "Timely_response?", "Consumer_disputed?", "Complaint_ID",
]  # fmt: skip
COMPANIES = {"ACME BANK, N.A.": 7, "ACME PAY LLC": 3}
CHANNELS = {"Web": 62, "Phone": 14, "Referral": 9, "Postal mail": 7, "Fax": 3, "Email": 5}
PRODUCTS = [
    ("Checking or savings account", "Checking account", "Managing an account", "Deposits and withdrawals"),
    ("Checking or savings account", "Savings account", "Closing an account", "Company closed your account"),
    ("Credit card or prepaid card", "General-purpose credit card or charge card", "Fees or interest", "Late fee"),
    ("Credit card or prepaid card", "Gift card", "Trouble using your card", "Card declined"),
    ("Money transfer, virtual currency, or money service", "Mobile or digital wallet", "Fraud or scam", ""),
    ("Money transfer, virtual currency, or money service", "Domestic (US) money transfer", "Money was not available "
     "when promised", ""),
    ("Vehicle loan or lease", "Loan", "Managing the loan or lease", "Billing problem"),
    ("Mortgage", "Conventional home mortgage", "Trouble during payment process", ""),
]  # fmt: skip
STATES = {"NY": "100XX", "CA": "94110", "TX": "77002", "FL": "331XX", "IL": "60614", "WA": "98101", "NC": "27601"}
FIRST_ID = 20260001
# An export that stopped in the middle of a record and continued with the next day.
BAD_LINES = {
    date(2026, 11, 2): [
        '02-11-2026,Mortgage,Conventional home mortgage,"Closing on a mortgage",,,,"ACME BANK, N.A.",NY'
    ]
}


def _complaint(number: int, day: date, sent: date, company: str, rng: random.Random) -> Row:
    """Return a complaint received on a day and sent to the company on the same or a later one."""
    product, sub_product, issue, sub_issue = rng.choice(PRODUCTS)
    state = rng.choice(list(STATES))
    consent = rng.choices(["Consent provided", "Consent not provided", "N/A"], [45, 35, 20])[0]
    brand = "acme_pay" if company == "ACME PAY LLC" else "acme_bank"
    told = fill(rng.choice(bank()["narratives"]), "us", brand, rng) if consent == "Consent provided" else ""
    values = [
        f"{day:%d-%m-%Y}", product, sub_product, issue, sub_issue, told, "", company, state, STATES[state],
        rng.choice(["", "", "", "Older American", "Servicemember"]), consent,
        rng.choices(list(CHANNELS), list(CHANNELS.values()))[0], f"{sent:%d-%m-%Y}", "In progress", "Yes", "N/A",
        str(FIRST_ID + number),
    ]  # fmt: skip
    return dict(zip(HEADER, values, strict=True))


def build() -> list[File]:
    """Return every delivered file; a complaint is listed again, as answered, when the company has answered it.

    Complaints sent to the company after the last day are in no file.
    """
    rng, number = dice("complaints"), 0
    by_day: dict[date, list[Row]] = {day: [] for day in DAYS}
    for day in DAYS:
        wanted = volume_on(day, WEEKDAY_COMPLAINTS) + (OUTAGE_EXTRA if day == OUTAGE_DAY else 0)
        for _ in range(wanted):
            company = "ACME PAY LLC" if day == OUTAGE_DAY and rng.random() < 0.7 else _company(rng)
            sent = day + timedelta(days=rng.choice([0, 0, 0, 1, 2, 5]))
            row = _complaint(number, day, sent, company, rng)
            number += 1
            if sent in by_day:
                by_day[sent].append(row)
            answered = sent + timedelta(days=rng.randrange(3, 9))
            if rng.random() < 0.12 and answered in by_day:
                ending = rng.choice(["Closed with explanation", "Closed with monetary relief"])
                timely = "Yes" if rng.random() < 0.9 else "No"
                by_day[answered].append({**row, "Company_response_to_consumer": ending, "Timely_response?": timely})
    return [
        (after(day), f"complaints_{day}.csv", csv_of(HEADER, rows, BAD_LINES.get(day, [])))
        for day, rows in by_day.items()
    ]


def _company(rng: random.Random) -> str:
    return rng.choices(list(COMPANIES), list(COMPANIES.values()))[0]
