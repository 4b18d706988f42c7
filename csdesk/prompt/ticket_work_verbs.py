"""The verbs of working a ticket, part of the verb table: while one is shown."""

from __future__ import annotations

from csdesk.prompt.grammar import QUANTITY, TICKET, Verb
from csdesk.prompt.grammar import made as _verb

SHOWN = frozenset({TICKET})
_TEXT = r"(?P<text>\S.*)"
_MAYBE = rf"(?:\s+{_TEXT})?"
_DAY = r"(?P<day>\+\d{1,3}|\d{1,2}/\d{1,2}|\d{1,2}|[a-z]{2,9})"
WORK_VERBS: tuple[Verb, ...] = (
    _verb(
        "ticket-reply", "r", "r text", "answers the customer by mail; r alone brings back the draft that is kept",
        SHOWN, rf"r\s+{_TEXT}", example="r the truck is loaded", duty="ticket.work", guide=("reply",), joins=(" ",),
        words=("reply", "answer", "mail"), title="An answer to the customer",
    ),
    _verb(
        "ticket-draft", "r", "r-  i-", "drops your draft of an answer, i- that of a note, that is kept on this ticket",
        SHOWN, r"(?P<kind>[ri])\s*-", example="r-", words=("drop", "draft"),
    ),
    _verb(
        "ticket-note", "i", "i text", "keeps a note inside; the customer never sees it",
        SHOWN, rf"i\s+{_TEXT}", example="i they ring every week", guide=("note-inside",), joins=(" ",),
        words=("note", "internal"), title="A note inside",
    ),
    _verb(
        "ticket-call", "a", "a text  a- text", "a call with the customer and what was spoken of; a- nobody was reached",
        SHOWN, rf"a(?P<missed>-)?{_MAYBE}", example="a comes on Monday", duty="ticket.work", guide=("spoken",),
        joins=(" ",), words=("call", "answered", "phone"), title="A call with the customer",
    ),
    _verb(
        "ticket-receipt", "a", "a+", "tells the customer by mail that it has come in; the answer is still owed",
        SHOWN, r"a\s*\+", example="a+", duty="ticket.work", words=("acknowledge", "receipt"),
    ),
    _verb(
        "ticket-inbound", "<", "< text", "logs what the customer wrote; ends a wait but an internal one, reopens",
        SHOWN, rf"<\s*{_TEXT}", example="< where is it", duty="ticket.work", guide=("written",), joins=(" ",),
        words=("inbound", "wrote", "received"), title="What the customer wrote",
    ),
    _verb(
        "ticket-wait", "w", "wc fri question", "waits until Friday for c customer, i somebody inside, t who: question",
        SHOWN, rf"w\s*(?P<party>[cit])\s*{_DAY}(?:\s+(?P<clock>\d{{1,2}}:\d{{2}}))?\s+{_TEXT}",
        example="wc fri which list is meant", duty="ticket.work", guide=("wait-for", "wake-day", "asked"),
        joins=("", " ", " "), words=("wait", "pending", "snooze"), title="What it waits for",
    ),
    _verb(
        "ticket-go-on", "e", "e  e why", "goes on with one that waits; opens one again that is resolved, and why",
        SHOWN, rf"e{_MAYBE}", example="e he rang again", duty="ticket.work", words=("resume", "reopen", "go on"),
    ),
    _verb(
        "ticket-resolve", "y", "y words  yt words", "resolves it, a complaint with its cause; again: closes",
        SHOWN, rf"y(?P<cause>[a-z])?{_MAYBE}", example="yt signed for as sound", guide=("cause", "decision"),
        joins=("", " "), optional=("text",), words=("resolve", "close", "solved", "done", "answer"),
        title="How it ends",
    ),
    _verb(
        "ticket-macro", ";", ";ph  ;ok t", "carries out the macro ph; one that resolves a complaint with its cause, t",
        SHOWN, r";\s*(?P<macro>[a-z]{1,12})(?:\s+(?P<cause>[a-z]))?", example=";ph", duty="ticket.work",
        guide=("macro",), words=("macro", "canned", "several"), title="A macro",
    ),
    _verb(
        "ticket-take", "t", "t  t why", "makes it yours; with a reason also from who has it or is at work on it",
        SHOWN, rf"t{_MAYBE}", example="t", duty="ticket.work", words=("take", "claim", "mine", "take over"),
    ),
    _verb(
        "ticket-release", "f", "f", "gives it back to its queue",
        SHOWN, r"f", example="f", duty="ticket.work", words=("release", "free", "give back"),
    ),
    _verb(
        "ticket-assign", "o", "o login  o queue", "gives it to somebody, or into a queue",
        SHOWN, r"o\s*(?P<text>\S+)", example="o rep7", duty="ticket.lead", guide=("to-whom",), joins=(" ",),
        words=("assign", "give", "queue"), title="To whom it goes",
    ),
    _verb(
        "ticket-priority", "p", "p12  p=2 why", "impact 1, urgency 2 (1 high to 3 low); p=2 and why; leads lower it",
        SHOWN, rf"p\s*(?:(?P<impact>[1-3])\s*(?P<urgency>[1-3])|=\s*(?P<direct>[1-4])){_MAYBE}", example="p12",
        duty="ticket.work", guide=("impact", "urgency"), words=("priority", "urgent", "impact"), title="Its priority",
    ),
    _verb(
        "ticket-category", "g", "g name", "what it is about, by the beginning of a category",
        SHOWN, rf"g\s+{_TEXT}", example="g damaged", duty="ticket.work", guide=("category",), joins=(" ",),
        words=("category", "about"), title="What it is about",
    ),
    _verb(
        "ticket-merge", "m", "m0042", "lets it go into the customer's ticket ending 0042",
        SHOWN, r"m\s*(?P<ending>\d{1,20})", example="m0042", duty="ticket.queue", guide=("other-ticket",),
        words=("merge", "same"), title="Into which ticket it goes",
    ),
    _verb(
        "ticket-unmerge", "m", "m-", "takes a merge of the last seven days back: the one that is shown comes out again",
        SHOWN, r"m\s*-", example="m-", duty="ticket.lead", words=("unmerge", "split"),
    ),
    _verb(
        "ticket-refer", "v", "v login question", "asks who investigates; they see it until they answered, inside only",
        SHOWN, rf"v\s+(?P<login>\S+)\s+{_TEXT}", example="v dock1 who loaded it", duty="ticket.work",
        guide=("investigator", "asked"), joins=(" ", " "), words=("refer", "investigate", "warehouse"),
        title="Ask who investigates",
    ),
    _verb(
        "ticket-cancel", "x", "x why", "cancels it: opened by mistake, or twice",
        SHOWN, rf"x\s+{_TEXT}", example="x opened twice", duty="ticket.work", guide=("text",), joins=(" ",),
        words=("cancel", "void"), title="Cancel the ticket",
    ),
    _verb(
        "ticket-uphold", "h", "h2 why", "decides what is open of line 2 against the customer, and why",
        SHOWN, rf"h\s*(?P<line>\d{{0,3}})\s+{_TEXT}", example="h1 signed for as sound", duty="ticket.work",
        guide=("claim-line", "text"), joins=("", " "), words=("uphold", "deny", "refuse", "reject"),
        title="Against the customer",
    ),
    _verb(
        "ticket-line", "+", "+2.1d3 text", "one more line: second latest delivery, line 1, reason d, 3 units",
        SHOWN, rf"\+\s*(?P<place>\d{{1,2}})\.(?P<line>\d{{1,3}})\s*(?P<reason>[a-z])\s*{QUANTITY}{_MAYBE}",
        example="+2.1d3 also wet", duty="ticket.work",
        guide=("their-delivery", "their-carried", "complaint-reason", "quantity", "said"), joins=("", ".", "", "", " "),
        optional=("text",), words=("line", "add", "further"), title="One more line",
    ),
)  # fmt: skip
