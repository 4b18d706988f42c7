"""The tables; importing this package registers all of them on `metadata`."""

from sqlmodel import SQLModel

from csdesk.models.approvals import ApprovalMark, ApprovalRequest, ApprovalTier, CreditClaim
from csdesk.models.audit import AuditEntry, AuditHead, NumberSeries
from csdesk.models.books import BankLine, GoodsReturn, LedgerEntry
from csdesk.models.claims import Callback, CustomerReason, Dispute, DisputeEvent, DisputeEvidence, Period, Promise
from csdesk.models.collecting import ContactEntry, DunnedItem, DunningLevel, DunningNotice, DunningRun
from csdesk.models.controls import (
    AcceptedConflict,
    BreakGlass,
    DelegationRow,
    DutyConflict,
    PriceOverride,
    RuleOverride,
)
from csdesk.models.customers import (
    Contact,
    ContactPhone,
    CreditAccount,
    Customer,
    ShipTo,
    Terms,
    UsualItem,
)
from csdesk.models.deliveries import Delivery, DeliveryEvent, DeliveryLine
from csdesk.models.desk import Call, Command, Draft, Outbox, Request, Ringing
from csdesk.models.documents import Allocation, Document, DocumentLine, OpenItem, Receipt, StockMovement
from csdesk.models.importing import ImportKey, ImportNote, ImportQuarantine, ImportRun, ImportSource
from csdesk.models.orders import OrderHold, OrderLine, OrderRevision, Reservation, SalesOrder
from csdesk.models.people import Company, Person, Reason, Role, RoleDuty, Staff, StaffRole
from csdesk.models.products import (
    Alternative,
    Deal,
    ExpectedReceipt,
    PackUnit,
    Price,
    PriceList,
    Product,
    ProductGroup,
    Stock,
    TaxCode,
    Warehouse,
)
from csdesk.models.search import CustomerSearch, ProductSearch, SearchWord
from csdesk.models.types import pin_integers, table

metadata = SQLModel.metadata
pin_integers(metadata)

# Rows that stand once they are written: triggers refuse UPDATE and DELETE on them.
INSERT_ONLY = ("audit", "order_revision", "document", "document_line", "receipt", "allocation", "stock_movement",
               "approval_mark", "ledger_entry", "goods_return", "dispute_event", "dispute_evidence", "dunning_notice",
               "dunned_item", "contact_entry", "price_override")  # fmt: skip

__all__ = [
    "INSERT_ONLY",
    "AcceptedConflict",
    "Allocation",
    "Alternative",
    "ApprovalMark",
    "ApprovalRequest",
    "ApprovalTier",
    "AuditEntry",
    "AuditHead",
    "BankLine",
    "BreakGlass",
    "Call",
    "Callback",
    "Command",
    "Company",
    "Contact",
    "ContactEntry",
    "ContactPhone",
    "CreditAccount",
    "CreditClaim",
    "Customer",
    "CustomerReason",
    "CustomerSearch",
    "Deal",
    "DelegationRow",
    "Delivery",
    "DeliveryEvent",
    "DeliveryLine",
    "Dispute",
    "DisputeEvent",
    "DisputeEvidence",
    "Document",
    "DocumentLine",
    "Draft",
    "DunnedItem",
    "DunningLevel",
    "DunningNotice",
    "DunningRun",
    "DutyConflict",
    "ExpectedReceipt",
    "GoodsReturn",
    "ImportKey",
    "ImportNote",
    "ImportQuarantine",
    "ImportRun",
    "ImportSource",
    "LedgerEntry",
    "NumberSeries",
    "OpenItem",
    "OrderHold",
    "OrderLine",
    "OrderRevision",
    "Outbox",
    "PackUnit",
    "Period",
    "Person",
    "Price",
    "PriceList",
    "PriceOverride",
    "Product",
    "ProductGroup",
    "ProductSearch",
    "Promise",
    "Reason",
    "Receipt",
    "Request",
    "Reservation",
    "Ringing",
    "Role",
    "RoleDuty",
    "RuleOverride",
    "SalesOrder",
    "SearchWord",
    "ShipTo",
    "Staff",
    "StaffRole",
    "Stock",
    "StockMovement",
    "TaxCode",
    "Terms",
    "UsualItem",
    "Warehouse",
    "metadata",
    "table",
]
