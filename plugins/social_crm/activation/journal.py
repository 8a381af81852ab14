"""The write-ahead journal `bi.activations`: an item is recorded before it is sent, and again afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from social_crm.activation.model import Item
from social_crm.database import connect
from social_crm.errors import ActivationInProgress, ContractBroken
from social_crm.settings import load_settings


class Journal:
    """The journal as one run sees it, for one target."""

    def __init__(self, warehouse: psycopg.Connection, target: str) -> None:
        """Commit every entry at once, so that a killed run leaves what it knew."""
        self._warehouse, self._target = warehouse, target

    def open_items(self, items: Sequence[Item]) -> list[Item]:
        """Return the items that are not known to have arrived, for each rule at most as many as it allows per run.

        Those that the target refused come last: they would take the places of others in every run.
        """
        keys = [self._key(item) for item in items]
        sent = {key for (key,) in self._warehouse.execute(_SENT, [keys])}
        refused = {key for (key,) in self._warehouse.execute(_REFUSED, [ContractBroken.kind, keys])}
        taken: dict[str, int] = {}
        found = []
        for item in sorted(items, key=lambda item: self._key(item) in refused):
            if self._key(item) in sent or taken.get(item.rule, 0) >= item.most_per_run:
                continue
            taken[item.rule] = taken.get(item.rule, 0) + 1
            found.append(item)
        return found

    def plan(self, items: Sequence[Item]) -> None:
        """Record what should be sent, and delete items that were planned once but never begun."""
        with self._warehouse.transaction():
            kept = [self._key(item) for item in items]
            self._warehouse.execute(_STRIKE, [self._target, sorted({item.kind for item in items}), kept])
            with self._warehouse.cursor() as cursor:
                cursor.executemany(
                    _PLAN,
                    [
                        (
                            self._key(item), item.kind, self._target, item.item_id, item.conversation_id,
                            item.market_code, item.team_code, item.action,
                        )
                        for item in items
                    ],
                )  # fmt: skip

    def begun(self, kind: str) -> list[Item]:
        """Return the items of a kind whose sending a killed run may have finished, without their content."""
        return [Item(kind, item_id, "", "") for (item_id,) in self._warehouse.execute(_BEGUN, [self._target, kind])]

    def begin(self, item: Item) -> None:
        """Record that the item is about to be sent."""
        self._warehouse.execute(_BEGIN, [self._key(item)])

    def fail(self, item: Item, error_kind: str) -> None:
        """Record why an attempt failed."""
        self._warehouse.execute(_FAIL, [error_kind, self._key(item)])

    def confirm(self, item: Item, remote_id: str) -> None:
        """Record that the item arrived."""
        self._warehouse.execute(_CONFIRM, [remote_id, self._key(item)])

    def drop(self, item: Item) -> None:
        """Delete an item that did not arrive and is no longer wanted."""
        self._warehouse.execute(_DROP, [self._key(item)])

    def _key(self, item: Item) -> str:
        return f"{item.kind}:{self._target}:{item.item_id}"


@contextmanager
def open_journal(target: str, *, patience: str = "1s") -> Iterator[Journal]:
    """Open the journal for the one run that may send to a target; raises ActivationInProgress if another holds it."""
    url = load_settings().warehouse_transformer_url
    # The lock ends with its connection, so a killed run leaves no lock.
    with connect(url, lock_timeout=patience) as holder, holder.transaction(), connect(url) as warehouse:
        try:
            holder.execute(_HOLD, [target])
        except psycopg.errors.LockNotAvailable:
            raise ActivationInProgress(
                f"another run is sending to {target}; nothing was sent. Re-run once it has ended."
            ) from None
        yield Journal(warehouse, target)


_HOLD = """
insert into ops.activation_targets (target) values (%s)
on conflict (target) do update set target = excluded.target
"""
_SENT = "select activation_id from bi.activations where state = 'sent' and activation_id = any(%s)"
_REFUSED = """
select activation_id from bi.activations where state = 'planned' and error_kind = %s and activation_id = any(%s)
"""
_STRIKE = """
delete from bi.activations
where
    state = 'planned' and attempt_count = 0 and target = %s and kind = any(%s) and not activation_id = any(%s)
"""
_PLAN = """
insert into bi.activations (
    activation_id, kind, target, state, item_id, conversation_id, market_code, team_code, action, transform_id, as_of
)
select %s, %s, %s, 'planned', %s, %s, %s, %s, %s, newest.transform_id, newest.as_of
from (select) as nothing_yet
left join (select transform_id, as_of from bi.publications order by publication_id desc limit 1) as newest on true
on conflict (activation_id) do nothing
"""
_BEGUN = """
select item_id from bi.activations
where state = 'planned' and attempt_count > 0 and target = %s and kind = %s
order by item_id
"""
_BEGIN = "update bi.activations set attempt_count = attempt_count + 1, error_kind = null where activation_id = %s"
_FAIL = "update bi.activations set error_kind = %s where activation_id = %s"
_CONFIRM = """
update bi.activations set state = 'sent', remote_id = %s, error_kind = null, sent_at = clock_timestamp()
where activation_id = %s
"""
_DROP = "delete from bi.activations where activation_id = %s and state = 'planned'"
