"""Pictures of papers: a statement and a credit note of the sample, as PDF and as PNG in docs/pictures.

Run: python bench/papers.py [--out FOLDER] [--dpi 90]. PNG needs pdftoppm (Debian: poppler-utils).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import bed
from PIL import Image
from sqlalchemy import func, select

from csdesk.documents.pdf import paper_pdf, statement_pdf
from csdesk.models import Document, DocumentLine, table
from csdesk.sample import copy
from csdesk.sample.build import TODAY
from csdesk.sample.site import STAR, moment
from csdesk.services import papers, papers_statement
from csdesk.store import Store

OUT = bed.ROOT / "docs" / "pictures"
COLOURS = 24  # ink, greys and their edges: a page then takes a few dozen kilobytes


def made(store: Store) -> dict[str, bytes]:
    """The papers by name: the statement of the story's customer, and the credit note with the most lines and tax."""
    document, line = table(Document), table(DocumentLine)
    of = (line.c.company == document.c.company) & (line.c.document_id == document.c.id)
    longest = select(document.c.id).join_from(document, line, of).where(document.c.kind == "credit_note")
    longest = (
        longest.group_by(document.c.id)
        .order_by(func.count().desc(), func.max(document.c.tax).desc(), document.c.id)
        .limit(1)
    )
    with store.engine.connect() as connection:
        note = connection.execute(longest).scalar_one()
    customer = store.read_now(papers_statement.customer_of, STAR)
    return {
        "statement": statement_pdf(store.read_now(papers_statement.statement, customer)),
        "credit-note": paper_pdf(store.read_now(papers.document, note)),
    }


def picture(pdf: bytes, to: Path, dpi: int) -> None:
    """The first page as a PNG of few colours."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paper.pdf").write_bytes(pdf)
        page = ["pdftoppm", "-r", str(dpi), "-png", "-f", "1", "-l", "1", "-singlefile", "paper.pdf", "page"]
        subprocess.run(page, cwd=folder, check=True)
        with Image.open(Path(folder) / "page.png") as seen:
            seen.convert("RGB").quantize(COLOURS).save(to, optimize=True)


def main() -> None:
    """Makes the papers of a fresh copy of the sample and their pictures."""
    words = argparse.ArgumentParser(prog="python bench/papers.py", description=__doc__)
    words.add_argument("--out", type=Path, default=OUT)
    words.add_argument("--dpi", type=int, default=90)
    given = words.parse_args()
    if shutil.which("pdftoppm") is None:
        words.exit(1, "pdftoppm is missing; it comes with poppler-utils.\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.db"
        shutil.copyfile(copy.place(), path)
        store = Store(f"sqlite:///{path}", clock=lambda: moment(TODAY, "9:05"))
        try:
            for name, pdf in made(store).items():
                picture(pdf, given.out / f"{name}.png", given.dpi)
                print(f"{name}.png  {(given.out / f'{name}.png').stat().st_size:,} bytes")
        finally:
            store.close()


if __name__ == "__main__":
    main()
