"""The verb table: the only source of the parser, the echo, help, the palette, the docs page, line mode and tests.

A new verb is one entry here and one function in `acts`. A letter at an empty prompt is a verb; a leading blank makes
anything text.
"""

from __future__ import annotations

from csdesk.prompt.article_verbs import ARTICLE_VERBS
from csdesk.prompt.callback_verbs import CALLBACK_VERBS
from csdesk.prompt.deduction_verbs import DEDUCTION_VERBS
from csdesk.prompt.escalation_verbs import ESCALATION_VERBS
from csdesk.prompt.grammar import ANY as ANY
from csdesk.prompt.grammar import CALL as CALL
from csdesk.prompt.grammar import CALLBACK as CALLBACK
from csdesk.prompt.grammar import CALLING as CALLING
from csdesk.prompt.grammar import DEDUCT as DEDUCT
from csdesk.prompt.grammar import DRAFT as DRAFT
from csdesk.prompt.grammar import ESCALATION as ESCALATION
from csdesk.prompt.grammar import HANDOVER as HANDOVER
from csdesk.prompt.grammar import IDLE as IDLE
from csdesk.prompt.grammar import INBOX as INBOX
from csdesk.prompt.grammar import OPENED as OPENED
from csdesk.prompt.grammar import QUANTITY as _QUANTITY
from csdesk.prompt.grammar import TALKING as TALKING
from csdesk.prompt.grammar import TICKET as TICKET
from csdesk.prompt.grammar import VALUE
from csdesk.prompt.grammar import Verb as Verb
from csdesk.prompt.grammar import made as _verb
from csdesk.prompt.price_verbs import PRICE_VERBS
from csdesk.prompt.queue_verbs import QUEUE_VERBS
from csdesk.prompt.ticket_clock_verbs import CLOCK_VERBS
from csdesk.prompt.ticket_goods_verbs import GOODS_VERBS
from csdesk.prompt.ticket_verbs import TICKET_VERBS
from csdesk.prompt.ticket_work_verbs import WORK_VERBS

