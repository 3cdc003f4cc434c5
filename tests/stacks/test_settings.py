"""Settings that cannot be deployed: a sentence for each, all at once, and never a stack trace."""

from typing import Any

import pytest

from stacks.parsing import parse
from tests.stacks.refusal import refusal

OTHER = "us.meta.llama3-3-70b-instruct-v1:0"
EUROPEAN = ["eu.anthropic.claude-haiku-4-5-20251001-v1:0", "eu.mistral.pixtral-large-2502-v1:0"]


def test_the_shipped_environments_are_valid(context: dict[str, Any]) -> None:
    for name, block in context["environments"].items():
        parse(name, block)


def test_nothing_has_to_be_set() -> None:
    assert parse("dev", {}).models.base == "amazon.nova-micro-v1:0"


def test_the_default_view_is_short(context: dict[str, Any]) -> None:
    def leaves(block: dict[str, Any]) -> int:
        return sum(leaves(value) if isinstance(value, dict) else 1 for value in block.values())

    assert leaves(context["environments"]["dev"]) <= 15


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (
            {"knowledge_base": {"existing": "ABCDEFGHIJ"}, "documents": {"check_schedule": "rate(1 day)"}},
            "documents.check_schedule: is not possible: the documents of an existing knowledge base are looked after",
        ),
        (
            {"retrieval": {"search": "hybrid"}, "knowledge_base": {"language": None}},
            (
                'retrieval.search: "hybrid" is not possible: without knowledge_base.language the index is not '
                "searched by words"
            ),
        ),
        (
            {"prompting": {"examples": "examples/none.jsonl"}},
            '"examples/none.jsonl" cannot be read (No such file or directory); name a file of the repository',
        ),
        ({"prompting": {"examples": "Makefile"}}, '"Makefile" cannot be used: line 1 is not JSON'),
        ({"prompting": {"technique": "house"}}, 'prompting.technique: "house" needs prompting.house; name its file'),
        ({"prompting": {"house": "package.json"}}, '"package.json" cannot be used: '),
        ({"prompting": {"examples": "../secrets.jsonl"}}, "prompting.examples: '../secrets.jsonl' is not allowed"),
        (
            {"generation": {"verifier": "us.amazon.nova-pro-v1:0"}},
            (
                'generation.verifier: "us.amazon.nova-pro-v1:0" is of the family "amazon", as is the generator; '
                "a model overlooks what its own family makes up; choose one of another provider"
            ),
        ),
        (
            {"generation": {"verifier": "eu.anthropic.claude-haiku-4-5-20251001-v1:0"}},
            (
                'generation.verifier: "eu.anthropic.claude-haiku-4-5-20251001-v1:0" is a profile for regions eu-*, '
                "not for us-east-1"
            ),
        ),
        (
            {"generation": {"generator": "amazon.nova-2-lite-v1:0"}},
            (
                'generation.generator: "amazon.nova-2-lite-v1:0" has no on-demand throughput of its own; '
                'name an inference profile: "us.amazon.nova-2-lite-v1:0" or "global.amazon.nova-2-lite-v1:0"'
            ),
        ),
        (
            {"evaluation": {"judges": ["us.amazon.nova-pro-v1:0", OTHER]}},
            (
                'evaluation.judges: "us.amazon.nova-pro-v1:0" is of the family "amazon", as is the answering model '
                "(models.base); judges favour their own family; choose one of another provider"
            ),
        ),
        (
            {"evaluation": {"models": ["us.meta.llama3-1-70b-instruct-v1:0"]}},
            (
                'evaluation.judges: "us.meta.llama3-3-70b-instruct-v1:0" is of the family "meta", as is the answering '
                "model (evaluation.models); judges favour their own family; choose one of another provider"
            ),
        ),
        (
            {"evaluation": {"judges": [OTHER, OTHER]}},
            f'evaluation.judges: "{OTHER}" is named 2 times; name it once',
        ),
        (
            {"evaluation": {"models": ["amazon.nova-micro-v1:0"]}},
            'evaluation.models: "amazon.nova-micro-v1:0" is models.base, which is always compared; leave it out',
        ),
        (
            {"evaluation": {"models": ["amazon.nova-2-lite-v1:0"]}},
            (
                'evaluation.models: "amazon.nova-2-lite-v1:0" has no on-demand throughput of its own; name an '
                'inference profile: "us.amazon.nova-2-lite-v1:0" or "global.amazon.nova-2-lite-v1:0"'
            ),
        ),
        (
            {"evaluation": {"models": ["eu.amazon.nova-lite-v1:0"]}},
            'evaluation.models: "eu.amazon.nova-lite-v1:0" is a profile for regions eu-*, not for us-east-1',
        ),
        (
            {"models": {"embedding_dimensions": 768}},
            (
                'models.embedding_dimensions: 768 is not offered by "amazon.titan-embed-text-v2:0"; '
                "allowed: 256, 512, 1024"
            ),
        ),
        (
            {"models": {"base": "amazon.nova-2-lite-v1:0"}},
            (
                'models.base: "amazon.nova-2-lite-v1:0" has no on-demand throughput of its own; '
                'name an inference profile: "us.amazon.nova-2-lite-v1:0" or "global.amazon.nova-2-lite-v1:0"'
            ),
        ),
        (
            {"models": {"base": "eu.amazon.nova-micro-v1:0"}},
            'models.base: "eu.amazon.nova-micro-v1:0" is a profile for regions eu-*, not for us-east-1',
        ),
        (
            {"models": {"rerank": "amazon.rerank-v1:0"}},
            'models.rerank: "amazon.rerank-v1:0" is not offered in us-east-1; there use "cohere.rerank-v3-5:0"',
        ),
        (
            {"evaluation": {"batch_answers": True}},
            "evaluation.batch_answers: true needs evaluation.batch_minimum, the answers of a model that make a job",
        ),
        (
            {"monthly_budget_usd": 10},
            "monthly_budget_usd: a budget that tells nobody does nothing; set alarm_email too",
        ),
        (
            {"router": {"shadow": {"share": 0.1}}},
            "router.shadow.share: a pair of answers whose texts may not be kept compares nothing; set router.log_text",
        ),
        (
            {
                "router": {"log_text": True, "shadow": {"share": 1, "mode": "combined"}},
                "fine_tuning": {"enabled": False},
            },
            'router.shadow.mode: "combined" is not possible without a tuned model; allowed: base, rag',
        ),
    ],
)
def test_choices_that_cannot_work_together_are_refused_with_the_reason(block: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(block)


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"regoin": "us-east-1"}, 'regoin: unknown setting; did you mean "region"? known here: account, region,'),
        (
            {"models": {"embeding": "x.y"}},
            'models.embeding: unknown setting; did you mean "embedding"? known here: base, embedding,',
        ),
        ({"zzz": 1}, "zzz: unknown setting; known here: account, region,"),
        ({"fine_tuning": {"epochs": 6}}, "fine_tuning.epochs: 6 is not allowed; allowed: a whole number from 1 to 5"),
        (
            {"fine_tuning": {"learning_rate": 0.1}},
            "fine_tuning.learning_rate: 0.1 is not allowed; allowed: a number from 0.000001 to 0.0001",
        ),
        (
            {"fine_tuning": {"warmup_steps": 21}},
            "fine_tuning.warmup_steps: 21 is not allowed; allowed: a whole number from 0 to 20",
        ),
        ({"fine_tuning": {"enabled": "false"}}, "fine_tuning.enabled: 'false' is not allowed; allowed: true or false"),
        (
            {"retrieval": {"results": "5"}},
            "retrieval.results: '5' is not allowed; allowed: a whole number from 1 to 100",
        ),
        ({"retrieval": {"results": True}}, "retrieval.results: True is not allowed"),
        ({"retrieval": []}, "retrieval: [] is not allowed; allowed: a block of settings"),
        ({"protection": "destroy"}, 'protection: \'destroy\' is not allowed; allowed: "retained" or "disposable"'),
        ({"account": "12345"}, "account: '12345' is not allowed; allowed: 12 digits"),
        ({"region": "virginia"}, "region: 'virginia' is not allowed; allowed: an AWS region such as us-east-1"),
        ({"evaluation": {"judges": ["nonsense", OTHER]}}, "evaluation.judges.0: 'nonsense' is not allowed"),
        (
            {"evaluation": {"judges": [OTHER]}},
            "is not allowed; allowed: 2 to 5 model ids from providers other than the answering models'",
        ),
        ({"alarm_email": ""}, "alarm_email: '' is not allowed; allowed: an e-mail address"),
        ({"monthly_budget_usd": 0}, "monthly_budget_usd: 0 is not allowed; allowed: an amount above 0"),
        ({"tags": {"a": 1}}, "tags.a: 1 is not allowed; allowed: at most 40 tags, each a text"),
        (
            {"parsing": {"prompt": "x" * 10_001}},
            f"parsing.prompt: '{'x' * 99}… (10,003 characters) is not allowed; allowed:",
        ),
        ("text", 'cdk.json: environment "dev" is not a block of settings'),
        (None, 'cdk.json: environment "dev" is not a block of settings'),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_with_what_is_allowed(block: Any, sentence: str) -> None:
    assert sentence in refusal(block)


