"""Who may import whom: the rule that keeps the domain pure and the adapters thin, and the house without circles.

`python -m tests.unit.import_graph` prints the same structure with every fault by name.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit import import_graph
from tests.unit.import_graph import imports

AWS = {"boto3", "botocore"}
IMPURE = {"os", "subprocess", "socket", "urllib", "http"}
FILES = import_graph.modules()
TEXTUAL = re.compile(rb"(?:read|write)_text\(|open\(|TemporaryFile\(|subprocess")


@pytest.fixture(scope="module")
def edges() -> dict[str, set[str]]:
    """The imports of every module, read for these tests alone: every process of a run imports this file."""
    return import_graph.graph(FILES)


def roots(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(file)}


def modules(folder: Path, *, deep: bool = True) -> Iterator[Path]:
    yield from folder.rglob("*.py") if deep else folder.glob("*.py")


def domain(root: Path) -> Iterator[Path]:
    """Every module of the functions but the adapters and the handlers."""
    package = root / "lambda" / "arbiter"
    yield from (m for m in modules(package) if m.relative_to(package).parts[0] not in ("aws", "handlers"))


def test_the_domain_knows_neither_aws_nor_its_environment(root: Path) -> None:
    for module in domain(root):
        assert not roots(module) & (AWS | IMPURE), module.name
        assert not any(name.startswith(("arbiter.aws", "arbiter.handlers")) for name in imports(module)), module.name


def test_adapters_know_no_handler(root: Path) -> None:
    for module in modules(root / "lambda" / "arbiter" / "aws"):
        assert not any(name.startswith("arbiter.handlers") for name in imports(module)), module.name


def test_only_adapters_import_aws_within_the_functions(root: Path) -> None:
    for module in modules(root / "lambda" / "arbiter" / "handlers"):
        assert not roots(module) & AWS, module.name


def test_stacks_use_nothing_of_the_functions_but_settings_costs_base_models_prompts_routes_and_tools(
    root: Path,
) -> None:
    """The prompts, for a file is refused at synthesis by the very reader that is to understand it later."""
    allowed = (
        "arbiter.settings",
        "arbiter.costs",
        "arbiter.base_models",
        "arbiter.answering.prompting.files",
        "arbiter.edge.openapi",
        "arbiter.edge.routes",
        "arbiter.edge.gateway",
    )
    for module in modules(root / "stacks"):
        used = {name for name in imports(module) if name.startswith("arbiter")}
        assert all(name.startswith(allowed) for name in used), module


def test_only_the_detection_knows_the_libraries_that_detect(root: Path) -> None:
    package = root / "lambda" / "arbiter"
    for module in modules(package):
        if module.parent.name != "detection":
            assert not roots(module) & {"detect_secrets", "phonenumbers", "stdnum"}, module


def test_no_package_imports_its_own_modules(root: Path) -> None:
    """Two threads, one at the package and one at its module, would wait for each other: one gets half a module."""
    for file in [file for folder in ("lambda", "cli", "stacks", "local") for file in modules(root / folder)]:
        own = ".".join(file.parent.relative_to(root).parts).removeprefix("lambda.")
        if file.name == "__init__.py":
            assert not [name for name in imports(file) if name.startswith(f"{own}.")], file


def test_what_is_checked_knows_no_detector(root: Path) -> None:
    for module in modules(root / "lambda" / "arbiter" / "training_data"):
        assert not any(name.startswith("arbiter.detection") for name in imports(module)), module


@pytest.mark.parametrize("folder", ["lambda", "stacks"])
def test_what_is_deployed_needs_neither_command_line_nor_local_aws(root: Path, folder: str) -> None:
    for module in modules(root / folder):
        assert not roots(module) & {"cli", "local"}, module


def test_only_the_emulator_imports_what_it_is_built_on(root: Path) -> None:
    for folder in ("cli", "stacks", "lambda"):
        for module in modules(root / folder):
            assert "ministack" not in roots(module), module
    for module in modules(root / "local", deep=False):
        assert "ministack" not in roots(module), module


def test_a_checkout_on_windows_runs_on_linux(root: Path) -> None:
    """A script of a function that is deployed from there, and the Makefile under WSL."""
    scripts = ["lambda/stream.sh", ".ci/run", "Makefile"]
    told = subprocess.run(["git", "check-attr", "eol", *scripts], cwd=root, capture_output=True, check=True)
    assert told.stdout.decode().splitlines() == [f"{script}: eol: lf" for script in scripts]


@pytest.mark.parametrize("folder", ["cli", "stacks", "local", "lambda"])
def test_text_has_one_encoding_whatever_the_system_prefers(root: Path, folder: str) -> None:
    """Windows, and a Linux with another locale, read and write in their own unless they are told."""
    untold = [f"{file.relative_to(root)}:{line}" for file in modules(root / folder) for line in untold_encodings(file)]
    assert untold == []


def untold_encodings(file: Path) -> Iterator[int]:
    """The lines of calls that read or write text, of a file or a program, without naming an encoding."""
    source = file.read_bytes()
    calls = ast.walk(ast.parse(source)) if TEXTUAL.search(source) else ()
    for call in (node for node in calls if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        modes = [each.value for each in call.args if isinstance(each, ast.Constant)]
        options = {option.arg for option in call.keywords}
        textual = {
            "open": any(mode in ("r", "w", "a", "x", "r+", "w+") for mode in modes),
            "TemporaryFile": any(mode in ("r+", "w+") for mode in modes),
            "run": "text" in options,
            "Popen": "text" in options,
        }
        is_method = isinstance(call.func, ast.Attribute) and name in ("read_text", "write_text")
        if (is_method or textual.get(name)) and "encoding" not in options:
            yield call.lineno


def test_no_module_and_no_package_imports_itself_in_a_circle(edges: dict[str, set[str]]) -> None:
    assert import_graph.circle(edges) == []
    assert import_graph.circle(import_graph.packages(edges, FILES)) == []


def test_no_arrow_leads_to_a_higher_storey(edges: dict[str, set[str]]) -> None:
    assert list(import_graph.upward(edges, FILES)) == []


def test_every_package_has_a_storey() -> None:
    assert {tree: len(set(" ".join(lines).split())) for tree, lines in import_graph.STOREYS.items()} == {
        tree: len(" ".join(lines).split()) for tree, lines in import_graph.STOREYS.items()
    }
    listed = {name for lines in import_graph.STOREYS.values() for line in lines for name in line.split()}
    assert listed <= {import_graph.package_of(name, FILES) for name in FILES} | {"arbiter"}


def test_a_circle_is_found_between_modules() -> None:
    assert import_graph.circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not import_graph.circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})


def test_no_folder_is_crowded() -> None:
    assert import_graph.crowded(FILES) == {}


def test_a_handler_holds_settings_object_graph_parsing_and_a_call() -> None:
    assert import_graph.fat_handlers() == []


def test_a_handler_that_does_the_work_itself_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "lambda" / "arbiter" / "handlers"
    folder.mkdir(parents=True)
    (folder / "thin.py").write_text("pass\n" * import_graph.MOST_HANDLER_LINES)
    (folder / "fat.py").write_text("pass\n" * (import_graph.MOST_HANDLER_LINES + 1))
    assert import_graph.fat_handlers(tmp_path) == ["fat.py"]


def test_no_docstring_begins_with_what() -> None:
    assert import_graph.stilted(FILES) == []
