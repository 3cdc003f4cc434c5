"""What a function may come to ask AWS for: every operation that its code reaches from its handler, as IAM's actions.

Methods are told by their names alone, among those of the classes that are reached: more may be found than is called.
"""

import ast
from collections import defaultdict
from functools import cache, cached_property
from pathlib import Path

from botocore import xform_name
from botocore.session import Session

SOURCE = Path(__file__).parents[2] / "lambda"
SERVICES = {
    **dict.fromkeys(("bedrock", "bedrock-agent", "bedrock-runtime", "bedrock-agent-runtime"), "bedrock"),
    **{name: name for name in ("dynamodb", "lambda", "s3", "s3vectors", "sqs", "ssm")},
}
"""What clients are made of, by the name that botocore has for it -> the prefix of its actions."""
ACTIONS = {
    "bedrock:Converse": "bedrock:InvokeModel",
    "bedrock:ConverseStream": "bedrock:InvokeModelWithResponseStream",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Operation -> the action that it takes, where their names differ (service authorization reference)."""
Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Module:
    """A module's own names, and those that it imports from others of Arbiter's."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self.defined: dict[str, Definition] = {}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.defined[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self.defined |= {one.id: node for one in targets if isinstance(one, ast.Name)}
        imports = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module]
        self.imported = {
            alias.asname or alias.name: (str(one.module), alias.name) for one in imports for alias in one.names
        }

    def find(self, name: str) -> tuple["Module", Definition | None] | None:
        """The definition of a name, and where it stands; a module's name has none."""
        if name in self.defined:
            return self, self.defined[name]
        module, original = self.imported.get(name, ("", ""))
        if not module.startswith("arbiter"):
            return None
        if inner := load(f"{module}.{original}"):
            return inner, None
        outer = load(module)
        return outer.find(original) if outer else None


@cache
def load(name: str) -> Module | None:
    path = SOURCE / name.replace(".", "/")
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists():
            return Module(name, ast.parse(file.read_text()))
    return None


class Reach:
    """What is reached from the functions of one module."""

    def __init__(self, module: str) -> None:
        self.texts: set[str] = set()
        """Every text in the code, the beginnings of keys among them."""
        self._called: set[str] = set()
        self._methods: dict[str, list[tuple[Module, ast.FunctionDef]]] = defaultdict(list)
        self._begun: set[int] = set()
        self._ahead: list[tuple[Module, ast.AST]] = []
        entry = load(module)
        assert entry
        for definition in entry.defined.values():
            self._reach(entry, definition)
        while self._ahead:
            self._follow(*self._ahead.pop())

    @cached_property
    def actions(self) -> set[str]:
        """What IAM has to allow for it."""
        words = self.texts | self._called
        return {
            ACTIONS.get(action, action)
            for service in SERVICES.keys() & self.texts
            for name, action in operations(service)
            if name in words
        }

    def _reach(self, module: Module, node: ast.AST) -> None:
        if id(node) in self._begun:
            return
        self._begun.add(id(node))
        if not isinstance(node, ast.ClassDef):
            self._ahead.append((module, node))
            return
        for member in (*node.bases, *node.body):
            if isinstance(member, ast.FunctionDef):
                self._methods[member.name].append((module, member))
            if not isinstance(member, ast.FunctionDef) or member.name in self._called or member.name.startswith("__"):
                self._reach(module, member)

    def _follow(self, module: Module, node: ast.AST) -> None:
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                self.texts.add(part.value)
            elif isinstance(part, ast.Name):
                self._name(module, part.id)
            elif isinstance(part, ast.Attribute):
                self._attribute(module, part)

    def _name(self, module: Module, name: str) -> None:
        if (known := module.find(name)) and known[1]:
            self._reach(known[0], known[1])

    def _attribute(self, module: Module, part: ast.Attribute) -> None:
        owner = module.find(part.value.id) if isinstance(part.value, ast.Name) else None
        if owner and owner[1] is None:
            self._name(owner[0], part.attr)
        if part.attr not in self._called:
            self._called.add(part.attr)
            for where, method in self._methods[part.attr]:
                self._reach(where, method)


@cache
def operations(service: str) -> list[tuple[str, str]]:
    """The operations of a service as Python calls them, each with the action of its own name."""
    names: list[str] = Session().get_service_model(service).operation_names
    return [(xform_name(name), f"{SERVICES[service]}:{name}") for name in names]
