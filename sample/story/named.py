"""The named cases: exchanges with fixed times; named_cases.yml has their clocks, computed by hand."""

from datetime import UTC, datetime, timedelta

from story.people import AGENTS, EX_AGENT, Person, people_of
from story.posts import Stage, account_of, mention
from story.tickets import Ticket


def utc(day: str, clock: str) -> datetime:
    """Return a UTC moment; `day` is MM-DD of 2026."""
    return datetime.fromisoformat(f"2026-{day}T{clock}").replace(tzinfo=UTC)


def customer(market: str, number: int) -> Person:
    """Return the n-th customer of a market in the CRM."""
    return [person for person in people_of(market) if person.in_crm][number]


def x_cases(stage: Stage) -> None:
    """Write the named threads; they come first, so their ids never change."""
    _plain_reply_and_burst(stage)
    _outage_thread(stage)
    _edit_and_deletion(stage)
    _unanswered_and_peer(stage)


def _plain_reply_and_burst(stage: Stage) -> None:
    us, india = account_of("us", "acme_bank"), account_of("in", "acme_bank")
    ann, anil = customer("us", 0), customer("in", 0)
    post = stage.say(ann, utc("10-27", "14:00:00"), "@AcmeBank where do I find my routing number in the app?")
    stage.say(us, utc("10-27", "14:23:30"), f"{mention(ann)}Hi {ann.first}, under account details. ^JK", post)
    first = stage.say(anil, utc("10-28", "09:00:00"), "@AcmeBankIN my UPI payment failed")
    second = stage.say(anil, utc("10-28", "09:01:10"), "@AcmeBankIN and the money is gone", first)
    third = stage.say(anil, utc("10-28", "09:04:00"), "@AcmeBankIN hello??", second)
    stage.say(india, utc("10-28", "09:12:00"), f"{mention(anil)}Hi {anil.first}, checking this now. ^SK", third)


def _outage_thread(stage: Stage) -> None:
    """Write a brand's announcement below which two customers each begin a thread; one also helps the other."""
    pay = account_of("us", "acme_pay")
    bea, carl = customer("us", 1), customer("us", 2)
    notice = stage.say(pay, utc("10-29", "10:05:00"), "Some payments are failing right now. We are working on it.")
    stage.say(pay, utc("10-29", "11:30:00"), "Update: most payments work again.", notice)
    under_one = stage.say(bea, utc("10-29", "10:07:00"), "@AcmePay my rent is due today, what do I do?", notice)
    under_two = stage.say(carl, utc("10-29", "10:08:20"), "@AcmePay stuck at the till, thanks a lot", notice)
    stage.say(carl, utc("10-29", "10:15:00"), f"{mention(bea)}@AcmePay same here, pay by card", under_one)
    stage.say(pay, utc("10-29", "10:47:00"), f"{mention(bea)}Sorry, please use a bank transfer today. ^RD", under_one)
    stage.say(pay, utc("10-29", "11:00:20"), f"{mention(carl)}We are sorry. It works again now. ^RD", under_two)


def _edit_and_deletion(stage: Stage) -> None:
    singapore = account_of("sg", "acme_bank")
    dana, eli, faye = customer("sg", 0), customer("sg", 1), customer("sg", 2)
    post = stage.say(dana, utc("11-07", "23:40:00"), "@AcmeBankSG the app closes by itsself")
    edited = stage.edit(post, timedelta(minutes=25), "@AcmeBankSG the app closes by itself since the update")
    stage.say(singapore, utc("11-08", "00:30:00"), f"{mention(dana)}Hi, an update is out now. ^CL", edited)
    seen = stage.say(eli, utc("11-06", "02:00:00"), "@AcmeBankSG your branch lost my documents")
    stage.say(singapore, utc("11-06", "02:20:00"), f"{mention(eli)}Sorry to hear that. Please DM us. ^AY", seen)
    stage.remove(seen, utc("11-08", "05:00:00"))
    never_seen = stage.say(faye, utc("11-06", "03:00:00"), "@AcmeBankSG posted by mistake")
    stage.say(singapore, utc("11-06", "03:10:00"), f"{mention(faye)}No problem, have a nice day. ^AY", never_seen)
    stage.remove(never_seen, utc("11-06", "04:00:00"))


