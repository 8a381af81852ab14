"""The named cases of the networks other than X; they come first, so their ids never change."""

from typing import TYPE_CHECKING

from story.named import customer, utc
from story.people import everyone
from story.social import Wall

if TYPE_CHECKING:
    from story.bluesky import Sky
    from story.discourse import Forum
    from story.facebook import Page
    from story.linkedin import Page as LinkedinPage
    from story.mastodon import Timeline
    from story.reddit import Board
    from story.stackexchange import Questions
    from story.wordpress import Blog


def facebook_cases(page: "Page") -> None:
    """Write a public question that continues in private, and records that break careless readers of a Page."""
    _public_then_private(page)
    notice = page.say("post", utc("11-05", "04:00:00"), None, "Ask us anything about refunds today.")
    hal, ila, jai, kim = customer("in", 10), customer("in", 11), customer("in", 12), customer("in", 13)
    # Facebook hides the author.
    nameless = page.say("comment", utc("11-05", "05:00:00"), hal, "Why does a refund take five days?", on=notice)
    page.change(nameless, by=None, name=None)
    page.say("comment", utc("11-05", "05:20:00"), None, "Shops send them in batches. ^SK", on=notice, reply_to=nameless)
    # Corrected on the last day, three days after it was answered.
    typo = page.say("comment", utc("11-05", "06:00:00"), ila, "My refnd of 900 is missing", on=notice)
    page.say("comment", utc("11-05", "06:45:00"), None, "We are looking into it. ^MT", on=notice, reply_to=typo)
    page.change(typo, edits=[{"at": "2026-11-08T05:00:00Z", "text": "My refund of 900 is missing"}])
    words = "Earn 500 a day from home, click my profile"
    spam = page.say("comment", utc("11-05", "07:00:00"), everyone()[500], words, on=notice)
    page.change(spam, hidden=True)
    mistake = page.say("comment", utc("11-05", "07:30:00"), jai, "Wrong page, sorry", on=notice)
    page.change(mistake, gone_at="2026-11-05T07:40:00Z")
    page.message(utc("11-06", "09:00:00"), kim, "Your receipt shows a box \u0000 where my name should be")


def _public_then_private(page: "Page") -> None:
    """Let the customer whose payment failed on X the day before ask here, and identify herself in private."""
    asha = customer("in", 0)
    notice = page.say("post", utc("10-29", "07:50:00"), None, "Some payments fail right now. We are working on it.")
    words = "My UPI payment of yesterday is still gone, and now today's failed too!"
    asked = page.say("comment", utc("10-29", "08:10:00"), asha, words, on=notice)
    words = "Sorry! Please send us a private message with your customer number. ^SK"
    page.say("comment", utc("10-29", "08:40:00"), None, words, on=notice, reply_to=asked)
    told = f"Here I am, my customer number is {asha.external_ref}. Where is my money?"
    page.message(utc("10-29", "08:52:00"), asha, told)
    page.message(utc("10-29", "09:10:00"), asha, "Found it, it comes back by tonight. ^SK", True)
    page.message(utc("10-29", "09:12:00"), asha, "thanks a lot, have a nice day")


def instagram_cases(wall: Wall) -> None:
    """Write a thread longer than a comment shows, a hidden comment and one with only a name."""
    lea, mia, noa = customer("sg", 8), customer("sg", 9), customer("sg", 10)
    media = wall.say("media", utc("11-02", "03:00:00"), None, "Our branch at Harbour Point is closed on Deepavali.")
    first = wall.say("comment", utc("11-02", "03:30:00"), lea, "Which branch is open on Sunday?", on=media)
    for minute, author, text in (
        (35, mia, "Orchard was, when I went there last year"),
        (50, None, "Orchard is open from 10:00. ^CL"),
        (55, lea, "and until when?"),
        (58, None, "Until 16:00. ^CL"),
    ):
        wall.say("comment", utc("11-02", f"03:{minute}:00"), author, text, on=media, reply_to=first)
    wall.say("comment", utc("11-02", "04:05:00"), lea, "got it, much appreciated", on=media, reply_to=first)
    rude = wall.say("comment", utc("11-02", "05:00:00"), noa, "this is a joke. I am closing my account", on=media)
    wall.change(rude, hidden=True)
    # Instagram no longer gives the author's id.
    nameless = wall.say("comment", utc("11-02", "06:00:00"), mia, "is the app down or is it just me?", on=media)
    wall.change(nameless, by=None)


