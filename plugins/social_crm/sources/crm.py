"""The customer database, over SQL: customers and accounts, read by their time of change."""

from social_crm.sources.crm_fields import STANDING
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Resource, Source
from social_crm.sources.people import People
from social_crm.sources.sql import changes


def check(connection: Connection) -> None:
    """Connect and look at the columns of both resources, reading no row."""
    changes.check_columns(connection, "crm", CRM.resource_names)


def _resource(name: str, description: str, people: People) -> Resource:
    return Resource(
        name=name,
        extract=changes.reader_of("crm", name),
        key=field("id"),
        event_at=field("created_at"),
        version_at=field("updated_at", "created_at"),
        description=description,
        order=changes.ORDER,
        window=changes.WINDOW,
        deletions="A removed row is not noticed, and its last version stays: mark it in `status` instead.",
        people=people,
    )


CRM = Source(
    name="crm",
    title="Customer database",
    description=(
        "Customers and accounts from any database that SQLAlchemy reaches; options give the table, view or query."
        f" {changes.ENCRYPTION}"
    ),
    resources=(
        _resource(
            "customers",
            "One customer, with the e-mail, phone and handle that identify them.",
            People(
                persons=(
                    {"id": "crm", "email": "email", "phone": "phone", "x_handle": "x", "external_ref": "reference"},
                ),
                keeps=f"id account_id {STANDING} created_at updated_at",
            ),
        ),
        _resource("accounts", "One company or household that customers belong to.", People(omits="name")),
    ),
    check=check,
    connection={
        "conn_type": "generic",
        "host": "postgresql+psycopg://crm.example.com/crm?sslmode=require",
        "login": "reader",
        "password": "<password>",
        "extra": {"customers": "customers", "accounts": "accounts"},
    },
    options={
        "customers": "a table, a view or a query: one row for each customer",
        "accounts": "a table, a view or a query: one row for each account",
        **changes.OPTIONS,
    },
    access=changes.ACCESS,
    limits=changes.LIMITS,
    retention="The same as your own records of customers.",
    tested_against={"real server": "PostgreSQL, SQLite", "recordings": "the Chinook database"},
)
