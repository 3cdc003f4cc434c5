"""Reasoning that a server left in the text of an answer, by the marks that its model puts around it.

marks                                          written by
<think>…</think>                               DeepSeek R1, Qwen 3, GLM 4.5, MiniMax M2 and most others
…</think> alone                                those whose template opens it
<thinking>, <reasoning>, <thought>             models tuned to prompts of their own; EXAONE Deep
<seed:think>…</seed:think>                     Seed-OSS
[THINK]…[/THINK]                               Magistral
◁think▷…◁/think▷                               Kimi-VL
<|begin_of_thought|>…<|end_of_thought|>        OpenThinker, before <|begin_of_solution|>
<|START_THINKING|>…<|END_THINKING|>            Command A Reasoning, before <|START_RESPONSE|>
<think>…</think><answer>…</answer>             Hunyuan
<|channel|>analysis… before <|channel|>final   gpt-oss; without its marks analysis…assistantfinal

Sources: vLLM, features/reasoning_outputs and vllm/reasoning/*.py; the chat templates of the models.
"""

import re

_PAIRS = (
    (r"<(?:seed:)?(?:think(?:ing)?|thought|reasoning)>", r"</(?:seed:)?(?:think(?:ing)?|thought|reasoning)>"),
    (r"\[THINK\]", r"\[/THINK\]"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
)
_BEGIN, _END = ("|".join(marks) for marks in zip(*_PAIRS, strict=True))
_BLOCK = re.compile(rf"\s*(?:{_BEGIN})(.*?)(?:{_END}|\Z)", re.DOTALL | re.IGNORECASE)
_REST = re.compile(rf"(.*?)(?:{_END})", re.DOTALL | re.IGNORECASE)
_FINAL = "<|channel|>final<|message|>"
_HARMONY = re.compile(r"<\|(?:start|end|return|message|channel)\|>(?:assistant|analysis)?")
_UNMARKED = re.compile(r"\s*analysis(.*?)assistantfinal", re.DOTALL)
_ANSWER = re.compile(r"\s*<answer>(.*?)(?:</answer>\s*)?\Z", re.DOTALL)
_LEFT = re.compile(
    r"<\|(?:begin|end)_of_solution\|>|<\|(?:START|END)_RESPONSE\|>"
    r"|(?:(?:<\|(?:im_end|eot_id|end|endoftext|return|eom_id)\|>|</s>|<end_of_turn>)\s*)+\Z"
)
"""Marks around an answer, and the ends of a turn that a server should have taken off."""


def separated(text: str) -> tuple[list[str], str]:
    """The pieces of reasoning in a text, and its answer; a block that was cut is reasoning to its end."""
    if text.lstrip().startswith("<|") and _FINAL in text:
        thought, _, text = text.partition(_FINAL)
        return [_HARMONY.sub("", thought)], _HARMONY.sub("", text)
    thoughts = []
    if match := _UNMARKED.match(text):
        return [match[1]], text[match.end() :]
    while match := _BLOCK.match(text):
        thoughts.append(match[1])
        text = text[match.end() :]
    if not thoughts and (match := _REST.match(text)):
        thoughts, text = [match[1]], text[match.end() :]
    if thoughts and (match := _ANSWER.match(text)):
        text = match[1]
    return thoughts, _LEFT.sub("", text)
