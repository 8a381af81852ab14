"""The named cases in Intercom and Request Tracker: exchanges with fixed times, as in named_cases.yml."""

from typing import Any

from story.chats import Chat, admin_id
from story.desk_tickets import DeskTicket
from story.named import customer, utc
from story.people import AGENTS, Person

DEEPA, CASEY = AGENTS[8], AGENTS[2]
_QUOTED = """\
On Mon, 2 Nov 2026 at 12:30, Acme Pay <merchants@acmebank.example> wrote:
> All thirty are booked. Please look again."""


def intercom_cases() -> list[dict[str, Any]]:
    """Write conversations: reopened, answered by an assistant only, redacted, snoozed, and deleted."""
    return [_opened_again(), _assistant_alone(), _redacted(), _put_off(), _deleted()]


def _opened_again() -> dict[str, Any]:
    chat = Chat(1, next(one for one in map(_india, range(20, 40)) if one.number % 2))
    chat.asks(utc("10-27", "05:00:00"), "The QR code of my shop does not scan. How do I get a new one?")
    chat.bot(utc("10-27", "05:00:05"), "Hi, I am the Acme assistant. One moment, I will find someone for you.")
    chat.bot(utc("10-27", "05:00:06"), None, "assignment", assignee=admin_id(DEEPA))
    chat.staff(utc("10-27", "05:04:00"), DEEPA, "Hello, I have sent a new code to your app.")
    chat.staff(utc("10-27", "05:05:00"), DEEPA, kind="close")
    chat.asks(utc("11-03", "06:00:00"), "It stopped again. Where do I see why?")
    chat.staff(utc("11-03", "06:02:00"), DEEPA, "Sorry, it works now.")
    chat.staff(utc("11-03", "06:03:00"), DEEPA, kind="close")
    return chat.record()


def _assistant_alone() -> dict[str, Any]:
    chat = Chat(2, _india(40))
    chat.asks(utc("10-28", "05:00:00"), "How do I change my UPI pin?")
    # It answers under a person's name; only a field shows that it is no member of staff.
    chat.staff(utc("10-28", "05:00:20"), DEEPA, "Under settings, then security.", is_assistant=True)
    chat.asks(utc("10-28", "05:01:00"), "found it, thanks!")
    chat.bot(utc("10-28", "05:06:00"), None, "close")
    return chat.record()


def _redacted() -> dict[str, Any]:
    chat = Chat(3, _india(41))
    chat.asks(utc("11-04", "07:00:00"), "I was charged twice at the metro station. Can I have it back?")
    chat.staff(utc("11-04", "07:01:30"), DEEPA, "Hello, which of your cards was it?")
    chat.asks(utc("11-04", "07:03:00"), "4111 1111 1111 1111, code 123", redacted_at="2026-11-04T07:10:00Z")
    chat.staff(utc("11-04", "07:04:00"), DEEPA, "Full card number, to be redacted.", "note")
    chat.staff(utc("11-04", "07:05:00"), DEEPA, "Please never send us the number. The second charge is returned.")
    chat.staff(utc("11-04", "07:06:00"), DEEPA, kind="close")
    return chat.record()


def _put_off() -> dict[str, Any]:
    chat = Chat(4, _india(42), "email")
    chat.asks(utc("11-02", "06:00:00"), "My settlement of Friday is missing. Where is it?")
    chat.staff(utc("11-02", "07:30:00"), DEEPA, "Your bank has it and books it within three days.")
    chat.staff(utc("11-02", "07:31:00"), DEEPA, kind="snoozed")
    chat.bot(utc("11-05", "05:00:00"), None, "timer_unsnooze")
    chat.staff(utc("11-05", "05:10:00"), DEEPA, "It is in your account since yesterday.")
    chat.staff(utc("11-05", "05:11:00"), DEEPA, kind="close")
    return chat.record()


def _deleted() -> dict[str, Any]:
    chat = Chat(5, _india(43))
    chat.asks(utc("11-05", "08:00:00"), "sent by mistake")
    return chat.record(gone_at="2026-11-05T08:30:00Z")


def _india(number: int) -> Person:
    return customer("in", number)


def request_tracker_cases() -> list[DeskTicket]:
    """Write tickets: one that another was merged into, one of high priority, one deleted, one reopened."""
    people = (_us(0), *map(_us, range(4)))  # the first two are from one customer
    target, merged, urgent, deleted, again = (DeskTicket(7001 + place, who) for place, who in enumerate(people))
    target.customer_writes(
        utc("10-30", "14:00:00"), "Our terminal settles twice a day since Monday. Can you change it?"
    )
    merged.customer_writes(utc("10-30", "14:20:00"), "And where do I see the settlements?")
    merged.merge(utc("10-30", "15:00:00"), CASEY, target)
    target.change(utc("10-30", "15:01:00"), CASEY, "Owner", CASEY.number)
    target.staff_writes(utc("10-30", "15:30:00"), CASEY, "It is once a day again, and under reports.", "resolved")
    urgent.customer_writes(utc("11-02", "15:00:00"), "Thirty payments of Saturday are missing on our account.")
    urgent.comment(utc("11-02", "15:10:00"), CASEY, "The file of Saturday was not booked.")
    urgent.change(utc("11-02", "15:11:00"), CASEY, "Priority", 100)
    urgent.staff_writes(utc("11-02", "17:30:00"), CASEY, "All thirty are booked. Please look again.", "stalled")
    urgent.customer_writes(utc("11-03", "14:00:00"), f"One of them is gone again.\n\n{_QUOTED}")
    urgent.staff_writes(utc("11-03", "14:30:00"), CASEY, "It was booked twice before, and is right now.", "resolved")
    deleted.customer_writes(utc("11-04", "16:00:00"), "Wrong address, this was meant for my accountant.")
    deleted.change(utc("11-04", "16:10:00"), CASEY, "Status", "deleted")
    again.customer_writes(utc("11-05", "15:00:00"), "How do I refund a customer who paid by QR code?")
    again.staff_writes(utc("11-05", "16:00:00"), CASEY, "Open the payment and choose refund.", "resolved")
    again.customer_writes(utc("11-05", "18:00:00"), "There is no such button. Where is it?")
    again.staff_writes(
        utc("11-05", "19:00:00"), CASEY, "Sorry, your role lacked the right. It is there now.", "resolved"
    )
    return [target, merged, urgent, deleted, again]


def _us(number: int) -> Person:
    return customer("us", 40 + number)
