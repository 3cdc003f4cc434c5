"""A real language model in place of the stand-in: any server that speaks OpenAI's chat completions."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.bedrock.responses import input_tokens
from local.emulator.bedrock.servers.completions import completion_of
from local.emulator.language.prompt import text_of

_TIMEOUT_SECONDS = 120
_PATH = re.compile(r"(?:/v1)?(?:/chat/completions|/completions?)?$|/api/(?:chat|generate)$")
"""The end of an address that names more than the server: documentation shows whole ones."""


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
            _PATH.sub("", url), environment.get("ARBITER_LLM_MODEL"), environment.get("ARBITER_LLM_API_KEY")
        )

    def converse(self, model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer a Converse request; the reply is what Converse returns, but for the metrics."""
        answered = self._post("/v1/chat/completions", _request(self.model or model_id, body))
        tool = ((body.get("toolConfig") or {}).get("toolChoice") or {}).get("tool") or {}
        return completion_of(answered, self.url, input_tokens(body), tool.get("name"))

    def _post(self, path: str, content: dict[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        if not self.url.startswith(("http://", "https://")):
            raise ServiceError("ValidationException", f"ARBITER_LLM_URL={self.url} is not an http(s) address")
        request = urllib.request.Request(self.url + path, json.dumps(content).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
                answered: bytes = response.read()
                return answered
        except urllib.error.HTTPError as error:
            reason = error.read(2000).decode("utf-8", "replace")
            raise ServiceError(
                "ModelErrorException", f"ARBITER_LLM_URL {self.url} answered {error.code}: {reason}", 424
            ) from error
        except (HTTPException, OSError) as error:
            raise ServiceError(
                "ServiceUnavailableException", f"ARBITER_LLM_URL {self.url} cannot be used: {error}", 503
            ) from error


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
