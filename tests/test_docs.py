"""The generated pages of docs/ are what the program says of itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

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
