"""The import graph of the tree: `python -m tests.unit.import_graph` prints every fault of its structure.

Imports inside functions and under `TYPE_CHECKING` count like any other: a circle is a circle wherever it is hidden.
"""

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TREES = {"arbiter": "lambda/arbiter", "stacks": "stacks", "cli": "cli", "local": "local"}
MOST_MODULES, MOST_HANDLER_LINES = 15, 80
STOREYS = {
    "arbiter": (
        "arbiter",
        "arbiter.settings arbiter.costs arbiter.guarding arbiter.tuned_models.service arbiter.routing",
        "arbiter.routing.making",
        "arbiter.answering.asked",
        "arbiter.answering.prompting",
        "arbiter.answering arbiter.documents arbiter.training_data arbiter.tuned_models",
        "arbiter.detection arbiter.batch_inference arbiter.generation arbiter.evaluation.run",
        "arbiter.evaluation.numbers arbiter.evaluation.answers",
        "arbiter.evaluation.verdicts",
        "arbiter.evaluation.native",
        "arbiter.evaluation.planning arbiter.evaluation.summary",
        "arbiter.evaluation.calibration arbiter.edge",
        "arbiter.edge.tokens",
        "arbiter.aws",
        "arbiter.handlers",
    ),
    "stacks": (
        "stacks.settings",
        "stacks.refusals",
        "stacks.constructs.base",
        "stacks.constructs.batch stacks.constructs.knowledge stacks.constructs.operations",
        "stacks.constructs",
        "stacks.constructs.training stacks.constructs.evaluation stacks.constructs.generation stacks.constructs.edge",
        "stacks",
        "stacks.nag",
    ),
    "cli": (
        "cli.core.account",
        "cli.core",
        "cli.advice.rules",
        "cli.advice.scenario cli.advice.evidence cli.advice.money",
        "cli.advice.record",
        "cli.reporting.figures cli.reporting.run",
        "cli.reporting.tables",
        "cli.reporting.comparisons",
        "cli.calibration cli.keys",
        "cli.reporting cli.asking cli.routing cli.sync cli.models cli.prices cli.generation",
        "cli.training cli.evaluation cli.feedback cli.advice cli.doctor.findings cli.destroy",
        "cli.doctor.checks cli.retrieval",
        "cli.doctor",
        "cli.local cli.agents cli.console",
        "cli",
    ),
    "local": (
        "local",
        "local.emulator.base local.emulator.embedding local.emulator.foundation local.emulator.refusals.calls",
        "local.emulator.language local.emulator.knowledge local.emulator.step_functions local.emulator.refusals",
        "local.emulator.bedrock local.emulator.corrections",
        "local.emulator.iam local.emulator.edge",
        "local.emulator",
    ),
}
"""The packages of each tree from the ground up: a module imports from its own storey or from those below."""


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the four trees by its dotted name."""
    found = {}
    for package, folder in TREES.items():
        for path in (root / folder).rglob("*.py"):
            parts = [package, *path.relative_to(root / folder).with_suffix("").parts]
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


class Outline(NamedTuple):
    """The names that a module imports, wherever in it, and its docstrings."""

    imports: frozenset[str]
    docstrings: tuple[str, ...]


@cache
def outline(path: Path) -> Outline:
    """The outline of a module; each is parsed once."""
    names: set[str] = set()
    docstrings = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstrings.append(ast.get_docstring(node) or "")
    return Outline(frozenset(names), tuple(docstrings))


def imports(path: Path) -> frozenset[str]:
    """The names that a module imports, wherever in it."""
    return outline(path).imports


def graph(files: Mapping[str, Path]) -> dict[str, set[str]]:
    """The modules that each module imports."""
    edges = {}
    for name, path in files.items():
        targets = imports(path) & files.keys()
        # `from a.b import c` names the package a.b too; only a module that is imported for itself is an arrow.
        nested = {target.rpartition(".")[0] for target in targets}
        edges[name] = {t for t in targets if t != name and not (t in nested and files[t].name == "__init__.py")}
    return edges


def package_of(name: str, files: Mapping[str, Path]) -> str:
    """The package that a module lies in; a package lies in itself."""
    return name if files[name].name == "__init__.py" else name.rpartition(".")[0]


def packages(edges: Mapping[str, set[str]], files: Mapping[str, Path]) -> dict[str, set[str]]:
    """The same graph between packages."""
    between: dict[str, set[str]] = defaultdict(set)
    for name, targets in edges.items():
        origin = package_of(name, files)
        between[origin] |= {package_of(target, files) for target in targets} - {origin}
    return dict(between)


def circle(edges: Mapping[str, set[str]]) -> list[str]:
    """One circle of a graph, empty when there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def storey(package: str) -> int:
    """The storey of a package: of the longest listed name that it lies in."""
    levels = {name: level for level, line in enumerate(STOREYS[package.split(".")[0]]) for name in line.split()}
    while package not in levels:
        package = package.rpartition(".")[0]
    return levels[package]


def upward(edges: Mapping[str, set[str]], files: Mapping[str, Path]) -> Iterator[str]:
    """Arrows from a lower storey to a higher one of the same tree."""
    for name, targets in edges.items():
        for target in targets:
            origin, end = package_of(name, files), package_of(target, files)
            if origin.split(".")[0] == end.split(".")[0] and storey(origin) < storey(end):
                yield f"{name} -> {target}"


def crowded(files: Mapping[str, Path]) -> dict[str, int]:
    """Folders with too many modules; `handlers`, one file a function, may have more."""
    counts = Counter(str(path.parent) for path in files.values() if path.name != "__init__.py")
    return {folder: n for folder, n in counts.items() if n > MOST_MODULES and not folder.endswith("handlers")}


def fat_handlers(root: Path = ROOT) -> list[str]:
    """Handlers that hold more than settings, object graph, parsing and a call."""
    folder = root / TREES["arbiter"] / "handlers"
    return [path.name for path in folder.glob("*.py") if len(path.read_text().splitlines()) > MOST_HANDLER_LINES]


def stilted(files: Mapping[str, Path]) -> list[str]:
    """Docstrings that begin with "What" instead of a verb or a noun of the field."""
    return [
        f"{path.relative_to(ROOT)}: {docstring.splitlines()[0]}"
        for path in files.values()
        for docstring in outline(path).docstrings
        if re.match(r"What\b", docstring)
    ]


def main() -> int:
    """Print every fault of the structure; exit with 1 when there is one."""
    files = modules()
    edges = graph(files)
    faults = {
        "circle of modules": circle(edges),
        "circle of packages": circle(packages(edges, files)),
        "upward arrow": list(upward(edges, files)),
        "crowded folder": list(crowded(files).items()),
        "fat handler": fat_handlers(),
        "stilted docstring": stilted(files),
    }
    for kind, found in faults.items():
        print(f"{kind}: {len(found)}", *found, sep="\n  ")  # noqa: T201
    return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())