def _unanswered_and_peer(stage: Stage) -> None:
    gus, hana, ian = customer("in", 1), customer("in", 2), customer("in", 3)
    stage.say(gus, utc("10-30", "06:00:00"), "@AcmePayIN is anybody there?")
    asked = stage.say(hana, utc("10-30", "07:00:00"), "@AcmePayIN how do I change my UPI pin?")
    stage.say(ian, utc("10-30", "07:05:00"), f"{mention(hana)}@AcmePayIN settings, then security", asked)
    stage.say(hana, utc("10-30", "07:09:00"), f"{mention(ian)}@AcmePayIN found it, thanks!", asked)


def ticket_cases() -> list[Ticket]:
    """Return the named tickets, numbers 9001 and up."""
    return [
        _agent_opened(),
        _internal_note_first(),
        _chat_with_bot(),
        _reopened_on_the_last_day(),
        *_merged(),
        _answered_by_someone_who_left(),
        _deleted_on_the_last_day(),
    ]


def _agent_opened() -> Ticket:
    agent, person = AGENTS[8], customer("in", 4)
    ticket = Ticket(
        9001, "web", "in", "acme_bank", person, "Your new card was returned to us", utc("10-28", "03:00:00")
    )
    ticket.open_by_agent(agent, "Dear customer, your new card came back by post. Which address is right?")
    ticket.customer_writes(utc("10-28", "05:30:00"), "I have moved. The new address is in the app.")
    ticket.agent_writes(utc("10-28", "06:15:00"), agent, "Thank you, a new card is on its way.", status="solved")
    return ticket


def _internal_note_first() -> Ticket:
    agent, person = AGENTS[2], customer("us", 3)
    ticket = Ticket(9002, "email", "us", "acme_bank", person, "Payment I did not make", utc("11-03", "09:00:00"))
    ticket.open_by_customer("Somebody paid 80 dollars with my card. Please call me on +1 212 555 0103.")
    ticket.note(utc("11-03", "09:05:00"), agent, "Looks like the case from yesterday, asking the fraud desk.")
    ticket.taken(utc("11-03", "10:12:00"), agent)
    ticket.agent_writes(
        utc("11-03", "10:30:00"), agent, "The card is blocked and the amount returned.", status="solved"
    )
    return ticket


def _chat_with_bot() -> Ticket:
    agent, person = AGENTS[13], customer("sg", 3)
    ticket = Ticket(9003, "chat", "sg", "acme_pay", person, "Chat with visitor", utc("11-05", "08:00:00"))
    ticket.open_by_customer("hi, my top-up is missing")
    ticket.bot_writes(utc("11-05", "08:00:08"), "Hi, I am the Acme assistant. One moment please.")
    ticket.customer_writes(utc("11-05", "08:00:40"), "a human please")
    ticket.taken(utc("11-05", "08:01:50"), agent)
    ticket.agent_writes(utc("11-05", "08:02:30"), agent, "Hello, Grace here. Found it, booked now.", status="solved")
    return ticket


def _reopened_on_the_last_day() -> Ticket:
    agent, person = AGENTS[3], customer("us", 4)
    ticket = Ticket(9004, "email", "us", "acme_pay", person, "Refund not received", utc("11-05", "15:00:00"))
    ticket.open_by_customer("The shop says that the refund went out last week. My card is 4111 1111 1111 1111.")
    ticket.taken(utc("11-05", "17:04:00"), agent)
    ticket.agent_writes(utc("11-05", "17:30:00"), agent, "The refund was booked today.", status="solved")
    ticket.customer_writes(utc("11-08", "13:00:00"), "It is still not here!", status="open")
    ticket.agent_writes(utc("11-08", "16:00:00"), agent, "Sorry, now it is. I have checked it myself.", status="solved")
    return ticket


