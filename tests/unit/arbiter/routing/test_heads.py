"""The two heads as shipped: on the examples and on documents of this kind, in three languages."""

from functools import cache
from pathlib import Path
from random import Random

import pytest

from arbiter.routing import asking
from arbiter.routing.heads import Assessment, assess
from arbiter.routing.knowledge import KnowledgeProfile
from arbiter.routing.making import building
from arbiter.routing.plain import plain
from arbiter.routing.translation import TOUCHED
from arbiter.routing.weighing import FARTHEST, count, most_together
from arbiter.routing.words import sentences

ROOT = Path(__file__).parents[4]
SERVICE = (
    "# Volumes\n\nA volume of the type fx1 delivers 64,000 IOPS. Encryption needs an instance of the M3 family.\n"
    "Snapshots are kept in the region. The limit of peering attachments is 50.\n" * 12,
)


@cache
def examples() -> KnowledgeProfile:
    return building.build(
        plain(path.read_bytes(), ".md") for path in sorted((ROOT / "examples/documents").rglob("*.md"))
    )


@cache
def service() -> KnowledgeProfile:
    return building.build(SERVICE)


def asked(question: str, *earlier: str, prefer: str = "quality") -> Assessment:
    return assess(question, earlier, examples(), prefer=prefer)


@pytest.mark.parametrize(
    "question",
    [
        "How heavy is the packed Skarn 3?",
        "deposit stove",
        "Reply to a customer whose parcel with the ropes arrived torn.",
        "Was kostet der Versand auf eine Insel?",
        "¿Cuál es el depósito del hornillo?",
    ],
)
def test_what_the_documents_speak_of_is_grounded(question: str) -> None:
    assert asked(question).grounded.outcome == "yes"


@pytest.mark.parametrize(
    "question",
    [
        "max iops fx1",
        "encryption m3",
        "Give me the limits for peering.",
        "Welche Instanzen brauchen Verschlüsselung?",
    ],
)
def test_words_without_a_sentence_are_grounded_too(question: str) -> None:
    assert assess(question, [], service()).grounded.outcome == "yes"


@pytest.mark.parametrize(
    "question",
    [
        "How are you today?",
        "Who are you?",
        "What is 15% of 80?",
        "Who painted the ceiling of the Sistine Chapel?",
        "Translate into French: How do I return the kit to the depot?",
        "Which gas do plants absorb? A. oxygen B. carbon dioxide C. helium D. neon",
        "Wer hat die Mona Lisa gemalt?",
        "¿Quién pintó la Mona Lisa?",
    ],
)
def test_what_they_do_not_speak_of_is_not(question: str) -> None:
    assert asked(question).grounded.outcome != "yes"
    assert assess(question, [], service()).grounded.outcome != "yes"


@pytest.mark.parametrize("question", ["And for two?", "What does it cost per day?", "Und für zwei?", "¿Y para dos?"])
def test_a_follow_up_counts_with_the_message_it_leans_on(question: str) -> None:
    about, chat = asked(question, "How heavy is the packed Skarn 3?"), asked(question, "Who painted the Mona Lisa?")

    assert (about.grounded.outcome, about.leaned) == ("yes", 1)
    assert chat.grounded.score < about.grounded.score
    assert asked("Thanks!", "How heavy is the packed Skarn 3?").leaned == 0


@pytest.mark.parametrize(
    ("question", "demands"),
    [
        ("Explain tides in three bullet points.", True),
        ("Who was Kant? Answer like a pirate and use no commas.", True),
        ("Write a reply to a client whose order is late.", True),
        ("Was ist ein Vulkan? Antworte in höchstens zwei Sätzen.", True),
        ("¿Qué es un volcán? Responde en una sola frase y sin tecnicismos.", True),
        ("What is the maximum size of a JSON document?", False),
        ("When does a customer get a refund?", False),
        ("Was ist ein Vulkan?", False),
        ("¿Qué es un volcán?", False),
    ],
)
def test_a_demand_on_form_or_voice_needs_the_tuned_model(question: str, demands: bool) -> None:
    assert (asked(question).specialised.outcome == "yes") == demands


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("How long may I play the piano?", True),
        ("Can I keep a dog?", True),
        ("I broke my leg. Do I have to pay?", True),
        ("Muss ich das Treppenhaus putzen?", True),
        ("¿Puedo tener un perro?", True),
        ("What can I do against ants?", False),
        ("It may rain, must it not?", False),
        ("Can penguins fly?", False),
        ("Do bees sleep?", False),
    ],
)
def test_who_asks_for_leave_is_told_from_who_wants_advice(question: str, *, asks: bool) -> None:
    assert ("leave" in asking.marks(sentences(question))) == asks


