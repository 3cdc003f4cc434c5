"""The API asked by unchanged clients; ends with the first that is not answered as it expects."""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # It would look for prices in the internet.

import litellm
import openai
from langchain_openai import ChatOpenAI

URL, KEY = os.environ["ARBITER_URL"].rstrip("/") + "/v1", os.environ["ARBITER_KEY"]
HELLO: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello!"}]
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
client = openai.OpenAI(base_url=URL, api_key=KEY)


def plain() -> str | None:
    """Chat completion, with usage and our one field."""
    answer = client.chat.completions.create(model="base", messages=HELLO, max_tokens=60, stop=["\n\n"])
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.model_extra is not None
    assert answer.model_extra["arbiter"]["mode"] == "base"
    return answer.choices[0].message.content


def by_schema() -> str | None:
    """Chat completion by a JSON schema."""
    form: Any = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}}
    asked: list[Any] = [{"role": "user", "content": "Who is Ada Lovelace?"}]
    text = client.chat.completions.create(model="base", messages=asked, response_format=form).choices[0].message.content
    assert isinstance(json.loads(text or ""), dict)
    return text


def response() -> str:
    """Response."""
    return client.responses.create(model="base", instructions="Be brief.", input="Hello!").output_text


def next_turn() -> str:
    """Both of OpenAI's formats with an earlier answer as the client keeps it, and every default said aloud."""
    more: Any = {"role": "user", "content": "And in one word?"}
    defaults: Any = {"n": 1, "temperature": 1, "top_p": 1, "metadata": {"a": "b"}, "tools": [], "store": False}
    first: Any = client.chat.completions.create(model="base", messages=HELLO, **defaults).choices[0].message
    client.chat.completions.create(model="base", messages=[*HELLO, first, more])
    item: Any = client.responses.create(model="base", input="Hello!", include=[], truncation="disabled").output[0]
    return client.responses.create(model="base", input=[*HELLO, item, more]).output_text


def at_once() -> str:
    """Four completions at once, by the asynchronous client."""

    async def ask() -> int:
        several = openai.AsyncOpenAI(base_url=URL, api_key=KEY)
        asked = (several.chat.completions.create(model="base", messages=HELLO) for _ in range(4))
        return len(await asyncio.gather(*asked))

    return f"{asyncio.run(ask())} answers"


def streamed() -> str:
    """Both of OpenAI's formats while the model writes."""

    async def ask() -> int:
        several = openai.AsyncOpenAI(base_url=URL, api_key=KEY)
        stream = await several.chat.completions.create(model="base", messages=HELLO, stream=True)
        return len([chunk async for chunk in stream])

    chunks = list(client.chat.completions.create(model="base", messages=HELLO, stream=True))
    events = list(client.responses.create(model="base", input="Hello!", stream=True))
    assert events[-1].type == "response.completed"
    texts = [str(piece.content) for piece in ChatOpenAI(model="base", base_url=URL, api_key=KEY).stream("Hello!")]
    pieces = list(litellm.completion(model="openai/base", api_base=URL, api_key=KEY, messages=HELLO, stream=True))
    counts = f"{len(chunks)} and {asyncio.run(ask())} chunks, {len(events)} events, {len(pieces)} by LiteLLM"
    return f"{counts}, by LangChain: {''.join(texts)}"


def refusals() -> str:
    """Each refusal as the exception that this client has for it."""
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": PERSON}}]
    wrong = openai.OpenAI(base_url=URL, api_key="arb-" + "x" * 43)
    calls: list[tuple[type[openai.APIStatusError], Callable[[], object]]] = [
        (openai.BadRequestError, lambda: client.chat.completions.create(model="base", messages=HELLO, tools=tools)),
        (openai.NotFoundError, lambda: client.chat.completions.create(model="gpt-5", messages=HELLO)),
        (openai.PermissionDeniedError, lambda: client.chat.completions.create(model="rag", messages=HELLO)),
        (openai.AuthenticationError, wrong.models.list),
    ]
    for expected, call in calls:
        try:
            call()
        except expected as error:
            print("     ", type(error).__name__, error.message[:110])
        else:
            raise AssertionError(expected)
    return "each as its exception"


def langchain() -> Any:
    """LangChain's ChatOpenAI."""
    return ChatOpenAI(model="base", base_url=URL, api_key=KEY).invoke("Hello!").content


def through_litellm() -> Any:
    """LiteLLM."""
    answer: Any = litellm.completion(model="openai/base", api_base=URL, api_key=KEY, messages=HELLO)
    return answer.choices[0].message.content


def through_llm(*options: str) -> str:
    """The command llm."""
    with tempfile.TemporaryDirectory() as folder:
        model = f"- model_id: arbiter\n  model_name: base\n  api_base: {URL}\n  api_key_name: arbiter\n"
        (Path(folder) / "extra-openai-models.yaml").write_text(model)
        (Path(folder) / "keys.json").write_text(json.dumps({"arbiter": KEY}))
        return run(["llm", "-m", "arbiter", *options, "Hello!"], {**os.environ, "LLM_USER_PATH": folder})


def llm_in_one_piece() -> str:
    """The command llm, without streaming."""
    return through_llm("--no-stream")


def curl(path: str = "/v1/chat/completions", *options: str, **fields: Any) -> str:
    """The program curl."""
    body = json.dumps(fields or {"model": "base", "messages": HELLO})
    headers = ["-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json"]
    return run(["curl", "-sS", URL.removesuffix("/v1") + path, *headers, *options, "-d", body], dict(os.environ))


def curl_in_one_piece() -> str:
    """The program curl, without streaming."""
    return str(json.loads(curl())["choices"][0]["message"]["content"])


def curl_streamed() -> str:
    """The program curl, by chat completions and by Arbiter's own contract."""
    chunks = curl("/v1/chat/completions", "-N", model="base", messages=HELLO, stream=True).split("\n\n")
    assert chunks[-1] == "data: [DONE]"
    events = curl("/ask", "-N", "-H", "Accept: text/event-stream", question="Hello!", mode="base").split("\n\n")
    kinds = [event.partition("\n")[0].removeprefix("event: ") for event in events]
    assert (*kinds[:2], kinds[-1]) == ("decision", "passages", "done")
    return f"{len(chunks)} chunks, {len(events)} events"


def run(command: list[str], environment: dict[str, str]) -> str:
    """The output of a program that must succeed."""
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise SystemExit(f"{command[0]} ended with {ended.returncode}: {ended.stderr.strip()}")
    return ended.stdout.strip()


def streams() -> bool:
    """Whether the deployment streams (`edge.stream`)."""
    try:
        client.chat.completions.create(model="base", messages=HELLO, stream=True, max_tokens=1).close()
    except openai.BadRequestError as error:
        print(f"{'not streamed':18} {error.message[:100]}")
        return False
    return True


IN_ONE_PIECE = (plain, by_schema, response, next_turn, at_once, refusals, langchain, through_litellm,
                llm_in_one_piece, curl_in_one_piece)  # fmt: skip
for client_of in (*IN_ONE_PIECE, *((streamed, through_llm, curl_streamed) if streams() else ())):
    print(f"{client_of.__name__:18} {str(client_of()).splitlines()[0][:100]}")
