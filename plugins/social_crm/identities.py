"""Undoes, confirms or reopens a link between an author and a customer; the next transform restates the history.

An author is named by the key that `bi.dim_author` shows, a customer by the id that `bi.dim_customer` shows. Decisions
are kept for ever, with who took them and why: the newest of a pair counts.
"""

import argparse
import sys
from typing import Final

from social_crm.command import parser_of, run_command
from social_crm.database import connect, pseudonym_key_option
from social_crm.errors import MatchingForbidden, WarehouseError
from social_crm.privacy.logins import require_login
from social_crm.privacy.pseudonyms import accept_key
from social_crm.settings import load_settings

VERDICTS: Final = {"undo": "blocked", "confirm": "confirmed", "reopen": "withdrawn"}
# No decision about the erased: it would be deleted overnight, and nothing would then undo what it had changed.
_AUTHOR: Final = """
select source, author_native_id
from intermediate.int_author_customers
where author_key = %s and not raw.is_erased(source, author_native_id, (select ops.pseudonym_pads()))
"""
_DELETED: Final = (
    "select from intermediate.int_customer_versions where customer_id = %s and valid_to is null and status = 'deleted'"
)
_ERASED: Final = """
select from ops.erased_identifiers
where identifier_key = raw.keyed(ops.customer_identifier(%s), (select ops.pseudonym_pads()))
"""


class AuthorUnknown(WarehouseError):
    """No author has this key: nothing was decided."""

    kind = "author_unknown"


class CustomerUnknown(WarehouseError):
    """The CRM has no such customer, or they were erased: nothing was decided."""

    kind = "customer_unknown"


def main() -> int:
    """Record the decision named on the command line; return the exit code."""
    arguments = _parse()
    decision_id = decide(
        arguments.action, arguments.author, arguments.customer, by=arguments.by, reason=arguments.reason
    )
    sys.stdout.write(f"decision {decision_id} recorded; the next transform restates what it concerns\n")
    return 0


def decide(action: str, author_key: str, customer_id: str, *, by: str, reason: str) -> int:
    """Record what a person decided of an author and a customer, and return the key of the decision."""
    require_login(by)
    url = load_settings().warehouse_transformer_url
    with connect(url, **pseudonym_key_option()) as warehouse, warehouse.transaction():
        accept_key(warehouse)
        author = warehouse.execute(_AUTHOR, [author_key]).fetchone()
        if author is None:
            raise AuthorUnknown(f"no author has the key {author_key}: take it from bi.dim_author")
        allowed = "select from seeds.source_policies where source = %s and may_match_identities"
        if action == "confirm" and not warehouse.execute(allowed, [author[0]]).rowcount:
            raise MatchingForbidden(f"seed source_policies forbids matching authors of {author[0]}: nothing decided")
        known = "select from intermediate.int_customers_staged where customer_id = %s"
        if not warehouse.execute(known, [customer_id]).rowcount:
            raise CustomerUnknown(f"no CRM has a customer {customer_id}: take the id from bi.dim_customer")
        if action == "confirm" and warehouse.execute(_DELETED, [customer_id]).rowcount:
            raise CustomerUnknown(f"the CRM deleted customer {customer_id} or merged it: confirm the remaining one")
        if warehouse.execute(_ERASED, [customer_id]).rowcount:
            raise CustomerUnknown(f"customer {customer_id} was erased and is linked to nobody: nothing decided")
        [(decision_id,)] = warehouse.execute(
            "insert into ops.identity_decisions"
            " (source, author_native_id, customer_id, verdict, reason, decided_by)"
            " values (%s, %s, %s, %s, %s, %s) returning decision_id",
            [*author, customer_id, VERDICTS[action], reason, by],
        )
    return int(decision_id)


def _parse() -> argparse.Namespace:
    parser = parser_of("identities", __doc__)
    parser.add_argument(
        "action", choices=VERDICTS, help="undo a link, confirm one, or leave the pair to its keys again"
    )
    parser.add_argument("--author", required=True, metavar="AUTHOR_KEY")
    parser.add_argument("--customer", required=True, metavar="CUSTOMER_ID")
    parser.add_argument("--by", required=True, metavar="LOGIN", help="who decides: a login or pseudonym, no address")
    parser.add_argument("--reason", required=True, help="why, for whoever reads it later; no personal data")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run_command(main))
