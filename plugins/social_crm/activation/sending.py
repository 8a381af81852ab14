"""Sends an item to a target once, as far as the target can say what it has: record, look it up, send, confirm.

Looking costs a request, and is done for each item: a journal that came back from a backup knows nothing of what was
sent after it.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from social_crm.activation.journal import Journal, open_journal
from social_crm.activation.model import Item, Target
from social_crm.errors import ContractBroken, RateLimited, WarehouseError

WAIT_IN_PLACE_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """What one run did, in numbers."""

    created_count: int = 0
    found_count: int = 0


def preview(items: Sequence[Item], target: str) -> int:
    """Send nothing, but log what would be sent (only keys and codes if it may hold others' words); return how many."""
    with open_journal(target) as journal:
        todo = journal.open_items(items)
    for item in todo:
        log.info("would send %s", item)
    groups = Counter((item.kind, item.team_code, item.action) for item in todo)
    log.info("dry run: %s items for %s: %s", len(todo), target, dict(groups))
    return len(todo)


def send(items: Sequence[Item], target: Target, *, kind: str, per_minute: int = 60, patience: str = "1s") -> Sent:
    """Send what has not arrived yet according to the target, whatever the journal says.

    An item that the target will never take keeps back no other: ContractBroken is raised once the rest was sent.
    """
    with open_journal(target.name, patience=patience) as journal:
        found = _settle(journal, target, items, kind)
        todo = journal.open_items(items)
        journal.plan(todo)
        created, pause, refusals = 0, 60.0 / per_minute, []
        for number, item in enumerate(todo):
            if number:
                time.sleep(pause)
            try:
                is_new = _deliver(journal, target, item)
            except ContractBroken as refusal:
                refusals.append(refusal)
                continue
            created, found = created + is_new, found + (not is_new)
    log.info("%s: %s created, %s had arrived before, %s refused", target.name, created, found, len(refusals))
    if refusals:
        raise refusals[0]
    return Sent(created, found)


def _settle(journal: Journal, target: Target, items: Sequence[Item], kind: str) -> int:
    """Confirm or drop what a killed run began and nobody wants any more; return how many had arrived."""
    wanted, found = {item.item_id for item in items}, 0
    for item in journal.begun(kind):
        if item.item_id not in wanted:
            remote_id = target.find(item)
            if remote_id is None:
                journal.drop(item)
            else:
                journal.confirm(item, remote_id)
                found += 1
    return found


def _deliver(journal: Journal, target: Target, item: Item) -> bool:
    """Return whether the item had to be created."""
    remote_id = target.find(item)
    is_new = remote_id is None
    if remote_id is None:
        journal.begin(item)
        try:
            remote_id = _create(target, item)
        except WarehouseError as error:
            journal.fail(item, error.kind)
            raise
    journal.confirm(item, remote_id)
    return is_new


def _create(target: Target, item: Item) -> str:
    """Create the item; wait once if the target asks for a short wait, and leave a longer one to the caller."""
    try:
        return target.create(item)
    except RateLimited as limited:
        seconds = (limited.resume_at - datetime.now(UTC)).total_seconds()
        if seconds > WAIT_IN_PLACE_SECONDS:
            raise
        time.sleep(max(0.0, seconds))
        return target.create(item)
