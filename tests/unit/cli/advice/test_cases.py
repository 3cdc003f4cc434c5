"""Cases whose answers were agreed by reading the taxonomy, before they were asked."""

import pytest

from cli.advice.rules.engine import decide
from cli.advice.rules.options import Status
from cli.advice.scenario.scenario import Scenario
from tests.unit.cli.advice.test_taxonomy import STATUS, answers_of

CASES = """
little expertise, facts | expertise=little requirements=facts corpus=large knowledge_changes=weekly
    | prompting=R basic_retrieval=R fine_tuning=not hybrid_search=not orchestration=not
little expertise, style, no facts needed, 400 ex | expertise=little requirements=style examples=400 corpus=none
    | prompting=R retrieval=not fine_tuning=L
moderate, many steps | requirements=reasoning work=many_steps
    | chain_of_thought=R orchestration=R custom_model=not
strong, large compute, 3000 style | able requirements=style examples=3000
    | fine_tuning=R full_tuning=L distillation=L
little compute, 700 domain | compute=little requirements=domain examples=700
    | qlora=R full_tuning=O custom_model=O
one week, facts | deadline_weeks=1 requirements=facts corpus=large
    | prompting=R basic_retrieval=R hybrid_search=not
support in a week | deadline_weeks=1 requirements=style use_cases=customer_support corpus=large examples=500
    | basic_retrieval=R fine_tuning=L
compliance in a week | deadline_weeks=1 requirements=reasoning industry=finance use_cases=strict_compliance corpus=large
    | basic_retrieval=R chain_of_thought=R orchestration=L
one week, reasoning, no knowledge | deadline_weeks=1 requirements=reasoning corpus=none
    | prompting=R retrieval=not orchestration=L
facts, no examples | requirements=facts corpus=large knowledge_changes=daily
    | retrieval=R system_instructions=R fine_tuning=not
style 99 | requirements=style examples=99 corpus=none
    | system_instructions=R fine_tuning=L
style 100 | requirements=style examples=100 corpus=none
    | lora=R
domain 500 | requirements=domain examples=500 corpus=none
    | lora=R retrieval=not
domain docs few ex | requirements=domain examples=60 corpus=large
    | retrieval=R fine_tuning=L
domain 300 ex large corpus | requirements=domain examples=300 corpus=large
    | retrieval=R fine_tuning=L
domain neither | requirements=domain examples=4 corpus=none
    | few_shot=R fine_tuning=not
reasoning falls short | requirements=reasoning prompting=falls_short corpus=none
    | chain_of_thought=R orchestration=R
cost at scale | requirements=cost requests_a_month=300000 examples=400 corpus=none
    | fine_tuning=R
very high volume strong | able requirements=cost requests_a_month=4000000 examples=4000 corpus=none
    | fine_tuning=R distillation=R
very high volume, little compute | able compute=little requirements=cost requests_a_month=4000000 examples=4000
    | distillation=O
0-10 | requirements=latency examples=8 corpus=none
    | prompting=R retrieval=not fine_tuning=L custom_model=not orchestration=not
50 good | requirements=latency examples=50 corpus=none
    | few_shot=R qlora=L
no requirement 300 prompting falls short | requirements=- examples=300 corpus=none prompting=falls_short
    | fine_tuning=R
no model meets: 9000 | able no_model_meets_it=yes examples=9000
    | transfer_learning=not from_scratch=not
no model meets: all | able no_model_meets_it=yes examples=30000
    | transfer_learning=R
no model meets moderate | compute=large expertise=moderate no_model_meets_it=yes examples=30000 deadline_weeks=40
    | transfer_learning=not
healthcare facts 200 | industry=healthcare requirements=facts examples=200 corpus=large
    | retrieval=R fine_tuning=L
healthcare domain 600 | industry=healthcare requirements=facts,domain examples=600 corpus=large
    | retrieval=R fine_tuning=R
finance compliance flow | industry=finance requirements=facts work=many_steps corpus=large
    | retrieval=R orchestration=R
retail conversations only | industry=retail requirements=style corpus=none examples=0
    | prompting=R fine_tuning=not retrieval=not
retail recommendation | industry=retail use_cases=product_recommendation requirements=facts corpus=large examples=900
    | retrieval=R fine_tuning=R orchestration=L
manufacturing process | industry=manufacturing requirements=facts work=many_steps corpus=large
    | retrieval=R orchestration=R
legal 300 jurisdiction | industry=legal requirements=facts,domain corpus=large examples=300
    | retrieval=R fine_tuning=R
legal none | industry=legal requirements=facts corpus=large examples=0
    | retrieval=R fine_tuning=L
support no examples | use_cases=customer_support requirements=facts corpus=large examples=0
    | prompting=R retrieval=R fine_tuning=L orchestration=L
QA | use_cases=question_answering requirements=facts corpus=large examples=500
    | retrieval=R fine_tuning=R
personal voice | use_cases=personal_voice requirements=style corpus=none examples=250
    | fine_tuning=R retrieval=not
glossary | use_cases=static_set requirements=domain knowledge_changes=never corpus=small examples=600
    | fine_tuning=R
latency | requirements=latency examples=500 corpus=none
    | fine_tuning=R
private data | requirements=facts data_may_train=no corpus=large examples=5000
    | retrieval=R fine_tuning=O custom_model=O
strict compliance | use_cases=strict_compliance requirements=facts cite_sources=yes corpus=large
    | retrieval=R
region eu | region=eu-central-1 requirements=style examples=500 corpus=none
    | fine_tuning=N
full moderate compute | expertise=strong requirements=style examples=2000 corpus=none
    | lora=R full_tuning=N
large corpus few examples, reasoning | requirements=reasoning corpus=large examples=20
    | retrieval=R system_instructions=R chain_of_thought=R
facts 300 examples falls short | requirements=facts prompting=falls_short corpus=large examples=300
    | retrieval=R fine_tuning=L
cost not at scale | requirements=cost requests_a_month=2000 examples=400 corpus=none
    | prompting=R fine_tuning=L
tools | requirements=facts work=outside_tools corpus=none
    | tool_integration=R orchestration=R
100 ex knowledge | requirements=facts examples=150 corpus=small
    | retrieval=R fine_tuning=L
1500 moderate compute | expertise=strong deadline_weeks=30 examples=1500 requirements=facts corpus=small
    | full_tuning=N fine_tuning=L distillation=L
distill deadline 3w | able deadline_weeks=3 requirements=cost requests_a_month=4000000 examples=4000 corpus=none
    | distillation=L
little exp no_model | expertise=little compute=large no_model_meets_it=yes examples=50000 deadline_weeks=50
    | prompting=R transfer_learning=O
sources | requirements=style cite_sources=yes deadline_weeks=1 corpus=small
    | basic_retrieval=R
"""
"""A case, its answers, and the advice; `not` stands for whatever is not recommended."""


@pytest.mark.parametrize(
    "case", CASES.strip().replace("\n    ", " ").splitlines(), ids=lambda case: case.partition(" |")[0]
)
def test_a_case_is_advised_as_the_taxonomy_reads(case: str) -> None:
    _, answers, expected = (part.strip() for part in case.split("|"))
    advice = decide(Scenario(**answers_of(answers)))
    found = {**advice.approaches, **advice.methods}
    for option, wanted in (word.split("=") for word in expected.split()):
        if wanted == "not":
            assert found[option].status is not Status.RECOMMENDED, option
        else:
            assert found[option].status is STATUS[wanted], option
