"""Secrets and personal data are found where they are, and are not found where they are not."""

import re
from collections.abc import Iterator

import pytest
from detect_secrets.plugins.keyword import DENYLIST

from arbiter.detection import forms
from arbiter.detection.detector import detect

FOUND: dict[str, tuple[str, str, str]] = {
    "AWS access key": ("the key AKIA" + "Q7" * 8, "secret", "an AWS access key"),
    "AWS secret key": (f'aws_secret_key = "{"aB3/" * 10}"', "secret", "an AWS access key"),
    "Azure": ("AccountKey=" + "aB3+" * 22, "secret", "an Azure storage key"),
    "GitHub": ("token ghp_" + "a1B2" * 9, "secret", "a GitHub token"),
    "GitLab": ("glpat-" + "a1B2c" * 4, "secret", "a GitLab token"),
    "OpenAI": ("sk-" + "a1B2c" * 4 + "T3BlbkFJ" + "a1B2c" * 4, "secret", "an OpenAI key"),
    "AWS secret key in a file": ("aws_secret_access_key = " + "aB3/" * 10, "secret", "an AWS secret key"),
    "AWS secret key in a shell": ("export AWS_SECRET_ACCESS_KEY=" + "aB3/" * 10, "secret", "an AWS secret key"),
    "AWS secret key in CSV": ("aws_secret_access_key," + "aB3/" * 10, "secret", "an AWS secret key"),
    "AWS secret key in a table": (f"| **Secret access key** | `{'aB3/' * 10}` |", "secret", "an AWS secret key"),
    "AWS secret key in words": (f"The secret access key is {'aB3/' * 10}.", "secret", "an AWS secret key"),
    "AWS secret key in JSON": (f'"SecretAccessKey": "{"aB3/" * 10}"', "secret", "an AWS secret key"),
    "AWS session token": ("aws_session_token=" + "aB3/" * 40, "secret", "an AWS session token"),
    "GitHub, fine-grained": ("github_pat_" + "a1" * 41, "secret", "a GitHub token"),
    "Slack app": ("xapp-1-A1B2C3-1234567890-" + "a1b2" * 16, "secret", "a Slack token"),
    "Google": ("AIza" + "a1B2c" * 7, "secret", "a Google API key"),
    "Anthropic": ("sk-ant-api03-" + "a1B2c" * 19, "secret", "an Anthropic key"),
    "Hugging Face": ("hf_" + "a1" * 17, "secret", "a Hugging Face token"),
    "npm, configured": (
        "//registry.acme.org/:_authToken=0f0e0d0c-0b0a-4908-8706-050403020100",
        "secret",
        "an npm token",
    ),
    "example key": ("AKIAIOSFODNN7EXAMPLE", "example_key", "an example key of AWS's documentation"),
    "example secret key": (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "example_key",
        "an example key of AWS's documentation",
    ),
    "npm": ("npm_" + "a1" * 18, "secret", "an npm token"),
    "Vault": ("hvs." + "a1B2c" * 19, "secret", "a Vault token"),
    "DigitalOcean": ("dop_v1_" + "a1b2" * 16, "secret", "a DigitalOcean token"),
    "Databricks": ("dapi" + "a1b2" * 8, "secret", "a Databricks token"),
    "Shopify": ("shpat_" + "a1b2" * 8, "secret", "a Shopify token"),
    "Atlassian": ("ATATT3" + "a1B2c" * 37, "secret", "an Atlassian token"),
    "Linear": ("lin_api_" + "a1B2" * 10, "secret", "a Linear key"),
    "age": ("AGE-SECRET-KEY-1" + "Q2" * 29, "secret", "an age key"),
    "bearer": ("Authorization: Bearer " + "a1B2c3" * 5, "possible_secret", "what looks like a bearer token"),
    "password without quotes": ("db_password: Xk29pfqW71", "possible_secret", "what looks like a password"),
    "encrypted private key": ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nabc", "secret", "a private key"),
    "PGP": ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc", "secret", "a private key"),
    "private key": ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc", "secret", "a private key"),
    "PyPI": ("pypi-AgEIcHlwaS5vcmc" + "a1B2" * 20, "secret", "a PyPI token"),
    "SendGrid": ("SG." + "a" * 22 + "." + "b1C2" * 10 + "xyz", "secret", "a SendGrid key"),
    "Slack": ("xoxb-123456789012-1234567890123-abcDEF", "secret", "a Slack token"),
    "Stripe": ("rk_live_" + "a1B2" * 6, "secret", "a Stripe key"),
    "Web Token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "possible_secret", "what looks like a JSON Web Token"),
    "password": ("db_password: 'Xk29!pfq'", "possible_secret", "what looks like a password"),
    "password in an address": (
        "psql://jo:Xk29pfq@acme.org/",
        "possible_secret",
        "what looks like a password in an address",
    ),
    "e-mail": ("ask jo.doe+x@mail.acme.co.uk now", "personal_data", "an e-mail address"),
    "card": ("5500-0055-5555-5559", "personal_data", "a payment card number"),
    "card in one": ("card 4012888888881881.", "personal_data", "a payment card number"),
    "American Express": ("3782 822463 10005", "personal_data", "a payment card number"),
    "IBAN": ("GB82 WEST 1234 5698 7654 32", "personal_data", "a bank account number (IBAN)"),
    "IBAN before a word": ("BE71 0961 2345 6769 BIC GKCC", "personal_data", "a bank account number (IBAN)"),
    "IBAN in small letters": ("de89370400440532013000", "personal_data", "a bank account number (IBAN)"),
    "AHV": ("756.9217.0769.85", "personal_data", "a Swiss social security number"),
    "personal number": ("640823-3234", "personal_data", "a Swedish personal number"),
    "telephone with dots": ("call 415.867.5309.", "personal_data", "a telephone number"),
    "telephone without spaces": ("call +14158675309", "personal_data", "a telephone number"),
    "social security": ("SSN 536-22-8726", "personal_data", "a US social security number"),
    "CPF": ("390.533.447-05", "personal_data", "a Brazilian CPF"),
    "NHS": ("943 476 5870", "personal_data", "a British NHS number"),
    "tax code": ("RSSMRA85T10A562S", "personal_data", "an Italian tax code"),
    "DNI": ("54362315K", "personal_data", "a Spanish DNI"),
    "telephone": ("call (415) 555-2671 today", "personal_data", "a telephone number"),
    "telephone abroad": ("ruf +49 30 901820 an", "personal_data", "a telephone number"),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_and_called_by_its_name(name: str) -> None:
    text, code, called = FOUND[name]
    assert (code, called) in [(found.code, found.name) for found in detect(text)]


def test_an_example_key_is_told_as_one_and_not_as_a_secret() -> None:
    text = "key AKIAIOSFODNN7EXAMPLE and secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    (example,) = detect(text)
    assert (example.code, example.position) == ("example_key", 5)


HARMLESS: dict[str, str] = {
    "the name of a key file": "The file begins with BEGIN RSA PRIVATE KEY.",
    "placeholder": "https://user:<password>@host/ and password = ${DB_PASSWORD}",
    "words": "The secret is patience: your password must have ten signs.",
    "example address": "jo@example.com, root@mail.example.org, me@acme.example",
    "card that is none": "4111 1111 1111 1112",
    "order number": "order 2671-5559-1111-0000-12",
    "number of another kind": "078-05-112",
    "invalid social security number": "000-12-3456",
    "fictional telephone": "(415) 555-0199",
    "dates and times": "2026-11-21 09:15:30, 192.168.0.1, 10.0.0.0/16, port 5432",
    "id": "shard 49590338271490256608559692538361571",
    "account": "arn:aws:iam::123456789012:role/x",
    "ranges": "from 1000 2000 3000 to 4000",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_it_is_left_alone(name: str) -> None:
    assert list(detect(HARMLESS[name])) == []


def test_the_place_of_what_is_found_is_told_and_never_its_text() -> None:
    (found,) = detect("write to jo@acme.org")
    assert (found.position, found.remedy) == (10, "replace it unless the model may repeat it")
    assert "acme" not in repr(found)


def test_each_kind_is_named_once() -> None:
    assert len(list(detect("jo@acme.org, al@acme.org, 536-22-8726, 536-22-8727"))) == 2


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 300_000, "1 " * 150_000, "@" * 300_000, "://a:" * 60_000, "AWS key '" * 30_000),
        *("pwd" * 90_000, "eyJ" * 90_000, "415-555-0199 " * 20_000),
    ],
)
def test_a_long_text_is_searched_only_so_far(text: str) -> None:
    assert {found.code for found in detect(text)} <= {"personal_data", "possible_secret"}


@pytest.mark.parametrize("line", ["%d;api_key;x\n", "password: a\n", "nothing of the kind\n", "a" * 500 + " secret\n"])
def test_no_letter_around_passwords_is_looked_at_twice(line: str) -> None:
    seen: list[str] = []

    class Looking:
        def analyze_string(self, string: str) -> Iterator[str]:
            seen.append(string)
            return iter(())

    list(forms.Near(forms.KEYWORD, Looking()).analyze_string(line * 400))
    assert sum(map(len, seen)) <= len(line * 400)


@pytest.mark.parametrize("word", DENYLIST)
def test_every_line_is_looked_at_on_which_the_plugin_for_passwords_would_stop(word: str) -> None:
    for spelt in (word.replace("?", ""), word.replace("_?", ""), word.replace("_?", "").upper()):
        assert re.search(forms.KEYWORD, spelt, re.IGNORECASE)
