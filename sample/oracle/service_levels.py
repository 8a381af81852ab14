"""Service levels replayed event by event: the policies that applied, the time on their clocks, and the outcomes.

A conversation is a dict: id, channel, family, market, opened, deleted, asks (False if it is known to ask for nothing),
moments [(at, rank, id, kind, agent, available)], statuses [(at, status or None once it is gone)], priorities [(at, old,
new)] and tier_at, which knows the customer's tier at a moment.
"""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WORKING = ("new", "open", "pending", "on_hold")
COUNTED = {
    "pausable_update": ("new", "open", "on_hold"),
    "requester_wait": ("new", "open", "on_hold"),
    "agent_work": ("new", "open"),
}
# The first selector that only one of two policies has decides between them.
SELECTORS = ("channel_code", "channel_family", "priority", "customer_tier", "market_code")
FIRST_DAY, LAST_DAY = date(2026, 10, 1), date(2027, 1, 31)
NEVER = datetime.max.replace(tzinfo=UTC)


class Rules:
    """The seeds, read independently of the warehouse's code."""

    def __init__(self, seeds):
        """Read the policies, and expand the windows of each calendar day by day in its time zone."""

        def rows(name):
            with (seeds / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
                return list(csv.DictReader(stream))

        self.policies = rows("sla_policies")
        self.families = {row["channel_code"]: row["channel_family"] for row in rows("channels")}
        self.assignments = rows("calendar_assignments")
        self.evidence = {row["source"]: row for row in rows("conversation_rules")}
        hours, exceptions = defaultdict(list), defaultdict(list)
        for row in rows("business_hours"):
            hours[row["calendar_code"], int(row["iso_weekday"])].append(row)
        for row in rows("business_exceptions"):
            exceptions[row["calendar_code"], row["exception_date"]].append(row)
        self.windows = {}
        for row in rows("business_calendars"):
            code, zone, found = row["calendar_code"], ZoneInfo(row["timezone"]), []
            for number in range((LAST_DAY - FIRST_DAY).days):
                day = FIRST_DAY + timedelta(days=number)
                openings = exceptions.get((code, str(day))) or hours[code, day.isoweekday()]
                for opening in openings:
                    if opening["opens_at"] and _holds_on(opening, day):
                        # A window that closes no later than it opens closes on the next day.
                        last = day + timedelta(days=opening["closes_at"] <= opening["opens_at"])
                        found.append((_at(day, opening["opens_at"], zone), _at(last, opening["closes_at"], zone)))
            self.windows[code] = sorted(found)

    def calendar_of(self, conversation):
        """Return the calendar of the most specific assignment, the channel before its family; None if none fits."""
        wanted = {"market_code": conversation["market"], "channel_family": conversation["family"]}
        wanted["channel_code"] = conversation["channel"]
        fitting = [row for row in self.assignments if all(row[name] in ("", wanted[name]) for name in wanted)]
        order = ("channel_code", "channel_family", "market_code")
        return max(fitting, key=lambda row: [row[name] != "" for name in order])["calendar_code"] if fitting else None

    def policy_of(self, metric, situation, at):
        """Return the policy for a metric in a situation at a moment; None if there is none."""
        fitting = [
            row
            for row in self.policies
            if row["metric"] == metric
            and all(row[name] in ("", situation[name]) for name in SELECTORS)
            and (not row["valid_from"] or datetime.fromisoformat(row["valid_from"]) <= at)
            and (not row["valid_to"] or at < datetime.fromisoformat(row["valid_to"]))
        ]
        return max(fitting, key=lambda row: [row[name] != "" for name in SELECTORS], default=None)


def _holds_on(opening, day):
    return opening.get("valid_from", "") <= str(day) and str(day) <= (opening.get("valid_to") or "9")


def _at(day, clock, zone):
    if clock == "24:00":
        return _at(day + timedelta(days=1), "00:00", zone)
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def status_at(conversation, at):
    """Return the status at a moment; None before the first, without any, and once the case is deleted."""
    return next((status for since, status in reversed(conversation["statuses"]) if since <= at), None)


def runs_of(conversation):
    """Return (metric, start, available, end, ended_by, agent) of every run of a clock, in order of start."""
    runs, waiting, updating, replies = [], None, None, []
    metric, is_merged, is_begun = "first_reply", False, False
    asks = any(moment[3] == "question" for moment in conversation["moments"])
    for at, _, _, kind, agent, available in sorted(
        conversation["moments"], key=lambda moment: (moment[0], moment[1], len(moment[2]), moment[2])
    ):
        if kind in ("question", "courtesy"):
            # Thanks are part of a wait. They start only the first wait, and not if they answer us and more follows.
            begins = not is_merged and (kind == "question" or (metric == "first_reply" and not (is_begun and asks)))
            waiting = waiting or ((at, available) if begins else None)
            continue
        is_begun = True
        ended_by = "resolution" if kind == "closure" else kind
        if waiting:
            runs.append((metric, *waiting, at, ended_by, agent))
            waiting, metric = None, "next_reply"
        if updating:
            runs += [(name, updating, updating, at, ended_by, agent) for name in ("periodic_update", "pausable_update")]
        is_merged = is_merged or kind == "merge"
        is_owed = kind == "reply" and not is_merged and status_at(conversation, at) in WORKING
        updating = at if is_owed else None
        replies += [(at, agent)] if kind == "reply" else []
    if waiting:
        runs.append((metric, *waiting, None, None, None))
    if updating:
        runs += [(name, updating, updating, None, None, None) for name in ("periodic_update", "pausable_update")]
    return sorted(runs + _case_runs(conversation, replies), key=lambda run: (run[1], run[3] or NEVER))


def _case_runs(conversation, replies):
    statuses = conversation["statuses"]
    if not statuses:
        return []
    ends, end, ended_by = [at for at, _ in statuses[1:]] + [None], statuses[0][0], None
    for (_, status), until in zip(statuses, ends, strict=True):
        end = until if status in WORKING else end
    if end:
        merges = [moment[0] for moment in conversation["moments"] if moment[3] == "merge"]
        ended_by = "merge" if merges and end >= min(merges) else "resolution"
    agent = [agent for at, agent in replies if end and at <= end][-1:]
    return [
        (metric, statuses[0][0], statuses[0][0], end, ended_by, agent[0] if agent else None)
        for metric in ("requester_wait", "agent_work")
    ]


def applications_of(conversation, metric, rules):
    """Return (number, policy or None, priority, since, until) of each change of the policy of one metric."""
    changes, opened = conversation["priorities"], conversation["opened"]
    held = {opened: changes[0][1] if changes else conversation.get("priority")}
    for at, _, new in changes:
        held[max(at, opened)] = new
    found = []
    for at, priority in sorted(held.items()):
        situation = {
            "channel_code": conversation["channel"], "channel_family": conversation["family"],
            "market_code": conversation["market"], "priority": priority or "none",
            "customer_tier": conversation["tier_at"](at) or "unknown",
        }  # fmt: skip
        policy = rules.policy_of(metric, situation, at)
        if not found or policy != found[-1][0]:
            found.append((policy, situation["priority"], at))
    ends = [at for _, _, at in found[1:]] + [None]
    return [(number, *row, end) for number, (row, end) in enumerate(zip(found, ends, strict=True), 1)]


def stretches_of(conversation, metric, start, end):
    """Return the (from, to) spans in which a clock ran; the last ends with NEVER if it still runs."""
    if metric not in COUNTED:
        return [(start, end or NEVER)]
    if start == end:
        # No time passed, but it is known whether the clock ran.
        return [(start, end)] if status_at(conversation, start) in COUNTED[metric] else []
    statuses = conversation["statuses"]
    ends = [at for at, _ in statuses[1:]] + [NEVER]
    found = [
        (max(since, start), min(until, end or NEVER))
        for (since, status), until in zip(statuses, ends, strict=True)
        if status in COUNTED[metric]
    ]
    return [(since, until) for since, until in found if since < until]


def open_parts(windows, since, until):
    """Yield the parts of a stretch that count: all of it, or the parts within a calendar's windows."""
    if windows is None:
        yield since, until
        return
    for opens, closes in windows:
        if max(opens, since) < min(closes, until):
            yield max(opens, since), min(closes, until)


def due_of(windows, stretches, target, is_over):
    """Return when the target is used up; for a stopped clock, as if it had gone on."""
    left = timedelta(seconds=target)
    for number, (since, until) in enumerate(stretches, 1):
        goes_on = is_over and number == len(stretches)
        for opens, closes in open_parts(windows, since, NEVER if goes_on else until):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
    return None


def judge(conversation, run, target, windows, as_of):
    """Return (outcome, reason, elapsed seconds, due) of one clock; run is (metric, start, end, ended_by)."""
    metric, start, end, ended_by = run
    stretches, is_measured = stretches_of(conversation, metric, start, end), windows != []
    due = due_of(windows, stretches, target, end is not None)
    elapsed = None
    # The time is unknown, so the duration is too.
    if end and is_measured and ended_by != "untimed_reply":
        parts = [part for stretch in stretches for part in open_parts(windows, *stretch)]
        elapsed = int(sum((until - since).total_seconds() for since, until in parts))
    reason = "deleted" if conversation["deleted"] else None if conversation["asks"] else "not_serviceable"
    reason = reason or {"merge": "merged", "untimed_reply": "not_recorded"}.get(ended_by)
    reason = reason or (None if is_measured else "no_calendar")
    if reason is None and elapsed is not None and elapsed <= target:
        reason = {"abandonment": "abandoned", "replacement": "replaced"}.get(ended_by)
    if reason:
        return "not_judged", reason, elapsed, due
    if end is None:
        return "missed" if due and due < as_of else "running", None, None, due
    return "attained" if elapsed <= target else "missed", None, elapsed, due


def share_of(run, since, until):
    """Return (start, end, ended_by) of the part of a run that one application measures; None if there is none."""
    metric, start, _, end, ended_by, _ = run
    over = end or NEVER
    if metric == "first_reply":
        # Measured by the policy in force when the reply comes, from the first message on.
        return None if over < since or (until and until <= over) else (start, end, ended_by)
    if (until and until <= start) or (start < since and over <= since):
        return None
    if until and until < over:
        return max(start, since), until, "replacement"
    return max(start, since), end, ended_by


def events_of(conversation, rules, as_of):
    """Return {(conversation, metric, run, application, policy): target and outcome}."""
    found, numbers = {}, defaultdict(int)
    calendar = rules.windows.get(rules.calendar_of(conversation), [])
    for run in runs_of(conversation):
        metric = run[0]
        numbers[metric] += 1
        for number, policy, priority, since, until in applications_of(conversation, metric, rules):
            share = share_of(run, since, until)
            if policy is None or share is None:
                continue
            target, windows = int(policy["target_seconds"]), calendar if policy["in_business_hours"] == "true" else None
            outcome, reason, elapsed, due = judge(conversation, (metric, *share), target, windows, as_of)
            # The same clock from when the company could see the message.
            seen = max(run[2], share[0])
            over = share[1] and max(seen, share[1])
            team = judge(conversation, (metric, seen, over, share[2]), target, windows, as_of)
            found[conversation["id"], metric, numbers[metric], number, policy["policy_code"]] = {
                "outcome": outcome, "reason": reason, "elapsed": elapsed, "due": due,
                "team_elapsed": team[2], "team_due": team[3],
                "team_attained": {"attained": True, "missed": False}.get(team[0]),
                "ended_by": share[2], "priority": priority, "market": conversation["market"],
                "agent": run[5] if share[2] in ("reply", "resolution") else None,
            }  # fmt: skip
    return found
