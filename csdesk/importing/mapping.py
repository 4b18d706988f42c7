"""Finding, reading and checking mapping files. Every mistake is told with the file, the line and the word."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cached_property
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ValidationError

from csdesk.errors import Invalid
from csdesk.importing.spec import Cell, Condition, MappingSpec, Part, Route
from csdesk.money import to_minor
from csdesk.services.loading_fields import ENTITIES, OPTIONS, Field
from csdesk.services.loading_types import Source


class Mapping:
    """A checked mapping file."""

    def __init__(self, spec: MappingSpec, where: str) -> None:
        self.spec = spec
        self.where = where

    @cached_property
    def source(self) -> Source:
        """What the loaders must know of the source."""
        spec, company = self.spec, self.spec.company
        opening = to_minor(spec.opening_receivables, company.currency) if spec.opening_receivables else None
        return Source(
            name=spec.name,
            title=spec.title,
            today=spec.today,
            company_code=company.code,
            company_name=company.name,
            country=company.country,
            currency=company.currency,
            timezone=company.timezone,
            tax_method=company.tax_method,
            rounding=company.rounding,
            warehouse=company.warehouse,
            terms_days=company.terms_days,
            base_unit=company.base_unit,
            opening_receivables=opening,
            anonymous_code=spec.anonymous.code if spec.anonymous else "",
            anonymous_name=spec.anonymous.name if spec.anonymous else "",
            fold=frozenset(spec.fold),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the source's clock times."""
        return ZoneInfo(self.spec.timezone or self.spec.company.timezone)

    def part(self, name: str) -> Part | None:
        """The part of that name."""
        return next((part for part in self.spec.file if part.name == name), None)


def shipped() -> list[str]:
    """The names of the mappings inside the package."""
    folder = resources.files("csdesk.importing") / "mappings"
    return sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml"))


def find(name: str) -> Mapping:
    """The mapping of a shipped name or of a path. Raises Invalid with one sentence for the first mistake."""
    if name in shipped():
        folder = resources.files("csdesk.importing") / "mappings"
        return parse((folder / f"{name}.toml").read_text("utf-8"), f"{name}.toml")
    path = Path(name).expanduser()
    if not path.is_file():
        raise Invalid(f"There is no mapping '{name}': name a TOML file, or one of {', '.join(shipped())}.", field="map")
    try:
        return parse(path.read_text("utf-8"), str(path))
    except UnicodeDecodeError:
        raise Invalid(f"The mapping {path} is not UTF-8 text.", field="map") from None


