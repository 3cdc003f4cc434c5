"""Functions, versions, queues, topics, code and policies that must be there when a resource is made."""

from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside, scope

Properties = dict[str, Any]
_INVALID = "InvalidParameterValueException"


def check_alias(properties: Properties) -> None:
    """Refuse an alias of a version that is not there (Lambda API, *CreateAlias*).

    Raises:
        ServiceError: ResourceNotFoundException, with AWS's sentence.
    """
    name, version = str(properties.get("FunctionName", "")), str(properties.get("FunctionVersion", "$LATEST"))
    record = inside("services.lambda_svc", "_get_func_record_for_qualifier")(_parts(name)[0], None)[0]
    if record is None or (version != "$LATEST" and version not in record["versions"]):
        raise ServiceError("ResourceNotFoundException", f"Function not found: {_arn(name)}:{version}", 404)


def check_mapping(properties: Properties) -> None:
    """Refuse a mapping of a function or a queue that is not there (Lambda API, *CreateEventSourceMapping*).

    Raises:
        ServiceError: ResourceNotFoundException or InvalidParameterValueException, with AWS's sentences.
    """
    if _function(str(properties.get("FunctionName", ""))) is None:
        raise ServiceError("ResourceNotFoundException", "Function does not exist", 404)
    source = str(properties.get("EventSourceArn", ""))
    if source.split(":")[2:3] == ["sqs"] and inside("services.sqs", "_queue_by_arn")(source) is None:
        text = "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue."
        raise ServiceError(_INVALID, f"{text} SQS Error Message: The specified queue does not exist.")


def check_code(properties: Properties) -> None:
    """Refuse code that is not in its bucket (Lambda API, *CreateFunction*).

    Raises:
        ServiceError: InvalidParameterValueException, with AWS's sentence.
    """
    code = properties.get("Code") or properties.get("Content") or {}
    if "S3Bucket" not in code:
        return
    bucket = inside("services.s3", "_buckets").get(code["S3Bucket"])
    if bucket is None or code.get("S3Key") not in bucket["objects"]:
        error = ("NoSuchBucket", "The specified bucket does not exist.") if bucket is None else (
            "NoSuchKey", "The specified key does not exist."
        )  # fmt: skip
        text = f"Error occurred while GetObject. S3 Error Code: {error[0]}. S3 Error Message: {error[1]}"
        raise ServiceError(_INVALID, text)


def check_subscription(properties: Properties) -> None:
    """Refuse a subscription to a topic that is not there, by no protocol, or of no address (SNS API, *Subscribe*).

    Raises:
        ServiceError: NotFound or InvalidParameter, with AWS's sentences.
    """
    protocols = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
    protocol, endpoint = properties.get("Protocol"), str(properties.get("Endpoint", ""))
    if protocol not in protocols:
        raise ServiceError("InvalidParameter", f"Invalid parameter: Does not support this protocol string: {protocol}")
    name, _, domain = endpoint.rpartition("@")
    if protocol in ("email", "email-json") and not (name and domain):
        raise ServiceError("InvalidParameter", "Invalid parameter: Email address")
    if inside("services.sns", "topic_policy_for_arn")(properties.get("TopicArn")) is None:
        raise ServiceError("NotFound", "Topic does not exist", 404)


def check_attached(properties: Properties) -> None:
    """Refuse a policy of the account's own that is not there (IAM API, *AttachRolePolicy*).

    Raises:
        ServiceError: NoSuchEntity, with AWS's sentence.
    """
    boundary = properties.get("PermissionsBoundary")
    if boundary and not _is_policy(boundary):
        raise ServiceError("NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable.", 404)
    for arn in properties.get("ManagedPolicyArns") or ():
        # The template of `cdk bootstrap` asks by Fn::Join whether any are named, which the engine takes for a yes.
        if arn and not _is_policy(arn):
            raise ServiceError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)


def _is_policy(arn: Any) -> bool:
    return str(arn).startswith("arn:aws:iam::aws:") or arn in inside("services.iam", "_policies")


def check_principals(document: Any, code: str) -> None:
    """Refuse a policy that names a role of the account that is not there (IAM guide, *policy elements: Principal*).

    Raises:
        ServiceError: with that code.
    """
    prefix = f"arn:aws:iam::{scope()[0]}:role/"
    for statement in document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]:
        named = statement.get("Principal")
        principals = named.get("AWS", ()) if isinstance(named, dict) else ()
        for principal in [principals] if isinstance(principals, str) else principals:
            name = str(principal).rpartition("/")[2]
            if str(principal).startswith(prefix) and name not in inside("services.iam", "_roles"):
                raise ServiceError(code, f'Invalid principal in policy: "AWS":"{principal}"')


def check_function(properties: Properties) -> None:
    """Refuse to configure a function that is not there (Lambda API).

    Raises:
        ServiceError: ResourceNotFoundException, with AWS's sentence.
    """
    given = str(properties.get("FunctionName") or properties.get("TargetFunctionArn", ""))
    if _function(given) is None:
        raise ServiceError("ResourceNotFoundException", f"Function not found: {_arn(given)}", 404)


def check_dead_letters(properties: Properties) -> None:
    """Refuse dead letters to a queue that is not there (Lambda API, *DeadLetterConfig*).

    Raises:
        ServiceError: InvalidParameterValueException.
    """
    target = str((properties.get("DeadLetterConfig") or {}).get("TargetArn", ""))
    if target.split(":")[2:3] == ["sqs"] and inside("services.sqs", "_queue_by_arn")(target) is None:
        raise ServiceError(_INVALID, f"The target {target} of dead letters does not exist")


def check_queues(properties: Properties) -> None:
    """Refuse a policy of a queue that is not there (SQS API, *SetQueueAttributes*).

    Raises:
        ServiceError: NonExistentQueue, with AWS's sentence.
    """
    account, region = scope()
    for url in properties.get("Queues") or ():
        arn = f"arn:aws:sqs:{region}:{account}:{str(url).rpartition('/')[2]}"
        if inside("services.sqs", "_queue_by_arn")(arn) is None:
            raise ServiceError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")


def _function(given: str) -> Any:
    return inside("services.lambda_svc", "_get_func_record_for_qualifier")(*_parts(given))[0]


def _parts(given: str) -> tuple[str, str | None]:
    """Name and qualifier of a function that a name, a part of an ARN or an ARN stands for."""
    name, _, qualifier = given.rpartition("function:")[2].partition(":")
    return name, qualifier or None


def _arn(given: str) -> str:
    account, region = scope()
    return given if given.startswith("arn:") else f"arn:aws:lambda:{region}:{account}:function:{given}"
