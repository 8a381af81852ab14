"""Notes on CRM contacts: one row in a table of the CRM's database, whose unique key prevents duplicates."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import ClassVar

import sqlalchemy as sa

from social_crm.activation.model import Item
from social_crm.errors import ContractBroken, SourceUnavailable
from social_crm.sources.model import Connection
from social_crm.sources.sql.database import url_of

NOTES = sa.Table(
    "contact_notes",
    sa.MetaData(),
    sa.Column("note_key", sa.String(200), primary_key=True),
    sa.Column("customer_id", sa.String(100), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("noted_at", sa.DateTime, nullable=False),
)


class CrmNotes:
    """The CRM's table of notes, created if it does not exist."""

    name = "crm"
    options: ClassVar[Mapping[str, str]] = {}

    def __init__(self, connection: Connection) -> None:
        """Connect to any database that SQLAlchemy reaches."""
        self._engine = sa.create_engine(url_of(connection, "crm_notes_api"), hide_parameters=True)
        with self._session() as crm:
            NOTES.create(crm, checkfirst=True)

    def find(self, item: Item) -> str | None:
        """Return the note's key if the note exists."""
        with self._session() as crm:
            found = crm.execute(sa.select(NOTES.c.note_key).where(NOTES.c.note_key == item.external_id)).scalar()
        return None if found is None else str(found)

    def create(self, item: Item) -> str:
        """Write the note; an existing note stays unchanged."""
        values = {
            "note_key": item.external_id, "customer_id": item.customer_id, "note": item.body,
            "noted_at": datetime.now(UTC).replace(tzinfo=None),
        }  # fmt: skip
        try:
            with self._session() as crm:
                crm.execute(sa.insert(NOTES), values)
        except ContractBroken:
            if self.find(item) is None:
                raise
        return item.external_id

    @contextmanager
    def _session(self) -> Iterator[sa.Connection]:
        """Open a transaction; a database error becomes one of our errors, without the values."""
        try:
            with self._engine.begin() as crm:
                yield crm
        except sa.exc.IntegrityError as error:
            kind = type(error.orig).__name__
            raise ContractBroken(f"crm notes: {kind}; compare the table contact_notes with what is written") from None
        except sa.exc.DBAPIError as error:
            kind = type(error.orig).__name__
            raise SourceUnavailable(f"crm notes: {kind}; try again later, or look at crm_notes_api") from None