def youtube_cases(wall: Wall) -> None:
    """Write a comment edited after its reply, one of a closed account, and one that was removed."""
    ora, pam, quin, ray = (customer("us", number) for number in (20, 21, 22, 23))
    video = "acmevideo04"
    words = "The app logs me out & nobody answers <b>here</b>"
    first = wall.say("comment", utc("11-04", "15:00:00"), ora, words, on=video)
    advice = "same here, restarting the phone helped me"
    answer = wall.say("comment", utc("11-04", "15:10:00"), pam, advice, on=video, reply_to=first)
    wall.change(answer, gone_at="2026-11-08T11:00:00Z")
    wall.say("comment", utc("11-04", "15:40:00"), None, "Please update to 4.2. ^JK", on=video, reply_to=first)
    wall.change(first, edits=[{"at": "2026-11-08T12:00:00Z", "text": "The app logs me out & 4.2 does not help"}])
    closed = wall.say("comment", utc("11-04", "16:00:00"), quin, "How do I reach a human?", on=video)
    wall.change(closed, by=None)
    wall.say("comment", utc("11-04", "16:30:00"), None, "By phone, day and night. ^RD", on=video, reply_to=closed)
    regretted = wall.say("comment", utc("11-04", "17:00:00"), ray, "Wrong video, sorry", on=video)
    wall.change(regretted, gone_at="2026-11-04T17:05:00Z")


def reddit_cases(board: "Board") -> None:
    """Write a post that is edited and answered, with a bot and a comment that moderators remove; and one elsewhere."""
    sam, tia, uma, vic, wes = (customer("us", number) for number in (24, 25, 26, 27, 28))
    post = board.submit(utc("11-03", "14:00:00"), sam, "acmebank", "Fee for a replaced card?", "Is there one?")
    robot = board.say("comment", utc("11-03", "14:00:10"), None, "Never post account details here.", on=post)
    board.change(robot, by="t2_6l4z3", name="AutoModerator")
    insult = board.say("comment", utc("11-03", "14:20:00"), tia, "Ask somebody who can read, you fool", on=post)
    removed = {"at": "2026-11-03T14:30:00Z", "text": "[removed]", "by": None, "name": "[deleted]"}
    board.change(insult, edits=[removed])
    advice = board.say("comment", utc("11-03", "14:25:00"), uma, "had this too. It arrived the next morning", on=post)
    # We answer the adviser first, then the asker, an hour after the question.
    board.say("comment", utc("11-03", "14:40:00"), None, "Glad it did!", on=post, reply_to=advice)
    board.say("comment", utc("11-03", "15:00:00"), None, "There is none.", on=post)
    board.change(post, edits=[{"at": "2026-11-08T15:00:00Z", "text": "Is there one? Edit: there is none."}])
    words = "Which one would you take?"
    other = board.submit(utc("11-03", "16:00:00"), vic, "everydaymoney", "Acme Bank or another?", words)
    advice = "use the website instead of the app until they fix it"
    board.say("comment", utc("11-03", "16:10:00"), wes, advice, on=other)


def mastodon_cases(wall: "Timeline") -> None:
    """Write a thread whose question is edited, and that continues in private."""
    xan, yul = customer("us", 29), customer("us", 30)
    asked = wall.toot(utc("11-05", "13:00:00"), xan, "@acmepay my payement is stuck\nsince noon")
    wall.change(asked, edits=[{"at": "2026-11-05T13:20:00Z", "text": "@acmepay my payment is stuck\nsince noon"}])
    to_xan = f"@{wall.author_of(xan)[1]}"
    answer = wall.toot(utc("11-05", "13:45:00"), None, f"{to_xan} Please tell us your customer number. ^JK", asked)
    told = f"@acmepay it is {xan.external_ref}"
    number = wall.toot(utc("11-05", "13:50:00"), xan, told, answer, visibility="direct")
    wall.toot(utc("11-05", "14:05:00"), None, f"{to_xan} Found it. ^JK", number, visibility="direct")
    wall.toot(utc("11-05", "15:00:00"), yul, "@acmepay sent by mistake", gone_at="2026-11-05T15:01:00Z")


