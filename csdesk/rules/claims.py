"""What became of an amount a customer claims. Pure; minor units.

Rule: claimed = credited + replaced + paid + written off + upheld + still open, always, and no part is below 0: what
facts give beyond the claim (a payment of all of the invoice) is no more of it. Source: ISO 10002:2018, 7.8 (closing a
complaint: what was decided of it and what is left).
"""

from __future__ import annotations

from collections.abc import Mapping

from csdesk.rules._exact import minor

# In the order in which an amount is told of: what the desk decided comes before what the ledger made of it.
PARTS = ("credited", "replaced", "paid", "written_off", "upheld")


def parted(claimed: int, facts: Mapping[str, int]) -> dict[str, int]:
    """A claimed amount by what became of it: `claimed`, each of PARTS, `open`. Facts that are not named are 0.

    Formula: each part = min(its fact, what the parts before it left), at least 0; open = what all of them left.
    """
    left = max(minor(claimed), 0)
    found = {"claimed": left}
    for name in PARTS:
        found[name] = min(max(minor(facts.get(name, 0)), 0), left)
        left -= found[name]
    return {**found, "open": left}
