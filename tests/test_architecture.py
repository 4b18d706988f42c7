"""The house rules a machine can watch: directions, sizes, what a start costs, an audit entry of every writing verb."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import csdesk
import csdesk.services
from csdesk.services.duties import DUTIES, ROLES
from csdesk.services.tx import READING_VERBS, WRITING_VERBS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "csdesk").rglob("*.py"))
FILE_LINES, FUNCTION_LINES, CLASS_METHODS = 300, 40, 20
PASSED = "past the budget:"  # a comment that begins so, with the reason, lets one file, function or class pass

for _module in pkgutil.iter_modules(csdesk.services.__path__):
    importlib.import_module(f"csdesk.services.{_module.name}")
VERBS = {
    name: verb for name, verb in {**READING_VERBS, **WRITING_VERBS}.items() if verb.__module__.startswith("csdesk.")
}


def loaded_after(*words: str) -> set[str]:
    """The top-level packages a fresh interpreter has loaded after a command."""
    program = (
        "import sys; from csdesk.cli import app\n"
        f"app({list(words)!r}, standalone_mode=False)\n"
        "print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_asking_the_version_loads_nothing_heavy() -> None:
    heavy = {"textual", "sqlmodel", "sqlalchemy", "alembic", "psycopg", "pydantic", "asyncssh", "holidays"}
    assert loaded_after("--version") & heavy == set()


def test_the_layers_keep_their_direction() -> None:
    """The contracts stand in pyproject.toml; a module that does not exist yet is no excuse for one that does."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def over_budget(file: Path) -> Iterator[str]:
    """What in a file is too large and says no reason for it."""
    lines = file.read_text("utf-8").splitlines()
    reasons = {number for number, text in _comments(file) if text.startswith(PASSED)}
    if len(lines) > FILE_LINES and not any(number < 20 for number in reasons):
        yield f"{file.relative_to(ROOT)}: {len(lines)} lines"
    for node in ast.walk(ast.parse("\n".join(lines))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        methods = sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body)
        large = methods > CLASS_METHODS if isinstance(node, ast.ClassDef) else len(span) > FUNCTION_LINES
        if large and not reasons.intersection(span):
            yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}: {len(span)} lines, {methods} methods"


def _comments(file: Path) -> list[tuple[int, str]]:
    with tokenize.open(file) as opened:
        tokens = tokenize.generate_tokens(opened.readline)
        return [(each.start[0], each.string.lstrip("# ")) for each in tokens if each.type == tokenize.COMMENT]


def test_files_functions_and_classes_stay_small() -> None:
    assert [words for file in SOURCES for words in over_budget(file)] == []


def test_the_budgets_would_find_what_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    long_function = "def long():\n" + "    pass\n" * FUNCTION_LINES
    methods = "".join(f"    def m{n}(self): pass\n" for n in range(CLASS_METHODS + 1))
    large = tmp_path / "large.py"
    large.write_text(f"{long_function}class Many:\n{methods}" + "x = 1\n" * FILE_LINES)
    assert len(list(over_budget(large))) == 3
    large.write_text(f"# {PASSED} generated\n" + "x = 1\n" * FILE_LINES)
    assert list(over_budget(large)) == []


def test_nothing_is_left_unfinished() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError|pragma: no cover)\b")
    assert [file.name for file in SOURCES if unfinished.search(file.read_text("utf-8"))] == []


def test_public_functions_and_classes_of_services_say_what_they_do() -> None:
    silent = [
        f"{file.name}:{node.name}"
        for folder in ("services", "rules", "migrations", "models")
        for file in (ROOT / "csdesk" / folder).rglob("*.py")
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if ast.get_docstring(node) is None
    ]
    assert silent == []


# ---------------------------------------------------------------- verbs


def records(function: Callable[..., Any], seen: set[str] | None = None) -> bool:
    """Whether a function, or one of csdesk's that it calls by name, calls `audit.record`."""
    seen = set() if seen is None else seen
    seen.add(f"{function.__module__}.{function.__qualname__}")
    module = sys.modules[function.__module__]
    for node in ast.walk(ast.parse(inspect.getsource(function).strip())):
        if not isinstance(node, ast.Call):
            continue
        called = _resolved(node.func, module)
        if called is sys.modules["csdesk.services.audit"].record:
            return True
        ours = inspect.isfunction(called) and called.__module__.startswith("csdesk.")
        if ours and f"{called.__module__}.{called.__qualname__}" not in seen and records(called, seen):
            return True
    return False


def _resolved(node: ast.expr, module: object) -> Any:
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node, ast.Attribute):
        return getattr(_resolved(node.value, module), node.attr, None)
    return None


# Verbs that change nothing of the business: what a rep is typing, and what was typed is kept by the desk itself; how a
# served desk goes on.
UNRECORDED = frozenset({
    "calls.keep", "half_typed.keep", "ticket_drafts.keep", "sessions.running", "sessions.typed",
})  # fmt: skip


@pytest.mark.parametrize("name", sorted(name for name in VERBS if name in WRITING_VERBS))
def test_every_writing_verb_leaves_an_audit_entry(name: str) -> None:
    assert records(VERBS[name]) != (name in UNRECORDED)


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_takes_the_transaction_names_a_known_duty_and_types_its_answer(name: str) -> None:
    verb = VERBS[name]
    signature = inspect.signature(verb, eval_str=True)
    assert next(iter(signature.parameters)) == "tx"
    assert signature.return_annotation is not inspect.Signature.empty
    assert verb.duty == "" or verb.duty in DUTIES


def test_roles_bundle_known_duties_and_no_duty_is_nobodys() -> None:
    given = [duty for _, duties in ROLES.values() for duty in duties]
    assert set(given) == set(DUTIES)


# ---------------------------------------------------------------- the package


def test_every_direct_dependency_is_pinned_to_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    lines = (ROOT / "constraints.txt").read_text("utf-8").split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line) for line in lines)
    pinned = {_normal(line.partition("==")[0]) for line in lines}
    assert {_normal(re.split(r"[\[<>=~! ;]", each)[0]) for each in wanted} <= pinned


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_files_beside_the_modules_are_packed_too() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]["csdesk"]
    kinds = {pattern.rpartition(".")[2] for pattern in packed}
    found = {
        file.suffix[1:] for file in (ROOT / "csdesk").rglob("*") if file.is_file() and "__pycache__" not in file.parts
    }
    assert found - {"py"} <= kinds


def test_the_version_has_one_source() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", csdesk.__version__)
