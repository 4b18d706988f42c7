"""Drives an import: which part of the mapping takes which file, in what order, and one transaction a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path

from csdesk.errors import Invalid
from csdesk.importing import mapping as mappings
from csdesk.importing.mapping import Mapping as SourceMapping
from csdesk.importing.mapping import option
from csdesk.importing.pipeline import Course
from csdesk.importing.readers import Numbered, Sheet, open_sheet
from csdesk.importing.spec import Part
from csdesk.importing.values import Typed
from csdesk.services import loading, loading_quarantine
from csdesk.services.loading_types import FileJob, FileResult
from csdesk.store import Store

Controls = Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Watch:
    """Who wants to know: a file begins (name, rows guessed or 0), rows were taken, a file is done."""

    begins: Callable[[str, int], None] = lambda name, total: None
    rows: Callable[[int], None] = lambda rows: None
    done: Callable[[FileResult], None] = lambda result: None


@dataclass(frozen=True)
class Plan:
    """Files with the parts that take them, in the order of the mapping, and files no part takes."""

    mapping: SourceMapping
    steps: tuple[tuple[Part, Path], ...]
    strangers: tuple[Path, ...] = ()
    controls: Controls = field(default_factory=dict)


def plan(mapping: SourceMapping, paths: Sequence[Path], controls: Controls | None = None) -> Plan:
    """What an import of files and folders would do. Raises Invalid for a path that is not there, a file named by
    itself that no part takes, or a control total of an unknown part."""
    files: list[Path] = []
    strangers: list[Path] = []
    for path in paths:
        found = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        if not path.exists():
            raise Invalid(f"There is no file or folder {path}.", field="file")
        taken = [each for each in found if _parts(mapping, each)]
        if not taken:
            raise Invalid(
                f"No part of mapping {mapping.spec.name} takes {path.name}; look at 'match' in it.", field="file"
            )
        files += [each for each in taken if each not in files]
        strangers += [each for each in found if each not in taken]
    for part, _ in controls or {}:
        if mapping.part(part) is None:
            names = ", ".join(each.name for each in mapping.spec.file)
            raise Invalid(
                f"Mapping {mapping.spec.name} has no part {part!r} to control; it has {names}.", field="control"
            )
    steps = tuple((part, path) for part in mapping.spec.file for path in files if part in _parts(mapping, path))
    return Plan(mapping, steps, tuple(strangers), controls or {})


def _parts(mapping: SourceMapping, path: Path) -> list[Part]:
    name = path.name.lower()
    return [part for part in mapping.spec.file if any(fnmatch(name, each.lower()) for each in part.match)]


def run(store: Store, todo: Plan, watch: Watch | None = None) -> list[FileResult]:
    """Imports: each file whole in a transaction of its own. Stops at the first that is refused; those before stay."""
    watch = watch or Watch()
    store.write_now(loading.open_source, todo.mapping.source)
    results = []
    for part, path in todo.steps:
        sheet = open_sheet(path, part)
        watch.begins(path.name, sheet.total)
        results.append(store.write_now(loading.take_file, _job(todo, part, sheet, watch)))
        watch.done(results[-1])
    return results


def rehearse(store: Store, todo: Plan, watch: Watch | None = None) -> list[FileResult]:
    """Does all an import would do in one transaction, then takes it back."""
    watch = watch or Watch()
    sheets = [(part, open_sheet(path, part)) for part, path in todo.steps]
    watch.begins(f"{len(sheets)} files", sum(sheet.total for _, sheet in sheets))
    jobs = [_job(todo, part, sheet, watch) for part, sheet in sheets]
    try:
        store.write_now(loading.rehearse, todo.mapping.source, jobs)
    except loading.Rehearsed as rehearsed:
        for result in rehearsed.results:
            watch.done(result)
        return list(rehearsed.results)
    raise AssertionError("a rehearsal always falls")


def _job(todo: Plan, part: Part, sheet: Sheet, watch: Watch) -> FileJob:
    wanted = {column: Decimal(total) for column, total in part.control.items()}
    wanted |= {column: total for (name, column), total in todo.controls.items() if name == part.name}
    course = Course(todo.mapping, part, sheet.header, wanted)
    return FileJob(
        source=todo.mapping.source,
        part=part.name,
        file=sheet.file,
        sha256=sheet.sha256,
        chunks=lambda: course.chunks(sheet.rows),
        raw=lambda cells: stored(sheet.header, cells),
        options={name: option(value) for name, value in part.options.items()},
        controls=wanted,
        progress=watch.rows,
    )


def stored(header: Sequence[str], cells: Sequence[str]) -> str:
    """A row as the quarantine keeps it: column -> cell, a typed cell as a list of one; a misshapen row as a list."""
    kept = [[cell] if type(cell) is Typed else cell for cell in cells]
    return json.dumps(dict(zip(header, kept, strict=True)) if len(cells) == len(header) else kept)


def _restored(data: str, header: Sequence[str]) -> list[str]:
    kept = json.loads(data)
    cells = [kept.get(name, "") for name in header] if isinstance(kept, dict) else kept
    return [Typed(cell[0]) if isinstance(cell, list) else cell for cell in cells]


def retry(store: Store, name: str = "", watch: Watch | None = None) -> list[FileResult]:
    """Tries quarantined rows again: of the mapping `name`, or of every source whose mapping is shipped.

    Raises Invalid when nothing waits for that mapping's source, or a waiting source's mapping must be named.
    """
    watch = watch or Watch()
    given = mappings.find(name) if name else None
    there = store.read_now(loading_quarantine.waiting, given.spec.name if given else "")
    results = []
    for source in dict.fromkeys(row[0] for row in there):
        if given is None and source not in mappings.shipped():
            raise Invalid(f"The mapping of {source} is a file of your own: name it with --map.", field="map")
        results += _retry_source(
            store, given or mappings.find(source), [row for row in there if row[0] == source], watch
        )
    return results


def _retry_source(
    store: Store, mapping: SourceMapping, there: Sequence[tuple[str, str, str, int]], watch: Watch
) -> list[FileResult]:
    results = []
    for part in mapping.spec.file:
        for _, _, file, rows in (row for row in there if row[1] == part.name):
            job = _retry_job(store, mapping, part, file, watch)
            if job is not None:
                watch.begins(file, rows)
                results.append(store.write_now(loading.take_file, job))
                watch.done(results[-1])
    return results


def _retry_job(store: Store, mapping: SourceMapping, part: Part, file: str, watch: Watch) -> FileJob | None:
    """A job whose rows come out of the quarantine, under the header the first of them was kept with; None when no row
    has the shape of one."""

    def rows() -> Iterator[tuple[int, str]]:
        after = (0, 0)
        while page := store.read_now(loading_quarantine.of_file, mapping.spec.name, part.name, file, after):
            yield from ((number, data) for number, _, data in page)
            after = page[-1][:2]

    shaped = (tuple(kept) for kept in (json.loads(data) for _, data in rows()) if isinstance(kept, dict))
    header = next(shaped, ())
    if not header:
        return None
    todo = Plan(mapping, ())
    job = _job(todo, part.model_copy(update={"control": {}}), Sheet(file, header, Path(), part, "", 0), watch)

    def again() -> Iterator[Numbered]:
        return ((number, _restored(data, header)) for number, data in rows())

    return replace(job, chunks=lambda: Course(mapping, part, header).chunks(again))
