"""Synthesised templates, with the references between resources and stacks followed."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STACKS = ("Storage", "KnowledgeBase", "Inference", "Evaluation", "FineTuning", "Generation", "Operations")
OPTIONAL = ("Edge",)
"""Those that no environment of `cdk.json` has."""
PSEUDO = {"AWS::AccountId": "123456789012", "AWS::Region": "us-east-1", "AWS::Partition": "aws", "AWS::NoValue": None}
VARIABLE = re.compile(r"\$\{([\w:]+)\}")
HASH = re.compile(r"[0-9A-F]{8}$")


def plain(logical_id: str) -> str:
    """A logical id without the hash at its end."""
    return HASH.sub("", logical_id)


@dataclass(frozen=True)
class Resource:
    """One resource, its properties resolved: references read `<Stack.LogicalId>` or `<Stack.LogicalId.Attribute>`."""

    stack: str
    id: str
    type: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...]
    raw: dict[str, Any]

    @property
    def name(self) -> str:
        """For people: stack and logical id, without hash."""
        return f"{self.stack}.{plain(self.id)}"

    def attribute(self, name: str) -> str:
        return f"<{self.stack}.{plain(self.id)}.{name}>"

    @property
    def ref(self) -> str:
        return f"<{self.stack}.{plain(self.id)}>"


@dataclass
class Deployment:
    """All templates of one environment."""

    environment: str
    templates: dict[str, dict[str, Any]]
    files: dict[str, Path]

    @classmethod
    def read(cls, folder: Path, environment: str) -> "Deployment":
        files = {stack: folder / f"Arbiter-{environment}-{stack}.template.json" for stack in (*STACKS, *OPTIONAL)}
        files = {stack: file for stack, file in files.items() if file.exists()}
        return cls(environment, {stack: json.loads(file.read_text()) for stack, file in files.items()}, files)

    def copy(self) -> "Deployment":
        """One to plant defects in."""
        return Deployment(self.environment, copy.deepcopy(self.templates), self.files)

    def resources(self, *types: str) -> Iterator[Resource]:
        """Resources of some types, in every stack."""
        for stack, template in self.templates.items():
            for logical_id, raw in template["Resources"].items():
                if not types or raw["Type"] in types:
                    yield self._resource(stack, logical_id, raw)

    def one(self, kind: str, name: str = "") -> Resource:
        """The only resource of a type whose name contains `name`."""
        (found,) = (r for r in self.resources(kind) if name in r.name)
        return found

    def raw(self, kind: str, name: str = "") -> dict[str, Any]:
        """The same as it stands in the template: changing it changes the deployment."""
        resource = self.one(kind, name)
        raw: dict[str, Any] = self.templates[resource.stack]["Resources"][resource.id]
        return raw

    def resolve(self, stack: str, value: Any) -> Any:
        """`value` with its intrinsic functions followed."""
        if isinstance(value, list):
            return [self.resolve(stack, item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Fn::Sub" and isinstance(argument, str):
                return VARIABLE.sub(lambda found: str(self._call(stack, "Ref", found[1])), argument)
            if function in ("Ref", "Fn::GetAtt", "Fn::Join", "Fn::ImportValue", "Fn::GetStackOutput"):
                return self._call(stack, function, argument)
        return {key: self.resolve(stack, item) for key, item in value.items()}

    def _call(self, stack: str, function: str, argument: Any) -> Any:
        if function == "Ref":
            return PSEUDO[argument] if argument in PSEUDO else f"<{stack}.{plain(argument)}>"
        if function == "Fn::GetAtt":
            return f"<{stack}.{plain(argument[0])}.{argument[1]}>"
        if function == "Fn::Join":
            return argument[0].join(str(self.resolve(stack, part)) for part in argument[1])
        if function == "Fn::ImportValue":
            return self._imported(argument)
        other = argument["StackName"].removeprefix(f"Arbiter-{self.environment}-")
        return self.resolve(other, self.templates[other]["Outputs"][argument["OutputName"]]["Value"])

    def _imported(self, name: str) -> Any:
        for stack, template in self.templates.items():
            for output in template.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    return self.resolve(stack, output["Value"])
        raise AssertionError(f"nothing exports {name}")

    def _resource(self, stack: str, logical_id: str, raw: dict[str, Any]) -> Resource:
        depends = raw.get("DependsOn", [])
        return Resource(
            stack,
            logical_id,
            raw["Type"],
            self.resolve(stack, raw.get("Properties", {})),
            tuple([depends] if isinstance(depends, str) else depends),
            raw,
        )
