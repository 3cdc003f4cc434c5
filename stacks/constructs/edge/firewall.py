"""A firewall in front of the API: addresses that ask too often are blocked for a while."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as waf
from constructs import Construct


class Firewall(Construct):
    """One web ACL with one rule, billed by the month; requests are billed beside it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: apigateway.Stage, requests: int) -> None:
        super().__init__(scope, construct_id)
        rate = waf.CfnWebACL.RateBasedStatementProperty(aggregate_key_type="IP", limit=requests)
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_counted("Requests"),
            rules=[
                waf.CfnWebACL.RuleProperty(
                    name="TooOften",
                    priority=0,
                    action=waf.CfnWebACL.RuleActionProperty(block={}),
                    statement=waf.CfnWebACL.StatementProperty(rate_based_statement=rate),
                    visibility_config=_counted("TooOften"),
                )
            ],
        )
        waf.CfnWebACLAssociation(self, "Association", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn)


def _counted(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    # Without samples: they hold parts of requests.
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
