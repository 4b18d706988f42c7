"""Mapping files: the shipped ones are right, and a mistake is told with file, line and word."""

from __future__ import annotations

from pathlib import Path

import pytest

from csdesk.errors import Invalid
from csdesk.importing import mapping
from csdesk.services.loading import LOADERS
from csdesk.services.loading_fields import ENTITIES, OPTIONS
from tests.importing.bed import MASTERS, PLAIN

DOCS = Path(__file__).parents[2] / "docs" / "import.md"
PART = '[[file]]\nname = "a"\nmatch = "a.csv"\nentity = "product"\nkey = "c"\n[file.fields]\ncode = "c"\n'


@pytest.mark.parametrize("name", mapping.shipped())
def test_a_shipped_mapping_is_found_by_its_name(name: str) -> None:
    assert mapping.find(name).spec.name == name


def test_a_mapping_of_ones_own_is_found_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAIN + PART, "utf-8")
    assert mapping.find(str(tmp_path / "mine.toml")).spec.name == "plain"
    with pytest.raises(Invalid, match=r"no mapping 'nothing'.*online_retail"):
        mapping.find("nothing")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("name = ?", "no TOML.*line 1"),
        (PART, "name: Field required"),
        (PLAIN, "file: Field required"),
        (PLAIN + PART + "colour = 'c'\n", "line 16, file > 0 > fields > colour: product has no field 'colour'"),
        (PLAIN + PART.replace('code = "c"', 'name = "c"'), "file > 0 > fields: product needs the field 'code'"),
        (PLAIN + PART.replace('"product"', '"producct"'), "line 12, .*no entity 'producct'; there are customer"),
        (PLAIN + PART.replace('key = "c"', 'key = "c"\nkeys = 1'), "line 14, file > 0 > keys: Extra inputs"),
        (PLAIN + PART + 'name = { from = "n", sign = "up" }\n', "fields > name > sign"),
        (PLAIN + PART + 'name = { from = "n", const = 1 }\n', "exactly one of from, const and debit/credit"),
        (PLAIN + PART + 'name = { from = "n", take = "(" }\n', "'\\(' is no regular expression"),
        (PLAIN + PART + "[file.options]\nspeed = 'yes'\n", "there is no option 'speed'"),
        (PLAIN + PART + "[file.options]\nopen_items = 'maybe'\n", "open_items may be yes, no"),
        (PLAIN + PART + "[file.control]\nc = 'lots'\n", "'lots' is no number"),
        (PLAIN + PART + PART, "two parts are called 'a'"),
        (PLAIN.replace("Europe/Berlin", "Berlin") + PART, "'Berlin' is no time zone"),
        (
            PLAIN + MASTERS.replace('options = { empty_credit_limit = "unlimited" }\n', "", 1),
            "what an empty credit limit",
        ),
        (PLAIN + PART.replace("[file.fields]", "header_row = 0\n[file.fields]"), "needs the names of its columns"),
        (PLAIN + PART + "[[file.route]]\nwhen = [{ column = 'c' }]\nentity = 'product'\n", "one of matches, equals"),
        (PLAIN + PART + "[file.lines]\nproduct = 'c'\n", "product has no lines"),
        (PLAIN + PART + "[file.sub]\nfrom = 'c'\n[file.sub.fields]\nat = 'c'\n", "no records inside it"),
    ],
)
def test_a_mistake_is_told_with_its_place(wrong: str, says: str) -> None:
    with pytest.raises(Invalid, match=f"^(The mapping )?test.toml.*{says}"):
        mapping.parse(wrong, "test.toml")


def test_every_entity_has_a_loader_and_every_loader_an_entity() -> None:
    assert set(LOADERS) == set(ENTITIES)


def test_the_docs_name_every_entity_field_and_option() -> None:
    text = DOCS.read_text("utf-8")
    for name, entity in ENTITIES.items():
        section = text.split(f"\n### {name}\n", 1)[1].split("\n### ", 1)[0]
        for field in (*entity.fields, *entity.lines, *entity.sub):
            assert f"`{field}`" in section, (name, field)
    assert all(f"`{option}`" in text for option in OPTIONS)


def test_no_column_of_a_shipped_source_is_known_outside_its_mapping() -> None:
    columns = set()
    for name in mapping.shipped():
        for part in mapping.find(name).spec.file:
            routes = mapping.routes_of(part)
            cells = [cell for route in routes for cell in (*route.fields.values(), *route.lines.values(), *route.key)]
            cells += [cell for made in part.make for cell in made.fields.values()]
            columns |= {column for cell in cells for column in cell.columns()}
    telling = {column for column in columns if any(sign.isupper() for sign in column[1:])} | set(mapping.shipped())
    assert len(telling) > 40
    code = "\n".join(file.read_text("utf-8") for file in (DOCS.parents[1] / "csdesk").rglob("*.py"))
    assert {word for word in telling if f'"{word}"' in code or f"'{word}'" in code} == set()
