"""Products, packs, prices, deals, alternatives, stock and expected receipts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, Rate, UnitPrice, fk

_ID = {"autoincrement": False}


class TaxCode(SQLModel, table=True):
    """A tax rate in percent (15 = 15 %), up to 6 decimals."""

    __tablename__ = "tax_code"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=20)
    name: str = Field(max_length=100)
    rate: Decimal = Field(sa_type=Rate)


class Product(SQLModel, table=True):
    """A product or service; `code_key` is the code in lower case, codes compare without case."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("company", "code_key"),
        fk("tax_code", "tax_code.code"),
        Index("ix_product_code", "company", "code_key", postgresql_ops={"code_key": "text_pattern_ops"}),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    code: str = Field(max_length=60)
    code_key: str = Field(max_length=60)
    name: str = Field(max_length=300)
    kind: str = Field(default="stock", max_length=10)  # stock | service
    base_unit: str = Field(default="EA", max_length=20)
    sales_unit: str = Field(default="EA", max_length=20)
    minimum: Decimal = Field(default=Decimal(1), sa_type=Quantity)  # in sales units
    multiple: Decimal = Field(default=Decimal(1), sa_type=Quantity)
    tax_code: str = Field(max_length=20)
    shelf_life_days: int | None = None
    phase_in: date | None = None
    phase_out: date | None = None
    successor_id: int | None = Field(default=None, sa_type=BigInteger)
    retail_price: int | None = Field(default=None, sa_type=Minor)
    lead_days: int | None = None
    barcode: str = Field(default="", max_length=40)
    notes: str = Field(default="", max_length=2000)
    version: int = 1


class ProductGroup(SQLModel, table=True):
    """Membership of a product in a group (a product may be in several)."""

    __tablename__ = "product_group"
    __table_args__ = (fk("product_id", "product.id"), Index("ix_product_group_code", "company", "group_code"))
    company: int = Field(primary_key=True)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)
    group_code: str = Field(primary_key=True, max_length=60)


class PackUnit(SQLModel, table=True):
    """A unit a product is sold in; one of it holds `factor` base units."""

    __tablename__ = "pack_unit"
    __table_args__ = (fk("product_id", "product.id"),)
    company: int = Field(primary_key=True)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)
    unit: str = Field(primary_key=True, max_length=20)
    factor: Decimal = Field(sa_type=Quantity)


class PriceList(SQLModel, table=True):
    """A list of prices. Kinds: base (everybody), list (customers that name it), group (a price group), contract."""

    __tablename__ = "price_list"
    __table_args__ = (UniqueConstraint("company", "code"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    code: str = Field(max_length=60)
    name: str = Field(default="", max_length=200)
    kind: str = Field(default="base", max_length=10)
    price_group: str = Field(default="", max_length=60)
    customer_id: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = Field(max_length=3)


class Price(SQLModel, table=True):
    """A price in major units (6 decimals) for `per` of `unit`, from a quantity (in `unit`), within dates."""

    __tablename__ = "price"
    __table_args__ = (
        fk("price_list_id", "price_list.id"),
        fk("product_id", "product.id"),
        Index("ix_price_product", "company", "product_id", "price_list_id"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    price_list_id: int = Field(sa_type=BigInteger)
    product_id: int = Field(sa_type=BigInteger)
    unit: str = Field(max_length=20)
    amount: Decimal = Field(sa_type=UnitPrice)
    per: Decimal = Field(default=Decimal(1), sa_type=Quantity)
    min_quantity: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    valid_from: date | None = None
    valid_to: date | None = None


class Deal(SQLModel, table=True):
    """A promotion for a customer group x product group x dates; empty group = all.

    Kinds: percent (value % off), amount (value off the unit price), free (buy `buy` get `free` of it free).
    """

    __tablename__ = "deal"
    __table_args__ = (UniqueConstraint("company", "code"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    code: str = Field(max_length=60)
    name: str = Field(default="", max_length=200)
    kind: str = Field(max_length=10)
    price_group: str = Field(default="", max_length=60)
    customer_id: int | None = Field(default=None, sa_type=BigInteger)
    group_code: str = Field(default="", max_length=60)
    product_id: int | None = Field(default=None, sa_type=BigInteger)
    value: Decimal = Field(default=Decimal(0), sa_type=UnitPrice)
    buy: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    free: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    valid_from: date | None = None
    valid_to: date | None = None


class Alternative(SQLModel, table=True):
    """A ranked alternative of a product."""

    __tablename__ = "alternative"
    __table_args__ = (fk("product_id", "product.id"), fk("alternative_id", "product.id"))
    company: int = Field(primary_key=True)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)
    rank: int = Field(primary_key=True)
    alternative_id: int = Field(sa_type=BigInteger)
    note: str = Field(default="", max_length=200)


class Warehouse(SQLModel, table=True):
    """A place stock lies in."""

    __tablename__ = "warehouse"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=20)
    name: str = Field(default="", max_length=200)


class Stock(SQLModel, table=True):
    """Stock of a product in base units. `reserved` is a running figure: the open reservations on what is here."""

    __tablename__ = "stock"
    __table_args__ = (
        fk("warehouse", "warehouse.code"),
        fk("product_id", "product.id"),
        CheckConstraint("reserved >= 0", name="ck_stock_reserved"),
    )
    company: int = Field(primary_key=True)
    product_id: int = Field(primary_key=True, sa_type=BigInteger)
    warehouse: str = Field(primary_key=True, max_length=20)
    on_hand: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    reserved: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    reorder_level: Decimal | None = Field(default=None, sa_type=Quantity)
    target_level: Decimal | None = Field(default=None, sa_type=Quantity)
    bin: str = Field(default="", max_length=40)


class ExpectedReceipt(SQLModel, table=True):
    """Goods on their way to a warehouse, in base units; `reserved` is promised to orders already."""

    __tablename__ = "expected_receipt"
    __table_args__ = (
        fk("warehouse", "warehouse.code"),
        fk("product_id", "product.id"),
        CheckConstraint("reserved >= 0 AND reserved <= quantity", name="ck_expected_receipt_reserved"),
        Index("ix_expected_receipt_product", "company", "product_id", "warehouse", "due_on"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    product_id: int = Field(sa_type=BigInteger)
    warehouse: str = Field(max_length=20)
    due_on: date
    quantity: Decimal = Field(sa_type=Quantity)
    reserved: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    arrived: bool = False
