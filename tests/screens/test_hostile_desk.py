"""Hostile text in every free field of customers and products: every view still paints, line mode too."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import Table, select, update
from sqlmodel import AutoString

from csdesk import models as m
from csdesk.prompt import line as line_mode
from csdesk.prompt.desk import Desk
from csdesk.services import search_index
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store
from tests.screens.fake import HOSTILE_NAME
from tests.screens.test_app import lines, settled
from tests.screens.test_real_desk import at_desk, burst
from tests.support.clock import NOW
from tests.support.seed import SHORT_CODE, Seeded, acting

# What is chosen from a list or refers to another row; everything else may be written by anybody.
FIXED = {
    "customer": {"code", "price_list", "price_group", "terms", "currency", "timezone", "delivery_days", "cut_off",
                 "short_policy", "endpoint_scheme", "exempt_category"},
    "ship_to": {"kind"},
    "contact": set(),
    "product": {"code", "code_key", "kind", "base_unit", "sales_unit", "tax_code"},
    "reason": {"code", "letter", "uses"},
}  # fmt: skip
STAYS = [
    "har", "20417\r", "4711 1\r", f"{SHORT_CODE} 30\r", "4711", " bold", ".", "e↓36", "\x1b", "h", "↓", "\r", "i4711\r",
    "?", "x", "\r", "\x1b", "/20417", "\r", "/bold", "\x1b", "m " + "x" * 300 + "\r", "r", "nosuch 5\r",
]  # fmt: skip


def free(table: Table) -> dict[str, str]:
    """The free text columns of a table with a hostile text as long as they may be."""
    columns = [column for column in table.columns if isinstance(column.type, AutoString) and not column.foreign_keys]
    return {
        column.name: (HOSTILE_NAME * 10)[: getattr(column.type, "length", None) or 200]
        for column in columns
        if column.name not in FIXED[table.name]
    }


@pytest.fixture
def poisoned(store: Store, seeded: Seeded) -> Store:
    """The seeded desk, every customer and product with hostile text in every free field."""
    with store.engine.execution_options(desk_write=True).begin() as connection:
        for name in FIXED:
            table = m.metadata.tables[name]
            connection.execute(update(table).values(**free(table)))
        tx = Tx(connection, seeded.company, SYSTEM, NOW)
        search_index.index_customers(tx)
        search_index.index_products(tx)
    return store


def test_the_text_is_in_the_fields(poisoned: Store) -> None:
    with poisoned.engine.connect() as connection:
        for model in (m.Customer, m.Product, m.Contact, m.ShipTo):
            row = connection.execute(select(m.table(model))).mappings().first()
            assert row is not None
            hostile = {name for name, value in row.items() if isinstance(value, str) and "[bold red]" in value}
            assert hostile == set(free(m.table(model)))


@pytest.mark.parametrize("size", [(80, 24), (41, 10)])
async def test_every_view_paints(poisoned: Store, size: tuple[int, int]) -> None:
    if poisoned.postgres and size != (80, 24):
        pytest.skip("a small window paints the same rows whatever the database")
    async with at_desk(poisoned) as (app, pilot):
        await pilot.resize_terminal(*size)
        await settled(app, pilot)
        for keys in STAYS:
            if keys == "\x1b":
                await pilot.press("f12")
                await settled(app, pilot)
            else:
                await burst(app, pilot, keys)
            shown = lines(app)
            assert len(shown) == size[1], keys
            assert all(line.isprintable() for line in shown), keys
            assert "Something went wrong inside" not in "".join(shown), keys


async def test_line_mode_prints_one_clean_line_for_each_row(poisoned: Store) -> None:
    desk = Desk(acting(poisoned, "rep7"))
    typed = [
        "20417",
        "4711 1",
        f"{SHORT_CODE} 30",
        "?",
        "h",
        "i4711",
        ".",
        "e",
        "2=36",
        ".",
        "x1c",
        "r",
        "<cancel>",
        "z",
    ]
    told = io.StringIO()
    refused = await line_mode.run(desk, typed, lambda text: print(text, file=told))
    assert refused == 0, told.getvalue()
    assert "placed" in told.getvalue()
    assert all(line.isprintable() for line in told.getvalue().split("\n"))
