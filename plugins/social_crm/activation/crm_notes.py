"""Notes on CRM contacts: one row in a table of the CRM's database, whose unique key lets none in twice."""

from datetime import UTC, datetime

import sqlalchemy as sa

from social_crm.activation.model import Item
from social_crm.errors import SourceUnavailable
from social_crm.sources.model import Connection

NOTES = sa.Table(
    "contact_notes",
    sa.MetaData(),
    sa.Column("note_key", sa.String(200), primary_key=True),
    sa.Column("customer_id", sa.String(100), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("noted_at", sa.DateTime, nullable=False),
)


class CrmNotes:
    """The CRM's table of notes, made if it is not there."""

    name = "crm"

    def __init__(self, connection: Connection) -> None:
        """Connect to any database that SQLAlchemy reaches."""
        url = sa.make_url(connection.url)
        url = url.set(username=connection.login or url.username, password=connection.secret or url.password)
        self._engine = sa.create_engine(url, hide_parameters=True)
        try:
            NOTES.create(self._engine, checkfirst=True)
        except sa.exc.DBAPIError as error:
            raise _unavailable(error) from None

    def find(self, item: Item) -> str | None:
        """Return the note's key if it is there."""
        with self._engine.connect() as crm:
            found = crm.execute(sa.select(NOTES.c.note_key).where(NOTES.c.note_key == item.external_id)).scalar()
        return None if found is None else str(found)

    def create(self, item: Item) -> str:
        """Write the note; one that is there already stays as it is."""
        values = {
            "note_key": item.external_id, "customer_id": item.customer_id, "note": item.body,
            "noted_at": datetime.now(UTC).replace(tzinfo=None),
        }  # fmt: skip
        try:
            with self._engine.begin() as crm:
                crm.execute(sa.insert(NOTES), values)
        except sa.exc.IntegrityError:
            if self.find(item) is None:
                raise
        except sa.exc.DBAPIError as error:
            raise _unavailable(error) from None
        return item.external_id


def _unavailable(error: sa.exc.DBAPIError) -> SourceUnavailable:
    return SourceUnavailable(f"crm notes: {type(error.orig).__name__}; try again later, or look at crm_notes_api")
