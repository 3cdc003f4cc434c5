"""The commands that an administrator runs: none of them gives a function's role a right."""

import json

from arbiter.answering.access import PROMPT

HI = PROMPT.turns[0].text
_CONVERSATION = json.dumps([{"role": "user", "content": [{"text": HI}]}])


def form(region: str) -> str:
    """Send Anthropic's form."""
    return f"aws bedrock put-use-case-for-model-access --region {region} --form-data fileb://use-case.json"


def subscription(model: str, region: str) -> str:
    """Subscribe the account by a first call."""
    call = f"aws bedrock-runtime converse --region {region} --model-id {model} --inference-config maxTokens=1"
    call += f" --messages '{_CONVERSATION}'"
    if (body := body_of(model)) is not None:
        sent = f"--cli-binary-format raw-in-base64-out --body '{json.dumps(body)}'"
        call = f"aws bedrock-runtime invoke-model --region {region} --model-id {model} {sent} /dev/null"
    return call


def availability(own: str, region: str) -> str:
    """Ask AWS for the state of a model."""
    return f"aws bedrock get-foundation-model-availability --region {region} --model-id {own}"


def daily_quota(region: str) -> str:
    """See the quotas of the day, of which more can be asked for."""
    query = "Quotas[?contains(QuotaName, 'tokens per day')].[QuotaName, Value, Adjustable]"
    return f'aws service-quotas list-service-quotas --region {region} --service-code bedrock --query "{query}"'


def body_of(model: str) -> dict[str, object] | None:
    """The smallest request that a model takes through InvokeModel; none for one that takes Converse."""
    if "titan-embed" in model:
        return {"inputText": HI}
    if "cohere.embed" in model:
        return {"texts": [HI], "input_type": "search_query"}
    if "cohere.rerank" in model:
        return {"query": HI, "documents": [HI], "top_n": 1, "api_version": 2}
    if "amazon.rerank" in model:
        return {"query": HI, "documents": [HI], "top_n": 1}
    return None