def parse(text: str, where: str) -> Mapping:
    """A mapping from TOML text; `where` is what messages call it."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The mapping {where} is no TOML: {error}.", field="map") from None
    try:
        spec = MappingSpec.model_validate(table)
        _check(spec)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(_sentence(text, where, first["loc"], first["msg"]), field="map") from None
    except _Mistake as mistake:
        raise Invalid(_sentence(text, where, mistake.loc, mistake.reason), field="map") from None
    return Mapping(spec, where)


class _Mistake(Exception):
    def __init__(self, reason: str, *loc: str | int) -> None:
        super().__init__(reason)
        self.reason, self.loc = reason, loc


def _sentence(text: str, where: str, loc: Iterable[str | int], reason: str) -> str:
    words = [str(each) for each in loc if not (isinstance(each, str) and each in ("Cell", "function-before"))]
    line = _line_of(text, list(loc))
    return f"{where} line {line}, {' > '.join(words)}: {reason.removeprefix('Value error, ')}."


def _line_of(text: str, loc: list[str | int]) -> int:
    """The line of TOML text a place like ("file", 2, "fields", "code") stands in, or of the table around it."""
    lines = text.splitlines()
    start = 0
    if len(loc) > 1 and loc[0] == "file" and isinstance(loc[1], int):
        heads = [n for n, line in enumerate(lines) if line.strip().startswith("[[file]]")]
        start = heads[loc[1]] if loc[1] < len(heads) else 0
        lines = lines[: heads[loc[1] + 1]] if loc[1] + 1 < len(heads) else lines
        loc = loc[2:]
    for word in [each for each in loc if isinstance(each, str)]:
        pattern = re.compile(
            rf"^\s*(\[+[\w.]*\b{re.escape(word)}\]+|\"?{re.escape(word)}\"?\s*=)|[{{,]\s*{re.escape(word)}\s*="
        )
        start = next((n for n in range(start, len(lines)) if pattern.search(lines[n])), start)
    return start + 1


def _check(spec: MappingSpec) -> None:
    for zone in (spec.timezone, spec.company.timezone):
        if zone and zone not in available_timezones():
            raise _Mistake(f"{zone!r} is no time zone", "timezone")
    if spec.opening_receivables:
        _number(spec.opening_receivables, "opening_receivables")
    names = [part.name for part in spec.file]
    for place, part in enumerate(spec.file):
        if part.name in names[:place]:
            raise _Mistake(f"two parts are called {part.name!r}", "file", place, "name")
        _check_part(spec, part, place)


def _check_part(spec: MappingSpec, part: Part, place: int) -> None:
    at = ("file", place)
    for name, value in part.options.items():
        if name not in OPTIONS:
            raise _Mistake(f"there is no option {name!r}; there are {', '.join(OPTIONS)}", *at, "options", name)
        if option(value) not in OPTIONS[name]:
            said = ", ".join(each for each in OPTIONS[name] if each)
            raise _Mistake(f"{name} may be {said}", *at, "options", name)
    for column, total in part.control.items():
        _number(total, *at, "control", column)
    if not part.entity and not part.route:
        raise _Mistake("say the entity its rows become, or routes", *at, "entity")
    if part.header_row == 0 and not part.columns:
        raise _Mistake("a file without a header needs the names of its columns", *at, "columns")
    for routed in routes_of(part):
        if routed.entity:
            _check_route(part, routed, at)
    for name in part.differ:
        if not any(name in route.fields for route in routes_of(part)):
            raise _Mistake(f"{name!r} is not among the fields", *at, "differ")
    for made in part.make:
        _check_fields(ENTITIES[made.entity].fields, made.fields, made.entity, (*at, "make"), {"name"})
    _check_conditions(part, at)
    _check_patterns(part, at)


def option(value: str | bool) -> str:
    """An option as text: true and false are yes and no."""
    return ("yes" if value else "no") if isinstance(value, bool) else value


def routes_of(part: Part) -> list[Route]:
    """The routes of a part with what the part says for all of them; without routes, the one that takes every row."""
    if not part.route:
        return [
            Route(
                entity=part.entity, key=part.key, group=part.group, fields=part.fields, lines=part.lines, sub=part.sub
            )
        ]
    made = []
    for route in part.route:
        entity = route.entity or ("" if route.quarantine else part.entity)
        known = ENTITIES.get(entity)
        shared = {name: cell for name, cell in part.fields.items() if known is None or name in known.fields}
        lines = {name: cell for name, cell in part.lines.items() if known is None or name in known.lines}
        made.append(
            route.model_copy(
                update={
                    "entity": entity,
                    "key": route.key or part.key,
                    "group": route.group or (part.group if known is not None and known.lines else ()),
                    "fields": {**shared, **route.fields},
                    "lines": {**lines, **route.lines} if known is not None and known.lines else {},
                    "sub": route.sub or part.sub,
                }
            )
        )
    return made


def _check_route(part: Part, route: Route, at: tuple[str | int, ...]) -> None:
    entity = ENTITIES.get(route.entity)
    if entity is None:
        raise _Mistake(f"there is no entity {route.entity!r}; there are {', '.join(ENTITIES)}", *at, "entity")
    _check_fields(entity.fields, route.fields, route.entity, (*at, "fields"))
    if route.lines or route.group:
        if not entity.lines:
            raise _Mistake(f"{route.entity} has no lines", *at, "lines")
        if not route.group:
            raise _Mistake("lines need group: the columns whose rows make one record", *at, "group")
        _check_fields(entity.lines, route.lines, f"a line of {route.entity}", (*at, "lines"))
    if route.sub is not None:
        if not entity.sub:
            raise _Mistake(f"{route.entity} has no records inside it", *at, "sub")
        _check_fields(entity.sub, route.sub.fields, f"an event of {route.entity}", (*at, "sub"))
    if "credit_limit" in route.fields and not part.options.get("empty_credit_limit"):
        raise _Mistake("say what an empty credit limit means: empty_credit_limit = unlimited or zero", *at, "options")


def _check_fields(
    there: dict[str, Field], cells: dict[str, Cell], what: str, at: tuple[str | int, ...], spared: Iterable[str] = ()
) -> None:
    for name in cells:
        if name not in there:
            raise _Mistake(f"{what} has no field {name!r}; it has {', '.join(there)}", *at, name)
        if cells[name].empty == "anonymous" and there[name].to != "customer":
            raise _Mistake("only a customer can be anonymous", *at, name)
    for name, field in there.items():
        if field.needed and name not in cells and name not in spared:
            raise _Mistake(f"{what} needs the field {name!r}", *at)


def _check_conditions(part: Part, at: tuple[str | int, ...]) -> None:
    every: list[Condition] = [*part.skip, *(c for route in part.route for c in route.when)]
    for condition in [*every, *(c for made in part.make for c in made.when)]:
        for limit in (condition.below, condition.above):
            if limit:
                _number(limit, *at, condition.column)
        _pattern(condition.matches, *at, condition.column)


def _check_patterns(part: Part, at: tuple[str | int, ...]) -> None:
    for route in routes_of(part):
        for name, cell in [*route.fields.items(), *route.lines.items()]:
            for text in [cell.take, *(word[1:-1] for word in cell.map if word[:1] == word[-1:] == "/")]:
                _pattern(text, *at, name)
            if cell.scale:
                _number(cell.scale, *at, name)


def _pattern(text: str, *at: str | int) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise _Mistake(f"{text!r} is no regular expression: {error}", *at) from None


def _number(text: str, *at: str | int) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _Mistake(f"{text!r} is no number (write it with a point)", *at) from None
