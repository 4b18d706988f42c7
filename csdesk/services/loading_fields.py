"""What an import can bring: the entities and their fields, one table for mapping files, loaders, docs and tests."""

from __future__ import annotations

from csdesk.services.loading_field import Entity, Field, of, ref, text
from csdesk.services.loading_fields_service import SERVICE
from csdesk.services.loading_fields_trade import TRADE

__all__ = ["ENTITIES", "OPTIONS", "Entity", "Field"]


def _address(kind: str) -> dict[str, Field]:
    return {
        f"{kind}_name": text(help=f"who receives at the {kind} address"),
        f"{kind}_line1": text(),
        f"{kind}_line2": text(),
        f"{kind}_city": text(100),
        f"{kind}_region": text(100),
        f"{kind}_postcode": text(20),
        f"{kind}_country": text(40),
        f"{kind}_route": text(20),
    }


_CUSTOMER = {
    "code": text(40, "the customer's number", needed=True),
    "name": text(needed=True),
    "bill_to": ref("customer", "who pays: empty or the customer's own key = own account, else shares that account"),
    "payer_group": text(40),
    "price_group": text(60, "deals and group price lists go by it"),
    "price_list": text(60),
    "segment": text(60),
    "terms_days": of("integer", "days net"),
    "country": text(40),
    "tax_exempt": of("yes"),
    "exempt_category": text(2, "why there is no tax: E, AE, G or K (UNTDID 5305)"),
    "exempt_reason": text(200, "why there is no tax, as invoices say it"),
    "email": text(200, "where documents go; empty = the contact's"),
    "vat_number": text(40, "with the two letters of its country"),
    "registration": text(60),
    "endpoint": text(100, "electronic address for e-invoices"),
    "endpoint_scheme": text(4, "its scheme, e.g. 0088"),
    "tier": text(10),
    "language": text(10),
    "timezone": text(60),
    "delivery_days": text(7, "ISO weekdays the truck goes, 12345"),
    "cut_off": text(5),
    "lead_days": of("integer"),
    "minimum_order": of("money"),
    "on_hold": of("yes", "no order may be placed"),
    "credit_hold": of("yes", "the account is on hold"),
    "credit_limit": of("money", "of an own account; the option empty_credit_limit says what an empty one means"),
    "notes": text(2000),
    "standing": text(2000, "standing instructions"),
    "opened_on": of("date"),
    "contact_name": text(),
    "contact_role": text(60),
    "contact_email": text(),
    "contact_phone": text(60),
    "phone": text(60),
    "fax": text(60),
    **_address("delivery"),
    **_address("postal"),
}

_PRODUCT = {
    "code": text(60, "compares without case; the first spelling is kept, others are noted", needed=True),
    "name": text(300),
    "kind": text(10, "stock or service"),
    "base_unit": text(20),
    "sales_unit": text(20),
    "pack_unit": text(20),
    "pack_factor": of("quantity", "base units in one pack"),
    "minimum": of("quantity"),
    "multiple": of("quantity"),
    "tax_rate": of("rate", "percent"),
    "groups": Field("list", "product groups", size=60),
    "list_price": of("price", "base price list, for one base unit"),
    "price_from": of("date", "first day of the list price"),
    "retail_price": of("money"),
    "shelf_life_days": of("integer"),
    "lead_days": of("integer"),
    "phase_in": of("date"),
    "phase_out": of("date"),
    "barcode": text(40),
    "notes": text(2000),
}

ENTITIES: dict[str, Entity] = {
    "customer": Entity("customers with account, addresses, contact and phones", _CUSTOMER),
    "ship_to": Entity(
        "further addresses of customers",
        {
            "customer": ref("customer", needed=True),
            "kind": text(10, "delivery or postal"),
            "name": text(),
            "line1": text(),
            "line2": text(),
            "city": text(100),
            "region": text(100),
            "postcode": text(20),
            "country": text(40),
            "route": text(20),
        },
    ),
    "contact": Entity(
        "further persons at customers",
        {
            "customer": ref("customer", needed=True),
            "name": text(needed=True),
            "role": text(60),
            "email": text(),
            "phone": text(60),
        },
    ),
    "product": Entity("products with tax code, pack, groups and list price", _PRODUCT),
    "stock": Entity(
        "stock of products, in base units",
        {
            "product": ref("product", needed=True),
            "warehouse": text(20, "empty = the company's usual one"),
            "on_hand": of("quantity", needed=True, signed=True),
            "reorder_level": of("quantity"),
            "target_level": of("quantity"),
            "bin": text(40),
        },
    ),
    "price": Entity(
        "prices of lists, groups and contracts",
        {
            "list": text(60, "code of the price list", needed=True),
            "kind": text(10, "base, list, group or contract"),
            "price_group": text(60),
            "customer": ref("customer"),
            "product": ref("product", needed=True),
            "unit": text(20),
            "amount": of("price", needed=True),
            "per": of("quantity"),
            "min_quantity": of("quantity"),
            "valid_from": of("date"),
            "valid_to": of("date"),
        },
    ),
    "deal": Entity(
        "promotions: percent off, amount off the unit price, or free goods",
        {
            "code": text(60, needed=True),
            "name": text(),
            "percent": of("rate"),
            "amount": of("price"),
            "buy": of("quantity"),
            "free": of("quantity"),
            "price_group": text(60),
            "customer": ref("customer"),
            "product_group": text(60),
            "product": ref("product"),
            "valid_from": of("date"),
            "valid_to": of("date"),
        },
    ),
    **TRADE,
    **SERVICE,
}

# Options of a file: what they may be, the first is the default; "" = the mapping must say when it matters.
OPTIONS: dict[str, tuple[str, ...]] = {
    "empty_credit_limit": ("", "unlimited", "zero"),
    "credit_terms": ("desk", "source"),
    "open_items": ("yes", "no"),
    "allocate": ("no", "finalization-date"),
    "price_history": ("no", "lines"),
    "delivery_lines": ("no", "order"),
    "document_lines": ("own", "none"),
    "event_order": ("file", "counter", "time"),
}
