"""A route of a mapping, compiled for one header: tests, keys and field readers as plain functions of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from csdesk.importing.convert import Row, reader
from csdesk.importing.mapping import Mapping as SourceMapping
from csdesk.importing.spec import Cell, Condition, MakeSpec, Part, Route, SubSpec
from csdesk.importing.values import SPACES, Fault, Style, at_path, number, plain
from csdesk.services.loading_field import Field
from csdesk.services.loading_fields import ENTITIES
from csdesk.services.loading_types import Make

Test = Callable[[Row], bool]
Column = Callable[[str], int]
_KEY = Field("text", size=2000)


def _nothing(row: Row) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, eq=False)
class Compiled:
    """What becomes of the rows one route takes."""

    entity: str = ""
    quarantine: str = ""
    code: str = "route"
    drops: bool = False
    test: Test = lambda row: True
    keyed: bool = False
    group: bool = False
    key: Callable[[Row], str] = lambda row: ""
    fields: Callable[[Row], dict[str, Any]] = _nothing
    lines: Callable[[Row], dict[str, Any]] = _nothing
    sub: Callable[[Row], tuple[Mapping[str, Any], ...]] = lambda row: ()
    makers: tuple[Callable[[Row], Make | None], ...] = ()
    places: tuple[int, ...] = ()
    header_places: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def makes(self, row: Row) -> list[Make]:
        """What the row mentions by the way."""
        return [made for maker in self.makers if (made := maker(row)) is not None]

    @staticmethod
    def refusing(reason: str, code: str) -> Compiled:
        """The route of rows that fit nowhere."""
        return Compiled(quarantine=reason, code=code)


def style_of(mapping: SourceMapping, part: Part) -> Style:
    """How the files of a part write numbers, dates and nothing."""
    spec = mapping.spec
    return Style(
        currency=spec.company.currency,
        zone=mapping.zone,
        decimal=spec.decimal if part.decimal is None else part.decimal,
        thousands=spec.thousands if part.thousands is None else part.thousands,
        negative=spec.negative,
        strip=spec.strip,
        dates=part.dates or spec.dates,
        nulls=frozenset(spec.nulls if part.nulls is None else part.nulls),
        fold=frozenset(spec.fold) | {"product"},
    )


def compiled(mapping: SourceMapping, part: Part, route: Route, style: Style, column: Column) -> Compiled:
    """The route for one header. Raises Invalid for a column the header does not have."""
    test = tests(route.when, style, column)
    if not route.entity:
        return Compiled(quarantine=route.quarantine, drops=not route.quarantine, test=test)
    entity = ENTITIES[route.entity]
    makers = tuple(_maker(each, style, column) for each in part.make)
    group = route.group
    fold = route.entity in style.fold
    key = _key(group or route.key, style, column, fold)
    cells = [*route.key, *group, *route.fields.values(), *route.lines.values(), *(c for m in part.make for c in m.key)]
    names = {name for cell in cells for name in cell.columns()} | ({route.sub.source} if route.sub else set())
    return Compiled(
        entity=route.entity,
        test=test,
        keyed=bool(route.key or group),
        group=bool(group),
        key=key,
        fields=_fields(route.fields, entity.fields, style, column),
        lines=_fields(route.lines, entity.lines, style, column),
        sub=_sub(route.sub, entity.sub, style, column),
        makers=makers,
        places=tuple(sorted(column(name) for name in names)),
        header_places={name: tuple(column(each) for each in cell.columns()) for name, cell in route.fields.items()},
    )


def tests(conditions: Sequence[Condition], style: Style, column: Column) -> Test:
    """The test that holds when all conditions do."""
    made = [_test(condition, style, column(condition.column)) for condition in conditions]
    return lambda row: all(test(row) for test in made)


def _test(condition: Condition, style: Style, place: int) -> Test:
    checks: list[Callable[[str], bool]] = []
    if condition.matches:
        pattern = re.compile(condition.matches)
        checks.append(lambda text: pattern.search(text) is not None)
    if condition.equals is not None:
        equals = condition.equals
        checks.append(lambda text: text == equals)
    if condition.among:
        among = frozenset(condition.among)
        checks.append(lambda text: text in among)
    if condition.empty is not None:
        empty = condition.empty
        checks.append(lambda text: (text == "" or text in style.nulls) is empty)
    for limit, side in ((condition.below, -1), (condition.above, 1)):
        if limit:
            checks.append(_beyond(Decimal(limit), side, style))
    negate = condition.negate

    def test(row: Row) -> bool:
        text = row[place] if type(row[place]) is not str else row[place].strip(SPACES)
        return all(check(text) for check in checks) is not negate

    return test


def _beyond(limit: Decimal, side: int, style: Style) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            return (number(text, style) - limit) * side > 0
        except Fault:
            return False

    return check


def _key(cells: Sequence[Cell], style: Style, column: Column, fold: bool) -> Callable[[Row], str]:
    readers = [reader("key", cell, _KEY, style, column) for cell in cells]

    def key(row: Row) -> str:
        parts = [read(row) or "" for read in readers]
        made = "|".join(parts) if all(parts) else ""
        return made.lower() if fold else made

    return key


def _fields(cells: Mapping[str, Cell], there: Mapping[str, Field], style: Style, column: Column) -> Any:
    readers = [(name, reader(name, cell, there[name], style, column)) for name, cell in cells.items()]
    return lambda row: {name: read(row) for name, read in readers}


def _sub(spec: SubSpec | None, there: Mapping[str, Field], style: Style, column: Column) -> Any:
    """Reads records out of JSON: each member is a row of its own, whose columns are the names the mapping uses."""
    if spec is None:
        return lambda row: ()
    place = column(spec.source)
    names = list(dict.fromkeys(name for cell in spec.fields.values() for name in cell.columns()))
    read = _fields(spec.fields, there, style, names.index)

    def sub(row: Row) -> tuple[Mapping[str, Any], ...]:
        text = row[place].strip(SPACES)
        if not text or text in style.nulls:
            return ()
        found = at_path(text, spec.path)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Fault(f"{spec.source}: there is no list of records at {spec.path!r}")
        return tuple(read([plain(each.get(name)) for name in names]) for each in found)

    return sub


def _maker(spec: MakeSpec, style: Style, column: Column) -> Callable[[Row], Make | None]:
    there = ENTITIES[spec.entity].fields
    fold = spec.entity in style.fold
    test = tests(spec.when, style, column)
    key = _key(spec.key, style, column, fold)
    names = [name for cell in [*spec.key, *spec.fields.values()] for name in cell.columns()]
    places = sorted({column(name) for name in [*names, *(each.column for each in spec.when)]})
    fields = _fields(spec.fields, {**there, **{n: _optional(there[n]) for n in ("name",)}}, style, column)

    @lru_cache(maxsize=20_000)
    def made(cells: tuple[str, ...]) -> Make | None:
        row = [""] * (max(places) + 1)
        for place, cell in zip(places, cells, strict=True):
            row[place] = cell
        if not test(row):
            return None
        found = key(row)
        if not found:
            return None
        values = fields(row)
        return _Made(spec.entity, found, values, tuple((name, str(values.get(name) or "")) for name in spec.note))

    return lambda row: made(tuple(row[place] for place in places))


class _Made(Make):
    """A Make that is equal to itself alone: one object a content, kept by the maker."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


def _optional(field_: Field) -> Field:
    return Field(field_.kind, field_.help, size=field_.size, to=field_.to)
