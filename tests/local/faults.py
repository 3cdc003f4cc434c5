"""The faults that a test orders from its local AWS; what each kind does stands in local/emulator/base/faults.py."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.launcher import LocalAws


@dataclass(frozen=True)
class Faults:
    """Orders faults from a local AWS that was started with `faults=True`."""

    aws: LocalAws

    def throttle(self, action: str, share: float = 1.0, **order: Any) -> None:
        """Refuse a share of an action's calls with ThrottlingException."""
        self.fail(action, "ThrottlingException", "Too many requests, please wait", status=429, share=share, **order)

    def fail(self, action: str, code: str, message: str = "ordered by a test", status: int = 400, **order: Any) -> None:
        """Refuse an action's calls with an error; further facts to match go into `match`."""
        match = {"action": action, **order.pop("match", {})}
        self.order("call", {"code": code, "message": message, "status": status}, match=match, **order)

    def answer(self, model: str, text: str, **order: Any) -> None:
        """Let models whose id contains `model` say `text`, whatever they are asked."""
        match = {"model": model, **order.pop("match", {})}
        self.order("answer", {"text": text}, match=match, **order)

    def withhold(self, missing: str, model: str = "", **order: Any) -> None:
        """Grant no access to models whose id contains `model`; `missing` is a part of access, such as `form`."""
        self.order("access", {"missing": missing}, match={"model": model}, **order)

    def exhaust_the_day(self, model: str = "", **order: Any) -> None:
        """Let calls of models whose id contains `model` exceed the day's quota of tokens."""
        message, match = "Too many tokens per day, please wait before trying again.", {"path": model}
        self.fail("bedrock:InvokeModel", "ThrottlingException", message, status=429, match=match, **order)

    def throttle_functions(self, function: str = "", **order: Any) -> None:
        """Refuse functions whose name contains `function` with TooManyRequestsException."""
        self.order("concurrency", {}, match={"name": function}, **order)

    def delay_roles(self, seconds: float, role: str = "") -> None:
        """Let roles whose name contains `role` be unknown to services for a while after their creation."""
        self.order("spreading", {"seconds": seconds}, match={"role": role})

    def limit_deployments(self, most: int) -> None:
        """Allow this many custom model deployments."""
        self.order("quota", {"limit": most}, match={"what": "deployment"})

    def limit_quota(self, name: str, most: int) -> None:
        """Let quotas whose name contains `name` be listed as this many."""
        self.order("quota", {"limit": most}, match={"what": name})

    def ask_as(self, account: str) -> None:
        """Let the credentials be those of another account."""
        self.order("identity", {"account": account})

    def leave_stack(self, status: str, name: str) -> None:
        """Let stacks whose name contains `name` be in a state such as ROLLBACK_COMPLETE."""
        self.order("stack", {"status": status}, match={"name": name})

    def fail_ingestion(self, message: str = "ordered by a test", times: int = 1) -> None:
        """Let the next ingestion jobs end as FAILED."""
        self.order("ingestion", {"message": message}, times=times)

    def kill(self, function: str, when: str = "before", times: int = 1, **order: Any) -> None:
        """Kill functions whose name contains `function`, before or after the handler has run."""
        match = {"name": function, **order.pop("match", {})}
        self.order("function", {"when": when}, match=match, times=times, **order)

    def end_job(self, status: str, message: str = "ordered by a test", kind: str = "job", times: int = 1) -> None:
        """Let the next jobs end as Failed or Stopped; `kind` is `job`, `batch` or `evaluation`."""
        self.order(kind, {"status": status, "message": message}, times=times)

    def fail_hosting(self, message: str = "ordered by a test", kind: str = "deployment", times: int = 1) -> None:
        """Let the next deployments or updates fail; `kind` is `deployment` or `throughput`."""
        self.order(kind, {"message": message}, times=times)

    def hold(self, what: str, name: str = "") -> None:
        """Let jobs, batch jobs, deployments or throughput (`job`, `batch`, …) stand still until `clear`."""
        self.order("hold", {}, match={"what": what, "name": name})

    def order(self, kind: str, effect: dict[str, Any], **order: Any) -> None:
        """Order any fault."""
        self._send("POST", {"kind": kind, "effect": effect, **order})

    def counts(self) -> list[tuple[int, int]]:
        """(occasions, strikes) of every order, oldest first."""
        return [(order["occasions"], order["strikes"]) for order in self._send("GET")]

    def clear(self) -> None:
        """Take every order back."""
        self._send("DELETE")

    def _send(self, method: str, content: Any = None) -> list[dict[str, Any]]:
        body = json.dumps(content).encode() if content else None
        request = urllib.request.Request(f"{self.aws.endpoint}/_arbiter/faults", body, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def faults_of(aws: LocalAws) -> Iterator[Faults]:
    """Faults that end with the block."""
    faults = Faults(aws)
    try:
        yield faults
    finally:
        faults.clear()
