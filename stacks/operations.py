"""The dashboard by mode, the alarms, and the budget. Holds no data."""

from aws_cdk import CfnOutput
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from stacks.constructs.base import trust
from stacks.constructs.edge.api import api_name
from stacks.constructs.knowledge.ingestion import Ingestion
from stacks.constructs.operations.alarms import Alarms
from stacks.constructs.operations.dashboard import ModeDashboard
from stacks.inference import Inference
from stacks.stack import ArbiterStack, Target


class Operations(ArbiterStack):
    """The one place to look."""

    def __init__(self, target: Target, *, inference: Inference, ingestion: Ingestion | None) -> None:
        super().__init__(target, "Operations", description="dashboard, alarms, budget")
        environment, settings = target.environment, target.settings
        dashboard = ModeDashboard(self, "Modes", environment=environment)
        Alarms(
            self,
            "Alarms",
            environment=environment,
            router=inference.alias,
            router_timeout_seconds=settings.router.timeout_seconds,
            ingestion=ingestion,
            documents_checked=settings.documents.check_schedule is not None,
            hosted_by_the_hour=settings.fine_tuning.enabled and settings.fine_tuning.hosting == "provisioned",
            api_name=api_name(environment) if settings.edge.deployed else None,
            api_looks_at_keys=settings.edge.auth != "iam",
            topic=self._topic(settings.alarm_email) if settings.alarm_email else None,
        )
        if settings.monthly_budget_usd and settings.alarm_email:
            self._budget(settings.monthly_budget_usd, settings.alarm_email)
        CfnOutput(self, "DashboardName", value=dashboard.dashboard.dashboard_name)

    def _topic(self, email: str) -> sns.Topic:
        topic = sns.Topic(self, "Alerts", enforce_ssl=True)
        # The TLS policy replaces the topic's default one, which admitted the account's alarms.
        alarms = trust.service(self, "cloudwatch", resources="alarm:*")
        topic.add_to_resource_policy(
            iam.PolicyStatement(actions=["sns:Publish"], principals=[alarms], resources=[topic.topic_arn])
        )
        topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _budget(self, limit_usd: float, email: str) -> None:
        subscriber = budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=email)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=limit_usd, unit="USD"),
            ),
            notifications_with_subscribers=[_notification(kind, subscriber) for kind in ("ACTUAL", "FORECASTED")],
        )


def _notification(
    kind: str, subscriber: budgets.CfnBudget.SubscriberProperty
) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    budget = budgets.CfnBudget
    return budget.NotificationWithSubscribersProperty(
        notification=budget.NotificationProperty(
            notification_type=kind, comparison_operator="GREATER_THAN", threshold=100, threshold_type="PERCENTAGE"
        ),
        subscribers=[subscriber],
    )
