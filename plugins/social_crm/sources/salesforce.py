"""Salesforce: contacts and accounts by their system timestamp, including deleted ones.

Quirks: `LastModifiedDate` misses changes by the system itself, so windows are cut by `SystemModstamp`. A bulk load
gives thousands of records one timestamp, so each page continues after timestamp and Id, never after a timestamp alone.
A change of a formula field does not move the timestamp, so its value is as old as the last change of its record.
`queryAll` returns deleted records until they leave the recycle bin, after 15 days. A used-up daily quota is a 403 and
is waited for.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from social_crm.errors import ContractBroken, CredentialRefused
from social_crm.sources.crm_fields import CONTACT_FIELDS, SLACK, WINDOW, chosen_fields, people_known_by, with_chosen
from social_crm.sources.fields import field
from social_crm.sources.model import Connection, Page, Request, Resource, Source, Window
from social_crm.sources.options import PATIENCE
from social_crm.sources.people import People
from social_crm.sources.salesforce_reading import VERSION, after, literal, query
from social_crm.sources.web.rest import Api, open_api
from social_crm.sources.web.tokens import ClientToken

PER_PAGE = 2000
COMMON = ("Id", "IsDeleted", "CreatedDate", "SystemModstamp")
CONTACT = (*COMMON, "AccountId", "FirstName", "LastName", "Email", "Phone", "MobilePhone")
ACCOUNT = (*COMMON, "Industry")
USUAL = {"market": "MailingCountry"}


def check(connection: Connection) -> None:
    """Request a token and one record of each object; refuse a field that the org does not have."""
    api = _open("check", connection, None)
    for object_name, columns in (
        ("Contact", (*CONTACT, *chosen_fields("salesforce", connection, USUAL).values())),
        ("Account", ACCOUNT),
    ):
        query(api, object_name, columns, "limit 1")


def _reader(object_name: str) -> Callable[[Request], Iterator[Page]]:
    def extract(request: Request) -> Iterator[Page]:
        """Yield records by timestamp and Id; the cursor is `<timestamp>|<Id>` of the last one read."""
        chosen = chosen_fields("salesforce", request.connection, USUAL) if object_name == "Contact" else {}
        columns = (*CONTACT, *chosen.values()) if object_name == "Contact" else ACCOUNT
        wide = request.window.widened(SLACK, SLACK)
        stamp, _, last = (request.cursor or f"{wide.start:%FT%TZ}|").partition("|")
        api = _open(f"{object_name.lower()}s", request.connection, request.window)
        for _ in api.page_numbers():
            conditions = f"{after(stamp, last)} and SystemModstamp < {literal(wide.end.isoformat())}"
            body = query(api, object_name, columns, f"where {conditions} order by SystemModstamp, Id limit {PER_PAGE}")
            records = body["records"]
            api.require_fields(records, COMMON)
            api.require_inside(wide, (record.get("SystemModstamp") for record in records))
            if records:
                reached = records[-1]["SystemModstamp"], str(records[-1]["Id"])
                if reached == (stamp, last):
                    raise ContractBroken(f"{api.context}: Salesforce ignores the bounds of a query; nothing would end")
                stamp, last = reached
                yield Page([with_chosen(record, record, chosen) for record in records], cursor=f"{stamp}|{last}")
            if body.get("done", True) and len(records) < PER_PAGE:  # wide rows make pages short before the last
                return

    return extract


def _open(resource: str, connection: Connection, window: Window | None) -> Api:
    if not connection.login:
        raise CredentialRefused("authorise source salesforce: connection salesforce_api holds no client id as login")
    api = open_api("salesforce", resource, connection, window, None)
    # By the same guarded session: the token comes from the org's own address, and errors are ours.
    token_url = f"{connection.url.rstrip('/')}/services/oauth2/token"
    api.client.auth = ClientToken(api.client.session, token_url, connection)
    return api


def _resource(object_name: str, description: str, people: People) -> Resource:
    return Resource(
        name=f"{object_name.lower()}s",
        extract=_reader(object_name),
        key=field("Id"),
        event_at=field("CreatedDate"),
        version_at=field("SystemModstamp"),
        description=description,
        order="by SystemModstamp, then by Id",
        window=WINDOW,
        deletions="Deleting a record changes its stamp; it is read with `IsDeleted` while it is in the recycle bin.",
        deletion_delay=timedelta(days=1),
        people=people,
    )


SALESFORCE = Source(
    name="salesforce",
    title="Salesforce",
    description=(
        "Contacts and accounts, as customers of a CRM. Option `contact_fields` says which fields hold tier, value,"
        " market etc."
    ),
    resources=(
        _resource(
            "Contact",
            "One contact: a customer with e-mail, phones and the chosen fields.",
            people_known_by(
                "salesforce",
                "Id",
                "Email",
                "Phone",
                "MobilePhone",
                keeps="IsDeleted CreatedDate SystemModstamp AccountId",
            ),
        ),
        _resource("Account", "One account: the company or household that contacts belong to.", People(omits="Name")),
    ),
    check=check,
    connection={
        "conn_type": "http",
        "host": "https://acme.my.salesforce.com",
        "login": "<consumer key>",
        "password": "<consumer secret>",
        "extra": {"contact_fields": {"market": "MailingCountryCode", "tier": "Tier__c", "x_handle": "X_Handle__c"}},
    },
    options={**CONTACT_FIELDS, **PATIENCE},
    access=(
        "Key and secret of a connected app with the client credentials flow and scope `api`. The user that it runs as"
        " needs the permission API Enabled and access to all contacts and accounts and to every field that is read."
        f" Version {VERSION} of the API is used, which Salesforce serves until October 2027 at least."
    ),
    limits="2,000 records a request; a daily number of requests by edition and licences, after which the load waits.",
    retention="The same as your own records of customers.",
    tested_against={"recordings": "contacts and accounts of a scratch org; not the query protocol"},
)
