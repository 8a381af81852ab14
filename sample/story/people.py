"""The people of the sample, all invented: customers, bystanders, and the company's own staff."""

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from story.timeline import MARKET_WEIGHTS, START, dice

FIRST_NAMES = {
    "us": "Ava Liam Noah Emma Mason Olivia Ethan Grace Lucas Chloe Owen Harper Caleb Zoe Miles Nora Diego Lucia Marcus "
    "Tessa Andre Paige Victor Hazel Simon Ruby Felix Ivy Jonah Clara",
    "in": "Aarav Priya Rohan Ananya Vikram Kavya Arjun Meera Karan Isha Dev Nisha Rahul Pooja Sanjay Divya Amit Leela "
    "Farhan Sunita Gopal Rekha Imran Tara Nikhil Asha",
    "sg": "Wei Hui Ming Siti Hafiz Nurul Jun Mei Kumar Aisyah Boon Ling Daniel Shu Faizal Xin Raj Yan Zul Jia Benny "
    "Farah Desmond Pei",
}
LAST_NAMES = {
    "us": "Carter Brooks Hayes Morales Bennett Foster Reyes Quinn Walsh Dalton Pruitt Sandoval Mercer Holt Vaughn "
    "Kessler Boyd Lang Osborne Tate",
    "in": "Sharma Iyer Patel Reddy Nair Gupta Menon Kulkarni Bose Chauhan Pillai Joshi Khan Das Verma Rao",
    "sg": "Tan Lim Lee Ng Wong Goh Rahman Abdullah Chua Koh Teo Pillay Ong Ismail Yeo Sim",
}
EMAIL_DOMAINS = ["example.com", "example.com", "example.org", "example.net", "mail.example.com"]
AREA_CODES = ["212", "305", "312", "415", "503", "617", "702", "813", "917"]
CRM_COUNT, BYSTANDER_COUNT, QUIET_COUNT = 400, 360, 60


@dataclass(frozen=True)
class Person:
    """One invented person and all their identifiers."""

    number: int
    first: str
    last: str
    market: str
    email: str
    phone: str
    handle: str
    x_id: str
    followers: int
    joined_x: datetime
    in_crm: bool

    @property
    def name(self) -> str:
        """Return first and last name."""
        return f"{self.first} {self.last}"

    @property
    def external_ref(self) -> str:
        """Return the customer reference that the CRM, Zendesk and the PBX share."""
        return f"AC-{100000 + self.number * 7:06d}"


@dataclass(frozen=True)
class Agent:
    """A member of staff: a Zendesk user, a PBX login, and initials under posts."""

    number: int
    name: str
    market: str
    group: str

    @property
    def initials(self) -> str:
        """Return the two letters that sign a post."""
        first, last = self.name.split()
        return first[0] + last[0]

    @property
    def zendesk_id(self) -> int:
        """Return the Zendesk user id."""
        return 36000000000 + self.number

    @property
    def pbx_id(self) -> str:
        """Return the PBX login."""
        return f"{self.market}-{self.number:03d}"


AGENTS = [
    Agent(101, "Jamie Keller", "us", "social_us"),
    Agent(102, "Robin Diaz", "us", "social_us"),
    Agent(103, "Casey Nolan", "us", "support_us"),
    Agent(104, "Morgan Ellis", "us", "support_us"),
    Agent(105, "Taylor Boone", "us", "support_us"),
    Agent(106, "Drew Patton", "us", "cards"),
    Agent(201, "Sneha Kapoor", "in", "social_in"),
    Agent(202, "Manoj Thomas", "in", "social_in"),
    Agent(203, "Deepa Varma", "in", "support_in"),
    Agent(204, "Harish Gill", "in", "support_in"),
    Agent(205, "Ritu Anand", "in", "cards"),
    Agent(301, "Cheryl Low", "sg", "social_sg"),
    Agent(302, "Azman Yusof", "sg", "social_sg"),
    Agent(303, "Grace Heng", "sg", "support_sg"),
    Agent(304, "Darren Quek", "sg", "support_sg"),
    Agent(305, "Lina Samad", "sg", "cards"),
]
BOT_ID = 36000000900
EX_AGENT = AGENTS[9]  # Harish Gill leaves on the last day
MOVED_AGENT = AGENTS[13]  # Grace Heng changes from support to cards on the last day


def agents_of(market: str, kind: str) -> list[Agent]:
    """Return the agents of a market whose group starts with `kind`."""
    return [agent for agent in AGENTS if agent.market == market and agent.group.startswith(kind)]


def _phone(market: str, number: int) -> str:
    if market == "us":
        return f"+1{AREA_CODES[number // 100 % len(AREA_CODES)]}55501{number % 100:02d}"
    return f"+9180555{number:05d}" if market == "in" else f"+656555{number:04d}"


def _handle(first: str, last: str, number: int, rng: random.Random) -> str:
    style = rng.choice(["{f}_{l}{n}", "{f}{l}", "{f}{n}", "the_{f}_{n}", "{l}.{f}{n}", "{f}writes{n}"])
    handle = re.sub(r"[^A-Za-z0-9_]", "_", style.format(f=first.lower(), l=last.lower(), n=number % 1000))
    return handle[:11] + f"{number:03d}"


def _make(number: int, rng: random.Random) -> Person:
    market = rng.choices(list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values()))[0]
    first, last = rng.choice(FIRST_NAMES[market].split()), rng.choice(LAST_NAMES[market].split())
    return Person(
        number=number,
        first=first,
        last=last,
        market=market,
        email=f"{first}.{last}{number}@{rng.choice(EMAIL_DOMAINS)}".lower(),
        phone=_phone(market, number),
        handle=_handle(first, last, number, rng),
        # Some accounts are older than 64-bit ids, some newer.
        x_id=str(rng.choice([rng.randrange(10**7, 10**9), 10**18 + rng.randrange(10**17)])),
        followers=int(rng.lognormvariate(4.6, 1.5)),
        joined_x=START - timedelta(days=rng.randrange(40, 4500), seconds=rng.randrange(86400)),
        in_crm=not CRM_COUNT < number <= CRM_COUNT + BYSTANDER_COUNT,
    )


@cache
def everyone() -> tuple[Person, ...]:
    """Return all customers, bystanders and quiet customers, in this order."""
    rng = dice("people")
    people = [_make(number, rng) for number in range(1, CRM_COUNT + BYSTANDER_COUNT + QUIET_COUNT + 1)]
    # Persons 11 and 12 run a café and share its mailbox; 21 and 22 are married and share a phone.
    people[10] = Person(**{**vars(people[10]), "email": "accounts@harbourcafe.example.com", "market": "sg"})
    people[11] = Person(**{**vars(people[11]), "email": "accounts@harbourcafe.example.com", "market": "sg"})
    people[21] = Person(**{**vars(people[21]), "phone": people[20].phone, "market": people[20].market})
    return tuple(people)


def quiet_customers() -> tuple[Person, ...]:
    """Return the customers who are never picked at random: they ask once, are helped, and do not come back."""
    return everyone()[CRM_COUNT + BYSTANDER_COUNT :]


@cache
def people_of(market: str) -> tuple[Person, ...]:
    """Return the people of a market who may be picked at random."""
    return tuple(person for person in everyone()[: CRM_COUNT + BYSTANDER_COUNT] if person.market == market)


def someone(market: str, rng: random.Random, crm_share: float = 0.7) -> Person:
    """Return a random person of a market, a known customer with the given probability."""
    wanted = rng.random() < crm_share
    return rng.choice([person for person in people_of(market) if person.in_crm is wanted])
