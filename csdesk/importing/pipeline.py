"""From rows of cells to units of work: routed, gathered, converted, keyed; the same course for files and retries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from typing import Any

from csdesk.errors import Invalid
from csdesk.importing.convert import Row
from csdesk.importing.mapping import Mapping as SourceMapping
from csdesk.importing.mapping import routes_of
from csdesk.importing.readers import Numbered
from csdesk.importing.routes import Compiled, Test, compiled, style_of, tests
from csdesk.importing.spec import Part
from csdesk.importing.spool import Gathered, Seen
from csdesk.importing.values import SPACES, Fault, number
from csdesk.services.loading_types import Chunk, Line, Unit

SIZE = 1000  # rows of a chunk


class Course:
    """How one part turns rows under one header into units."""

    def __init__(self, mapping: SourceMapping, part: Part, header: Sequence[str], sums: Iterable[str] = ()) -> None:
        self.part = part
        self.header = tuple(header)
        self.style = style_of(mapping, part)
        column = _columns(part, self.header)
        self.skip: Test = tests(part.skip, self.style, column)
        self.routes = [compiled(mapping, part, route, self.style, column) for route in routes_of(part)]
        self.sums = {name: column(name) for name in sums if name != "rows"}
        self.gathers = any(route.group for route in self.routes)

    def chunks(self, rows: Callable[[], Iterator[Numbered]]) -> Iterator[Chunk]:
        """Units in chunks. Records of several rows are gathered on disk first."""
        with closing(Seen()) as seen:
            if not self.gathers:
                yield from self._plain(rows(), seen)
                return
            with closing(Gathered()) as gathered:
                left_out = self._gather(rows(), gathered)
                yield from self._records(gathered, seen, left_out)

    def _plain(self, rows: Iterator[Numbered], seen: Seen) -> Iterator[Chunk]:
        units: list[Unit] = []
        read = left_out = 0
        for row_number, cells in rows:
            route = self._route(cells)
            if route is None:
                left_out += 1
                continue
            read += 1
            units.append(self._unit(route, [(row_number, cells)], seen))
            if read == SIZE:
                yield Chunk(units, read, left_out)
                units, read, left_out = [], 0, 0
        yield Chunk(units, read, left_out)

    def _gather(self, rows: Iterator[Numbered], gathered: Gathered) -> int:
        waiting: list[tuple[int, str, Sequence[str]]] = []
        left_out = 0
        for row_number, cells in rows:
            route = self._route(cells)
            if route is None:
                left_out += 1
                continue
            waiting.append((row_number, self._owner(route, row_number, cells), cells))
            if len(waiting) == SIZE:
                gathered.add(waiting)
                waiting = []
        gathered.add(waiting)
        return left_out

    def _owner(self, route: Compiled, row_number: int, cells: Row) -> str:
        """What gathers rows: the route and the record's key; a row without one stands alone."""
        try:
            key = route.key(cells) if route.group else ""
        except Fault:
            key = ""
        return f"{self.routes.index(route)}\x1f{key}" if key else f"row {row_number}"

    def _records(self, gathered: Gathered, seen: Seen, left_out: int) -> Iterator[Chunk]:
        units: list[Unit] = []
        read = 0
        for record in gathered.records():
            route = self._route(record[0][1])
            assert route is not None
            units.append(self._unit(route, record, seen))
            read += len(record)
            if read >= SIZE:
                yield Chunk(units, read, left_out)
                units, read, left_out = [], 0, 0
        yield Chunk(units, read, left_out)

    def _malformed(self, cells: Row) -> str:
        width = len(self.header)
        if len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
            return ""
        if len(cells) == 1 and cells[0][:1] == "\ufffd":
            return f"the row cannot be taken apart: {cells[0][1:]}"
        return f"the row has {len(cells)} cells, the header has {width}"

    def _route(self, cells: Row) -> Compiled | None:
        """The first route whose tests hold; None = left out. A row no route wants goes to the quarantine."""
        if not any(cell and cell.strip(SPACES) for cell in cells):
            return None
        if self.part.skip and self.skip([*cells, *[""] * (len(self.header) - len(cells))]):
            return None
        if wrong := self._malformed(cells):
            return Compiled.refusing(wrong, "shape")
        route = next((each for each in self.routes if each.test(cells)), None)
        if route is None:
            return Compiled.refusing("no route of the mapping takes this row", "route")
        without_key = self.part.empty_key == "skip" and route.keyed and not route.key(cells)
        return None if route.drops or without_key else route

    def _unit(self, route: Compiled, rows: Sequence[Numbered], seen: Seen) -> Unit:
        """One unit of one or several rows; what cannot be read carries its fault."""
        numbers, cells = tuple(row[0] for row in rows), tuple(row[1] for row in rows)
        entity, key = route.entity or self.part.entity, ""
        if route.quarantine:
            return Unit(entity, "", "", numbers, cells, fault=route.quarantine, code=route.code)
        try:
            _check_text(cells)
            content = _digest([_content(route, each) for each in cells])
            key = _key(route, cells[0], content, seen)
            filled = self._filled(route, rows)
        except Fault as fault:
            return Unit(entity, key, "", numbers, cells, fault=str(fault), code=fault.code)
        twin, same = seen.first(f"{entity}\x1f{key}", numbers[0], content)
        return Unit(entity, key, content, numbers, cells, twin=twin, same=same, **filled)

    def _filled(self, route: Compiled, rows: Sequence[Numbered]) -> dict[str, Any]:
        first = rows[0][1]
        filled: dict[str, Any] = {"values": route.fields(first), "sub": route.sub(first), "sums": self._summed(rows)}
        if route.makers:
            filled["makes"] = tuple(dict.fromkeys(made for _, cells in rows for made in route.makes(cells)))
        if route.group:
            lines, dropped, repeated = _lines(route, rows, self.part.repeats)
            flags = " ".join(filter(None, (self._differing(route, rows), "repeats" if repeated else "")))
            filled |= {"lines": lines, "dropped": dropped, "flags": flags}
        return filled

    def _differing(self, route: Compiled, rows: Sequence[Numbered]) -> str:
        """Flags for header fields on which rows of one record may disagree. Raises Fault for any other."""
        flags = []
        for name, places in route.header_places.items():
            if len({tuple(cells[place] for place in places) for _, cells in rows}) == 1:
                continue
            if name not in self.part.differ:
                raise Fault(f"the rows of this record disagree on {name}", "disagree")
            flags.append(self.part.differ[name])
        return " ".join(flags)

    def _summed(self, rows: Sequence[Numbered]) -> Mapping[str, Decimal]:
        if not self.sums:
            return {}
        found = dict.fromkeys(self.sums, Decimal(0))
        for _, cells in rows:
            for name, place in self.sums.items():
                text = cells[place].strip(SPACES) if type(cells[place]) is str else cells[place]
                found[name] += number(text, self.style) if text and text not in self.style.nulls else 0
        return found


