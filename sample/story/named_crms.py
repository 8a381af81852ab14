"""The named cases of customers in other CRMs: a private client, and a customer in two CRMs."""

from story.contacts import strangers
from story.named import customer, utc
from story.people import AGENTS
from story.tickets import Ticket

PRIVATE_CLIENT, IN_BOTH = strangers("sg", 0, 1)[0], customer("sg", 39)


def ticket_cases() -> list[Ticket]:
    """Return their tickets, numbers 9010 and up."""
    agent = AGENTS[14]
    private = Ticket(9010, "email", "sg", "acme_bank", PRIVATE_CLIENT, "Transfer abroad", utc("11-04", "02:00:00"))
    private.open_by_customer("My transfer of this morning is still pending. When will it arrive?")
    private.taken(utc("11-04", "02:38:00"), agent)
    private.agent_writes(utc("11-04", "02:50:00"), agent, "It left us just now.", status="solved")
    both = Ticket(9011, "email", "sg", "acme_bank", IN_BOTH, "Statement", utc("11-04", "03:00:00"))
    both.open_by_customer("Where do I find my statement of October?")
    both.taken(utc("11-04", "03:19:00"), agent)
    both.agent_writes(utc("11-04", "03:30:00"), agent, "In the app, under documents.", status="solved")
    return [private, both]
