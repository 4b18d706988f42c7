"""Loading products: tax code, packs, groups and list price. Internal to the importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from csdesk.models import PackUnit, Product, ProductGroup, TaxCode, table
from csdesk.money import show_quantity
from csdesk.services import loading_prices as prices
from csdesk.services.loading_base import Known, Load, known, notes, rehash, remember, sorted_out
from csdesk.services.loading_put import put, put_new
from csdesk.services.loading_types import Make, Unit

PRODUCT, PACK, GROUP, TAX = table(Product), table(PackUnit), table(ProductGroup), table(TaxCode)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_HERE = select(PRODUCT).where(PRODUCT.c.company == _C, PRODUCT.c.id.in_(_IDS))
_SET = update(PRODUCT).where(PRODUCT.c.company == _C, PRODUCT.c.id == bindparam("i"))
_PLAIN: dict[str, Any] = {
    "kind": "stock", "minimum": Decimal(1), "multiple": Decimal(1), "shelf_life_days": None, "phase_in": None,
    "phase_out": None, "retail_price": None, "lead_days": None, "barcode": "", "notes": "",
}  # fmt: skip


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads products; codes compare without case, the first spelling stays."""
    new, adopted = sorted_out(load, "product", new, _code_key)
    remember(load, "product", [(unit.key, found, 0, "") for unit, found in adopted])
    made = _insert(load, [(unit.key, unit.hash, unit.values) for unit in new])
    for unit in new:
        _details(load, made[unit.key], unit.values)
        load.done(unit, "imported")
    _flush_details(load)
    for unit, there in [*changed, *((unit, Known(found, 0, "")) for unit, found in adopted)]:
        _change(load, unit, there.subject_id)


def _code_key(unit: Unit) -> str:
    return str(unit.values["code"]).lower()


def _insert(load: Load, found: Sequence[tuple[str, str, Mapping[str, Any]]]) -> dict[str, int]:
    """Inserts (key, hash, values) and gives key -> product."""
    made = {key: load.new_id() for key, _, _ in found}
    put(load.tx, PRODUCT, [_row(load, made[key], values) for key, _, values in found])
    remember(load, "product", [(key, made[key], 0, row_hash) for key, row_hash, _ in found])
    load.touched["product"] |= set(made.values())
    return made


def _row(load: Load, made: int, values: Mapping[str, Any]) -> dict[str, Any]:
    base = values.get("base_unit") or load.source.base_unit
    plain = {name: empty if values.get(name) is None else values[name] for name, empty in _PLAIN.items()}
    return {
        "id": made,
        "code": values["code"],
        "code_key": str(values["code"]).lower(),
        "name": values.get("name") or values["code"],
        "base_unit": base,
        "sales_unit": values.get("sales_unit") or base,
        "tax_code": tax_code(load, values.get("tax_rate") or Decimal(0)),
        "version": 1,
        **plain,
    }


def tax_code(load: Load, rate: Decimal) -> str:
    """The code of a tax rate in percent, made when the company has none."""
    if ("tax", rate) not in load.cache:
        here = select(TAX.c.code).where(TAX.c.company == load.tx.company, TAX.c.rate == rate).order_by(TAX.c.code)
        found = load.tx.value(here)
        if found is None:
            shown = show_quantity(rate)
            found = f"T{shown}"
            put_new(load.tx, TAX, [{"code": found, "name": f"{shown} %", "rate": rate}])
        load.cache["tax", rate] = found
    return str(load.cache["tax", rate])


def _details(load: Load, product: int, values: Mapping[str, Any]) -> None:
    base = values.get("base_unit") or load.source.base_unit
    pack = _pack(base, values)
    rows = load.cache.setdefault("details", ([], [], []))
    rows[0].extend([{"product_id": product, **pack}] if pack else [])
    rows[1].extend({"product_id": product, "group_code": each} for each in dict.fromkeys(values.get("groups") or ()))
    if values.get("list_price") is not None:
        rows[2].append(prices.base_row(load, product, base, values["list_price"], values.get("price_from")))


def _flush_details(load: Load) -> None:
    packs, groups, listed = load.cache.pop("details", ([], [], []))
    put(load.tx, PACK, packs)
    put(load.tx, GROUP, groups)
    put(load.tx, prices.PRICE, listed)


