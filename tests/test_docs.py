"""The generated pages of docs/ are what the program says of itself."""

from __future__ import annotations

import importlib.util
import inspect
import pkgutil
from pathlib import Path

import pytest

import csdesk.rules

DOCS = Path(__file__).parents[1] / "docs"
spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
assert spec is not None
assert spec.loader is not None
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", sorted(generate.PAGES))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    written = (DOCS / f"{name}.md").read_text("utf-8")
    assert written == generate.page(name), f"docs/{name}.md is behind; run: make docs"


def test_the_readme_names_its_two_commands_and_its_picture() -> None:
    text = (DOCS.parent / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
    pictures = [part.split(")")[0] for part in text.split("](")[1:] if part.split(")")[0].endswith((".svg", ".png"))]
    assert pictures
    assert all((DOCS.parent / each).exists() for each in pictures)


def test_every_rule_tells_its_formula_and_its_source() -> None:
    """Of its own, or of its module where that is a table of moves or one set of checks."""
    bare = []
    for found in pkgutil.iter_modules(csdesk.rules.__path__):
        if found.name.startswith("_"):
            continue
        module = importlib.import_module(f"csdesk.rules.{found.name}")
        for name, rule in vars(module).items():
            if inspect.isfunction(rule) and rule.__module__ == module.__name__ and not name.startswith("_"):
                told = f"{rule.__doc__} {module.__doc__}"
                if not (("Formula:" in told or "Rule:" in told) and "Source:" in told):
                    bare.append(f"{found.name}.{name}")
    assert bare == []


def test_the_rules_page_shows_switches_and_shapes() -> None:
    page = generate.page("rules")
    for shape in ("Policy", "Terms", "Procedure", "OpenItem"):
        assert f"**{shape}**:" in page
    assert "* `steps: Sequence[str] = ('reference', 'exact', 'combination', 'order')`" in page
    assert "* `discount: str = 'shortage'`" in page
    assert "**`tax_of(net: int, rate: Decimal, rounding: str = 'half_up') -> int`**" in page
    assert " object at 0x" not in page
