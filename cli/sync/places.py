"""Where the documents of a deployment are: their bucket and their data source."""

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.objects import Objects
from cli.core.deployment import Deployment
from cli.sync.upload import SENDERS

RETRIES = {"mode": "standard", "total_max_attempts": 5}


def documents_of(deployment: Deployment) -> Objects:
    """The bucket of the documents, with a connection for each sender.

    Raises:
        CliError: the documents are somebody else's.
    """
    deployment.output("DataSourceId")  # Nothing is sent where no knowledge base would read it.
    client = deployment.client("s3", max_pool_connections=SENDERS, retries=RETRIES)
    return Objects(client, deployment.output("DocumentsBucketName"))


def ingestion_of(deployment: Deployment) -> Ingestion:
    """The ingestion jobs and documents of the knowledge base."""
    client = deployment.client("bedrock-agent", retries=RETRIES)
    return Ingestion(client, deployment.output("KnowledgeBaseId"), deployment.output("DataSourceId"))
