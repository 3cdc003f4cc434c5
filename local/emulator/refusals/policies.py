"""The grammar of policies, as IAM and the services that keep policies of resources check it.

Source: IAM user guide, *reference_policies_grammar* and the pages of each element; S3's, SQS's, SNS's and KMS's API
references for what a resource's policy may speak of.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from local.emulator.base.http import ServiceError

_FIELDS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_VERSIONS = ("2008-10-17", "2012-10-17")
_KINDS = (
    *(
        f"String{kind}"
        for kind in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
    ),
    *(f"{of}{kind}" for of in ("Numeric", "Date") for kind in ("Equals", "NotEquals")),
    *(f"{of}{way}Than{equal}" for of in ("Numeric", "Date") for way in ("Less", "Greater") for equal in ("", "Equals")),
    *(f"Arn{kind}" for kind in ("Equals", "NotEquals", "Like", "NotLike")),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
)
_OPERATOR = re.compile(rf"(ForAllValues:|ForAnyValue:)?({'|'.join(_KINDS)})(IfExists)?|Null")
_ACTION = re.compile(r"\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:[^:]+:[^:]*:[^:]*:[^:]*:.+", re.DOTALL)
_KEY = re.compile(r"[a-zA-Z0-9-]+:.+")
_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_BYTE = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_VALUES = {
    "Numeric": re.compile(r"-?\d+(\.\d+)?"),
    "Bool": re.compile("true|false", re.IGNORECASE),
    "Null": re.compile("true|false", re.IGNORECASE),
    "Date": re.compile(r"\d+|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?"),
    "IpAddress": re.compile(rf"{_BYTE}(\.{_BYTE}){{3}}(/(3[0-2]|[12]?\d))?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(/\d+)?"),
}
"""By beginning of an operator: values that it compares (IAM guide, *condition operators*)."""
_MALFORMED = "MalformedPolicyDocument"


def check_identity(document: Any) -> None:
    """Refuse what is no policy of a role or a user.

    Raises:
        ServiceError: MalformedPolicyDocument, with IAM's sentence.
    """
    for statement in _statements(document, _MALFORMED):
        if {"Principal", "NotPrincipal"} & statement.keys():
            raise ServiceError(_MALFORMED, "Policy document should not specify a principal.")
        if not {"Resource", "NotResource"} & statement.keys():
            raise ServiceError(_MALFORMED, "Policy statement must contain resources.")
        if not str(statement.get("Sid", "")).isalnum() and statement.get("Sid"):
            raise ServiceError(_MALFORMED, "Statement IDs (SID) must be alpha-numeric.")
        for resource in _listed(statement, "Resource", "NotResource"):
            if not _RESOURCE.fullmatch(resource):
                raise ServiceError(_MALFORMED, f'Resource {resource} must be in ARN format or "*".')


def check_trust(document: Any) -> None:
    """Refuse a trust that names nobody, or is no assuming (IAM guide, *reference_policies_elements_principal*).

    Raises:
        ServiceError: MalformedPolicyDocument, with IAM's sentence.
    """
    for statement in _statements(document, _MALFORMED):
        if not {"Principal", "NotPrincipal"} & statement.keys():
            raise ServiceError(_MALFORMED, "Missing required field Principal")
        if {"Resource", "NotResource"} & statement.keys():
            raise ServiceError(_MALFORMED, "Has prohibited field Resource")
        if not all(action.startswith("sts:") for action in _listed(statement, "Action")):
            raise ServiceError(_MALFORMED, "AssumeRole policy may only specify STS AssumeRole actions.")


def check_resource(document: Any, service: str, code: str, resource: str | None = None) -> None:
    """Refuse what is no policy of a service's resource.

    Args:
        document: the policy.
        service: the prefix of the actions that it may name.
        code: the service's code for a malformed policy.
        resource: the ARN with which its resources begin; `None` where the service does not look.

    Raises:
        ServiceError: with that code.
    """
    for statement in _statements(document, code):
        if not {"Principal", "NotPrincipal"} & statement.keys():
            raise ServiceError(code, "Missing required field Principal")
        for action in _listed(statement, "Action", "NotAction"):
            if action != "*" and action.partition(":")[0].lower() != service:
                raise ServiceError(code, f"Policy has invalid action: {action}")
        if not {"Resource", "NotResource"} & statement.keys():
            raise ServiceError(code, "Missing required field Resource")
        for named in _listed(statement, "Resource", "NotResource") if resource else ():
            if not re.match(rf"{re.escape(str(resource))}(/|$)", named):
                raise ServiceError(code, f"Policy has invalid resource: {named}")
        objects = all(re.search("Object", action) for action in _listed(statement, "Action"))
        if resource and "Action" in statement and objects and set(_listed(statement, "Resource")) == {resource}:
            raise ServiceError(code, "Action does not apply to any resource(s) in statement")


def check_key(document: Any, account: str) -> None:
    """Refuse what is no policy of a key, and one that nobody of the account could ever change again.

    Raises:
        ServiceError: MalformedPolicyDocumentException, with KMS's sentence.
    """
    code = "MalformedPolicyDocumentException"
    check_resource(document, "kms", code)
    owners = (f"arn:aws:iam::{account}:", account, "*")
    for statement in _statements(document, code):
        principal = statement.get("Principal")
        named = principal.get("AWS", []) if isinstance(principal, dict) else principal
        holders = named if isinstance(named, list) else [named]
        changes = {"kms:*", "*", "kms:PutKeyPolicy", "kms:Put*"} & set(_listed(statement, "Action"))
        if statement["Effect"] == "Allow" and changes and any(str(one).startswith(owners) for one in holders):
            return
    raise ServiceError(code, "The new key policy will not allow you to update the key policy in the future.")


def _statements(document: Any, code: str) -> Iterator[dict[str, Any]]:
    """The statements, each of them sound."""
    try:
        document = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise ServiceError(code, "Syntax errors in policy.") from error
    if not isinstance(document, dict) or document.keys() - {"Version", "Id", "Statement"}:
        raise ServiceError(code, "Syntax errors in policy.")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise ServiceError(code, "The policy must contain a valid version string")
    given = document.get("Statement")
    statements: list[Any] = given if isinstance(given, list) else [given]
    if not statements or not all(isinstance(one, dict) for one in statements):
        raise ServiceError(code, "Syntax errors in policy.")
    sids = [one["Sid"] for one in statements if one.get("Sid")]
    if len(set(sids)) < len(sids):
        raise ServiceError(code, "Statement IDs (SID) in a single policy must be unique.")
    for statement in statements:
        _check_statement(statement, code)
        yield statement


def _check_statement(statement: dict[str, Any], code: str) -> None:
    exclusive = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
    if statement.keys() - _FIELDS or any(statement.keys() >= set(pair) for pair in exclusive):
        raise ServiceError(code, "Syntax errors in policy.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise ServiceError(code, f"Syntax errors in policy. Invalid effect: {statement.get('Effect')}")
    actions = _listed(statement, "Action", "NotAction")
    if not actions:
        raise ServiceError(code, "Policy statement must contain actions.")
    if not all(_ACTION.fullmatch(action) for action in actions):
        text = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        raise ServiceError(code, text)
    _check_principal(statement, code)
    for operator, keys in (statement.get("Condition") or {}).items():
        if not _OPERATOR.fullmatch(operator):
            raise ServiceError(code, f"Invalid Condition type : {operator}.")
        if not all(_KEY.fullmatch(key) for key in keys):
            raise ServiceError(code, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
        for value in [one for given in keys.values() for one in (given if isinstance(given, list) else [given])]:
            _check_value(operator.rpartition(":")[2], str(value), code)


def _check_principal(statement: dict[str, Any], code: str) -> None:
    named = statement.get("Principal", statement.get("NotPrincipal", "*"))
    if named != "*" and not (isinstance(named, dict) and named and named.keys() <= set(_PRINCIPALS)):
        raise ServiceError(code, f"Invalid principal in policy: {json.dumps(named)}")
    for service in _listed(named, "Service") if isinstance(named, dict) else ():
        if not _SERVICE.fullmatch(service):
            raise ServiceError(code, f'Invalid principal in policy: "SERVICE":"{service}"')


def _check_value(operator: str, value: str, code: str) -> None:
    """Refuse a value that the operator cannot compare; one with a variable is looked at when it is asked."""
    for beginning, pattern in _VALUES.items():
        if operator.startswith(beginning) and "${" not in value and not pattern.fullmatch(value):
            raise ServiceError(code, f"The value {value} of the condition {operator} is not valid")


def _listed(statement: dict[str, Any], *fields: str) -> list[str]:
    given: Any = next((statement[field] for field in fields if field in statement), [])
    return [str(one) for one in (given if isinstance(given, list) else [given])]
