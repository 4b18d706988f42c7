"""The stages of a complaint with the instant it came to each, from its events. Pure.

Rule: a stage is reached by the first event that stands for it or for a later one. Source: ISO 10002:2018, 8.2 to 8.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from csdesk.rules.ticket_replay import STAGES, stage_of
from csdesk.rules.ticket_states import Event


def stages(events: Iterable[Event]) -> tuple[tuple[str, datetime], ...]:
    """The stages a complaint has come to, each with its instant, in their order; those passed over are left out. A
    ticket that is no complaint has none.

    Rule: as `ticket_replay` carries a complaint on; never back.
    """
    found: dict[str, datetime] = {}
    for each in events:
        stage = stage_of(each)
        if (
            stage
            and (found or each.event == "opened")
            and all(STAGES.index(stage) > STAGES.index(known) for known in found)
        ):
            found[stage] = each.at
    return tuple(found.items())
