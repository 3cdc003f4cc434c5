"""A real language model in place of the stand-in: any server that speaks OpenAI's chat completions."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.language.prompt import text_of

_TIMEOUT_SECONDS = 120
_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}


@dataclass(frozen=True)
class Upstream:
    """Where to send conversations, and as which model."""

    url: str
    model: str | None = None
    key: str | None = None

    @staticmethod
    def of(environment: dict[str, str]) -> "Upstream | None":
        """The server that ARBITER_LLM_URL names, if it names one."""
        url = environment.get("ARBITER_LLM_URL", "").rstrip("/")
        if not url:
            return None
        return Upstream(
            url.removesuffix("/v1"), environment.get("ARBITER_LLM_MODEL"), environment.get("ARBITER_LLM_API_KEY")
        )

    def converse(self, model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a Converse request; the reply is what Converse returns, but for the metrics."""
        answered = self._post("/v1/chat/completions", _request(self.model or model_id, body))
        choice = answered["choices"][0]
        usage = answered.get("usage") or {}
        spent = {"inputTokens": usage.get("prompt_tokens", 0), "outputTokens": usage.get("completion_tokens", 0)}
        return {
            "output": {"message": {"role": "assistant", "content": _content(choice["message"])}},
            "stopReason": _STOP_REASONS.get(choice.get("finish_reason") or "stop", "end_turn"),
            "usage": {**spent, "totalTokens": sum(spent.values())},
        }

    def _post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if not self.url.startswith(("http://", "https://")):
            raise ServiceError("ValidationException", f"ARBITER_LLM_URL={self.url} is not an http(s) address")
        request = urllib.request.Request(self.url + path, json.dumps(content).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
                answered: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            reason = error.read(2000).decode("utf-8", "replace")
            raise ServiceError(
                "ModelErrorException", f"ARBITER_LLM_URL {self.url} answered {error.code}: {reason}", 424
            ) from error
        except (OSError, ValueError) as error:
            raise ServiceError(
                "ServiceUnavailableException", f"ARBITER_LLM_URL {self.url} cannot be used: {error}", 503
            ) from error
        if not answered.get("choices"):
            raise ServiceError("ModelErrorException", f"ARBITER_LLM_URL {self.url} answered without choices", 424)
        return answered


def _request(model: str, body: dict[str, Any]) -> dict[str, Any]:
    system = text_of(body.get("system") or [])
    messages = [{"role": "system", "content": system}] if system else []
    messages += [{"role": turn["role"], "content": text_of(turn["content"])} for turn in body["messages"]]
    settings = body.get("inferenceConfig") or {}
    names = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p", "stopSequences": "stop"}
    request: dict[str, Any] = {"model": model, "messages": messages, "stream": False}
    request.update({ours: settings[theirs] for theirs, ours in names.items() if theirs in settings})
    if body.get("toolConfig"):
        request.update(_tools(body["toolConfig"]))
    return request


def _tools(configuration: dict[str, Any]) -> dict[str, Any]:
    specifications = [tool["toolSpec"] for tool in configuration["tools"]]
    functions = [
        {
            "name": tool["name"],
            "description": tool.get("description", ""),
            "parameters": tool["inputSchema"]["json"],
        }
        for tool in specifications
    ]
    tools: dict[str, Any] = {"tools": [{"type": "function", "function": function} for function in functions]}
    choice = configuration.get("toolChoice") or {}
    if "tool" in choice:
        tools["tool_choice"] = {"type": "function", "function": {"name": choice["tool"]["name"]}}
    elif "any" in choice:
        tools["tool_choice"] = "required"
    return tools


def _content(message: dict[str, Any]) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = [{"text": message["content"]}] if message.get("content") else []
    for number, call in enumerate(message.get("tool_calls") or []):
        function = call["function"]
        try:
            given = json.loads(function.get("arguments") or "{}")
        except ValueError as error:
            raise ServiceError(
                "ModelErrorException", f"the model called {function['name']} with broken JSON", 424
            ) from error
        use = {"toolUseId": call.get("id") or f"tooluse_{number}", "name": function["name"], "input": given}
        content.append({"toolUse": use})
    return content or [{"text": ""}]
