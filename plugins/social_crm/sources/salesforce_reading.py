"""How Salesforce is queried: in SOQL, and by the fields of an object if a query is refused."""

from datetime import UTC, datetime
from typing import Any

from social_crm.errors import ContractBroken, SourceUnavailable
from social_crm.sources.crm_fields import unknown_fields
from social_crm.sources.moments import moment_of
from social_crm.sources.web.answers import RequestRefused
from social_crm.sources.web.rest import Api

VERSION = "v62.0"


def after(stamp: str, last: str) -> str:
    """Return the condition by which a page continues after a timestamp, or after one of its records."""
    moment = literal(stamp)
    if not last:
        return f"SystemModstamp >= {moment}"
    if not last.isalnum():  # it becomes part of a query
        raise ContractBroken("salesforce: an Id that is not one: is the URL Salesforce's API?")
    return f"((SystemModstamp = {moment} and Id > '{last}') or SystemModstamp > {moment})"


def literal(stamp: str) -> str:
    """Return a moment as SOQL writes it, to the millisecond."""
    moment = moment_of(stamp) or datetime.fromtimestamp(0, UTC)
    return f"{moment.astimezone(UTC):%FT%T}.{moment.microsecond // 1000:03}Z"


def query(api: Api, object_name: str, columns: tuple[str, ...], rest: str) -> dict[str, Any]:
    """Return the answer to a query; raises ContractBroken with the names of fields that the org does not have."""
    chosen = ", ".join(dict.fromkeys(columns))
    soql = f"select {chosen} from {object_name} {rest}"  # noqa: S608 -- names of ours and those that were checked
    try:
        body = api.fetch(f"services/data/{VERSION}/queryAll", {"q": soql})
    except RequestRefused as refused:
        if "INVALID_FIELD" in str(refused) or "INVALID_TYPE" in str(refused):
            raise ContractBroken(
                f"{api.context}: the org has no such field or object, or hides it from this user"
                f"{_unknown(api, object_name, columns)}; compare option `contact_fields` and the user's permissions"
                " with Object Manager"
            ) from None
        raise
    if not isinstance(body.get("records"), list):
        raise ContractBroken(f"{api.context}: an answer without records: is the URL Salesforce's API?")
    if body.get("totalSize") and not api.list_in(body, "records"):
        raise SourceUnavailable(f"{api.context}: Salesforce shows nothing of what it says there is; try again later")
    return body


def _unknown(api: Api, object_name: str, columns: tuple[str, ...]) -> str:
    """Return the columns that an object does not have, with similar names; "" if it does not say."""
    described = api.fetch_or_none(f"services/data/{VERSION}/sobjects/{object_name}/describe") or {}
    known = [str(one.get("name")) for one in described.get("fields", []) if isinstance(one, dict)]
    told = unknown_fields({f"{object_name}.{column}": column for column in columns}, known) if known else ""
    return f" ({told})" if told else ""
