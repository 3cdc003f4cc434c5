"""Secrets found by detect-secrets: those that their issuer's form gives away, and those that only look like it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from detect_secrets.filters.heuristic import is_sequential_string, is_templated_secret
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.keyword import KeywordDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from arbiter.detection import forms
from arbiter.detection.forms import Finder, Near, Within, WithShortWords
from arbiter.training_data.text.sensitive_data import SensitiveData


class _Secret(NamedTuple):
    """One kind of secret; one of the hints is part of every text that holds it, and far cheaper to look for."""

    code: str
    name: str
    finder: Finder
    hints: tuple[str, ...]


def _certain(name: str, finder: Finder, *hints: str) -> _Secret:
    return _Secret("secret", name, finder, hints)


def _possible(name: str, finder: Finder, *hints: str) -> _Secret:
    return _Secret("possible_secret", name, finder, hints)


_KEYWORDS = (
    "password",
    "passwd",
    "pwd",
    "secret",
    "_key",
    "apikey",
    "contrase",
    "PASSWORD",
    "SECRET",
    "_KEY",
    "Password",
)
_JWT = r"(?<![\w=-])eyJ[\w=-]+\.[\w=-]+\.?[\w.+/=-]*"
# The plugins for high entropy, IP addresses and the keys of Artifactory, Cloudant, IBM and SoftLayer are left out: the
# first flag two of five paragraphs of AWS's documentation, the others cost more time than all of these together.
_KINDS = (
    _certain("an AWS access key", AWSKeyDetector(), "A3T", "ABIA", "ACCA", "AKIA", "ASIA", "aws", "AWS", "Aws"),
    _certain("an Azure storage key", AzureStorageKeyDetector(), "AccountKey="),
    _certain("a GitHub token", GitHubTokenDetector(), "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _certain("a GitLab token", GitLabTokenDetector(), "gl", "GR1348941"),
    _certain("a Mailchimp key", MailchimpDetector(), "-us"),
    _certain("an npm token", forms.NPM_CONFIGURATION, "_authToken"),
    _certain("an OpenAI key", OpenAIDetector(), "T3BlbkFJ"),
    _certain("an AWS secret key", forms.AWS_SECRET_KEY, "ecret", "SECRET"),
    _certain("an AWS session token", forms.AWS_SESSION_TOKEN, "oken", "TOKEN"),
    _certain("a private key", forms.PRIVATE_KEY, "-----BEGIN "),
    _certain("a PuTTY key", forms.PUTTY_KEY, "PuTTY-User-Key-File"),
    _certain("a GitHub token", forms.GITHUB_FINE_GRAINED, "github_pat_"),
    _certain("a Slack token", forms.SLACK_APP, "xapp-"),
    _certain("a Google API key", forms.GOOGLE, "AIza"),
    _certain("an Anthropic key", forms.ANTHROPIC, "sk-ant-"),
    _certain("a Hugging Face token", forms.HUGGING_FACE, "hf_"),
    _certain("an npm token", forms.NPM, "npm_"),
    _certain("a Vault token", forms.VAULT, "hvs.", "hvb."),
    _certain("a DigitalOcean token", forms.DIGITALOCEAN, "_v1_"),
    _certain("a Databricks token", forms.DATABRICKS, "dapi"),
    _certain("a Shopify token", forms.SHOPIFY, "shp"),
    _certain("an Atlassian token", forms.ATLASSIAN, "ATATT3"),
    _certain("a Linear key", forms.LINEAR, "lin_api_"),
    _certain("an age key", forms.AGE, "AGE-SECRET-KEY-1"),
    _certain("a PyPI token", PypiTokenDetector(), "pypi-"),
    _certain("a SendGrid key", SendGridDetector(), "SG."),
    _certain("a Slack token", SlackDetector(), "xox", "hooks.slack.com"),
    _certain("a Square secret", SquareOAuthDetector(), "sq0csp"),
    _certain("a Stripe key", StripeDetector(), "k_live_"),
    _possible("what looks like a password in an address", BasicAuthDetector(), "://"),
    _possible("what looks like a Discord token", DiscordBotTokenDetector(), "."),
    _possible("what looks like a JSON Web Token", Within(_JWT, JwtTokenDetector()), "eyJ"),
    _possible("what looks like a bearer token", forms.BEARER, "earer "),
    _possible("what looks like a Telegram token", TelegramBotTokenDetector(), ":"),
    _possible("what looks like a Twilio key", TwilioKeyDetector(), "AC", "SK"),
    _possible("what looks like a password", Near(forms.KEYWORD, WithShortWords(KeywordDetector())), *_KEYWORDS),
    _possible("what looks like a password", forms.UNQUOTED_PASSWORD, *_KEYWORDS, "ApiKey", "ClientSecret"),
)
_HINTS = dict.fromkeys(hint for kind in _KINDS for hint in kind.hints)
_BY_HINT = tuple((hint, tuple(i for i, kind in enumerate(_KINDS) if hint in kind.hints)) for hint in _HINTS)
# AWS writes its documentation with AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.
_EXAMPLE_KEY = re.compile(r"\bA[KS]IA[A-Z0-9]{9}EXAMPLE\b|\bwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\b")
_EXAMPLE = re.compile(r"EXAMPLE(?:KEY)?\b|example\.|^(?:password|passw0rd|secret|changeme|fake\w*|x+|\*+)$")


def secrets_in(text: str) -> Iterator[SensitiveData]:
    """The secrets of a text, each kind once, and an example key."""
    if "EXAMPLE" in text and (example := _EXAMPLE_KEY.search(text)):
        yield SensitiveData("example_key", "an example key of AWS's documentation", example.start() + 1)
    named: set[str] = set()
    for index in sorted({index for hint, indices in _BY_HINT if hint in text for index in indices}):
        kind = _KINDS[index]
        if kind.name in named:
            continue
        secret = next(filter(_is_real, kind.finder.analyze_string(text)), None)
        if secret:
            named.add(kind.name)
            # The keyword plugin works on lower case where it must: the value need not stand in the text as found.
            yield SensitiveData(kind.code, kind.name, max(0, text.find(secret)) + 1)


def _is_real(value: str) -> bool:
    return not (_EXAMPLE.search(value) or is_templated_secret(value) or is_sequential_string(value))