def _merged() -> list[Ticket]:
    agent, person = AGENTS[4], customer("us", 5)
    kept = Ticket(9005, "web", "us", "acme_bank", person, "Locked out of the app", utc("11-02", "18:00:00"))
    kept.open_by_customer("I am locked out of the app since this morning.")
    double = Ticket(9006, "email", "us", "acme_bank", person, "locked out!!", utc("11-02", "18:20:00"))
    double.open_by_customer("Did you get my message? I am locked out.")
    double.merge_into(kept, utc("11-02", "18:45:00"), agent)
    kept.taken(utc("11-02", "18:46:00"), agent)
    kept.agent_writes(utc("11-02", "19:00:00"), agent, "Your access is reset, please try again.", status="solved")
    return [kept, double]


def _answered_by_someone_who_left() -> Ticket:
    person = customer("in", 5)
    ticket = Ticket(9007, "email", "in", "acme_bank", person, "Documents refused again", utc("11-06", "04:00:00"))
    ticket.open_by_customer("I have uploaded my documents three times. What is wrong with them?")
    ticket.taken(utc("11-06", "05:55:00"), EX_AGENT)
    ticket.agent_writes(utc("11-06", "06:10:00"), EX_AGENT, "They are accepted now.", status="solved")
    ticket.customer_writes(utc("11-08", "07:00:00"), "The app still says not readable.", status="open")
    return ticket


def _deleted_on_the_last_day() -> Ticket:
    agent, person = AGENTS[14], customer("sg", 4)
    ticket = Ticket(9008, "web", "sg", "acme_bank", person, "Please ignore, test", utc("11-04", "02:00:00"))
    ticket.open_by_customer("I only wanted to see whether this form works.")
    ticket.taken(utc("11-04", "02:31:00"), agent)
    ticket.agent_writes(utc("11-04", "02:40:00"), agent, "It does! Have a nice day.", status="solved")
    ticket.delete(utc("11-08", "09:00:00"), agent)
    return ticket


# Phone rows as the PBX writes them: call_id, pbx, caller, agent, started, answered, ended, disposition, summary.
PHONE_CASES = [
    # Across the hour that occurs twice in America/New_York on 2026-11-01.
    (
        *("N-0001", "us", customer("us", 6), AGENTS[2]),
        *("2026-11-01T01:35:00-04:00", "2026-11-01T01:36:15-04:00", "2026-11-01T01:12:00-05:00"),
        *("answered", "Stolen card blocked, replacement ordered"),
    ),
    (
        *("N-0002", "us", customer("us", 7), AGENTS[3]),
        *("2026-11-01T01:20:00-05:00", "2026-11-01T01:20:45-05:00", "2026-11-01T01:29:00-05:00"),
        *("answered", "Disputed payment, form sent"),
    ),
    (
        *("N-0003", "in", customer("in", 6), None),
        *("2026-11-03T11:00:00+05:30", "", "2026-11-03T11:04:10+05:30", "abandoned", ""),
    ),
    # This row is in the file that arrives two days late.
    (
        *("N-0004", "sg", customer("sg", 5), AGENTS[13]),
        *("2026-11-06T10:00:00+08:00", "2026-11-06T10:00:20+08:00", "2026-11-06T10:09:00+08:00"),
        *("answered", "Missing points restored"),
    ),
]

# Answers: response, day of the file, market, person, source and id of the subject, question, score, time, comment.
SURVEY_CASES = [
    (
        *("S-0001", "2026-11-06", "sg", customer("sg", 5), "phone", "pbx-sg/N-0004"),
        *("csat", 5, "2026-11-06T10:21:00+08:00", "quick, the points are back"),
    ),
    (
        *("S-0001", "2026-11-06", "sg", customer("sg", 5), "phone", "pbx-sg/N-0004"),
        *("nps", 6, "2026-11-06T10:21:00+08:00", ""),
    ),
    # Corrected two days later: the same answer in a later file.
    (
        *("S-0002", "2026-11-02", "us", customer("us", 5), "zendesk", "9005"),
        *("csat", 1, "2026-11-02T14:30:00-05:00", "very quick"),
    ),
    (
        *("S-0002", "2026-11-04", "us", customer("us", 5), "zendesk", "9005"),
        *("csat", 5, "2026-11-02T14:30:00-05:00", "very quick. I took 1 for the best"),
    ),
    # Off its scale: the tool was set to seven smileys for an hour.
    (
        *("S-0003", "2026-11-01", "us", customer("us", 7), "phone", "pbx-us/N-0002"),
        *("csat", 7, "2026-11-01T10:05:00-05:00", ""),
    ),
]