def test_all_problems_are_told_at_once() -> None:
    message = refusal(
        {
            "regoin": "us-east-1",
            "retrieval": {"search": "hybrid", "results": 0},
            "knowledge_base": {"language": None},
            "models": {"embedding_dimensions": 99},
            "fine_tuning": {"epochs": 9},
        }
    )
    assert message.splitlines()[0] == 'cdk.json: environment "dev" has 5 problems:'
    paths = [line.split(":")[0].strip() for line in message.splitlines()[1:]]
    assert paths == [
        "fine_tuning.epochs",
        "models.embedding_dimensions",
        "regoin",
        "retrieval.results",
        "retrieval.search",
    ]


def test_an_unreadable_setting_is_not_judged_by_its_default() -> None:
    message = refusal(
        {
            "models": {"base": 5},
            "evaluation": {"judges": ["amazon.nova-pro-v1:0", OTHER]},
            "fine_tuning": {"enabled": False},
        }
    )
    assert "evaluation.judges" not in message


def test_a_judge_may_not_share_the_tuned_models_family_either() -> None:
    block = {
        "models": {"base": "us.anthropic.claude-haiku-4-5-20251001-v1:0"},
        "evaluation": {"judges": ["us.amazon.nova-pro-v1:0", OTHER]},
    }
    assert "(fine_tuning.base_model)" in refusal(block)