def _columns(part: Part, header: Sequence[str]) -> Callable[[str], int]:
    def column(name: str) -> int:
        if header.count(name) == 1:
            return header.index(name)
        wrong = f"has no column {name!r}" if name not in header else f"has two columns {name!r}"
        there = ", ".join(each for each in header if each)
        raise Invalid(f"A file of part {part.name} {wrong}; its columns are {there}.", field="file")

    return column


def _key(route: Compiled, cells: Row, content: str, seen: Seen) -> str:
    """The foreign key of a unit; rows of a file without keys are known by what they say and how often they say it."""
    if not route.keyed:
        return f"{content}#{seen.times(content)}"
    key = route.key(cells)
    if not key:
        raise Fault("the key is empty", "empty")
    return key if len(key) <= 200 else hashlib.sha256(key.encode()).hexdigest()


def _check_text(rows: Sequence[Row]) -> None:
    for cells in rows:
        text = "".join(cells)
        if not text.isascii():
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                raise Fault("a cell is not text in the encoding of the file", "encoding") from None


def _content(route: Compiled, cells: Row) -> str:
    return "\x1f".join([cells[place] for place in route.places])


def _digest(contents: Sequence[str]) -> str:
    return hashlib.sha256("\x1e".join(contents).encode("utf-8", "surrogatepass")).hexdigest()


def _lines(route: Compiled, rows: Sequence[Numbered], repeats: str) -> tuple[tuple[Line, ...], int, bool]:
    """(lines, rows merged, whether a row repeats another word for word)."""
    seen: set[tuple[str, ...]] = set()
    made, dropped, repeated = [], 0, False
    for row_number, cells in rows:
        whole = tuple(cells)
        again = whole in seen
        seen.add(whole)
        if again and repeats == "merge":
            dropped += 1
            continue
        flag = "repeat" if again and repeats == "flag" else ""
        repeated = repeated or bool(flag)
        made.append(Line(row_number, route.lines(cells), flag))
    return tuple(made), dropped, repeated
