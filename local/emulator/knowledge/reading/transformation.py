"""A function of the owner between cutting and embedding: chunks go to it, and come back from it, by way of a bucket.

Bedrock user guide, *kb-custom-transformation*: the contract of the event, of the answer and of the files.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.emulator.knowledge.reading.chunking import Chunk
from local.emulator.knowledge.reading.parsed import DocumentError


@dataclass(frozen=True)
class Transformation:
    """A function, the bucket it shares with Bedrock, and clients of the knowledge base's role for both."""

    function: str
    bucket: str
    prefix: str
    objects: Any
    functions: Any
    names: Mapping[str, str]
    """Ids of knowledge base, data source and job, as the event names them."""

    def applied(self, uri: str, chunks: Sequence[Chunk], attributes: Mapping[str, Any]) -> list[Chunk]:
        """The chunks that the function makes of a document's.

        Raises:
            DocumentError: the function fails, or answers with something else.
        """
        key = f"{self.prefix}{self.names['ingestionJobId']}/{uri.removeprefix('s3://')}.json"
        contents = [{"contentBody": chunk.text, "contentType": "TEXT", "contentMetadata": {}} for chunk in chunks]
        self.objects.put_object(Bucket=self.bucket, Key=key, Body=json.dumps({"fileContents": contents}).encode())
        location = {"type": "S3", "s3_location": {"uri": uri}}
        batch = {"originalFileLocation": location, "fileMetadata": dict(attributes), "contentBatches": [{"key": key}]}
        event = {
            "version": "1.0",
            **self.names,
            "bucketName": self.bucket,
            "priorTask": "CHUNKING",
            "inputFiles": [batch],
        }
        answered = self.functions.invoke(FunctionName=self.function, Payload=json.dumps(event).encode())
        payload = answered["Payload"].read()
        if "FunctionError" in answered:
            raise DocumentError(f"the transformation function failed: {payload.decode(errors='replace')[:500]}")
        return self._made(payload)

    def _made(self, payload: bytes) -> list[Chunk]:
        try:
            files = json.loads(payload)["outputFiles"]
            keys = [batch["key"] for file in files for batch in file["contentBatches"]]
            contents = [content for key in keys for content in self._batch(key)]
            return [Chunk(each["contentBody"], None, each.get("contentMetadata") or {}) for each in contents]
        except (ValueError, KeyError, TypeError) as error:
            raise DocumentError(f"the transformation function answers by another contract: {error!r}") from error

    def _batch(self, key: str) -> list[dict[str, Any]]:
        body = json.loads(self.objects.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        contents: list[dict[str, Any]] = body["fileContents"]
        return contents