VERBS: tuple[Verb, ...] = (
    _verb(
        "commit", ".", ".", "places the order or applies the changes (also , + F9)",
        frozenset({DRAFT}), r"[.,+]", example=".", duty="order.enter", at_once=True, words=("place", "commit"),
    ),
    _verb(
        "set", "", "3=36", "line 3 to quantity 36; 3=0 takes the line off",
        frozenset({DRAFT}), rf"(?P<line>\d{{1,3}})\s*=\s*{_QUANTITY}", example="3=36", duty="order.enter",
        words=("change", "quantity", "remove", "delete"),
    ),
    *PRICE_VERBS,
    _verb(
        "date", "d", "d12 d+3 dfri", "wanted on the next 12th, in 3 days, on Friday; d24/12 on 24 December",
        frozenset({DRAFT}), r"d\s*(?P<day>\+?\d{1,3}|\d{1,2}/\d{1,2}|[a-z]{2,9})", example="d12",
        duty="order.enter", guide=("day",), words=("date", "wanted"), title="The wanted day",
    ),
    _verb(
        "alternative", "a", "a  a2", "takes the first (second) alternative of the short line",
        frozenset({DRAFT}), r"a(?P<nth>\d?)", example="a", duty="order.enter", at_once=True,
        words=("alternative", "substitute"), if_short=True,
    ),
    _verb(
        "part", "b", "b", "short line: part now, the rest as backorder",
        frozenset({DRAFT}), r"b(?P<line>\d{0,3})", example="b", duty="order.enter", at_once=True,
        words=("backorder",), if_short=True,
    ),
    _verb(
        "wait", "w", "w", "short line: all together when it is there",
        frozenset({DRAFT}), r"w(?P<line>\d{0,3})", example="w", duty="order.enter", at_once=True, words=("wait",),
        if_short=True,
    ),
    _verb(
        "repeat", "r", "r", "the last order again as a draft; digits overwrite, Down goes on",
        frozenset({CALL}), r"r(?P<ending>\d{0,12})", example="r", duty="order.enter", at_once=True,
        words=("repeat", "copy"),
    ),
    _verb(
        "amend", "e", "e  e140", "opens the latest open order (the one ending 140) to change it",
        TALKING, r"e(?P<ending>\d{0,12})", example="e140", duty="order.enter", at_once=True,
        words=("amend", "edit", "change"),
    ),
    _verb(
        "cancel", "x", "x4c", "cancels line 4 of the latest open order, reason c",
        TALKING, r"x\s*(?P<line>\d{1,3})\s*(?P<reason>[a-z])", example="x4c", duty="order.enter",
        guide=("line", "reason"), words=("cancel", "remove", "delete"), title="Cancel a line",
    ),
    _verb(
        "history", "h", "h", "history: orders, deliveries, documents, calls",
        TALKING, r"h", example="h", at_once=True, words=("history",),
    ),
    _verb(
        "ledger", "l", "l", "the account's ledger: open items, ageing; l again: overdue, disputed, all",
        TALKING, r"l", example="l", at_once=True, words=("ledger", "open items", "balance", "account"),
    ),
    _verb(
        "credit", "c", "c512.1 2d", "asks credit on the invoice ending 512: line 1, 2 units, reason d; =9.50d a value",
        TALKING, rf"c\s*(?P<ending>\d{{1,20}})\.(?P<line>\d{{1,3}})\s+(?:=\s*{VALUE}|"
        rf"{_QUANTITY})\s*(?P<reason>[a-z])(?:\s+(?P<text>\S.*))?", example="c512.1 2d", duty="credit.request",
        guide=("invoice", "billed", "quantity", "why"), joins=("", ".", " "),
        words=("credit", "refund", "note"), title="Ask for a credit",
    ),
    _verb(
        "promise", "p", "p98 19 c14", "item ending 98 promised for the 19th, callback the next working day at 14",
        TALKING, r"p\s*(?P<ending>\d{1,20})\s+(?P<day>\+?\d{1,3}|\d{1,2}/\d{1,2}|[a-z]{3,9})"
        r"(?:\s+c(?P<clock>\d{1,2}(?::\d{2})?))?", example="p98 19 c14", duty="promise.take",
        guide=("item", "pay-day", "clock"), joins=("", " ", " c"), optional=("clock",),
        words=("promise", "callback", "pay"), title="A promise to pay",
    ),
    _verb(
        "short", "s", "s1d  s1:47", "short payment 1: reason d, or the customer's own code 47; its dispute is opened",
        TALKING, r"s\s*(?P<place>\d)\s*(?:(?P<reason>[a-z])|:(?P<code>\S{1,40}))(?:\s+(?P<text>\S.*))?",
        example="s1d", duty="dispute.open",
        guide=("short", "short-reason"), words=("short", "dispute", "deduction"), title="A short payment",
    ),
    _verb(
        "as-of", "@", "@30/4  @-7", "the ledger as it stood on 30 April, seven days ago; @30/4/16 with a year",
        TALKING, r"@\s*(?P<day>-?\d[\d/.-]{0,9})", example="@-7", guide=("past-day",), words=("as of", "past"),
        title="The ledger on a past day",
    ),
    _verb(
        "debit", "n", "n512.1 2p", "asks a debit on the invoice ending 512: line 1, 2 more units, reason p; =9.50p",
        TALKING, rf"n\s*(?P<ending>\d{{1,20}})\.(?P<line>\d{{1,3}})\s+(?:=\s*{VALUE}|"
        rf"{_QUANTITY})\s*(?P<reason>[a-z])(?:\s+(?P<text>\S.*))?", example="n512.1 2p", duty="credit.request",
        guide=("invoice", "billed", "quantity", "why"), joins=("", ".", " "),
        words=("debit", "undercharged"), title="Ask for a debit",
    ),
    _verb(
        "goodwill", "g", "g25g  g25g 9", "asks goodwill of 25.00 without an invoice, reason g, for month 9",
        TALKING, rf"g\s*{VALUE}\s*(?P<reason>[a-z])(?:\s+(?P<month>\d{{1,2}}(?:/\d{{2,4}})?))?"
        r"(?:\s+(?P<text>\D.*))?", example="g25g", duty="credit.request", guide=("value", "goodwill-reason"),
        words=("goodwill", "bonus"), title="Goodwill without an invoice",
    ),
    _verb(
        "write-off", "f", "f98j", "asks to write off what is open of the item ending 98, reason j",
        TALKING, r"f\s*(?P<ending>\d{1,20})\s*(?P<reason>[a-z])(?:\s+(?P<text>\S.*))?", example="f98j",
        duty="writeoff.request", guide=("item", "write-off-reason"), words=("write off", "bad debt", "forgive"),
        title="Write a debt off",
    ),
    _verb(
        "cash", "o", "o", "the account's cash: credits with money left and what rule makes of them",
        TALKING, r"o", example="o", words=("cash", "unapplied", "payments"),
    ),
    _verb(
        "receive", "o", "o+250 ref", "takes in money of the customer, 250.00 with its reference",
        TALKING, rf"o\s*\+\s*{VALUE}(?:\s+(?P<text>\S.*))?", example="o+250 thanks",
        duty="cash.apply", words=("receipt", "payment"),
    ),
    _verb(
        "unapply", "o", "o-2", "takes application 2 of the cash page back",
        TALKING, r"o\s*-\s*(?P<place>\d)", example="o-2", duty="cash.apply", words=("unapply",),
    ),
    _verb(
        "bounce", "o", "o!47 text", "reverses the receipt ending 47: it bounced, or was another's",
        TALKING, r"o\s*!\s*(?P<ending>\d{1,20})\s+(?P<text>\S.*)", example="o!47 bounced", duty="cash.apply",
        words=("bounced", "reverse"),
    ),
    _verb(
        "identify", "o", "o=3", "the waiting money whose number ends in 3 is this customer's",
        TALKING, r"o\s*=\s*(?P<ending>\d{1,20})", example="o=3", duty="cash.apply", words=("identify", "whose"),
    ),
    _verb(
        "apply", "o", "o1  o1 98=40", "applies credit 1 by rule, or 40.00 of it to item 98; o1 98d: rest damaged",
        TALKING, rf"o\s*(?P<place>\d)(?:\s+(?P<ending>\d{{1,20}})(?:\s*=\s*{VALUE})?"
        r"\s*(?P<reason>[a-z])?)?", example="o1 98", duty="cash.apply", words=("apply", "allocate"),
    ),
    *QUEUE_VERBS,
    _verb(
        "collections", "j", "j", "whom to call about money: accounts by value at risk, with the reasons",
        ANY, r"j", example="j", duty="dunning.run", at_once=True, words=("collections", "dunning", "late"),
    ),
    _verb(
        "approve", "y", "y", "approves the request that is shown; releases a held order",
        frozenset({OPENED}), r"y", example="y", at_once=True, words=("approve", "yes"),
    ),
    _verb(
        "reject", "n", "n reason", "rejects the request that is shown; leaves an order held",
        frozenset({OPENED}), r"n\s+(?P<text>\S.*)", example="n billed twice already", duty="request.read",
        guide=("text",), joins=(" ",), words=("reject", "no"), title="Reject the request",
    ),
    _verb(
        "approve-all", "y", "y2-5  y2,4", "approves the listed requests 2 to 5, or 2 and 4, if they are of one tier",
        frozenset({INBOX}), r"y\s*(?P<places>\d{1,2}(?:\s*[-,]\s*\d{1,2})+)?", example="y2-5", duty="request.read",
        words=("approve", "several", "all"),
    ),
    _verb(
        "edit", "e", "e 1d  e =9.50d", "asks for 1 with reason d instead, or for a value; e 2/1d for line 2",
        frozenset({OPENED}), rf"e\s*(?:(?P<line>\d{{1,3}})/)?(?:=\s*{VALUE}|"
        rf"{_QUANTITY})\s*(?P<reason>[a-z])(?:\s+(?P<text>\S.*))?", example="e 1d", duty="credit.request",
        guide=("quantity", "why"), joins=(" ",), words=("edit", "change"), title="Another version of the request",
    ),
    _verb(
        "withdraw", "x", "x", "takes your own request back, the one that is shown",
        frozenset({OPENED}), r"x", example="x", at_once=True, words=("withdraw", "cancel"),
    ),
    *DEDUCTION_VERBS,
    *CALLBACK_VERBS,
    *TICKET_VERBS,
    *WORK_VERBS,
    *ESCALATION_VERBS,
    *GOODS_VERBS,
    *CLOCK_VERBS,
    *ARTICLE_VERBS,
    _verb(
        "info", "i", "i3  i4711", "a line's product or any: price and its source, stock, packs",
        TALKING, r"i\s*(?P<what>\S.*)", example="i4711", guide=("product",), words=("info", "product", "price"),
        title="A product whole",
    ),
    _verb(
        "note", "m", "m text", "notes something on this call",
        TALKING, r"m\s+(?P<text>\S.*)", example="m wants a call in June", duty="desk.act", guide=("text",),
        joins=(" ",), words=("note", "memo"), title="A note on this call",
    ),
    _verb(
        "wrap-up", "v", "vq", "codes the call: o order a amend q enquiry c complaint m money",
        TALKING, r"v\s*(?P<code>[a-z])", example="vq", duty="desk.act", guide=("code",), words=("wrap-up",),
        title="What the call was about",
    ),
    _verb(
        "park", "k", "k  k2", "parks this call; goes to call 2",
        ANY, r"k(?P<slot>[1-9]?)", example="k", at_once=True, words=("park", "hold", "switch"),
    ),
    _verb(
        "undo", "u", "u", "takes the last command back",
        ANY, r"u", example="u", at_once=True, words=("undo",),
    ),
    _verb(
        "end", "z", "z", "ends this call (also F8)",
        ANY, r"z", example="z", at_once=True, words=("end", "hang up"),
    ),
    _verb(
        "jump", "/", "/text", "jump to a customer, product, document or article by any piece of it",
        ANY, r"/\s*(?P<text>\S.*)", example="/harb", guide=("text",), words=("jump", "search"),
        title="Jump to anything",
    ),
    _verb(
        "help", "?", "?  ?date", "help for where you are, searchable (also F1)",
        ANY, r"\?\s*(?P<about>.*)", example="?", words=("help",),
    ),
    _verb(
        "usual", "", "N QTY", "number N of the customer's usual list",
        TALKING, rf"(?P<number>\d{{1,2}})\s+{_QUANTITY}", example="2 6", duty="order.enter", words=("usual",),
    ),
    _verb(
        "line", "", "CODE QTY", "adds an order line; * / - also separate, a pack unit may follow",
        TALKING, rf"(?P<code>\S(?:.*\S)?)(?:\s+|\s*[*/]\s*|(?<=\S)-\s*){_QUANTITY}\s*(?P<unit>[a-z][\w.]*)?",
        example="4711 12", duty="order.enter", joins=(" ", " "), words=("order", "line", "add"), title="Add a line",
    ),
    _verb(
        "find", "", "text", "finds the caller by phone, name, code or document number",
        CALLING, r"(?P<text>.*\S.*)", example="550142", words=("find", "caller"),
    ),
)  # fmt: skip

BY_ID = {verb.id: verb for verb in VERBS}
BY_LETTER = {verb.letter: verb for verb in VERBS if verb.letter}


def by_letter(letter: str, mode: str) -> Verb | None:
    """The verb of a letter: the one that works in the mode, else any; None for a letter without one."""
    here = (verb for verb in VERBS if verb.letter and verb.letter == letter.lower() and mode in verb.where)
    return next(here, BY_LETTER.get(letter.lower()))


def fires_at_once(letter: str, mode: str, short: bool = True) -> Verb | None:
    """The verb that acts on this letter at an empty prompt without Enter; names are typed when idle, so none there.

    `short` tells whether a line of the draft is short and undecided: without one a, b and w begin a word.
    """
    verb = by_letter(letter, mode)
    if verb is None or not verb.at_once or mode == IDLE or mode not in verb.where:
        return None
    return verb if short or not verb.if_short else None