def _pack(base: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """A pack that is called like the base unit but holds several of it gets the number into its name."""
    unit, factor = values.get("pack_unit"), values.get("pack_factor")
    if not unit or not factor or (unit == base and factor == 1):
        return None
    return {"unit": f"{unit} {show_quantity(factor)}"[:20] if unit == base else unit, "factor": factor}


def _change(load: Load, unit: Unit, product: int) -> None:
    row = load.tx.row(_HERE, {"c": load.tx.company, "ids": [product]})
    assert row is not None
    wanted = {name: unit.values[name] for name in ("base_unit", "sales_unit", "name") if unit.values.get(name)}
    wanted |= {name: unit.values[name] for name in _PLAIN if unit.values.get(name) is not None}
    wanted |= {name: _PLAIN[name] for name in _PLAIN if name in unit.values and unit.values[name] is None}
    if unit.values.get("tax_rate") is not None:
        wanted["tax_code"] = tax_code(load, unit.values["tax_rate"])
    differs = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if differs:
        load.tx.do(_SET.values(**differs, version=row.version + 1), {"c": load.tx.company, "i": product})
    moved = _change_groups(load, product, unit.values)
    moved = _change_pack(load, product, unit.values, row.base_unit) or moved
    if unit.values.get("list_price") is not None:
        moved = prices.change_base(load, product, row.base_unit, unit.values["list_price"]) or moved
    if unit.values["code"] != row.code:
        notes(load, [("product", product, "code", unit.values["code"])])
    rehash(load, "product", [(unit.key, unit.hash)])
    load.touched["product"].add(product)
    load.done(unit, "updated" if differs or moved else "merged")


def _change_groups(load: Load, product: int, values: Mapping[str, Any]) -> bool:
    if "groups" not in values:
        return False
    here = select(GROUP.c.group_code).where(GROUP.c.company == load.tx.company, GROUP.c.product_id == product)
    there, wanted = {row.group_code for row in load.tx.rows(here)}, set(values["groups"] or ())
    if there - wanted:
        gone = GROUP.c.group_code.in_(sorted(there - wanted))
        load.tx.do(delete(GROUP).where(GROUP.c.company == load.tx.company, GROUP.c.product_id == product, gone))
    put(load.tx, GROUP, [{"product_id": product, "group_code": each} for each in sorted(wanted - there)])
    return there != wanted


def _change_pack(load: Load, product: int, values: Mapping[str, Any], base: str) -> bool:
    pack = _pack(values.get("base_unit") or base, values)
    if pack is None:
        return False
    own = (PACK.c.company == load.tx.company, PACK.c.product_id == product, PACK.c.unit == pack["unit"])
    there = load.tx.value(select(PACK.c.factor).where(*own))
    if there is None:
        put(load.tx, PACK, [{"product_id": product, **pack}])
    elif there != pack["factor"]:
        load.tx.do(update(PACK).where(*own).values(factor=pack["factor"]))
    return bool(there != pack["factor"])


def make(load: Load, makes: Sequence[Make]) -> None:
    """Products a row mentions: made when unknown. Other spellings and descriptions are noted; a product still called
    by its code takes the first description that comes."""
    first: dict[str, Make] = {}
    for each in makes:
        kept = first.setdefault(each.key, each)
        if not kept.values.get("name") and each.values.get("name"):
            first[each.key] = Make(kept.entity, kept.key, {**kept.values, "name": each.values["name"]})
    there = known(load, "product", first)
    _make_unknown(load, [each for key, each in first.items() if key not in there])
    ids = {key: each.subject_id for key, each in known(load, "product", first).items()}
    rows = {row.id: row for row in load.tx.rows(_HERE, {"c": load.tx.company, "ids": sorted(ids.values())})}
    names = _names(load, {ids[key]: each for key, each in first.items() if key in ids}, rows)
    said = [
        ("product", ids[each.key], kind, text)
        for each in makes
        if each.key in ids
        for kind, text in each.note
        if text and text != (names[ids[each.key]] if kind == "name" else getattr(rows[ids[each.key]], kind))
    ]
    notes(load, dict.fromkeys(said))


def _names(load: Load, makes: Mapping[int, Make], rows: Mapping[int, Any]) -> dict[int, str]:
    """The names of products, after those without one took theirs."""
    names = {}
    for product, each in makes.items():
        row, offered = rows[product], each.values.get("name")
        names[product] = row.name
        if row.name == row.code and offered and offered != row.name:
            load.tx.do(_SET.values(name=offered, version=row.version + 1), {"c": load.tx.company, "i": product})
            names[product] = offered
            load.touched["product"].add(product)
    return names


def brought_forward(load: Load) -> int:
    """The service product that lines of documents without lines of their own stand on."""
    if "brought forward" not in load.cache:
        values = {"code": "BROUGHT-FORWARD", "name": "Brought forward", "kind": "service"}
        make(load, [Make("product", "brought-forward", values)])
        load.cache["brought forward"] = known(load, "product", ["brought-forward"])["brought-forward"].subject_id
    return int(load.cache["brought forward"])


def _make_unknown(load: Load, makes: Sequence[Make]) -> None:
    units = [Unit("product", each.key, "", (0,), (), each.values) for each in makes]
    new, adopted = sorted_out(load, "product", units, _code_key)
    remember(load, "product", [(unit.key, found, 0, "") for unit, found in adopted])
    made = _insert(load, [(unit.key, "", unit.values) for unit in new])
    for unit in new:
        _details(load, made[unit.key], unit.values)
    _flush_details(load)
