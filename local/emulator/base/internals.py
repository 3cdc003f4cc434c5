"""Every internal of the emulator that Arbiter reads or replaces, checked by version and by name before it starts."""

import importlib
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

PACKAGE = "ministack"
TESTED_VERSION = "1.5.33"

TOUCHED: dict[str, tuple[str, ...]] = {
    "app": (
        "SERVICE_HANDLERS",
        "_enforce_data_plane",
        "_enforce_execute_api",
        "_handle_special_data_plane_request",
        "app",
        "main",
        "pin_request_origin",
    ),
    "core.concurrency": ("run_reentrant",),
    "core.iam_actions": (
        "SERVICE_TO_IAM_NAMESPACE",
        "_BOTOCORE_SERVICE_MAP",
        "_load_botocore_model",
        "access_denied_response",
        "extract_iam_action",
        "extract_resource_arn",
        "identity_denial_message",
        "request_tag_context",
    ),
    "core.iam_evaluator": (
        "AuthError",
        "EvalContext",
        "_conditions_met",
        "enforce",
        "evaluate_resource_policy",
        "is_root_access_key",
        "pin_request_origin",
        "resolve_principal",
    ),
    "core.lambda_runtime": (
        "Worker",
        "_PYTHON_WORKER_SCRIPT",
        "_detect_runtime_binary",
        "execution_credentials",
        "subprocess",
        "zipfile",
    ),
    "core.responses": (
        "StreamingResponse",
        "_BOTOCORE_NAME",
        "_service_model",
        "get_account_id",
        "get_region",
        "get_request_client_ip",
    ),
    "core.router": ("SERVICE_PATTERNS", "extract_access_key_id"),
    "services.apigateway_v1": (
        "_GatewayError",
        "_build_lambda_event_v1",
        "_deployments_v1",
        "_execute_in_scope",
        "_extract_lambda_ref_from_integration_uri",
        "_gateway_error_response",
        "_gw_error",
        "_invoke_lambda_proxy_v1",
        "_models",
        "_request_validators",
        "_resources",
        "_rest_apis",
        "_stages_v1",
        "find_api_scope",
        "method_authorization_type",
        "request_scope",
        "stages_for_api",
    ),
    "services.bedrock": ("_CATALOG", "_guardrail_versions", "_inference_profiles_apps"),
    "services.bedrock_runtime": ("_evaluate_guardrail", "_resolve_guardrail"),
    "services.cloudformation.provisioners": ("_RESOURCE_HANDLERS", "_physical_name", "_sfn_definition"),
    "services.cloudformation.stacks": ("_runs_on_worker_thread",),
    "services.cloudwatch": ("_alarms",),
    "services.cloudwatch_logs": ("_log_groups",),
    "services.eventbridge": ("_dispatch_to_lambda", "_invoke_target", "_put_events"),
    "services.iam": ("_IAM_HANDLERS", "_error", "_p", "_policies", "_put_role_policy", "_roles"),
    "services.lambda_svc": (
        "_create_esm",
        "_emit_lambda_logs",
        "_execute_function",
        "_esms",
        "_execute_function_warm",
        "_get_func_record_for_qualifier",
        "function_policy_for_arn",
    ),
    "services.s3": ("_bucket_encryption", "_bucket_has_versions", "_buckets", "_list_object_versions"),
    "services.tagging": ("resource_tags",),
    "services.scheduler": ("_SCHEDULE_TICK_INTERVAL", "_schedule_last_fired"),
    "services.sns": ("topic_policy_for_arn",),
    "services.sqs": ("_queue_by_arn", "_receive_messages_for_esm"),
    "services.ssm": ("_parameters",),
    "services.stepfunctions": (
        "_ExecutionError",
        "_add_event",
        "_apply_jsonata_arguments",
        "_apply_jsonata_output",
        "_apply_jsonata_template",
        "_apply_output_path",
        "_apply_result_path",
        "_apply_result_selector",
        "_apply_state_assign",
        "_call_lambda",
        "_emit_execution_status_event",
        "_error_matches",
        "_evaluate_jsonata_choice_rule",
        "_executions",
        "_fail_execution",
        "_invoke_resource",
        "_jsonata_state_field",
        "_map_runs",
        "_next_or_end",
        "_parse_reader_items",
        "_resolve_params_obj",
        "_resolve_path_or_ctx",
        "_run_distributed_map",
        "_run_execution",
        "_run_parallel_branches",
        "_run_sub_machine",
        "_scaled_sleep",
        "_state_machines",
        "_state_query_language",
        "_validate_definition_jsonata",
    ),
    "services.sts": ("register_session",),
    "services.waf": ("_associations", "_resolve_local_web_acl"),
}


def check() -> None:
    """Refuse to start on any emulator but the tested one.

    Raises:
        SystemExit: naming the version, or every internal that is gone.
    """
    installed = version(PACKAGE)
    if installed != TESTED_VERSION:
        raise SystemExit(
            f"the local AWS is tested with {PACKAGE} {TESTED_VERSION} and found {installed}; run make install"
        )
    missing = [f"{path}.{name}" for path, names in TOUCHED.items() for name in names if not hasattr(_load(path), name)]
    if missing:
        raise SystemExit(f"{PACKAGE} {installed} lacks what the local AWS builds on: " + ", ".join(missing))


def inside(path: str, name: str) -> Any:
    """The internal `name` of the emulator's module `path`, as it is now."""
    if name not in TOUCHED[path]:
        raise LookupError(f"{path}.{name} is not declared in internals.TOUCHED")
    return getattr(_load(path), name)


def replace(path: str, name: str, make: Callable[[Any], Any]) -> None:
    """Put `make(original)` in place of the internal `name`."""
    original = inside(path, name)
    setattr(_load(path), name, make(original))


def scope() -> tuple[str, str]:
    """Account and region of the request being served."""
    return inside("core.responses", "get_account_id")(), inside("core.responses", "get_region")()


def _load(path: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.{path}")
