"""Codes of public lists that documents to machines need: units (UN/ECE Recommendations 20 and 21), countries, kinds."""

from __future__ import annotations

# Our unit, upper case -> Recommendation 20, or 21 (packages) with an X in front. EN 16931 BR-CL-23.
UNITS = {
    "EA": "EA", "EACH": "EA", "UNIT": "C62", "ONE": "C62", "PC": "H87", "PCS": "H87", "PIECE": "H87", "PIECES": "H87",
    "ST": "H87", "STK": "H87", "PR": "PR", "PAIR": "PR", "SET": "SET", "DZ": "DZN", "DZN": "DZN", "DOZEN": "DZN",
    "CASE": "XCS", "CS": "XCS", "CARTON": "XCT", "CTN": "XCT", "CT": "XCT", "BOX": "XBX", "BX": "XBX", "BAG": "XBG",
    "BG": "XBG", "SACK": "XSA", "BOTTLE": "XBO", "BT": "XBO", "CAN": "XCX", "TIN": "XTN", "JAR": "XJR", "CRATE": "XCR",
    "TRAY": "XPU", "PACK": "XPK", "PACKET": "XPA", "PK": "XPK", "PKG": "XPK", "BUNDLE": "XBE", "ROLL": "XRO",
    "RL": "XRO", "PALLET": "XPX", "PAL": "XPX", "PL": "XPX", "DRUM": "XDR", "BUCKET": "XBJ", "PAIL": "XPL",
    "BARREL": "XBA", "KEG": "XKG", "TUBE": "XTU", "BASKET": "XBK", "SHEET": "XST", "KG": "KGM", "G": "GRM", "GR": "GRM",
    "MG": "MGM", "T": "TNE", "TONNE": "TNE", "LB": "LBR", "LBS": "LBR", "OZ": "ONZ", "L": "LTR", "LTR": "LTR",
    "LITRE": "LTR", "LITER": "LTR", "ML": "MLT", "CL": "CLT", "HL": "HLT", "GAL": "GLL", "M": "MTR", "CM": "CMT",
    "MM": "MMT", "KM": "KMT", "M2": "MTK", "SQM": "MTK", "M3": "MTQ", "FT": "FOT", "IN": "INH", "YD": "YRD",
    "H": "HUR", "HR": "HUR", "HOUR": "HUR", "MIN": "MIN", "DAY": "DAY", "WEEK": "WEE", "MONTH": "MON", "YEAR": "ANN",
    "KWH": "KWH", "KM/H": "KMH", "%": "P1",
}  # fmt: skip
UNNAMED = "C62"  # "one": what Recommendation 20 has for a unit nobody named

# UNTDID 1001, as EN 16931 allows it for BT-3.
INVOICE, CREDIT_NOTE, DEBIT_NOTE = "380", "381", "383"

# Country names that old books hold instead of a code -> ISO 3166.
COUNTRIES = {
    "USA": "US", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US", "CANADA": "CA", "UNITED KINGDOM": "GB",
    "UK": "GB", "GREAT BRITAIN": "GB", "GERMANY": "DE", "DEUTSCHLAND": "DE", "FRANCE": "FR", "SPAIN": "ES",
    "ITALY": "IT", "NETHERLANDS": "NL", "BELGIUM": "BE", "LUXEMBOURG": "LU", "AUSTRIA": "AT", "SWITZERLAND": "CH",
    "IRELAND": "IE", "PORTUGAL": "PT", "DENMARK": "DK", "SWEDEN": "SE", "NORWAY": "NO", "FINLAND": "FI",
    "ICELAND": "IS", "POLAND": "PL", "CZECHIA": "CZ", "CZECH REPUBLIC": "CZ", "SLOVAKIA": "SK", "HUNGARY": "HU",
    "ROMANIA": "RO", "BULGARIA": "BG", "GREECE": "GR", "CROATIA": "HR", "SLOVENIA": "SI", "ESTONIA": "EE",
    "LATVIA": "LV", "LITHUANIA": "LT", "MALTA": "MT", "CYPRUS": "CY", "AUSTRALIA": "AU", "NEW ZEALAND": "NZ",
    "JAPAN": "JP", "BRAZIL": "BR", "MEXICO": "MX", "ARGENTINA": "AR", "VENEZUELA": "VE", "EIRE": "IE",
    "CHANNEL ISLANDS": "JE", "ISRAEL": "IL", "SINGAPORE": "SG", "SAUDI ARABIA": "SA", "LEBANON": "LB",
    "BAHRAIN": "BH", "UNITED ARAB EMIRATES": "AE", "SOUTH AFRICA": "ZA", "INDIA": "IN", "CHINA": "CN",
}  # fmt: skip


def unit_code(unit: str) -> str:
    """The code of a unit in Recommendation 20 or 21; one that is in no list is counted as "one"."""
    return UNITS.get(unit.strip().upper().rstrip("."), UNNAMED)


def country_code(country: str) -> str:
    """Two letters of ISO 3166 for a code or a name that old books hold; empty when it is neither."""
    plain = country.strip().upper()
    if len(plain) == 2 and plain.isascii() and plain.isalpha():
        return plain
    return COUNTRIES.get(plain, "")
