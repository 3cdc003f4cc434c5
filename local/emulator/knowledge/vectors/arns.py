"""ARNs of S3 vector buckets and indexes."""

from typing import Any


def bucket(name: str, region: str, account: str) -> str:
    """The ARN of a vector bucket."""
    return f"arn:aws:s3vectors:{region}:{account}:bucket/{name}"


def index(bucket_name: str, name: str, region: str, account: str) -> str:
    """The ARN of an index in a vector bucket."""
    return f"{bucket(bucket_name, region, account)}/index/{name}"


def names(arn: str) -> tuple[str, str]:
    """Bucket and index name in an ARN; the index is empty in a bucket's ARN."""
    bucket_name, _, index_name = arn.partition(":bucket/")[2].partition("/index/")
    return bucket_name, index_name


def of_request(body: dict[str, Any], region: str, account: str) -> str:
    """The resource that a request names, by ARN or by names."""
    if body.get("indexArn"):
        return str(body["indexArn"])
    name = body.get("vectorBucketName") or names(body.get("vectorBucketArn") or "")[0]
    if not name:
        return "*"
    return index(name, body["indexName"], region, account) if body.get("indexName") else bucket(name, region, account)