def test_other_forms_and_words_of_like_meaning_count_as_the_documents_own() -> None:
    """The documents say "swimming", "bicycle", "sofa" and "repaired"."""
    house = building.build(["Swimming costs 4 euros. A bicycle is repaired in the cellar. The sofa is sold. " * 5])
    terms = {word: count(sentences(word)[0], house, "en") for word in ("swim", "bike", "couch", "repairs", "violin")}

    assert all(terms[word].known for word in ("swim", "repairs"))
    assert all(terms[word].near[0] >= TOUCHED for word in ("bike", "couch"))
    assert (terms["violin"].known, terms["violin"].near) == (0, [FARTHEST])


def test_a_german_compound_counts_as_its_parts() -> None:
    house = building.build(
        ["Die Rampe am Eingang ist für den Rollstuhl und die Wäsche. Bitte im Keller trocknen. " * 5]
    )

    assert count(sentences("Wäschekeller")[0], house, "de").known


def test_what_a_word_weighed_before_is_remembered_by_language_and_profile() -> None:
    house, kitchen = (building.build([text * 5]) for text in ("A bicycle is repaired. ", "A soup is cooked. "))
    bicycle = sentences("Fahrrad")[0]

    known = [count(bicycle, profile, language).known for profile in (house, kitchen) for language in ("en", "de", "en")]

    assert known == [0, 1, 0, 0, 0, 0]


def test_how_it_is_asked_tells_a_question_to_the_house_from_an_order() -> None:
    ask, order = (asking.inquiry(sentences(text)) for text in ("Can I keep a dog?", "Write a poem about a dog."))

    assert ask > 0 > order


def test_another_language_is_looked_up_unless_there_is_no_time() -> None:
    french = "Comment est-ce que je peux aller de la gare jusqu'à la mer avec les enfants ?"

    assert (asked(french).language, asked(french).grounded.outcome) == ("other", "unsure")
    assert asked(french, prefer="latency").grounded.outcome == "no"


def test_a_text_as_long_as_can_be_is_read_at_both_ends() -> None:
    padding = "And so it is, as it was before. " * 600

    assert asked(f"{padding}How heavy is the packed Skarn 3?").grounded.outcome == "yes"
    assert asked(f"How heavy is the packed Skarn 3? {padding}").grounded.outcome == "yes"


def test_the_terms_of_the_fullest_block_are_counted() -> None:
    random = Random(3)
    for _ in range(200):
        blocks = [random.getrandbits(40) for _ in range(random.randrange(15))]
        fullest = max((sum(block >> bit & 1 for block in blocks) for bit in range(40)), default=0)
        assert most_together(blocks) == fullest
    assert most_together([1] * 40) == 15


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pay (by card), please... Then\ngo!", [("pay", "by", "card", "please"), ("then",), ("go",)]),
        ("It costs 3.50 euros: two keys", [("it", "costs", "#", "euros"), ("#", "keys")]),
        ('The "io1-volume" isn\u2019t v1.2', [("the", "io1-volume", "isn't", "v1.2")]),
        ("bread/butter well-known \u2014 Anna's", [("bread", "butter", "well", "known", "anna")]),
        (" . ?! ", []),
    ],
)
def test_sentences_are_told_apart_and_words_bared(text: str, words: list[tuple[str, ...]]) -> None:
    assert [sentence.words for sentence in sentences(text)] == words


def test_a_long_story_says_nothing_against_the_question_at_its_end_or_beginning() -> None:
    story = (
        "My brother and his girlfriend met at a concert in spring, quarrelled in autumn, and now they send each other "
        "poems again. Our mother bakes a cake whenever they visit, the neighbours gossip, and grandfather falls asleep "
        "over his crossword. Nobody knows whether the two are going to marry."
    )
    question = "How heavy is the packed Skarn 3?"

    assert asked(f"{story} {question}").grounded.outcome == "yes"
    assert asked(f"{question} {story}").grounded.outcome == "yes"
    assert asked(f"{story} What would you do?").grounded.outcome == "no"
