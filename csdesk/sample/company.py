"""The company of the sample and its people, terms and reasons."""

from __future__ import annotations

from csdesk import models as m
from csdesk.sample.site import COMPANY, COUNTRY, CURRENCY, SOURCE, WAREHOUSE, ZONE, Site
from csdesk.services import duties, staff
from csdesk.services.tx import SYSTEM

# login, name, role, team; a role the desk does not know (yet) is left out
PEOPLE = (
    ("rep7", "Robin Penn", "rep", "North"),
    ("rep2", "Alex Moreau", "rep", "North"),
    ("rep4", "Sam Quigley", "rep", "North"),
    ("rep9", "Terry Blais", "rep", "South"),
    ("rep11", "Dana Foley", "rep", "South"),
    ("lead3", "Lee Dale", "lead", "North"),
    ("lead5", "Chris Aubin", "lead", "South"),
    ("boss1", "Bo Sand", "supervisor", ""),
    ("fin2", "Nicky Ferris", "finance", ""),
    ("fin3", "Gale Pitre", "finance", ""),
    ("audit1", "Kit Marlow", "auditor", ""),
    ("admin1", "Ada Minton", "admin", ""),
    ("portal", "Web portal", "rep", ""),
)
REPS = tuple(login for login, _, role, team in PEOPLE if role == "rep" and team)

# letter, code, name, owner, uses, UNTDID 4465, X12 426 ('' where neither list has the thing itself)
REASONS = (
    ("c", "changed-mind", "Customer changed mind", "customer", "cancel", "", ""),
    ("u", "duplicate-order", "Ordered twice", "customer", "cancel", "", ""),
    ("o", "out-of-stock", "Cannot be supplied", "warehouse", "cancel", "", ""),
    ("d", "damaged", "Damaged", "transport", "complaint credit short", "3", "04"),
    ("w", "wrong-item", "Wrong item", "warehouse", "cancel complaint credit short", "14", "07"),
    ("l", "late", "Late", "transport", "cancel complaint credit short", "33", "41"),
    ("p", "price-wrong", "Price wrong", "sales", "cancel complaint credit short", "5", "01"),
    ("s", "short-delivery", "Short delivery", "warehouse", "complaint credit short", "4", "06"),
    ("n", "not-delivered", "Not delivered", "transport", "complaint credit short", "32", "59"),
    ("q", "quality", "Quality", "quality", "complaint credit short", "2", "05"),
    ("g", "goodwill", "Goodwill", "desk", "credit", "", ""),
    ("r", "refused", "Refused at the door", "customer", "complaint credit short", "29", "25"),
    ("b", "returned", "Returned", "customer", "credit short", "35", ""),
    ("t", "terms", "Terms of payment", "sales", "credit short", "50", "09"),
    ("f", "freight", "Freight", "transport", "credit short", "40", "54"),
    ("x", "tax", "Tax", "finance", "credit short", "26", "55"),
    ("k", "bank-charge", "Bank charge", "finance", "short", "11", ""),
    ("y", "duplicate-billing", "Billed twice", "finance", "credit short", "53", "19"),
    ("i", "invoice-missing", "Invoice not received", "finance", "short", "36", ""),
    ("e", "invoice-error", "Invoice error", "finance", "credit short", "9", ""),
    ("v", "proof-asked", "Proof of delivery asked", "transport", "short", "6", ""),
    ("z", "unidentified", "Unidentified", "finance", "short", "43", ""),
)
TERMS = {"COD": ("Cash on delivery", 0), "NET7": ("7 days net", 7), "NET14": ("14 days net", 14),
         "NET30": ("30 days net", 30)}  # fmt: skip


def make(site: Site) -> None:
    """Writes the company, its warehouse, terms, reasons and people; everybody can act afterwards."""
    site.put(m.Company, [
        {"id": COMPANY, "code": "SALT", "name": "Saltmarsh Wholesale Ltd.", "country": COUNTRY, "currency": CURRENCY,
         "timezone": ZONE, "tax_method": "line", "usual_warehouse": WAREHOUSE}
    ])  # fmt: skip
    site.put(m.Warehouse, [{"code": WAREHOUSE, "name": "Grandview, Saint John"}])
    site.put(m.Terms, [{"code": code, "name": name, "net_days": days} for code, (name, days) in TERMS.items()])
    names = ("letter", "code", "name", "owner", "uses", "untdid_4465", "x12_426")
    site.put(m.Reason, [dict(zip(names, row, strict=True)) for row in REASONS])
    site.put(m.ImportSource, [{"source": SOURCE, "title": "The sample desk", "today": site.today}])
    _people(site)


def _people(site: Site) -> None:
    known = [row for row in PEOPLE if row[2] in duties.ROLES]
    site.put(m.Role, [{"code": code, "name": name} for code, (name, _) in duties.ROLES.items()])
    site.put(m.RoleDuty, [
        {"role": role, "duty": duty} for role, (_, held) in duties.ROLES.items() for duty in sorted(held)
    ])  # fmt: skip
    numbered = list(enumerate(known, 1))
    site.put(m.Person, [{"id": id_, "name": name} for id_, (_, name, _, _) in numbered])
    site.put(m.Staff, [
        {"id": id_, "person_id": id_, "login": login, "name": name, "team": team}
        for id_, (login, name, _, team) in numbered
    ])  # fmt: skip
    site.put(m.StaffRole, [{"staff_id": id_, "role": role} for id_, (_, _, role, _) in numbered])
    site.actors["system"] = SYSTEM
    for login, *_ in known:
        site.actors[login] = staff.sign_in(site.tx, login)
