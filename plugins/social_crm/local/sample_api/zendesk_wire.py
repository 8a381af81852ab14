"""Writes tickets, comments, audits, users and groups as Zendesk Support does; folds a ticket's audits up to now."""

import html
from typing import Any

from social_crm.local.sample_api.company import Record, epoch

_COMMENTS = ("Comment", "VoiceComment")
_NOWHERE: Record = {"from": {}, "to": {}, "rel": None}


def _via(via: Record) -> Record:
    return {"channel": via["channel"], "source": via.get("source", _NOWHERE)}


def _fold(audits: list[Record]) -> Record:
    """Return the fields' newest values."""
    values: Record = {}
    for audit in audits:
        for event in audit["events"]:
            if event["type"] in ("Create", "Change"):
                values[event["field_name"]] = event["value"]
    return values


def write_ticket(ticket: Record, now: str, base_url: str) -> Record | None:
    """Return a ticket in its state at a moment, or None while it does not exist."""
    audits = [audit for audit in ticket["audits"] if audit["at"] <= now]
    if not audits:
        return None
    values, first = _fold(audits), audits[0]
    opening = next(event for event in first["events"] if event["type"] in _COMMENTS)
    comments = [event for audit in audits for event in audit["events"] if event["type"] in _COMMENTS]
    moved = max([audits[-1]["at"]] + [at for at in [ticket.get("touched_at")] if at and at <= now])
    wire = {
        "url": f"{base_url}/api/v2/tickets/{ticket['id']}.json",
        "id": ticket["id"],
        "external_id": ticket.get("external_id"),
        "via": {"channel": ticket["channel"], "source": _NOWHERE},
        "created_at": first["at"],
        "updated_at": audits[-1]["at"],
        "generated_timestamp": epoch(moved),
        "type": None,
        "subject": values["subject"],
        "raw_subject": values["subject"],
        "description": opening["body"],
        "submitter_id": first["by"],
        "is_public": any(comment["public"] for comment in comments),
        "satisfaction_rating": values.get("satisfaction_rating") or {"score": "unoffered"},
    }
    for name in ("priority", "status", "requester_id", "assignee_id", "group_id", "brand_id", "tags"):
        wire[name] = values.get(name)
    wire |= dict.fromkeys(("recipient", "organization_id", "forum_topic_id", "problem_id", "due_at"))
    lists = ("collaborator_ids", "follower_ids", "email_cc_ids", "custom_fields", "sharing_agreement_ids")
    wire |= {name: [] for name in lists} | {"has_incidents": False, "from_messaging_channel": False}
    return wire


def _comment_text(body: str) -> Record:
    lines = html.escape(body, quote=False).replace("\n", "<br>")
    return {
        "body": body,
        "html_body": f'<div class="zd-comment" dir="auto">{lines}</div>',
        "plain_body": body,
    }


def _write_value(value: Any) -> Any:
    """Return a field's value in the form of audits, which write numbers as text."""
    return str(value) if isinstance(value, int) else value


def _write_event(event: Record, audit_id: int) -> Record:
    if event["type"] in _COMMENTS:
        return {**event, **_comment_text(event["body"]), "audit_id": audit_id, "attachments": []}
    names = ("value", "previous_value")
    return {**event, **{name: _write_value(event[name]) for name in names if name in event}}


def write_audits(ticket: Record, now: str) -> list[Record]:
    """Return the audits of a ticket up to a moment, oldest first."""
    return [
        {
            "id": audit["id"],
            "ticket_id": ticket["id"],
            "created_at": audit["at"],
            "author_id": audit["by"],
            "metadata": {"system": {}, "custom": {}},
            "events": [_write_event(event, audit["id"]) for event in audit["events"]],
            "via": _via(audit["via"]),
        }
        for audit in ticket["audits"]
        if audit["at"] <= now
    ]


def write_comments(ticket: Record, now: str) -> list[Record]:
    """Return the comments of a ticket up to a moment, oldest first."""
    return [
        {
            **{name: event[name] for name in ("id", "type", "author_id", "public")},
            **_comment_text(event["body"]),
            "attachments": [],
            "audit_id": audit["id"],
            "via": _via(audit["via"]),
            "created_at": audit["at"],
            "metadata": {"system": {}, "custom": {}},
        }
        for audit in ticket["audits"]
        if audit["at"] <= now
        for event in audit["events"]
        if event["type"] in _COMMENTS
    ]


def write_user(user: Record, base_url: str) -> Record:
    """Return a user in the given version."""
    wire = {
        "id": user["id"],
        "url": f"{base_url}/api/v2/users/{user['id']}.json",
        "name": user["name"],
        "email": user.get("email"),
        "created_at": user["created_at"],
        "updated_at": user["from"],
        "time_zone": "UTC",
        "locale": "en-US",
        "role": user["role"],
        "verified": True,
        "active": user.get("active", True),
        "suspended": False,
        "tags": user.get("tags", []),
        "user_fields": {},
    }
    names = ("phone", "alias", "external_id", "default_group_id", "organization_id")
    return wire | {name: user.get(name) for name in names}


def write_group(group: Record, base_url: str) -> Record:
    """Return a group."""
    url = f"{base_url}/api/v2/groups/{group['id']}.json"
    return {"url": url, "updated_at": group["created_at"], **group, "deleted": False, "default": False}