# Visits to branches: person, number, branch, local time, zone, reason, note, member of staff.
VISIT_CASES = [
    # In the hour that occurs twice in New York on 2026-11-01, at the airport's night counter; the second has an offset.
    (
        *(customer("us", 8), "N-1", "us-airport-02", "2026-11-01 01:40", "America/New_York"),
        *("cards", "Card kept by the machine, new one ordered", "us-airport-02-1"),
    ),
    (
        *(customer("us", 9), "N-2", "us-airport-02", "2026-11-01T01:40:00-05:00", "America/New_York"),
        *("cards", "Lost wallet, cards blocked", "us-airport-02-1"),
    ),
]

# Reviews: day of the file, market, person, channel, account, id, score, best score, text, time, reply, time.
REVIEW_CASES = [
    (
        *("2026-10-28", "us", customer("us", 10), "app", "com.acmebank.app", "N-1", 2, 5),
        *("The login code never arrives.", "2026-10-28T15:00:00Z"),
        *("Sorry! Please send us a message with your case number.", "2026-10-28T18:30:00Z"),
    ),
    # Edited three days after the reply: the present text was never answered.
    (
        *("2026-11-02", "sg", customer("sg", 6), "app", "com.acmebank.app", "N-2", 1, 5),
        *("Crashes when I open it.", "2026-11-02T03:00:00Z"),
        *("A new version is out, could you try again?", "2026-11-02T05:00:00Z"),
    ),
    (
        *("2026-11-05", "sg", customer("sg", 6), "app", "com.acmebank.app", "N-2", 5, 5),
        *("The update fixed it, I am happy again.", "2026-11-05T04:00:00Z"),
        *("A new version is out, could you try again?", "2026-11-02T05:00:00Z"),
    ),
    (
        *("2026-11-03", "in", customer("in", 7), "site", "Acme Bank", "N-3", 7, 10),
        *("Friendly branch, slow app.", "2026-11-03T08:00:00Z", "", ""),
    ),
    # Off its scale.
    (
        *("2026-11-03", "us", customer("us", 11), "app", "com.acmepay.app", "N-4", 9, 5),
        *("Why is the fee not shown before I pay?", "2026-11-03T16:00:00Z", "", ""),
    ),
]

# Forms and chats: case, channel, market, person, and their messages: time, sender, text, member of staff.
FORM_CASES = [
    (
        *("N-1", "web_form", "in", customer("in", 8)),
        [
            ("2026-10-27T05:00:00+00:00", "customer", "How do I change the address on my statements?", None),
            ("2026-10-27T07:30:00+00:00", "agent", "You can do so in the app, under profile.", AGENTS[8]),
        ],
    ),
    (
        *("N-1", "chat", "sg", customer("sg", 7)),
        [
            ("2026-11-03T03:00:00+00:00", "customer", "My card was declined at the MRT, why?", None),
            ("2026-11-03T03:00:05+00:00", "bot", "Hi, I am the Acme assistant. One moment, please.", None),
            ("2026-11-03T03:02:00+00:00", "agent", "The daily limit was the reason, it is raised now.", AGENTS[13]),
        ],
    ),
    (
        *("N-2", "chat", "us", customer("us", 12)),
        [
            ("2026-11-06T22:00:00+00:00", "customer", "Where is my refund?", None),
            ("2026-11-06T22:00:06+00:00", "bot", "Hi, I am the Acme assistant. One moment, please.", None),
        ],
    ),
]

# Visits of a page on a market's day, for cases that need a fixed number.
VISITS = {("2026-10-29", "us", "/help/card-blocked"): 618, ("2026-11-04", "us", "/open-account"): 305}
