"""The dialogue for a password: password and code together, then a new password where the old one was good for once."""

from __future__ import annotations

from csdesk.server import passwords
from csdesk.server.passwords import Verdict
from csdesk.store import Store

Challenge = tuple[str, str, str, list[tuple[str, bool]]]
PASSWORD: list[tuple[str, bool]] = [("Password: ", False)]
BOTH: list[tuple[str, bool]] = [*PASSWORD, ("Code (Enter without one): ", False)]
NEW: list[tuple[str, bool]] = [("New password: ", False), ("The same again: ", False)]
CHANGES = 6  # new passwords one may try to choose at a login
LONGEST = 1024  # signs of an answer


class Asking:
    """One connection's attempts by password; with `codes` everybody is asked for a code too.

    `method` says how somebody got in, `rounds` how often the password was asked for, `tried` whether one was looked at.
    """

    def __init__(self, store: Store, login: str, address: str, codes: bool = False) -> None:
        self._store, self._login, self._address = store, login, address
        self._questions = BOTH if codes else PASSWORD
        self._once: Verdict | None = None
        self.rounds = self._changes = 0
        self.tried = self._open = False
        self.method = "password"

    def first(self) -> Challenge:
        """Asks for the password."""
        self.rounds += 1
        self._once = None
        return self._ask(self._questions)

    async def answered(self, answers: list[str]) -> Challenge | bool:
        """What follows an answer: let in, not let in, or a further question. Raises Unavailable."""
        if not self._open:  # a second answer to one question, sent before the first was looked at
            return False
        self._open = False
        fits = len(answers) == len(NEW if self._once else self._questions) and max(map(len, answers)) <= LONGEST
        if self._once is not None:
            return await self._changed(self._once, *answers) if fits else False
        password, code = [*answers, ""][:2] if fits else ("", "")  # no answer to the question is a wrong one
        self.tried = True
        verdict = await passwords.check(self._store, self._login, password, code, self._address)
        self.method = "password+totp" if code.strip() else "password"
        if verdict.change:
            self._once = verdict
            return self._ask(NEW, verdict.words)
        return verdict.ok

    async def _changed(self, once: Verdict, new: str, again: str) -> Challenge | bool:
        self._changes += 1
        if self._changes > CHANGES:
            return False
        if new != again:
            return self._ask(NEW, "These two were not the same; type it again.")
        verdict = await passwords.renew(self._store, once, new)
        if verdict.change:
            self._once = verdict
            return self._ask(NEW, verdict.words)
        return verdict.ok

    def _ask(self, prompts: list[tuple[str, bool]], words: str = "") -> Challenge:
        self._open = True
        return "", words, "", prompts
