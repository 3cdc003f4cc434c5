"""Every sentence of the taxonomy is a rule that fires where the sentence applies, and has the effect that it names."""

from typing import Any

import pytest

from cli.advice.rules import words
from cli.advice.rules.engine import RULES, decide
from cli.advice.rules.options import APPROACHES, METHODS, Status
from cli.advice.scenario.scenario import DEFAULTS, Scenario

ABLE: dict[str, Any] = {"expertise": "strong", "compute": "large", "deadline_weeks": 52}
SENTENCES = """
step1.little_expertise | expertise=little | prompting=R retrieval=R basic_retrieval=R
step1.little_expertise_facts | expertise=little requirements=facts,domain | basic_retrieval=R
step1.little_expertise | expertise=little requirements=style examples=500 | fine_tuning=L
step1.moderate_expertise | requirements=style examples=5000 compute=large | lora=R full_tuning=N
step1.moderate_expertise | work=many_steps | orchestration=R
step1.strong_expertise | able examples=20000 no_model_meets_it=yes | transfer_learning=R
step1.little_compute | able compute=little examples=50000 no_model_meets_it=yes | full_tuning=O custom_model=O
step1.little_compute | able compute=little examples=50000 requirements=style | full_tuning=O qlora=R
step1.deadline | deadline_weeks=1 requirements=style examples=500 | prompting=R fine_tuning=L retrieval=N
step1.deadline | deadline_weeks=1 work=many_steps | prompting=R orchestration=L
step1.deadline_knowledge | deadline_weeks=1 requirements=facts,domain | basic_retrieval=R
step1.deadline_no_knowledge | deadline_weeks=1 requirements=style knowledge_changes=daily | retrieval=L
step1.deadline_knowledge | deadline_weeks=1 requirements=reasoning use_cases=strict_compliance | basic_retrieval=R
step1.deadline_knowledge | deadline_weeks=1 requirements=style use_cases=customer_support | basic_retrieval=R
step1.deadline_no_knowledge | deadline_weeks=1 requirements=style use_cases=personal_voice | retrieval=N
step2.facts | requirements=facts | retrieval=R prompting=R system_instructions=R fine_tuning=N
step2.style | requirements=style examples=100 | fine_tuning=R format_specification=R
step2.style_prompts | requirements=style examples=0 | format_specification=R
step2.style_few_examples | requirements=style examples=99 | fine_tuning=L system_instructions=R
step2.domain_examples | requirements=domain examples=500 | lora=R
step2.domain_documents | requirements=domain corpus=large examples=20 | retrieval=R fine_tuning=L
step2.domain_neither | requirements=domain corpus=none examples=20 | few_shot=R retrieval=N
step2.reasoning | requirements=reasoning | chain_of_thought=R orchestration=L
step2.reasoning_falls_short | requirements=reasoning prompting=falls_short | orchestration=R multi_model_pipelines=R
step2.cost | requirements=cost requests_a_month=200000 examples=300 | fine_tuning=R
step2.cost_volume | able requirements=cost requests_a_month=5000000 examples=3000 | distillation=R
step3.under_10 | requirements=style examples=9 | prompting=R fine_tuning=L few_shot=N
step3.10_to_100 | examples=10 | few_shot=R format_specification=R
step3.10_to_100_experiment | examples=50 | qlora=L
step3.100_to_1000 | examples=100 | lora=L few_shot=R
step3.100_to_1000 | examples=100 compute=little | qlora=L lora=N
step3.100_to_1000_knowledge | examples=300 requirements=domain corpus=small | retrieval=R
step3.over_1000_full | able examples=1000 | full_tuning=L
step3.over_1000_distillation | able examples=1000 | distillation=L
step3.distillation_data | able requirements=cost requests_a_month=5000000 examples=999 | distillation=L
step3.large_corpus | requirements=style corpus=large examples=5 | retrieval=R system_instructions=R
step3.custom_model | able no_model_meets_it=yes examples=9999 | custom_model=L transfer_learning=N
fits.no_model | able no_model_meets_it=yes examples=10000 | transfer_learning=R own_architecture=L
resources.prompting |  | prompting=R
resources.retrieval | corpus=none | retrieval=L
resources.lora | requirements=style examples=300 compute=little | lora=N qlora=R
resources.full_tuning | able requirements=style examples=999 | full_tuning=N
resources.custom_model | able deadline_weeks=11 examples=50000 no_model_meets_it=yes | transfer_learning=O
resources.custom_model | able deadline_weeks=11 requirements=cost requests_a_month=5e6 examples=5000 | distillation=L
resources.orchestration | expertise=little work=outside_tools | orchestration=L
fits.changing_facts | requirements=style knowledge_changes=monthly | retrieval=R
fits.sources | requirements=style cite_sources=yes | retrieval=R
fits.private_data | requirements=style data_may_train=no examples=900 | retrieval=R fine_tuning=O
fits.prompting_falls_short | requirements=latency prompting=falls_short examples=200 | fine_tuning=R
fits.prompting_falls_short | requirements=- prompting=falls_short examples=200 corpus=none | fine_tuning=R
fits.prompting_falls_short | requirements=facts,style prompting=falls_short examples=99 | fine_tuning=L
fits.steps | work=outside_tools | orchestration=R tool_integration=R
methods.zero_shot |  | zero_shot=R
methods.few_shot | examples=200 | few_shot=R zero_shot=N
methods.few_shot_without_examples | examples=0 requirements=domain corpus=none | few_shot=L
methods.chain_of_thought | requirements=reasoning | chain_of_thought=R
methods.system_instructions |  | system_instructions=R
methods.format_specification | work=outside_tools | format_specification=R
methods.basic_retrieval |  | basic_retrieval=R hybrid_search=N
methods.hybrid_search | requirements=domain corpus=large | hybrid_search=R basic_retrieval=N
methods.multi_step_retrieval | requirements=facts,reasoning | multi_step_retrieval=L
methods.adaptive_retrieval | use_cases=broad_application | adaptive_retrieval=L
methods.qlora | compute=little requirements=style examples=200 | qlora=R
methods.qlora_experiment | requirements=style examples=20 | qlora=L
methods.lora | requirements=style examples=200 | lora=R
methods.peft | able requirements=style examples=200 | peft=N
methods.full_tuning | able requirements=style examples=5000 | full_tuning=L lora=R
methods.transfer_learning | able examples=10000 no_model_meets_it=yes | transfer_learning=R
methods.own_architecture | able examples=10000 no_model_meets_it=yes | own_architecture=L
methods.from_scratch | able examples=2000000 no_model_meets_it=yes | from_scratch=L
methods.from_scratch_data | able examples=20000 no_model_meets_it=yes | from_scratch=N
methods.tool_integration | work=outside_tools | tool_integration=R
methods.multi_model_pipelines | work=many_steps | multi_model_pipelines=R
methods.agent_frameworks | work=outside_tools | agent_frameworks=L
methods.planning | work=many_steps | planning=L
industry.healthcare | industry=healthcare requirements=- examples=300 | retrieval=R fine_tuning=L
industry.finance | industry=finance requirements=- | retrieval=R orchestration=L
industry.retail | industry=retail requirements=- examples=300 | prompting=R fine_tuning=L
industry.retail_recommendation | industry=retail use_cases=product_recommendation examples=300 | fine_tuning=R
industry.manufacturing | industry=manufacturing requirements=- | retrieval=R orchestration=L
industry.flows | industry=finance use_cases=strict_compliance | orchestration=R
industry.flows | industry=finance work=many_steps | orchestration=R
industry.legal | industry=legal requirements=- examples=300 | retrieval=R fine_tuning=R
uses.retrieval.changing_data | use_cases=changing_data requirements=- | retrieval=R fine_tuning=N
uses.retrieval.domain_insight | use_cases=domain_insight requirements=- | retrieval=R fine_tuning=N
uses.retrieval.broad_application | use_cases=broad_application requirements=- | retrieval=R fine_tuning=N
uses.retrieval.multimodal_retrieval | use_cases=multimodal_retrieval requirements=- | retrieval=R fine_tuning=N
uses.retrieval.strict_compliance | use_cases=strict_compliance requirements=- | retrieval=R fine_tuning=N
uses.tuning.personal_voice | use_cases=personal_voice requirements=- examples=300 | retrieval=N fine_tuning=R
uses.tuning.narrow_accuracy | use_cases=narrow_accuracy requirements=- examples=300 | retrieval=N fine_tuning=R
uses.tuning.static_set | use_cases=static_set requirements=- examples=300 | retrieval=N fine_tuning=R
uses.tuning.latency | requirements=latency examples=300 | fine_tuning=R
uses.tuning.volume | requirements=cost requests_a_month=1000000 examples=300 | fine_tuning=R
uses.both | use_cases=question_answering examples=300 | retrieval=R fine_tuning=R
worked.customer_support | use_cases=customer_support examples=300 | retrieval=R fine_tuning=R orchestration=L
worked.legal_analysis | use_cases=legal_analysis examples=300 | prompting=R retrieval=R fine_tuning=R orchestration=L
worked.product_recommendation | use_cases=product_recommendation examples=300 | retrieval=R fine_tuning=R
owner.data_may_not_train | data_may_train=no examples=5000 requirements=style | fine_tuning=O distillation=O
owner.region | region=eu-central-1 examples=5000 requirements=style | fine_tuning=N
owner.prompting_enough | prompting=enough | retrieval=L
owner.too_dear.retrieval | too_dear=retrieval | retrieval=O
owner.too_dear.fine_tuning | too_dear=fine_tuning | fine_tuning=O
owner.too_dear.custom_model | able too_dear=custom_model no_model_meets_it=yes examples=20000 | custom_model=O
owner.too_dear.orchestration | too_dear=orchestration | orchestration=O
owner.too_slow.retrieval | too_slow=retrieval | retrieval=O
owner.too_slow.fine_tuning | too_slow=fine_tuning | fine_tuning=O
"""
"""A rule, answers under which it fires, and the advice: recommended, later, not now (N), ruled out (O)."""
STATUS = {"R": Status.RECOMMENDED, "L": Status.LATER, "N": Status.NOT_NOW, "O": Status.RULED_OUT}


