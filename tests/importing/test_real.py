"""Real folders, imported once for each kind of database: the publishers' figures come out of csdesk's own tables.

The folders are not part of the project; without them beside it these tests are skipped. All questions about one import
are asked in one test, so that parallel workers do not import it again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from csdesk.importing import driver, mapping
from csdesk.services import loading_quarantine, reports
from csdesk.store import Store
from tests.importing import past
from tests.importing.bed import REAL, adds_up, broken, state
from tests.importing.test_tickets import replayed

Ask = Callable[[str], reports.ReportView]


def folder(name: str) -> Path:
    """A real folder, or a skipped test."""
    if not (REAL / name).is_dir():
        pytest.skip(f"no folder {name} beside the project")
    return REAL / name


def expected(prefix: str) -> dict[str, Any]:
    """The publisher's answers by id, each with its tolerance."""
    told = json.loads((REAL / "expected_answers.json").read_text("utf-8"))["answers"]
    return {each["id"]: each for each in told if each["id"].startswith(prefix)}


def by_first(view: reports.ReportView) -> dict[Any, tuple[Any, ...]]:
    """Rows by their first cell."""
    return {row[0]: row[1:] for row in view.rows}


def wwi(ask: Ask) -> dict[str, Any]:
    """The answers of the wholesaler's folder, each from one or two reports."""
    count, roll = by_first(ask("counts")), by_first(ask("roll-forward"))
    names = ("customers", "products", "orders", "order lines", "invoices", "invoice lines", "receipts")
    lost = by_first(ask("integrity"))
    lost_names = (
        "order lines without order", "documents without their order", "document lines without document",
        "orders without customer", "backorders that are no orders",
    )  # fmt: skip
    billed, owed = by_first(ask("invoices"))["invoice"], by_first(ask("receivables"))
    sent = by_first(ask("deliveries"))
    return {
        "WWI-DEV-01": [count[name][0] for name in names],
        "WWI-DEV-02": list(by_first(ask("credit-limits"))["limited"]),
        "WWI-DEV-03": list(ask("open-orders").total[1:]),
        "WWI-DEV-04": [row[1] for row in ask("backlog-age").rows],
        "WWI-DEV-07": list(billed),
        "WWI-DEV-08": int(str(ask("header-check").total[1]).split()[0]),
        "WWI-DEV-09": list(owed["invoice"]),
        "WWI-DEV-11": list(ask("payments").total[1:]),
        "WWI-DEV-20": [ask("unapplied").total[2], ask("unapplied").total[4]],
        "WWI-DEV-21": [roll[name][0] for name in ("opening (derived)", "closing", "closing stated by the source")],
        "WWI-DEV-23": [lost[name][0] for name in lost_names],
        "WWI-DEV-18": [sent[name][0] for name in ("deliveries", "confirmed", "failed attempt: Receiver not present")],
    }


def online_retail(ask: Ask) -> dict[str, Any]:
    """The answers of the gift wholesaler's folder."""
    papers, who = ask("documents"), by_first(ask("identities"))
    share, credit = ask("gross-net").rows[0], ask("credit-notes").rows[0]
    begins = {sign: sum(row[2] for row in papers.rows if row[0] == sign) for sign in ("digit", "C", "A")}  # type: ignore[misc]
    lines = papers.total[3]
    return {
        "ORE-DEV-01": [lines, papers.total[2], who["product codes as written"][0], who["customers"][0]],
        "ORE-DEV-02": [begins["digit"], begins["C"], begins["A"]],
        "ORE-DEV-03": [credit[1], credit[2]],
        "ORE-DEV-04": [share[0], share[3]],
        "ORE-DEV-05": papers.total[4],
        "ORE-DEV-08": list(ask("stock-writeoffs").rows[0][1:]),
        "ORE-DEV-12": len(ask("timestamps").rows),
    }


def itsm(ask: Ask) -> dict[str, Any]:
    """The answers of the service desk's log."""
    told = by_first(ask("tickets"))
    return {
        "TKT-01": [told["rows of imported logs"][0], told["tickets"][0]],
        "TKT-02": list(told["target met, the source says"]),
        "TKT-04": [
            told["reopened, the source says"][0], told["reassignments, the source says"][1],
            told["never reassigned, the source says"][1],
        ],
    }  # fmt: skip


def same(found: Any, told: dict[str, Any]) -> bool:
    """Whether figures are the publisher's, within the tolerance it gives."""
    values = told["value"] if isinstance(told["value"], list) else [told["value"]]
    mine = found if isinstance(found, list) else [found]
    limit = Decimal(str(told["tolerance"]))
    return len(mine) == len(values) and all(
        abs(Decimal(str(a)) - Decimal(str(b))) <= limit for a, b in zip(mine, values, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "place", "prefix", "answers"),
    [
        ("wwi", "wwi_2016q2", "WWI-", wwi),
        ("online_retail", "online_retail", "ORE-", online_retail),
        ("itsm_log", "itsm_tickets", "TKT-", itsm),
    ],
)
def test_a_real_folder_gives_the_publishers_figures_and_a_second_run_changes_nothing(
    store: Store, backend: str, tmp_path: Path, name: str, place: str, prefix: str,
    answers: Callable[[Ask], dict[str, Any]],
) -> None:  # fmt: skip
    if name == "online_retail" and backend == "postgres" and os.environ.get("CSDESK_LONG") != "1":
        pytest.skip("a quarter of a million lines on Postgres only with CSDESK_LONG=1")
    found = mapping.find(name)
    results = driver.run(store, driver.plan(found, [folder(place)]))
    assert adds_up(results)
    assert [each for each in results if each.quarantined or each.merged] == []

    made = answers(lambda report: store.read_now(reports.run, report))
    told = expected(prefix)
    assert set(made) == set(told)
    assert {key: value for key, value in made.items() if not same(value, told[key])} == {}
    assert broken(store) == []

    if name == "itsm_log":
        replayed(store)
        assert by_first(store.read_now(reports.run, "tickets"))["reopened, by events"][0] == 10
    if name == "wwi":
        past.compare(store, backend, tmp_path)
    before = state(store)
    again = driver.run(store, driver.plan(found, [folder(place)]))
    assert [each for each in again if each.imported or each.quarantined] == []
    assert [each.rows for each in again] == [each.merged for each in again] == [each.rows for each in results]
    assert state(store) == before
    assert store.read_now(loading_quarantine.listed) == ()

    audit = {row[0]: row for row in store.read_now(reports.run, "price-audit").rows}
    if name == "wwi":
        at = audit["deal 2: billed at 15 % of the list price instead of 15 % off it"]
        assert at[1] == 211
        assert at[4] < 0