def discourse_cases(forum: "Forum") -> None:
    """Write a question solved by a customer, one answered by an employee, one withdrawn and one removed."""
    ann, bo, cy, di, ed, flo = (customer("in", number) for number in range(14, 20))
    asked = forum.ask(utc("11-03", "05:00:00"), ann, "QR code", "How do I print the QR code for my shop?")
    advice = "you have to switch it on under settings > shop, took me ages to find"
    solved = forum.say("comment", utc("11-03", "05:20:00"), bo, advice, on=asked)
    forum.change(solved, accepted_at="2026-11-03T09:00:00Z")
    words = "and does it also print in two colours?"
    forum.say("comment", utc("11-03", "09:01:00"), ann, words, on=asked, quotes=solved)
    fee = forum.ask(utc("11-04", "06:00:00"), cy, "Settlement", "Why do my takings arrive a day later?")
    forum.say("comment", utc("11-04", "06:30:00"), di, "same here", on=fee)
    # A colleague of another department; only the group shows that they are no customer.
    words = "Banks settle once a day. I build this."
    told = forum.say("comment", utc("11-04", "08:00:00"), ed, words, on=fee, quotes=fee, group="acme_people")
    forum.change(told, is_ours=True, edits=[{"at": "2026-11-04T08:10:00Z", "text": "Banks settle once a working day."}])
    regret = forum.ask(utc("11-05", "06:00:00"), flo, "My number", "Call me on my private number please")
    forum.say("comment", utc("11-05", "06:20:00"), None, "We will write to you. ^SK", on=regret)
    note = {"at": "2026-11-05T07:00:00Z", "text": "(post deleted by author)", "user_deleted": True}
    forum.change(regret, edits=[note])
    abuse = forum.ask(utc("11-05", "09:00:00"), di, "Cheap loans", "Cheap loans for all, write to me")
    forum.change(abuse, gone_at="2026-11-05T09:10:00Z")


def wordpress_cases(blog: "Blog") -> None:
    """Write a comment held back, one removed after its reply, and spam, below an edited post."""
    gus, hui, ian, lin, meg = (customer("sg", number) for number in range(11, 16))
    post = blog.publish(utc("11-03", "02:00:00"), "Fees abroad", "From Dezember on we charge nothing.")
    blog.change(post, edits=[{"at": "2026-11-03T02:30:00Z", "text": "From December on we charge nothing."}])
    held = blog.say("comment", utc("11-03", "03:00:00"), gus, "why was I charged for a coffee in Tokyo?", on=post)
    blog.change(held, status="hold")
    rude = blog.say("comment", utc("11-03", "04:00:00"), hui, "where do I see the fee? <b>nowhere</b>", on=post)
    blog.say("comment", utc("11-03", "04:25:00"), None, "Before you confirm. ^CL", on=post, reply_to=rude)
    blog.say("comment", utc("11-03", "04:30:00"), ian, "found it there", on=post, reply_to=rude)
    blog.change(rude, edits=[{"at": "2026-11-08T03:00:00Z", "status": "trash"}])
    advert = blog.say("comment", utc("11-03", "05:00:00"), lin, "free crypto for the first 500 people", on=post)
    blog.change(advert, by="win@prizes.example.net", name="Prizes", status="spam")
    wrong = blog.say("comment", utc("11-03", "06:00:00"), meg, "wrong page, sorry", on=post)
    blog.change(wrong, gone_at="2026-11-03T06:05:00Z")


