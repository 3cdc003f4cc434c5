"""The dashboard: what every mode does, costs and gets wrong, side by side."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

NAMESPACE = "Arbiter"
MODES = ("base", "rag", "fine_tuned", "combined")
# A request that fails before `auto` is decided counts as `auto`; one that cannot be read, as `none`, and not here.
ASKED = (*MODES, "auto")
PERIOD = Duration.minutes(5)


def metric(environment: str, mode: str, name: str, statistic: str) -> cloudwatch.Metric:
    """One of the router's own metrics, of one mode."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"Environment": environment, "Mode": mode},
        statistic=statistic,
        period=PERIOD,
        label=mode,
    )


class ModeDashboard(Construct):
    """One graph a question, one line a mode."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: str) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            default_interval=Duration.days(1),
            widgets=[
                [
                    self._graph("Requests", "Requests", "Sum", ASKED),
                    self._graph("Errors", "Errors", "Sum", ASKED),
                ],
                [self._graph("Degraded answers", "Degraded", "Sum"), self._graph("Cost (USD)", "CostUsd", "Sum")],
                [
                    self._graph("Latency, median (ms)", "Latency", "p50"),
                    self._graph("Latency, p90 (ms)", "Latency", "p90"),
                ],
                [
                    self._graph("Retrieval, median (ms)", "RetrieveLatency", "p50"),
                    self._graph("Generation, median (ms)", "GenerateLatency", "p50"),
                ],
                [
                    self._graph("Input tokens a request", "InputTokens", "Average"),
                    self._graph("Output tokens a request", "OutputTokens", "Average"),
                ],
                [
                    self._graph("Judged quality of the last evaluations (0 to 10)", "EvaluationQuality", "Average"),
                    self._graph("Half-width of its 95 % interval", "EvaluationQualityHalfWidth", "Average"),
                ],
            ],
        )

    def _graph(self, title: str, name: str, statistic: str, modes: Sequence[str] = MODES) -> cloudwatch.GraphWidget:
        lines = [metric(self._environment, mode, name, statistic) for mode in modes]
        return cloudwatch.GraphWidget(title=title, left=lines, width=12)
