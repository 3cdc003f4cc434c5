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
from local.emulator.embedding.lexical import SPACELESS
from local.emulator.language.prompt import text_of

_TIMEOUT_SECONDS = 120
_PATH = re.compile(r"(?:/v1)?(?:/chat/completions|/completions?)?$|/api/(?:chat|generate)$")
"""The end of an address that names more than the server: documentation shows whole ones."""

_VERSION = re.compile(r"/v\d\w*(?:/openai)?$")
"""The end of an address that names a version of its own, such as /v4 or /v1beta/openai: the others get /v1."""
_ERRORS = {
    400: ("ValidationException", 400),
    404: ("ResourceNotFoundException", 404),
    413: ("ValidationException", 400),
    422: ("ValidationException", 400),
    429: ("ThrottlingException", 429),
    503: ("ServiceUnavailableException", 503),
}
"""A server's status, as Bedrock tells the same; any other one is an error of the model."""
_LEAST_CUT, _CUT = 1_000, 0.8
"""Tokens below which a server may have counted those alone that its cache lacked, and those a word has at the least."""
_WORD = re.compile(rf"[^\W{SPACELESS}]+")
"""A word of a script that parts its words: in the others a token may have several characters, or one."""
_OPTIONAL = ("temperature", "top_p", "stop")
_LOADING = re.compile(r"\bloading\b.*\bmodel\b|\bmodel\b.*\b(?:is )?loading\b", re.IGNORECASE)
"""llama.cpp's "Loading model", and what stands before it: it answers once the model is loaded."""

_OVERFLOW = re.compile(r"context (?:length|size|window)", re.IGNORECASE)
"""A prompt that is too long, whatever the status: gateways answer 500."""
_UNAUTHORISED = (401, 403)
_NO_OVERFLOW = (*_UNAUTHORISED, 429)
"""Statuses that mean what they say, whatever the message mentions."""


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
        answered = self._answered(_request(self.model or model_id, body))
        tool = ((body.get("toolConfig") or {}).get("toolChoice") or {}).get("tool") or {}
        completion = completion_of(answered, self.url, input_tokens(body), tool.get("name"))
        self._require_whole(body, completion["usage"]["inputTokens"])
        return completion

    def _require_whole(self, body: dict[str, Any], read: int) -> None:
        """Refuse an answer to a prompt that the server cut without a word, as Ollama does."""
        texts = (text_of(part) for part in (body.get("system") or [], *(turn["content"] for turn in body["messages"])))
        words = sum(len(_WORD.findall(text)) for text in texts)
        if _LEAST_CUT < read < words * _CUT:
            raise ServiceError(
                "ValidationException",
                f"ARBITER_LLM_URL {self.url} read {read:,} tokens of {words:,} words and left the others out: its "
                "context window is too short. Give it a longer one (Ollama: OLLAMA_CONTEXT_LENGTH=16384; "
                "llama.cpp: -c 16384)",
            )

    def _answered(self, request: dict[str, Any]) -> bytes:
        """Ask, and ask again without each field that the server refuses, where it can do without."""
        try:
            version = "" if _VERSION.search(self.url) else "/v1"
            return self._post(f"{version}/chat/completions", request)
        except ServiceError as refusal:
            eased = _eased(request, refusal.message) if refusal.code == "ValidationException" else None
            if eased is None:
                raise
        return self._answered(eased)

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
            code, status = _ERRORS.get(error.code, ("ModelErrorException", 424))
            if _LOADING.search(reason):
                code, status = "ModelNotReadyException", 429
            elif error.code not in _NO_OVERFLOW and _OVERFLOW.search(reason):
                code, status = _ERRORS[413]
            key = ". Set ARBITER_LLM_API_KEY to a key that it takes" if error.code in _UNAUTHORISED else ""
            message = f"ARBITER_LLM_URL {self.url} answered {error.code}: {reason}{key}"
            raise ServiceError(code, message, status) from error
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


def _eased(request: dict[str, Any], refusal: str) -> dict[str, Any] | None:
    """The request without a field that a server refuses, or with what it takes in its place; `None` where none is."""
    if "max_completion_tokens" in refusal and "max_tokens" in request:  # OpenAI's reasoning models.
        rest = {name: value for name, value in request.items() if name != "max_tokens"}
        return {**rest, "max_completion_tokens": request["max_tokens"]}
    one_tool = isinstance(request.get("tool_choice"), dict) and len(request["tools"]) == 1
    if "tool_choice" in refusal and one_tool:  # LM Studio takes words alone.
        return {**request, "tool_choice": "required"}
    refused = next((name for name in _OPTIONAL if name in request and re.search(rf"['\"`]{name}['\"`]", refusal)), None)
    return {name: value for name, value in request.items() if name != refused} if refused else None


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