def answers_of(text: str) -> dict[str, Any]:
    """Answers as they stand in the table: `able` stands for every resource, `-` for nothing chosen."""
    found: dict[str, Any] = {}
    for word in text.split():
        name, _, value = word.partition("=")
        if word == "able":
            found |= ABLE
            continue
        now = getattr(DEFAULTS, name)
        if isinstance(now, tuple | frozenset):
            found[name] = type(now)(value.split(",") if value != "-" else ())
        elif isinstance(now, bool):
            found[name] = value == "yes"
        else:
            found[name] = value if isinstance(now, str) else float(value)
    return found


EXECUTED = [[part.strip() for part in line.split("|")] for line in SENTENCES.strip().splitlines()]
NOTED = [rule.id for rule in RULES if all(effect.kind == "note" for effect in rule.effects)]


@pytest.mark.parametrize(("rule", "answers", "expected"), EXECUTED)
def test_a_sentence_has_the_effect_that_it_names(rule: str, answers: str, expected: str) -> None:
    scenario = Scenario(**answers_of(answers))
    assert next(one for one in RULES if one.id == rule).fires(scenario)
    advice = decide(scenario)
    found = {**advice.approaches, **advice.methods}
    told = {option: STATUS[letter] for option, letter in (word.split("=") for word in expected.split())}
    assert {option: found[option].status for option in told} == told


