"""A knowledge base of Arbiter's own, over whatever store: who may search it, fill it and look at it."""

from aws_cdk import CrossStackReferences, ReferenceStrength, RemovalPolicy
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from constructs import Construct


class OwnKnowledgeBase(Construct):
    """The parts of each store: an id, one data source, a digest of all that cannot change in place, and grants."""

    id: str
    arn: str
    data_source_id: str
    edition: str
    """Stacks that refer to the knowledge base carry it in their templates: it makes a new edition reach them."""
    managed = False

    @property
    def vector_index(self) -> str | None:
        """ARN of the index that is searched by words; `None` where none is."""
        return None

    def grant_retrieve(self, role: iam.IRole) -> None:
        """Let `role` search the documents by meaning."""
        self._allow(role, ["bedrock:Retrieve"])

    def grant_search(self, role: iam.IRole) -> None:
        """Let `role` search the documents by meaning, and by words where that is possible."""
        self.grant_retrieve(role)

    def grant_sync(self, role: iam.IRole) -> None:
        """Let `role` start ingestion and follow it."""
        self._allow(role, ["bedrock:StartIngestionJob", "bedrock:GetIngestionJob", "bedrock:ListIngestionJobs"])

    def grant_look(self, role: iam.IRole) -> None:
        """Let `role` list documents with their states, and ingestion jobs."""
        self._allow(role, ["bedrock:ListKnowledgeBaseDocuments", "bedrock:ListIngestionJobs"])

    def _made(self, knowledge_base: bedrock.CfnKnowledgeBase, role: iam.Role) -> None:
        """Note what was made, to be deleted with its stack and replaced by its next edition."""
        knowledge_base.apply_removal_policy(RemovalPolicy.DESTROY)
        # An export could not change while it is imported, and with it the embedding model or the chunking.
        CrossStackReferences.of(knowledge_base).produce(ReferenceStrength.WEAK)
        # Bedrock tries the store with the role while creating: the role's policy must be there, not only the role.
        knowledge_base.node.add_dependency(role)
        self.id, self.arn = knowledge_base.attr_knowledge_base_id, knowledge_base.attr_knowledge_base_arn

    def _allow(self, role: iam.IRole, actions: list[str]) -> None:
        role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[self.arn]))
