"""The page that says who a customer is: only to its role, by the two functions of the vault, each look logged.

No dataset: Superset would run whatever its users write on a connection that may open the vault (docs/decisions/0024).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from flask import Blueprint, Response, redirect, render_template_string, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
REFUSAL = "This page is for whoever has the role Customer 360 and a market's: whoever gives access can give them."
FIND = "select customer_id, market_code, full_name from customer_360.find(%s, %s)"
PERSON = "select source, identifier_kind, identifier from customer_360.person(%s, %s)"


def pages(url_of: Callable[[Any], str | None]) -> Blueprint:
    """Return the page; `url_of` gives what a user may look by, or None."""
    people = Blueprint("people", __name__)

    @people.route("/people/", methods=["GET", "POST"])
    def who() -> Response | str | tuple[str, int]:
        if not current_user.is_authenticated:
            return redirect("/login/?next=/people/")
        url = url_of(current_user)
        if url is None:
            return _page(refused=REFUSAL), 403
        # What somebody looks for is posted, never part of an address that logs keep.
        term, customer = (request.form.get(name, "").strip() for name in ("term", "customer"))
        try:
            found = _ask(url, FIND, term) if term else None
            known = _ask(url, PERSON, customer) if customer else None
        except psycopg2.errors.InvalidParameterValue as error:
            return _page(term=term, objection=error.diag.message_primary), 400
        return _page(term=term, customer=customer, found=found, known=known)

    @people.after_request
    def keep_nowhere(answer: Response) -> Response:
        answer.cache_control.no_store = True
        return answer

    return people


def _ask(url: str, query: str, wanted: str) -> list[tuple[str, ...]]:
    """Return what the vault says to the user who is signed in, once the look is logged."""
    connection = psycopg2.connect(url)
    try:
        # A look that is rolled back is missing from the log.
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, [wanted, current_user.username])
            return list(cursor.fetchall())
    finally:
        connection.close()


def _page(**shown: Any) -> str:
    return render_template_string(PAGE, token=generate_csrf(), **shown)