def bluesky_cases(sky: "Sky") -> None:
    """Write posts whose authors' times differ from the network's, an edited one, a quote and a repost."""
    ada, bea, cal, dot, eve, fay = (customer("us", number) for number in range(31, 37))
    asked = sky.post(utc("11-05", "18:00:00"), ada, "@acmebank.example my card is refused in every shop")
    sky.change(asked, claimed_at="2026-11-05T17:50:00Z")
    sky.change(asked, edits=[{"at": "2026-11-06T10:00:00Z", "text": "@acmebank.example my card is refused online too"}])
    sky.post(utc("11-05", "18:20:00"), None, "Please try again now. ^JK", asked)
    ahead = sky.post(utc("11-05", "19:00:00"), bea, "@acmebank.example is my branch open on Friday?")
    sky.change(ahead, claimed_at="2030-01-01T00:00:00Z")
    sky.post(utc("11-05", "19:30:00"), None, "From 9 to 5. ^RD", ahead)
    behind = sky.post(utc("11-05", "20:00:00"), cal, "@acmebank.example I was here first")
    sky.change(behind, claimed_at="2019-01-01T00:00:00Z")
    praised = sky.post(utc("11-05", "21:00:00"), dot, "@acmebank.example love the dark mode, thanks for listening")
    sky.change(praised, reposted_at="2026-11-05T21:30:00Z")
    news = sky.post(utc("11-06", "15:00:00"), None, "The app now shows fees before you pay abroad.")
    sky.post(utc("11-06", "15:20:00"), eve, "and why only now? How do I get last year's fees back?", quotes=news)
    regret = sky.post(utc("11-06", "16:00:00"), fay, "@acmebank.example sent by mistake")
    sky.change(regret, gone_at="2026-11-06T16:05:00Z")


def stackexchange_cases(site: "Questions") -> None:
    """Write a question whose answer is accepted between two dumps, and one that is missing from the second."""
    gil, hal, ivy, jon = (customer("us", number) for number in range(37, 41))
    words = "I read one number on the site and another in the app. Which is right?"
    asked = site.ask(utc("10-30", "14:00:00"), gil, "Daily limit for a wire", words)
    site.say("answer", utc("10-30", "15:00:00"), hal, "the one in the app was right for me", on=asked)
    told = site.say("answer", utc("10-30", "18:00:00"), None, "The app is right.", on=asked)
    site.change(told, edits=[{"at": "2026-11-05T09:00:00Z", "text": "The app is right, and the site by now."}])
    helped = site.ask(utc("10-31", "14:00:00"), ivy, "Joint account", "How do I add my wife to my account?")
    advice = "under settings > people, took me ages to find"
    answer = site.say("answer", utc("10-31", "16:00:00"), jon, advice, on=helped)
    site.change(answer, accepted_at="2026-11-02T08:00:00Z")
    gone = site.ask(utc("10-31", "19:00:00"), jon, "Is my bank down?", "Nothing works. Which bank does?")
    site.change(gone, gone_at="2026-11-04T12:00:00Z")


def linkedin_cases(page: "LinkedinPage") -> None:
    """Write a post drafted days before, and below it a comment edited after its reply."""
    kai, lal, mira = (customer("in", number) for number in range(20, 23))
    words = "We are hiring (50 people) in Pune for @[Acme Pay](urn:li:organization:7200) #jobs"
    post = page.say("post", utc("11-04", "05:00:00"), None, words, drafted_at="2026-10-30T05:00:00Z")
    asked = page.say("comment", utc("11-04", "05:30:00"), kai, "Why is my salery account frozen?", on=post)
    page.change(asked, edits=[{"at": "2026-11-08T06:00:00Z", "text": "Why is my salary account frozen?"}])
    advice = "had this too. It was open again the next morning"
    page.say("comment", utc("11-04", "05:45:00"), lal, advice, on=post, reply_to=asked)
    page.say("comment", utc("11-04", "06:15:00"), None, "Please call us, day or night. ^SK", on=post, reply_to=asked)
    regret = page.say("comment", utc("11-04", "07:00:00"), mira, "wrong page, sorry", on=post)
    page.change(regret, gone_at="2026-11-04T07:05:00Z")
