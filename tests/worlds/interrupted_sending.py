"""For tests of sending: a journal, and processes that die between any two steps of sending."""

import os
import signal
from collections.abc import Callable

from social_crm.activation.journal import Journal
from social_crm.activation.model import Item, Target
from social_crm.activation.sending import send
from social_crm.database import connect
from social_crm.settings import Settings

QUICK = 60_000  # a minute's worth of requests, so that no test waits


def published_journal(warehouse: Settings) -> Callable[[str], list[tuple]]:
    """Publish something, and return a function that queries the journal."""
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute("insert into ops.transform_runs (run_id, as_of, status) values ('t', '2026-11-09Z', 'published')")
        admin.execute(
            "insert into bi.publications (transform_id, as_of, run_id, is_full_refresh, load_count, interaction_count,"
            " conversation_count, table_counts)"
            " select transform_id, as_of, 't', true, 1, 1, 1, '{}' from ops.transform_runs"
        )

    def ask(query: str) -> list[tuple]:
        with connect(warehouse.warehouse_admin_url) as admin:
            return admin.execute(query.encode()).fetchall()

    return ask


class Killing:
    """Kills this process before or after the chosen call of a journal or a target."""

    def __init__(self, kill_at: int) -> None:
        self.count, self.kill_at = 0, kill_at

    def wrap(self, call: Callable) -> Callable:
        def killable(*args: object, **kwargs: object) -> object:
            self._step()
            result = call(*args, **kwargs)
            self._step()
            return result

        return killable

    def _step(self) -> None:
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def ends_killed(items: list[Item], target: Callable[[], Target], kill_at: int) -> bool:
    """Send in a child that dies at its n-th point; False if it never reached that point."""
    child = os.fork()
    if child == 0:
        killing = Killing(kill_at)
        for name in ("plan", "begin", "confirm"):
            setattr(Journal, name, killing.wrap(getattr(Journal, name)))
        system = target()
        system.create = killing.wrap(system.create)  # type: ignore[method-assign]
        send(items, system, kind=items[0].kind, per_minute=QUICK)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])
