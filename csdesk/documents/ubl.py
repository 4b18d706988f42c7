"""Invoices, credit notes and debit notes as UBL 2.1 by EN 16931: what `ubl_checks` lets pass is written here."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as ET

from csdesk.documents import codes
from csdesk.documents.paper import Paper, PaperLine, Party, TaxPart
from csdesk.documents.ubl_checks import check, clean
from csdesk.documents.words import other_place, tax_name
from csdesk.money import exponent, rounded, show_quantity, to_major

RULES = "urn:cen.eu:en16931:2017"
_SPACES = {
    "xmlns:cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "xmlns:cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
_TRANSFER = "30"  # UNTDID 4461: credit transfer
_CUT = Decimal("0.0000005")  # what a price of six decimals may be off


def ubl(paper: Paper) -> bytes:
    """The document as UBL 2.1, UTF-8. Raises Invalid, naming the field and how to set it, when EN 16931 bars it."""
    check(paper)
    credit = paper.kind == "credit_note"
    name = "CreditNote" if credit else "Invoice"
    root = ET.Element(name, {"xmlns": _ROOT.format(name), **_SPACES})
    _basic(root, "CustomizationID", RULES)
    _basic(root, "ID", paper.number)
    _basic(root, "IssueDate", paper.issued_on.isoformat())
    if not credit and paper.due_on:
        _basic(root, "DueDate", paper.due_on.isoformat())
    kind = {"credit_note": codes.CREDIT_NOTE, "debit_note": codes.DEBIT_NOTE}.get(paper.kind, codes.INVOICE)
    _basic(root, f"{name}TypeCode", kind)
    if paper.reason:
        code = f" (UNTDID 4465: {paper.reason_code})" if paper.reason_code else ""
        _basic(root, "Note", f"Reason: {paper.reason}{code}")
    _basic(root, "DocumentCurrencyCode", paper.currency)
    _references(root, paper)
    _supplier(root, paper.seller)
    _customer(root, paper.buyer)
    _delivery(root, paper)
    _payment(root, paper, credit)
    _taxes(root, paper)
    _totals(root, paper)
    for line in paper.lines:
        _line(root, paper, line, "Credit" if credit else "Invoice")
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made + b"\n"


def _basic(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    """A basic component; one without a text is left out, for UBL knows no empty ones."""
    if told := clean(text):
        ET.SubElement(parent, f"cbc:{name}", attributes).text = told


def _group(parent: ET.Element, *names: str) -> ET.Element:
    for name in names:
        parent = ET.SubElement(parent, f"cac:{name}")
    return parent


def _amount(parent: ET.Element, name: str, minor: int, currency: str) -> None:
    places = min(2, exponent(currency))
    _basic(parent, f"{name}Amount", f"{to_major(minor, currency):.{places}f}", currencyID=currency)


def _references(root: ET.Element, paper: Paper) -> None:
    if clean(paper.customer_reference):
        order = _group(root, "OrderReference")
        _basic(order, "ID", paper.customer_reference)
        _basic(order, "SalesOrderID", paper.order_number)
    if paper.corrects:
        corrected = _group(root, "BillingReference", "InvoiceDocumentReference")
        _basic(corrected, "ID", paper.corrects.number)
        if paper.corrects.issued_on:
            _basic(corrected, "IssueDate", paper.corrects.issued_on.isoformat())


def _supplier(root: ET.Element, seller: Party) -> None:
    party = _group(root, "AccountingSupplierParty", "Party")
    _party(party, seller)
    if clean(seller.email) or clean(seller.phone):
        contact = _group(party, "Contact")
        _basic(contact, "Name", seller.name)
        _basic(contact, "Telephone", seller.phone)
        _basic(contact, "ElectronicMail", seller.email)


def _customer(root: ET.Element, buyer: Party) -> None:
    party = _group(root, "AccountingCustomerParty", "Party")
    _party(party, buyer)
    if clean(buyer.email):
        _basic(_group(party, "Contact"), "ElectronicMail", buyer.email)


def _party(party: ET.Element, who: Party) -> None:
    if who.endpoint:
        _basic(party, "EndpointID", who.endpoint, schemeID=who.endpoint_scheme or "EM")
    if who.code:
        _basic(_group(party, "PartyIdentification"), "ID", who.code)
    _basic(_group(party, "PartyName"), "Name", who.name)
    _address(_group(party, "PostalAddress"), who)
    if who.vat_number:
        scheme = _group(party, "PartyTaxScheme")
        _basic(scheme, "CompanyID", "".join(who.vat_number.split()))
        _vat(scheme)
    entity = _group(party, "PartyLegalEntity")
    _basic(entity, "RegistrationName", who.name)
    _basic(entity, "CompanyID", who.registration)


def _address(address: ET.Element, who: Party) -> None:
    _basic(address, "StreetName", who.street)
    _basic(address, "AdditionalStreetName", who.street2)
    _basic(address, "CityName", who.city)
    _basic(address, "PostalZone", who.postcode)
    _basic(address, "CountrySubentity", who.region)
    _basic(_group(address, "Country"), "IdentificationCode", codes.country_code(who.country))


def _vat(parent: ET.Element) -> None:
    _basic(_group(parent, "TaxScheme"), "ID", "VAT")


def _delivery(root: ET.Element, paper: Paper) -> None:
    intra = any(part.category == "K" for part in paper.taxes)
    place = paper.ship_to if intra else other_place(paper)
    country = codes.country_code(place.country) if place else ""
    if paper.delivered_on is None and not country:
        return
    delivery = _group(root, "Delivery")
    if paper.delivered_on:
        _basic(delivery, "ActualDeliveryDate", paper.delivered_on.isoformat())
    if place and country:
        _address(_group(delivery, "DeliveryLocation", "Address"), place)
        if clean(place.name):
            _basic(_group(delivery, "DeliveryParty", "PartyName"), "Name", place.name)


def _payment(root: ET.Element, paper: Paper, credit: bool) -> None:
    if clean(paper.account.number) and not credit:
        means = _group(root, "PaymentMeans")
        _basic(means, "PaymentMeansCode", _TRANSFER)
        _basic(means, "PaymentID", paper.number)
        account = _group(means, "PayeeFinancialAccount")
        _basic(account, "ID", "".join(paper.account.number.split()))
        _basic(account, "Name", paper.seller.name)
        if clean(paper.account.bic):
            _basic(_group(account, "FinancialInstitutionBranch"), "ID", paper.account.bic)
    terms = "Set against your account" if credit else paper.terms
    if clean(terms):
        _basic(_group(root, "PaymentTerms"), "Note", terms)


def _taxes(root: ET.Element, paper: Paper) -> None:
    total = _group(root, "TaxTotal")
    _amount(total, "Tax", paper.tax, paper.currency)
    for part in paper.taxes:
        subtotal = _group(total, "TaxSubtotal")
        _amount(subtotal, "Taxable", part.base, paper.currency)
        _amount(subtotal, "Tax", part.tax, paper.currency)
        _category(_group(subtotal, "TaxCategory"), part.category, part.rate, part)


def _category(category: ET.Element, code: str, rate: Decimal, part: TaxPart | None = None) -> None:
    _basic(category, "ID", code)
    _basic(category, "Percent", show_quantity(rate))
    if part is not None and code not in {"S", "Z"}:
        _basic(category, "TaxExemptionReason", tax_name(part))
    _vat(category)


def _totals(root: ET.Element, paper: Paper) -> None:
    totals = _group(root, "LegalMonetaryTotal")
    for name, amount in (
        ("LineExtension", paper.net),
        ("TaxExclusive", paper.net),
        ("TaxInclusive", paper.gross),
        ("Payable", paper.gross),
    ):
        _amount(totals, name, amount, paper.currency)


def _line(root: ET.Element, paper: Paper, line: PaperLine, kind: str) -> None:
    quantity, price = counted(paper, line)
    made = _group(root, f"{kind}Line" if kind == "Invoice" else "CreditNoteLine")
    _basic(made, "ID", str(line.line))
    unit = codes.unit_code(line.unit) if line.counted else codes.UNNAMED
    if line.counted and unit == codes.UNNAMED and line.unit:
        _basic(made, "Note", f"Unit: {line.unit}")
    _basic(
        made, "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity", show_quantity(quantity), unitCode=unit
    )
    _amount(made, "LineExtension", line.net, paper.currency)
    price, base = _per(paper, line, quantity, price)
    if base is None:
        _difference(made, paper, line, price * quantity)
    item = _group(made, "Item")
    _basic(item, "Name", clean(line.name) or "-")
    if clean(line.code):
        _basic(_group(item, "SellersItemIdentification"), "ID", line.code)
    _category(_group(item, "ClassifiedTaxCategory"), line.category, line.tax_rate)
    told = _group(made, "Price")
    _basic(told, "PriceAmount", show_quantity(price), currencyID=paper.currency)
    if base is not None:
        _basic(told, "BaseQuantity", show_quantity(base), unitCode=unit)


def counted(paper: Paper, line: PaperLine) -> tuple[Decimal, Decimal]:
    """Quantity and price as EN 16931 wants them: a price is never negative (BR-27), a change of value is one piece."""
    quantity, price = line.quantity, line.price
    if not line.counted:
        quantity, price = Decimal(1), to_major(line.net, paper.currency)
    return (-quantity, -price) if price < 0 else (quantity, price)


def _per(paper: Paper, line: PaperLine, quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal | None]:
    """Price and base quantity (BT-146, BT-149): a price whose sixth decimal was rounded (4.5678 per 1000) is told as
    the net for the whole quantity, since nothing was taken off or put on."""
    net, places = to_major(line.net, paper.currency), exponent(paper.currency)
    off = abs(net - price * quantity)
    explained = abs(quantity) * _CUT + Decimal("0.5").scaleb(-places)
    if (
        price == rounded(price, 5)  # nothing was cut off
        or rounded(price * quantity, places, paper.rounding) == net
        or net * quantity <= 0
        or off > explained
    ):
        return price, None
    return abs(net), abs(quantity)


def _difference(made: ET.Element, paper: Paper, line: PaperLine, value: Decimal) -> None:
    """What parts the line's net from quantity x price: a discount, a spare cent of a part credit, as one allowance."""
    places = exponent(paper.currency)
    above = int(rounded(value, places, paper.rounding).scaleb(places)) - line.net
    if above:
        allowance = _group(made, "AllowanceCharge")
        _basic(allowance, "ChargeIndicator", "true" if above < 0 else "false")
        _basic(allowance, "AllowanceChargeReason", "Adjustment" if above < 0 else "Discount")
        _amount(allowance, "", abs(above), paper.currency)
