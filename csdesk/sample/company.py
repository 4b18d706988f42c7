"""The company of the sample, its terms of payment and its people."""

from __future__ import annotations

from csdesk import models as m
from csdesk.sample.site import COMPANY, COUNTRY, CURRENCY, SOURCE, WAREHOUSE, ZONE, Site
from csdesk.services import duties, founding, staff
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
    ("chief1", "Jo Marsh", "manager", ""),
    ("fin2", "Nicky Ferris", "finance", ""),
    ("ctrl1", "Gale Pitre", "controller", ""),
    ("cash1", "Shawn Noel", "cashier", ""),
    ("coll1", "Val Hartley", "collector", ""),
    ("dock1", "Ray Tulk", "warehouse", ""),
    ("audit1", "Kit Marlow", "auditor", ""),
    ("admin1", "Ada Minton", "admin", ""),
    ("portal", "Web portal", "rep", ""),
    ("rep5", "Jamie Roy", "senior", "North"),
    ("insp1", "Noa Leger", "investigator", ""),
)
REPS = tuple(login for login, _, role, team in PEOPLE if role == "rep" and team)

TERMS = {"COD": ("Cash on delivery", 0), "NET7": ("7 days net", 7), "NET14": ("14 days net", 14),
         "NET30": ("30 days net", 30)}  # fmt: skip

# All made up: numbers of zeros, a domain that is kept for examples (RFC 2606), a telephone number kept for fiction.
LETTERHEAD = {
    "street": "1 Saltmarsh Wharf", "city": "Saint John", "region": "NB", "postcode": "E2L 0A0",
    "vat_number": "CA000000000RT0000", "registration": "NB 000000", "email": "accounts@saltmarsh.example",
    "phone": "+1 506 555 0100", "iban": "00000-000-0000000", "bic": "EXMPCATT",
}  # fmt: skip


def make(site: Site) -> None:
    """Writes the company, its warehouse, terms and people beside what every desk has; everybody can act afterwards."""
    site.put(m.Company, [
        {"id": COMPANY, "code": "SALT", "name": "Saltmarsh Wholesale Ltd.", "country": COUNTRY, "currency": CURRENCY,
         "timezone": ZONE, "tax_method": "line", "usual_warehouse": WAREHOUSE, **LETTERHEAD}
    ])  # fmt: skip
    site.put(m.Warehouse, [{"code": WAREHOUSE, "name": "Grandview, Saint John"}])
    site.put(m.Terms, [{"code": code, "name": name, "net_days": days} for code, (name, days) in TERMS.items()])
    founding.prepare(site.tx)
    site.put(m.ImportSource, [{"source": SOURCE, "title": "The sample desk", "today": site.today}])
    _people(site)


def _people(site: Site) -> None:
    known = [row for row in PEOPLE if row[2] in duties.ROLES]
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
