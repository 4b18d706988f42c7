"""Fresh desks for benches: the sample, or real books imported once, each as a SQLite file or copied into Postgres."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import bed
from sqlalchemy import insert, select

from csdesk.migrations import schema
from csdesk.models import metadata
from csdesk.store import Store

DATA = bed.ROOT.parent / "shared" / "data"
WHY_NOT = {"wwi": f"its books are not in {DATA.name}/ beside the project", "sample": "csdesk.db.sample is missing"}
BATCH = 2000


def copy_rows(source: Store, target: Store) -> None:
    """Copies every table of a desk into another, migrated and empty one."""
    with source.engine.connect() as reading, target.engine.begin() as writing:
        for table in metadata.sorted_tables:
            rows = reading.execute(select(table)).mappings()
            while batch := [dict(row) for row in itertools.islice(rows, BATCH)]:
                writing.execute(insert(table), batch)


class Maker:
    """Makes each desk once and hands out copies."""

    def __init__(self, home: Path, stack: ExitStack, *, postgres: bool) -> None:
        self.home = home
        self.create = stack.enter_context(bed.postgres_server()) if postgres else None
        self.files: dict[str, Path] = {}
        self.count = itertools.count()
        self.templates: dict[str, str] = {}

    def can(self, desk: str) -> bool:
        """Whether the desk's data is here."""
        return (DATA / "wwi_2016q2").exists() if desk == "wwi" else (bed.ROOT / "csdesk.db.sample").exists()

    def file(self, desk: str) -> Path:
        """The desk as a SQLite file, made at the first call."""
        if desk not in self.files:
            path = self.home / f"{desk}.db"
            if desk == "sample":
                from csdesk.sample import copy

                copy.fresh(path)
            else:
                import_books(path, desk)
            store = Store(f"sqlite:///{path}")
            with store.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            store.close()
            self.files[desk] = path
        return self.files[desk]

    @contextmanager
    def fresh(self, desk: str, database: str) -> Iterator[str]:
        """The URL of a copy nobody else uses."""
        number = next(self.count)
        if database == "sqlite":
            path = self.home / "work" / f"{desk}-{number}.db"
            path.parent.mkdir(exist_ok=True)
            shutil.copy(self.file(desk), path)
            yield f"sqlite:///{path}"
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
            return
        assert self.create is not None
        if desk not in self.templates:
            self.templates[desk] = self._template(desk)
        yield self.create(f"{desk}_{number}", self.templates[desk])

    def _template(self, desk: str) -> str:
        assert self.create is not None
        name = f"{desk}_template"
        source, target = Store(f"sqlite:///{self.file(desk)}"), Store(self.create(name))
        schema.upgrade(target)
        copy_rows(source, target)
        source.close()
        target.close()
        return name


def import_books(path: Path, mapping: str) -> None:
    """Imports real books as `csdesk import` does, and gives the desk a rep."""
    import subprocess
    import sys

    folder = {"wwi": "wwi_2016q2"}[mapping]
    url = f"sqlite:///{path}"
    for words in (["db", "upgrade"], ["import", str(DATA / folder), "--map", mapping],
                  ["staff", "add", "rep7", "--name", "Rep 7", "--role", "rep"],
                  ["staff", "add", "boss1", "--name", "Boss 1", "--role", "supervisor"],
                  ["staff", "add", "cash1", "--name", "Cash 1", "--role", "cashier"]):  # fmt: skip
        subprocess.run([sys.executable, "-m", "csdesk", *words, "--db", url], check=True, cwd=bed.ROOT)