def test_every_rule_is_tested_or_only_told() -> None:
    assert {rule.id for rule in RULES} == {rule for rule, _, _ in EXECUTED} | set(NOTED)


def test_a_rule_has_one_id_a_source_and_a_sentence() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.source and rule.says.endswith(".") for rule in RULES)


def test_the_considerations_and_later_facts_are_all_there() -> None:
    assert {one for one in NOTED if one.startswith("considered.")} == {
        f"considered.{name}"
        for name in ("start_simple", "data_quality", "specialist", "hybrids", "maintenance", "base_models_change",
                     "measure_each")
    }  # fmt: skip
    assert {one for one in NOTED if one.startswith("later.")} == {
        f"later.{name}"
        for name in ("behaviour", "latency", "on_demand", "s3_vectors", "managed_knowledge_base", "reinforcement",
                     "prompt_optimisation", "batch", "import", "others")
    }  # fmt: skip


def test_every_method_of_the_taxonomy_is_an_option() -> None:
    assert {one.id: len(one.methods) for one in APPROACHES} == {
        "prompting": 5, "retrieval": 4, "fine_tuning": 4, "custom_model": 4, "orchestration": 4,
    }  # fmt: skip
    scale = {"low", "medium", "medium-high", "high", "very high", "extreme"}
    assert all(method.complexity in scale for method in METHODS.values())
    assert set(words.METHODS) == set(METHODS)


def test_the_requirement_that_matters_most_is_the_first_reason() -> None:
    answers: dict[str, Any] = {
        "requirements": ("cost", "style"),
        "examples": 300,
        "requests_a_month": 500_000,
        "industry": "legal",
    }
    assert decide(Scenario(**answers)).approaches["fine_tuning"].fired[0].id == "step2.cost"
    turned = {**answers, "requirements": ("style", "cost")}
    assert decide(Scenario(**turned)).approaches["fine_tuning"].fired[0].id == "step2.style"
