"""What should be sent, and what a system that receives it must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

# Staging recognises our own helpdesk cases by it, and does not count them as contacts (stg_zendesk__tickets).
EXTERNAL_ID_PREFIX = "social_crm:"
# The option of a helpdesk's connection that limits how fast cases are sent.
PACE = {"per_minute": "how many cases it takes in a minute, usually 60"}


@dataclass(frozen=True)
class Item:
    """One thing to send; `repr` leaves out its content, which may repeat a customer's words."""

    kind: str  # helpdesk_case, crm_note or notification
    item_id: str  # what it is about, the same in every run
    title: str = field(repr=False)
    body: str = field(repr=False)
    rule: str = ""
    most_per_run: int = 1_000
    conversation_id: str | None = None
    customer_id: str | None = field(default=None, repr=False)
    market_code: str = "unknown"
    team_code: str | None = None
    group: str | None = None
    action: str | None = None
    is_urgent: bool = False
    is_ours: bool = False  # it contains only our own words
    attachments: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)  # name and content, PNG

    def __str__(self) -> str:
        """Return what a log may show: the whole text if it is ours alone, otherwise only keys and codes."""
        return f"{self!r}\n{self.title}\n{self.body}" if self.is_ours else repr(self)

    @property
    def external_id(self) -> str:
        """Return the name under which the target stores it and by which it is found again."""
        return f"{EXTERNAL_ID_PREFIX}{self.item_id}"


@dataclass(frozen=True)
class RunFailure:
    """One task that failed for good, or one run that is late."""

    incident: str  # failed_task or late_run
    dag_id: str
    task_id: str | None
    run_id: str
    error_kind: str
    message: str
    next_step: str
    runbook: str


class Target(Protocol):
    """A system that receives items; both calls raise the errors of `social_crm.errors`."""

    name: str
    options: ClassVar[Mapping[str, str]]  # option of its connection → what it means

    def find(self, item: Item) -> str | None:
        """Return the item's id there if it arrived earlier; None if it did not, or if the target cannot tell."""

    def create(self, item: Item) -> str:
        """Deliver the item and return its id there."""
